"""A run that was started without `repro-tui run`: recorded plainly if a project is found, else not at all."""

from __future__ import annotations

import atexit
import os
import sys
import time
from _thread import allocate_lock

from . import session as _process
from .line import to_text
from .person import user_name
from .session import Session, integer, rank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_README = """This folder holds what repro-tui recorded about the runs of this project.
cache/ may be deleted at any time; everything else cannot be computed again.
"""

_lock = allocate_lock()
_tried = False


def begin() -> Session | None:
    """Begin a plain local run, once; None when there is no project or it cannot be written. Never raises."""
    global _tried
    with _lock:
        if _tried or _process.active is not None:
            return _process.active
        _tried = True
        try:
            if os.environ.get("REPRO_TUI") != "off" and rank(os.environ) == 0:
                found = _project(os.getcwd())
                _process.active = _start(*found) if found else None
        except Exception:  # a folder that cannot be written, a full disk: the script then runs unrecorded
            _process.active = None
        return _process.active


def _project(folder: str) -> tuple[str, str] | None:
    """Find the nearest project upwards: its folder and its `.repro`."""
    while True:
        file = os.path.join(folder, "repro.yaml")
        if os.path.isdir(os.path.join(folder, ".repro")) or os.path.isfile(file):
            home = os.environ.get("REPRO_HOME") or _home_setting(file) or ".repro"
            return folder, os.path.abspath(os.path.join(folder, home))
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _home_setting(file: str) -> str:
    """Read the one setting that is needed here; the standard library has no YAML."""
    try:
        fd = os.open(file, os.O_RDONLY)
    except OSError:
        return ""
    try:
        text = os.read(fd, 1 << 16).decode("utf-8", "replace")
    finally:
        os.close(fd)
    for line in text.splitlines():
        if line.startswith("home:"):
            return line[5:].split(" #")[0].strip().strip("'\"")
    return ""


def _start(root: str, home: str) -> Session:
    """Make the run's folder and write how the run began."""
    runs = os.path.join(home, "runs")
    if not os.path.isdir(home):
        os.makedirs(home, 0o700)
        for name, text in (("README", _README), (".gitignore", "*\n")):
            with open(os.path.join(home, name), "w", encoding="utf-8") as file:
                file.write(text)
    os.makedirs(runs, 0o700, exist_ok=True)
    mode = 0o2770 if os.stat(home).st_mode & 0o2020 == 0o2020 else 0o700  # noqa: PLR2004 - set-group-id, group writes
    script = sys.argv[0] if getattr(sys, "argv", None) else ""
    stem = os.path.splitext(os.path.basename(script))[0] or "python"
    now = time.time()
    folder, name = _new_folder(runs, stem, now, mode)
    environment = dict(os.environ)
    environment["REPRO_MAIN_PID"] = str(os.getpid())
    environment["REPRO_ATTEMPT"] = str(max(1, integer(os.environ.get("SLURM_RESTART_COUNT"), 0) + 1))
    session = Session(folder, os.urandom(16).hex(), environment, root)
    session.event(
        "start",
        counted=True,
        important=True,
        name=name,
        argv=[to_text(word) for word in redacted(_process.command_line())],
        cwd=to_text(os.getcwd()),
        root=to_text(root),
        user=user_name(),
        lineage=session.place(os.path.abspath(script)) if script else stem,
        relations=[],
        output=[],
        python=to_text(sys.executable or ""),
    )
    from .start import say_which

    say_which(session)
    atexit.register(_finish, session)
    return session


def _new_folder(runs: str, stem: str, now: float, mode: int) -> tuple[str, str]:
    """Make a folder for the run that nobody else has made."""
    label = "".join(c if c.isalnum() or c in "-_" else "-" for c in stem)[:40]
    number = len(os.listdir(runs)) + 1
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    for attempt in range(1000):
        name = f"local-{label}-{number + attempt}"
        folder = os.path.join(runs, f"{stamp}-{name}")
        try:
            os.mkdir(folder, mode)
        except FileExistsError:
            continue
        os.mkdir(os.path.join(folder, "journal"), mode)
        return folder, name
    raise OSError("no free name for a run's folder")


def redacted(argv: list[str]) -> list[str]:
    """Take what looks like a secret out of the command line."""
    from .redaction import REDACTED, cut, is_secret
    from .secret_kinds import announces_secret

    words: list[str] = []
    hide_next = False
    for word in argv:
        name, equals, value = word.partition("=")
        if hide_next:
            words.append(REDACTED)
        elif equals and is_secret(name, value):
            words.append(name + "=" + REDACTED)
        else:
            words.append(cut(word))
        hide_next = word.startswith("-") and not equals and bool(announces_secret(word))
    return words


def _finish(session: Session) -> None:
    """Write how the run ended, as far as an interpreter can know it of itself."""
    try:
        if session.forked:
            return
        from .start import last_error
        from .state import note

        note(session)
        error = last_error()
        extra: dict[str, Any] = {"err": error} if error else {}
        session.event("bye", main=True, **extra)
        session.event("end", counted=True, exit=1 if error else 0)
    except Exception:  # the interpreter is going down
        pass
