"""Which Python ran: as the recorder inside of it said, or asked of it from outside when it could not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro_tui.domain.missing import Unavailable
from repro_tui.source.words import words

_NAME = re.compile(r"(?:python|pypy)[\d.]*(?:-dbg|t)?")


_LAUNCHERS = words(
    """
    env nice nohup time timeout srun mpirun mpiexec taskset numactl stdbuf setsid chrt ionice xvfb-run strace
    catchsegv
    """
)
_SHEBANG = re.compile(rb"#!\s*(\S+)(?:[ \t]+([^\n]*))?")
_QUESTION = (
    "import json, platform, sys; print(json.dumps({'exe': sys.executable, 'version': platform.python_version(),"
    " 'prefix': sys.prefix, 'base': getattr(sys, 'base_prefix', sys.prefix), 'path': sys.path,"
    " 'implementation': platform.python_implementation()}))"
)


@dataclass(frozen=True, slots=True)
class InterpreterFacts:
    """One Python interpreter."""

    exe: str
    version: str = ""
    prefix: str = ""
    """Of the (virtual) environment."""
    base: str = ""
    """Prefix of the installation that the environment was made from."""
    path: tuple[str, ...] = ()
    """The module search path."""
    flags: tuple[str, ...] = ()
    """Interpreter options: `-I`, `-O`."""
    implementation: str = ""
    asked: bool = False
    """It was asked from outside: what the script adds to the search path is not in it."""

    @classmethod
    def from_event(cls, event: Mapping[str, object]) -> InterpreterFacts:
        """Read a `python` event of a journal; fields that are missing stay empty."""
        return cls(
            exe=str(event.get("exe") or ""),
            version=str(event.get("version") or ""),
            prefix=str(event.get("prefix") or ""),
            base=str(event.get("base") or ""),
            path=_texts(event.get("path")),
            flags=_texts(event.get("flags")),
            implementation=str(event.get("implementation") or ""),
        )


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def find_interpreter(
    argv: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None, timeout_s: float = 10.0
) -> InterpreterFacts | Unavailable:
    """Ask the interpreter that a command line names, once, in isolated mode and with a timeout.

    This is for a Python in which the recorder could not speak (`python -I`). A command that is no Python, or one that
    hides its interpreter (a shell script), gives the reason why nothing is known.
    """
    environment = os.environ if environment is None else environment
    name = _named(argv, environment, cwd)
    if not name:
        return Unavailable("no Python interpreter was seen: the command is not Python, or starts it by itself")
    exe = _resolved(name, environment, cwd)
    if not exe:
        return Unavailable(f"the interpreter {name} was not found")
    try:
        answer = subprocess.run(
            [exe, "-I", "-c", _QUESTION],
            env=dict(environment),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=True,
            start_new_session=True,
        ).stdout
        facts = json.loads(answer.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return Unavailable(f"{exe} did not say which packages it has within {timeout_s:g} s")
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return Unavailable(f"{exe} could not be asked which packages it has")
    if not isinstance(facts, dict):
        return Unavailable(f"{exe} gave no usable answer")
    found = InterpreterFacts.from_event(facts)
    return InterpreterFacts(
        found.exe, found.version, found.prefix, found.base, found.path, _flags(argv), found.implementation, asked=True
    )


def _named(argv: Sequence[str], environment: Mapping[str, str], cwd: Path | None) -> str:
    """Find the word of a command line that is a Python: itself, behind a launcher, or in a script's first line."""
    for position, argument in enumerate(argv):
        word = argument.rpartition("/")[2]
        if _NAME.fullmatch(word):
            return argument
        if position == 0 and word not in _LAUNCHERS:
            return _shebang(_resolved(argument, environment, cwd))
    return ""


def _shebang(script: str) -> str:
    """Read the interpreter from a script's first line, when it is a Python."""
    try:
        with open(script, "rb") as file:  # noqa: PTH123 - a name that may be empty
            match = _SHEBANG.match(file.read(512))
    except OSError:
        return ""
    if not match:
        return ""
    program, rest = os.fsdecode(match[1]), os.fsdecode(match[2] or b"").split()
    words = [program, *rest] if program.rpartition("/")[2] != "env" else rest
    return next((word for word in words if _NAME.fullmatch(word.rpartition("/")[2])), "")


def _resolved(name: str, environment: Mapping[str, str], cwd: Path | None) -> str:
    """Find a program as the command's own environment would."""
    if "/" in name:
        path = Path(cwd or ".") / name
        return str(path) if path.is_file() else ""
    return shutil.which(name, path=environment.get("PATH", os.defpath)) or ""


def _flags(argv: Sequence[str]) -> tuple[str, ...]:
    """Give the interpreter's own options, up to the script."""
    start = next((n for n, a in enumerate(argv) if _NAME.fullmatch(a.rpartition("/")[2])), len(argv))
    flags: list[str] = []
    for argument in argv[start + 1 :]:
        if not argument.startswith("-") or argument in {"-m", "-c", "-"}:
            break
        flags.append(argument)
    return tuple(flags)
