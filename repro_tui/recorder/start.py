"""The beginning and the end of an interpreter under `repro-tui run`."""

from __future__ import annotations

import atexit
import os
import sys

from . import session as _process
from .line import to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from .session import Session

_ERROR_LIMIT = 500
_WORKERS = ("multiprocessing.spawn", "multiprocessing.forkserver", "popen_loky_posix", "loky.backend.fork_exec")
_SERVANTS = ("resource_tracker", "semaphore_tracker")
_VALUED = frozenset("WXQ")
_HERE = os.path.dirname(os.path.abspath(__file__))


def begin() -> None:
    """Join the run, say which interpreter this is, and begin to observe. Guarded by its caller."""
    command = _process.command_line()
    options = " ".join(command[1:8])
    if any(word in options for word in _SERVANTS) or _is_repro_tui(command):
        return
    session = _process.from_environment()
    if session is None:
        return
    session.worker = any(word in options for word in _WORKERS) and bool(os.environ.get("REPRO_WRITER"))
    for install in (say_which, _note_links, _install_imports, _install_opens, _install_variables, _install_ends):
        session.guarded(install)


def _is_repro_tui(command: list[str]) -> bool:
    """Tell whether this is a run within a run: what it reads and imports says nothing about the command's result."""
    _, kind, target = describe(command)
    return (kind == "module" and target == "repro_tui") or (
        kind == "script" and os.path.basename(target) == "repro-tui"
    )


def say_which(session: Session) -> None:
    """Write the `python` event."""
    if session.worker:
        return
    flags, kind, target = describe(_process.command_line())
    fields: dict[str, Any] = {
        "exe": to_text(sys.executable or ""),
        "version": ".".join(str(n) for n in sys.version_info[:3]),
        "prefix": to_text(sys.prefix),
        "base": to_text(sys.base_prefix),
        "path": [to_text(p) for p in sys.path if isinstance(p, str) and p != _HERE + "/inject"],
        "flags": flags,
        "main": session.main,
    }
    if kind == "script":
        session.script = os.path.abspath(target)
        fields["script"] = session.place(session.script)
    elif kind == "module":
        fields["module"] = to_text(target)
    session.event("python", **fields)


def _note_links(session: Session) -> None:
    """Note where links on the command line lead, before the script may change its folder."""
    from . import links

    if not session.worker:
        links.note(session, _process.command_line()[1:])


def describe(command: list[str]) -> tuple[list[str], str, str]:
    """Split a command line into options, what follows (`script`, `module`, `code` or nothing), and its name."""
    flags: list[str] = []
    words = iter(command[1:])
    for word in words:
        if word == "-" or not word.startswith("-"):
            return flags, ("" if word == "-" else "script"), word
        if word.startswith("--"):
            flags.append(word)
            if word == "--check-hash-based-pycs":
                next(words, "")
            continue
        for position, letter in enumerate(word[1:], 2):
            if letter in "mc":
                rest = word[position:] or next(words, "")
                return flags, ("module" if letter == "m" else "code"), (rest if letter == "m" else "")
            if letter in _VALUED:
                flags.append("-" + letter + (word[position:] or next(words, "")))
                break
            flags.append("-" + letter)
    return flags, "", ""


def _install_imports(session: Session) -> None:
    """Wrap what is of interest in modules as they are imported, and let the script import us."""
    from . import arguments, imports, jobs, natives, seeds

    parts = (seeds, arguments, natives, jobs)
    imports.install({name: wrap for part in parts for name, wrap in part.wrappers(session).items()})


def _install_opens(session: Session) -> None:
    """Note the files that are opened."""
    from . import observe

    observe.install(session)


def _install_variables(session: Session) -> None:
    """Note the environment variables that the script asks for."""
    from . import variables

    variables.install(session)


def _install_ends(session: Session) -> None:
    """Have the end noted, and our own frames taken out of tracebacks."""
    previous = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        try:
            trace = without_ours(trace)
            error = error.with_traceback(trace)
        except Exception:  # the traceback is then printed with our frames in it
            pass
        previous(kind, error, trace)

    sys.excepthook = excepthook
    atexit.register(_end, session)


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Take the recorder's frames out of a traceback, so that it reads as it would without us."""
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    at = trace
    while at is not None and at.tb_next is not None:
        if _is_ours(at.tb_next):
            at.tb_next = at.tb_next.tb_next
        else:
            at = at.tb_next
    return trace


def _is_ours(trace: TracebackType) -> bool:
    """Tell whether a traceback's frame runs the recorder's code."""
    return trace.tb_frame.f_code.co_filename.startswith(_HERE)


def _end(session: Session) -> None:
    """Write what is known at the end of the interpreter that began the session; forks that end say nothing."""
    try:
        if session.forked or (session.worker and session.own is None):
            return
        from .state import note

        note(session)
        error = last_error()
        extra: dict[str, Any] = {"err": error} if error else {}
        if session.main:
            from .alone import was_alone

            extra["alone"] = was_alone()
        session.event("bye", main=session.main, **extra)
    except Exception:  # the interpreter is going down; what could not be noted is lost
        pass


def last_error() -> str:
    """Give the exception that ends the program, on one line and without what looks like a secret; empty without one.

    An interrupt is named and no more: looking for secrets imports modules that evaluate text, by which CPython forgets
    that an interrupt ended it: it would exit with status 1 instead of dying by the signal.
    """
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    kind = getattr(sys, "last_type", None) or type(error)
    if error is None and getattr(sys, "last_type", None) is None:
        return ""
    if isinstance(kind, type) and issubclass(kind, KeyboardInterrupt):
        return to_text(kind.__name__)
    from .redaction import cut

    try:
        text = str(error)
    except Exception:  # an exception of the script's own may fail to describe itself
        text = ""
    first = " ".join(text.split())[:_ERROR_LIMIT]
    words = cut(first)
    return to_text("%s: %s" % (kind.__name__, words) if words else kind.__name__)
