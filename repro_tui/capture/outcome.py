"""What `repro-tui run` itself says: one line before, one after, on standard error; and why a command did not start."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from repro_tui.capture.prepare import Recording
from repro_tui.errors import CannotStartError, CommandNotFoundError, ReproError
from repro_tui.journal.layout import journals_in
from repro_tui.journal.sealed import opened

_TAIL = 1 << 16
_SHOWN = 2
"""Metrics in the closing line."""


def say(text: str, *, raw: bool = False, anew: bool = False) -> None:
    """Write one line for a person; standard output belongs to the command.

    Args:
        text: the line.
        raw: the terminal is passing bytes through, so that a line end needs its carriage return.
        anew: the command has left the screen in the middle of a line.
    """
    clean = "".join(c if c.isprintable() else "?" for c in text)
    end = "\r\n" if raw else "\n"
    lines = end.join(_fitted(f"repro-tui: {clean}"))
    try:
        os.write(2, f"{end if anew else ''}{lines}{end}".encode(sys.getfilesystemencoding(), "replace"))
    except OSError:
        return


def _fitted(line: str) -> list[str]:
    """Break a line between words where the terminal would break it within one."""
    try:
        columns = os.get_terminal_size(2).columns
    except OSError:  # it goes into a file or a pipe
        return [line]
    if not 0 < columns < len(line):
        return [line]
    import textwrap  # long lines are rare, and every run would pay for it

    return textwrap.wrap(line, columns, break_long_words=False, break_on_hyphens=False)


def closing_line(recording: Recording, status: int, seconds: float) -> str:
    """Say how the run ended, how long it took, and its last metrics."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        word = "interrupted" if number == signal.SIGINT else f"ended by {_signal_name(number)}"
    else:
        code = os.WEXITSTATUS(status)
        word = "finished" if code == 0 else f"failed with exit status {code}"
    parts = [f"{recording.name} {word} {'in' if word == 'finished' else 'after'} {duration(seconds)}"]
    parts += [f"{name} {value:.4g}" for name, value in list(last_metrics(recording.folder).items())[:_SHOWN]]
    return ", ".join(parts) + (". Your results are on disk." if word == "finished" else "")


def duration(seconds: float) -> str:
    """Write a duration in the two greatest units: `4m12s`, `2h05m`; below a minute with a tenth."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_metrics(folder: Path) -> dict[str, float]:
    """Give the last value of each metric in the last page of the journals: enough for a line on a terminal."""
    values: dict[str, tuple[float, float]] = {}
    for path in journals_in(folder / "journal"):
        try:
            with opened(path) as source:
                lines = source.pread(_TAIL, max(source.size - _TAIL, 0)).split(b"\n")
        except OSError:
            continue
        for line in lines:
            if line.startswith(b'{"s":'):
                _take(line, values)
    return {name: value for name, (_, value) in values.items()}


def _take(line: bytes, values: dict[str, tuple[float, float]]) -> None:
    import json

    try:
        row = json.loads(line)
        at = float(row["t"])
        for name, value in row["m"].items():
            if isinstance(value, int | float) and values.get(name, (0.0, 0.0))[0] <= at:
                values[name] = (at, float(value))
    except (ValueError, KeyError, TypeError, AttributeError):
        return


def refusal(number: int, argv: Sequence[str], cwd: str, environment: Mapping[str, str]) -> ReproError:
    """Say why a command could not be started, and what would start it."""
    name = argv[0]
    path = Path(cwd) / name
    script = path.suffix == ".py" and path.is_file()
    if number == errno.ENOENT:
        if script:
            return CommandNotFoundError(f"{name} is a file, not a command.", f"Write `python {name}`.")
        if path.is_file() and "/" in name:
            return CommandNotFoundError(
                f"{name} names an interpreter that does not exist (see its first line).",
                "Correct the line that begins with #!, or write the interpreter before the file's name.",
            )
        import shutil

        other = " " in name and shutil.which(name.split()[0], path=environment.get("PATH"))
        hint = "Write the command and its arguments as separate words, without quotes around all of them."
        usual = "Check its spelling, and that the environment it is installed in is active."
        return CommandNotFoundError(f"{name}: command not found.", hint if other else usual)
    if path.is_dir():
        return CannotStartError(f"{name} is a folder.", "Name a program or a script in it.")
    if number == errno.EACCES:
        hint = f"Write `python {name}`." if script else f"Make it executable with `chmod +x {name}`."
        return CannotStartError(f"{name} is not executable.", hint)
    return CannotStartError(
        f"{name} cannot be started: {os.strerror(number)}.", "See that it is built for this machine."
    )
