"""Which words of a command line name the program, and which of them its parser explained."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from repro_tui.domain.deciding import SEEDS, is_deciding
from repro_tui.domain.paths import Places, normal
from repro_tui.domain.run import Run

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:-dbg|t)?")
_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_IDLE = frozenset({"-u", "-q", "-v", "-B"})
"""Options of the interpreter that say how it speaks and what it caches, not what it computes."""


_STARTERS = frozenset({"nice", "nohup", "time", "ionice", "stdbuf", "setsid", "chrt", "timeout", "env", "caffeinate"})
"""Programs that start another and decide how fast, how long or with what output it runs, not what it computes."""
_OF_STARTER = re.compile(r"-.*|[\d.]+[smhd]?|[A-Za-z_]\w*=.*", re.DOTALL)


def bare(argv: Sequence[str]) -> tuple[str, ...]:
    """Take what only starts an interpreter from the beginning of a command line.

    A variable that `env` sets is known when the script asks for it; one that steers libraries is not, so it stays.
    """
    at = 0
    while at < len(argv) and argv[at].rpartition("/")[2] in _STARTERS:
        at += 1
        while at < len(argv) and _OF_STARTER.fullmatch(argv[at]):
            name, sign, _ = argv[at].partition("=")
            if sign and not name.startswith("-") and (is_deciding(name) or name in SEEDS):
                return tuple(argv)
            at += 1
    return tuple(argv[at:]) if at < len(argv) and is_python(argv[at]) else tuple(argv)


def telling_options(flags: object) -> list[str]:
    """Give the options of an interpreter that may decide a result, in order."""
    listed = flags if isinstance(flags, list | tuple) else ()
    return sorted({str(flag) for flag in listed} - _IDLE)


def program_of(argv: Sequence[str]) -> tuple[str, ...]:
    """Give the words up to the script or module; of a command that is no Python the first word."""
    if not is_python(argv[0]):
        return tuple(argv[:1])
    for position, word in enumerate(argv[1:], 1):
        if argv[position - 1] in _WITH_VALUE:
            continue
        if not word.startswith("-") or word == "-":
            return tuple(argv[: position + 1])
        if word in {"-m", "-c"}:
            return tuple(argv[: position + 2])
    return tuple(argv)


def is_python(word: str) -> bool:
    """Tell whether a word starts an interpreter."""
    return bool(_PYTHON.fullmatch(word.rpartition("/")[2]))


def head_of(words: Sequence[str], places: Places, sources: Collection[str] = ()) -> list[str]:
    """Name a program, wherever its interpreter and its script lie; its options are compared with the environment.

    A module among the `sources` that were imported is named as the script that it is: `-m pkg.train` runs the same
    file as `pkg/train.py` does.
    """
    if not is_python(words[0]):
        return list(words)
    program = program_of(words)
    if len(program) == 1:
        return ["python", *words[1:]]
    if program[-2] == "-m" and (file := _file_of(program[-1], places, sources)):
        return ["python", file, *words[len(program) :]]
    if program[-2] in {"-m", "-c"}:
        return ["python", *program[-2:], *words[len(program) :]]
    script = places.relative(program[-1])
    if program[-1].startswith("-"):
        script = program[-1]
    elif script.startswith("/"):  # outside of the project, or the project has moved since: as it was typed
        script = normal(program[-1])
    return ["python", script, *words[len(program) :]]


def _file_of(module: str, places: Places, sources: Collection[str]) -> str:
    """Give the file of a module that was run; empty where it is not known, or not the only one that it could be."""
    stem = module.replace(".", "/")
    names = (f"{stem}/__main__.py", f"{stem}.py")
    found = [path for name in names if (path := places.relative(name)) in sources]
    found = found or [path for path in sources if path.endswith(tuple(f"/{name}" for name in names))]
    return found[0] if len(found) == 1 else ""


def is_explained(run: Run) -> bool:
    """Tell whether the parameters say all that the words after the program do.

    A script may have been given other words than the command line ends with (by a shell), so their number has to agree.
    """
    begin = next((at for at, word in enumerate(run.argv) if is_python(word)), None)
    if run.parsed is None or begin is None:
        return False
    return run.parsed == len(run.argv) - begin - len(program_of(run.argv[begin:]))
