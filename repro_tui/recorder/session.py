"""One process's part in a run: where its events go, opened when there is something worth writing.

Nothing here raises into the user's script. What cannot be written is dropped; the next line is tried again.
"""

from __future__ import annotations

import os
import sys
import time

from .line import JournalFile, to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

FILES_LIMIT = 200
"""Journals in a run above which a further process opens one for metrics, parameters and outputs only."""

_RANKS = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID", "REPRO_RANK", "LOCAL_RANK")
_SHARED = (
    0o2020  # the set-group-id bit and the group's right to write, as `shared: group` sets them on the run's folder
)

active: Session | None = None
"""The session of this process and of its forks."""


class Session:
    """Where this process writes, and what it knows of its run."""

    def __init__(self, folder: str, uid: str, environment: Mapping[str, str], root: str) -> None:
        self.folder = folder
        self.uid = uid
        self.root = root
        self.attempt = integer(environment.get("REPRO_ATTEMPT"), 1)
        self.pid = os.getpid()
        self.main = integer(environment.get("REPRO_MAIN_PID"), -1) == self.pid
        self.worker = False
        """Started by multiprocessing to serve another process: its observations go into that one's journal."""
        self.script = ""
        """The file that was started, which `__main__` no longer tells when it has ended."""
        self.programs: set[str] = set()
        """Source files of the project that were opened: they may be executed without being imported."""
        self.file: JournalFile | None = None
        self.job: Session | None = None
        """The part of this process's work that is a run of its own now, and gets what is noted."""
        self.own: JournalFile | None = None
        """A worker's own journal, opened when it logs."""
        self.began = time.time()
        self.environment = environment
        self._counter = self.attempt << 20  # above whatever an earlier attempt counted to
        self._problems: set[tuple[str, str]] = set()

    @property
    def forked(self) -> bool:
        """Tell whether this process is a fork of the one that began the session."""
        return os.getpid() != self.pid

    def journal(self, *, important: bool) -> JournalFile | None:
        """Give the file to write to; `important` ones (metrics, parameters, outputs) are opened whatever the number."""
        if self.job is not None:
            return self.job.journal(important=important)
        if self.worker and important:
            self.own = self.own or self._open()
            return self.own
        if self.file is None and self.worker:
            self.file = self._family()
        elif self.file is None and (important or self.main or self._few()):
            self.file = self._open()
            if self.file is not None:
                os.environ["REPRO_WRITER"] = os.path.basename(self.file.path)
        return self.file

    def _few(self) -> bool:
        """Tell whether the run has so few journals that a further one does no harm."""
        try:
            return len(os.listdir(os.path.join(self.folder, "journal"))) < FILES_LIMIT
        except OSError:
            return True

    def _family(self) -> JournalFile | None:
        """Open the journal of the process that a worker serves."""
        name = self.environment.get("REPRO_WRITER", "")
        path = os.path.join(self.folder, "journal", os.path.basename(name))
        try:
            return JournalFile(path, None, self._mode()) if name and os.path.isfile(path) else None
        except OSError:
            return None

    def _mode(self) -> int:
        """Give the mode of a new file: the group's where the run's folder is the group's."""
        try:
            return 0o660 if os.stat(self.folder).st_mode & _SHARED == _SHARED else 0o600
        except OSError:
            return 0o600

    def _open(self) -> JournalFile | None:
        """Begin a journal of this process's own."""
        writer = os.urandom(8).hex()
        header = {
            "repro": 1,
            "run": self.uid,
            "writer": writer,
            "role": "process",
            "attempt": self.attempt,
            "rank": rank(os.environ),
            "host": os.uname().nodename,
            "boot": boot_id(),
            "pid": os.getpid(),
            "t": round(time.time(), 3),
        }
        try:
            return JournalFile(os.path.join(self.folder, "journal", writer + ".jsonl"), header, self._mode())
        except (OSError, ValueError):
            return None

    def event(self, kind: str, /, *, counted: bool = False, important: bool = False, **fields: Any) -> None:
        """Write an event; with `counted` it carries the Lamport counter. Never raises."""
        if self.job is not None:
            self.job.event(kind, counted=counted, important=important, **fields)
            return
        try:
            if counted:
                self._counter += 1
                fields["c"] = self._counter
            file = self.journal(important=important)
            if file is None:
                return
            if not file.ours():
                file.open()
            file.event(kind, **fields)
        except Exception:  # disk full, folder removed, interpreter going down: the script is not to notice
            pass

    def problem(self, where: str, what: str, hint: str = "") -> None:
        """Write once that something could not be observed."""
        if (where, what) in self._problems or len(self._problems) > 100:  # noqa: PLR2004 - enough to see what is wrong
            return
        self._problems.add((where, what))
        self.event("problem", where=to_text(where), what=to_text(what), hint=hint)

    def guarded(self, part: Callable[[Session], None]) -> None:
        """Do one part of the observation, which the others can do without."""
        try:
            part(self)
        except Exception as error:  # whatever interpreter and modules this is met in
            self.problem("recorder", part.__name__, f"{type(error).__name__}: {error}")

    def place(self, path: str) -> str:
        """Write an absolute path as the journal does: relative to the project where it lies inside."""
        if path == self.root:
            return "."
        return to_text(path[len(self.root) + 1 :] if path.startswith(self.root + "/") else path)


def integer(text: str | None, default: int) -> int:
    """Read an integer from the environment, where anything may stand."""
    try:
        return int(text) if text else default
    except ValueError:
        return default


def rank(environment: Mapping[str, str]) -> int:
    """Give the rank in a distributed job, 0 without one; launchers of processes go before schedulers."""
    return next((n for n in (integer(environment.get(name), -1) for name in _RANKS) if n >= 0), 0)


def boot_id() -> str:
    """Give the kernel's boot id, empty where there is none."""
    try:
        fd = os.open("/proc/sys/kernel/random/boot_id", os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(fd, 64).decode("ascii", "replace").strip()
    finally:
        os.close(fd)


def command_line() -> list[str]:
    """Give the interpreter's command line as it was typed."""
    typed = getattr(sys, "orig_argv", None)
    if typed:
        return list(typed)
    try:
        fd = os.open("/proc/self/cmdline", os.O_RDONLY)
    except OSError:
        return [sys.executable or "python", *getattr(sys, "argv", [])]
    try:
        return os.fsdecode(os.read(fd, 1 << 17)).split("\0")[:-1]
    finally:
        os.close(fd)


def from_environment() -> Session | None:
    """Join the run that `repro-tui run` started this process in; None outside of one."""
    global active
    folder, uid = os.environ.get("REPRO_RUN_DIR"), os.environ.get("REPRO_RUN_UID")
    if active is None and folder and uid and os.environ.get("REPRO_TUI") != "off":
        root = os.environ.get("REPRO_ROOT") or os.getcwd()
        active = Session(os.path.abspath(folder), uid, dict(os.environ), os.path.abspath(root))
    return active
