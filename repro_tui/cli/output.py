"""The one place that prints: data to standard output, narration and errors to standard error."""

from __future__ import annotations

import errno
import json
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from repro_tui.errors import ReproError, StorageError

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}
"""Style to its SGR code; all from the sixteen colours that a terminal's own theme decides."""

PLAIN_WIDTH = 10_000
"""Cells a line may take where there is no terminal: nothing is shortened for a file or a pipe."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command writes, and what that place can show."""

    stdout: TextIO | None
    """None when it was closed before the start (`>&-`)."""
    stderr: TextIO | None
    terminal: bool
    """Standard output is a terminal."""
    color: bool
    width: int
    """Cells in a line."""
    ascii: bool = False
    """Only ASCII can be shown."""

    def line(self, text: str = "") -> None:
        """Print a line of data that was cleaned already."""
        self._write(text + "\n")

    def exact(self, content: bytes) -> None:
        """Print foreign bytes as they are: for a file or another program, never for a terminal."""
        stdout = self.stdout
        if stdout is not None and hasattr(stdout, "buffer"):
            _guarded(lambda: (stdout.flush(), stdout.buffer.write(content)))
        else:
            self._write(content.decode("utf-8", "backslashreplace"))

    def text(self, text: str) -> None:
        """Print foreign text as a line: control characters are made harmless."""
        self.line(clean(text))

    def json(self, value: object) -> None:
        """Print a value as JSON: ASCII only, and numbers that JSON lacks as the texts of docs/formats/journal.md."""
        self.line(json.dumps(jsonable(value), indent=2 if self.terminal else None))

    def piece(self, text: str) -> None:
        """Print a part of a line of data that was cleaned already."""
        self._write(text)

    def json_line(self, value: object) -> None:
        """Print a value as one line of JSON Lines."""
        self.line(json.dumps(jsonable(value)))

    def note(self, text: str) -> None:
        """Tell something beside the data, on standard error."""
        _tell(self.stderr, clean(text) + "\n")

    def error(self, error: ReproError) -> None:
        """Print an error: what happened, and what to do next."""
        colored = self.color and self.stderr is not None and self.stderr.isatty()
        head = f"\x1b[{STYLES['red']}mrepro-tui:\x1b[0m" if colored else "repro-tui:"
        lines = [f"{head} {clean(error.message)}"]
        lines += [f"  {clean(line)}" for line in error.hint.splitlines()]
        _tell(self.stderr, "\n".join(lines) + "\n")

    def style(self, text: str, *names: str) -> str:
        """Wrap text in colours, where there are any."""
        if not self.color or not names or not text:
            return text
        return f"\x1b[{';'.join(STYLES[name] for name in names)}m{text}\x1b[0m"

    def flush(self) -> None:
        """Hand everything to the kernel, so that a full disk or a closed pipe is noticed here."""
        if self.stdout is not None:
            _guarded(self.stdout.flush)

    def _write(self, text: str) -> None:
        stdout = self.stdout
        if stdout is None:
            raise StorageError("Standard output is closed.", "Call the command without `>&-`.")
        _guarded(lambda: stdout.write(text))


def clean(text: str) -> str:
    """Make foreign text harmless; what that takes is not imported before there is something to print."""
    from repro_tui.tui.render.text import clean as harmless

    return harmless(text)


def _guarded(write: object) -> None:
    """Write, and turn a disk's refusal into an error that a person can act on."""
    assert callable(write)
    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise StorageError(f"Standard output cannot be written: {reason}.") from error


def _tell(stream: TextIO | None, text: str) -> None:
    """Write narration; losing it must not change what a command does."""
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        return


def jsonable(value: object) -> object:
    """Turn a value into one that JSON has: NaN and the infinities become texts, sets become sorted lists."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(jsonable(item) for item in value)  # type: ignore[type-var]
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value


def process_output(environment: Mapping[str, str]) -> Output:
    """Describe this process's own streams."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    terminal = sys.stdout is not None and _is_terminal(sys.stdout)
    color = terminal and not environment.get("NO_COLOR") and environment.get("TERM", "") not in {"", "dumb"}
    width = _terminal_width() if terminal else PLAIN_WIDTH
    return Output(sys.stdout, sys.stderr, terminal, color, max(width, 20), terminal and wants_ascii(environment))


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def wants_ascii(environment: Mapping[str, str]) -> bool:
    """Tell whether the locale names a character set other than UTF-8; a locale that says nothing is taken as UTF-8."""
    locale = next((environment[key] for key in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(key)), "")
    return bool(locale) and "utf8" not in locale.lower().replace("-", "")


def abandon_stdout() -> None:
    """Point standard output at nothing after its reader left, so that the interpreter's last flush stays silent."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
