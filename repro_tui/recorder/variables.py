"""Environment variables that the script's own code asks for: they decide a result as arguments do.

The class of `os.environ` is observed, because every way to ask (`[]`, `get`, `in`, `getenv`, `setdefault`) ends in one
method of it. What libraries ask for is not noted, nor what the script has set itself, nor what is only copied.
That a variable was asked for and not set is noted too: the script then did something else.
"""

from __future__ import annotations

import os
import sys

from .callers import is_foreign
from .line import to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType
    from typing import Any

    from .session import Session

SOURCE, OF_CHILD = "env", "env:child"
"""Sources of the parameters: as the command was given them, and as a process further down was given others."""

PREFIX = "env."
"""What stands before a variable's name, so that it is none of a parser's or a file's parameters."""

_LIMIT = 500
_QUIET_LIMIT = 10_000
_TEXT_LIMIT = 2000
_DEPTH = 8
_GIVEN_LIMIT = 4096
_BLOCKS = 64
_OWN = "REPRO_SET"
"""Variable in which the processes further down are told which ones a script has set: those come from its code."""

_LANES = frozenset((
    "getenv", "getenvb", "get", "__contains__", "pop", "setdefault", "expandvars", "expandvarsb", "convert",
    "substitute", "safe_substitute", "update", "__ior__", "__getitem__", "__setitem__", "__delitem__",
))  # fmt: skip
"""Functions of the standard library that ask, or set, in the name of their caller."""
_READERS = ("/decouple.py", "/environs/", "/environ/environ.py", "/omegaconf/resolvers/oc/", "/pyaml_env/", "/envyaml/")
"""Libraries that ask for what the script or its configuration names."""

_PLACES = frozenset((
    "HOME", "USER", "USERNAME", "LOGNAME", "PATH", "PWD", "OLDPWD", "SHELL", "SHLVL", "TERM", "COLORTERM", "HOSTNAME",
    "HOST", "TMPDIR", "TMP", "TEMP", "EDITOR", "VISUAL", "PAGER", "DISPLAY", "WAYLAND_DISPLAY", "LINES", "COLUMNS",
    "MAIL", "_", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PYTHONPATH", "PYTHONHOME",
    "PYTHONUNBUFFERED", "VIRTUAL_ENV", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES", "SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID", "SLURM_JOBID", "SLURM_NODELIST",
    "SLURM_JOB_NODELIST", "SLURM_TMPDIR", "SLURM_SUBMIT_DIR", "SLURM_SUBMIT_HOST", "SLURM_JOB_NAME", "PBS_JOBID",
    "PBS_O_WORKDIR", "PBS_NODEFILE", "LSB_JOBID", "JOB_ID", "LS_COLORS", "LD_LIBRARY_PATH", "PROMPT_COMMAND", "PS1",
    "RANK", "LOCAL_RANK", "GROUP_RANK", "NODE_RANK", "ROLE_RANK", "WORLD_RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK",
    "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_NODE_RANK", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_LOCAL_RANK",
    "INVOCATION_ID", "JOURNAL_STREAM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "SUDO_USER", "KUBERNETES_SERVICE_HOST",
))  # fmt: skip
_PLACES_BEGIN = (
    "REPRO_", "XDG_", "SSH_", "DBUS_", "CONDA_", "WANDB_", "MLFLOW_", "COMET_", "NEPTUNE_", "CLEARML_",
    "TMUX", "VSCODE_", "JPY_", "JUPYTER", "BASH_", "ZSH_", "PMIX_", "OMPI_MCA_", "TORCHELASTIC_",
)  # fmt: skip
_PLACES_END = ("_JOB_ID", "_PORT", "_ADDR", "_PID")
"""Names that say where, when, by whom and as which of several processes a script runs, or what is done with results."""

_active: Variables | None = None
_quiet: set[object] = set()
"""Names that need no look any more, as they are asked for: texts or bytes."""
_libraries: set[CodeType] = set()
_lanes: set[CodeType] = set()
"""Functions that were found to be none of the script's, and to ask in the name of their caller."""
_own: set[str] = set()
_noted: dict[str, tuple[str | None, str]] = {}
_given: dict[int, str] = {}
"""Keys that were given out by going through all of them, by their identity: asking for one of those is copying."""


class Variables:
    """Notes each variable once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._outside: dict[str, str] | None = None
        if session.main:
            os.environ.pop(_OWN, None)  # said by a script that has started this run, to which it is the surroundings
        else:
            _own.update(session.environment.get(_OWN, "").split())

    def asked(self, environment: object, key: object, value: object, frame: FrameType) -> None:
        """Note a variable that the script asks for; `value` is None where it is not set."""
        if _given.get(id(key)) is key or not isinstance(key, (str, bytes)):
            return
        name = os.fsdecode(key)
        if name in _own or name in _noted or is_place(name) or len(_noted) >= _LIMIT:
            _hush(key)
            return
        if not _is_ours(environment) or not _speaks_for_the_script(frame):
            return
        _hush(key)
        text = None if value is None else os.fsdecode(value)  # type: ignore[arg-type]
        # What a library has set in the first process comes from a file that the library read.
        same = text == self._given_to_the_command().get(name)
        if same or not self._session.main:
            _noted[name] = (text, SOURCE if same else OF_CHILD)
            self._write(name)

    def changed(self, environment: object, key: object, frame: FrameType) -> None:
        """Remember a variable that the script sets or takes away: what it finds there later is its own."""
        name = os.fsdecode(key)  # type: ignore[arg-type]
        if name in _own or name in _noted or not _is_ours(environment) or not _speaks_for_the_script(frame):
            return
        if len(_own) >= _QUIET_LIMIT:
            return
        _own.add(name)
        _hush(key)
        told = " ".join(sorted(_own))
        if len(told) <= _GIVEN_LIMIT and not self._session.forked:
            os.environ[_OWN] = told

    def _given_to_the_command(self) -> dict[str, str]:
        """Give the environment that the first process began with; empty where the system does not tell it."""
        session = self._session
        if session.main:
            return dict(session.environment)
        if self._outside is None:
            found = _environment_of(session.environment.get("REPRO_MAIN_PID", ""))
            self._outside = found if found.get("REPRO_RUN_UID") == session.environment.get("REPRO_RUN_UID") else {}
        return self._outside

    def _write(self, name: str) -> None:
        text, source = _noted[name]
        value, secret = written(name, text)
        if secret:
            self._session.event("redacted", where="env", what=to_text(name))
        self._session.event("params", counted=True, src=source, v={PREFIX + to_text(name): value})

    def again(self) -> None:
        """Write all that was noted for another run that begins in this process."""
        for name in list(_noted):
            self._write(name)


def _environment_of(pid: str) -> dict[str, str]:
    """Give the environment that a process began with, as far as the system tells."""
    try:
        fd = os.open("/proc/%d/environ" % int(pid), os.O_RDONLY)
    except (OSError, ValueError):
        return {}
    try:
        blocks: list[bytes] = []
        while len(blocks) < _BLOCKS and (block := os.read(fd, 1 << 16)):
            blocks.append(block)
    except OSError:  # it has ended meanwhile
        return {}
    finally:
        os.close(fd)
    pairs = (os.fsdecode(pair).partition("=") for pair in b"".join(blocks).split(b"\0") if pair)
    return {name: value for name, _, value in pairs}


def _hush(key: object) -> None:
    """Have a name pass without a look from now on."""
    if len(_quiet) < _QUIET_LIMIT:
        _quiet.add(key)


def is_place(name: str) -> bool:
    """Tell whether a variable can decide no result, or is a process's own."""
    return name in _PLACES or name.startswith(_PLACES_BEGIN) or name.endswith(_PLACES_END)


def written(name: str, text: str | None) -> tuple[str | None, bool]:
    """Give a variable's value as it is kept, and whether it was taken for a secret; None where it is not set."""
    if text is None:
        return None, False
    from .values import may_be_secret

    if may_be_secret(name, text):
        from .redaction import REDACTED, holds_secret

        if holds_secret(name, text):
            return REDACTED, True
    if len(text) > _TEXT_LIMIT:
        return to_text(text[:_TEXT_LIMIT]) + "…" + _rest(text), False
    return to_text(text), False


def _rest(text: str) -> str:
    """Tell what was cut off of a long value by its digest, so that two that begin alike are told apart."""
    from hashlib import sha256

    return " sha256:" + sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _is_ours(environment: object) -> bool:
    """Tell whether it is the process's environment, and not another instance of its class."""
    return environment is os.environ or environment is getattr(os, "environb", None)


def _speaks_for_the_script(frame: FrameType | None) -> bool:
    """Tell whether code of the script asks, by itself or through what asks in its name."""
    for _ in range(_DEPTH):
        if frame is None:
            return False
        code = frame.f_code
        file = code.co_filename
        if not is_foreign(file):
            return True
        if any(reader in file for reader in _READERS):
            return True
        if file.startswith("<") and not file.startswith("<frozen"):
            return frame.f_globals.get("__name__") == "__main__"  # python -c, and what is typed
        if "-packages" in file or code.co_name not in _LANES:
            if len(_libraries) < _QUIET_LIMIT:
                _libraries.add(code)
            return False
        _lanes.add(code)
        frame = frame.f_back
    return False


def _is_known_library(frame: FrameType | None) -> bool:
    """Tell quickly whether a function asks that was looked at before and is no script's."""
    while frame is not None and frame.f_code in _lanes:
        frame = frame.f_back
    return frame is not None and frame.f_code in _libraries


def install(session: Session) -> None:
    """Observe the class of `os.environ`."""
    global _active
    _active = variables = Variables(session)
    kind: Any = type(os.environ)
    _observe_reading(kind, variables)
    _observe_changing(kind, variables, "__setitem__")
    _observe_changing(kind, variables, "__delitem__")
    _observe_copying(kind)


def again() -> None:
    """Note for a run that begins in this process what was asked for before it, which is its own as well."""
    if _active is not None:
        _active.again()


def _observe_reading(kind: Any, variables: Variables) -> None:
    original = kind.__getitem__

    def get(self: object, key: Any) -> object:
        if type(key) in _KEYS and key in _quiet:
            return original(self, key)
        frame = sys._getframe(1)  # noqa: SLF001 - there is no cheaper public way to a caller
        if _is_known_library(frame):
            return original(self, key)
        value = None
        try:
            value = original(self, key)
            return value
        finally:
            try:
                variables.asked(self, key, value, frame)
            except Exception:  # a key of the script's own type
                pass

    _dress(kind, original, get)


def _observe_changing(kind: Any, variables: Variables, name: str) -> None:
    original = getattr(kind, name)

    def change(self: object, key: Any, *value: Any) -> None:
        original(self, key, *value)
        try:
            if key not in _quiet:
                variables.changed(self, key, sys._getframe(1))  # noqa: SLF001 - there is no cheaper public way
        except Exception:  # a key of the script's own type
            pass

    _dress(kind, original, change)


def _observe_copying(kind: Any) -> None:
    """Tell keys that were given out one after another from those that the script knows by name."""
    original = kind.__iter__

    def give(self: object) -> Iterator[object]:
        keys = list(original(self))
        _given.clear()
        _given.update((id(key), key) for key in keys)
        return iter(keys)

    _dress(kind, original, give)


_KEYS = frozenset((str, bytes))


def _dress(kind: Any, original: Callable[..., object], stand_in: Any) -> None:
    """Put a method in the place of another, under its name."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(stand_in, name, getattr(original, name, None))
    stand_in.__wrapped__ = original
    setattr(kind, original.__name__, stand_in)
