"""Which words of a command line name the program, and which of them its parser explained."""

from __future__ import annotations

import re
from collections.abc import Sequence

from repro_tui.domain.run import Run

_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:-dbg|t)?")
_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})


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


def head_of(words: Sequence[str]) -> list[str]:
    """Name a program, wherever its interpreter lies and whatever its version is."""
    return ["python" if is_python(words[0]) else words[0], *words[1:]]


def is_explained(run: Run) -> bool:
    """Tell whether the parameters say all that the words after the program do.

    A script may have been given other words than the command line ends with (by a shell), so their number has to agree.
    """
    begin = next((at for at, word in enumerate(run.argv) if is_python(word)), None)
    if run.parsed is None or begin is None:
        return False
    return run.parsed == len(run.argv) - begin - len(program_of(run.argv[begin:]))
