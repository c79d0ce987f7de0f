"""Which script a command line is about: runs of the same one are compared with each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_PYTHON = re.compile(r"(python|pypy)[0-9.]*(t|d)?")
_SCRIPT = re.compile(r".+\.(py|sh|bash|zsh|R|r|jl|pl|rb|js|ipynb|m|lua)")
_RUNNERS = {
    "torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch", "cProfile", "profile", "pdb",
    "trace", "coverage", "memray", "kernprof", "line_profiler", "debugpy", "viztracer", "scalene", "pyinstrument",
}  # fmt: skip
"""Modules that run the script that follows them."""
_WITH_VALUE = {"-W", "-X", "-Q"}
"""Interpreter options that take the next argument."""


def lineage_of(argv: Sequence[str], cwd: Path, root: Path) -> str:
    """Name the script or module that a command runs; of anything else, the program.

    Launchers (`torchrun`, `accelerate launch`, `env`, `uv run`) are looked through: the first script counts.
    """
    for place, word in enumerate(argv):
        if _PYTHON.fullmatch(Path(word).name) and (found := _python(argv[place + 1 :])):
            if found in _RUNNERS:
                continue
            return _module(found, cwd, root) if not _SCRIPT.fullmatch(found) else _relative(found, cwd, root)
        if word == "-m" and argv[place + 1 : place + 2] and argv[place + 1] in _RUNNERS:
            continue
        if word == "-m" and place and place + 1 < len(argv) and _launches(argv[place - 1]):
            return _module(argv[place + 1], cwd, root)
        if _SCRIPT.fullmatch(word) and not word.startswith("-") and "=" not in word:
            return _relative(word, cwd, root)
    return Path(argv[0]).name if argv else ""


def _python(arguments: Sequence[str]) -> str:
    """Give the module or script of an interpreter's arguments, `-c` for a program on the command line."""
    skip = False
    for place, word in enumerate(arguments):
        if skip:
            skip = False
        elif word == "-m":
            return arguments[place + 1] if place + 1 < len(arguments) else ""
        elif word.startswith("-m") and len(word) > 2:  # noqa: PLR2004 - the option's two letters
            return word[2:]
        elif word == "-c":
            return "python -c"
        elif word in _WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word
    return ""


def _launches(word: str) -> bool:
    """Tell whether `-m` after a word names a module: after a program or a module that runs others, not a script."""
    return word in _RUNNERS or not Path(word).suffix


def _module(name: str, cwd: Path, root: Path) -> str:
    """Name a module that lies in the working folder as its file, so that both ways to start it are of one lineage."""
    for end in (".py", "/__main__.py"):
        script = name.replace(".", "/") + end
        try:
            if (cwd / script).is_file():
                return _relative(script, cwd, root)
        except (OSError, ValueError):
            break
    return name


def _relative(script: str, cwd: Path, root: Path) -> str:
    """Write a script's path from the project's folder, so that it is the same from any working folder."""
    path = cwd / script
    try:
        return path.resolve().relative_to(root).as_posix()
    except (ValueError, OSError, RuntimeError):
        return script
