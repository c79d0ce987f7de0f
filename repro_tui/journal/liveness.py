"""The pulse of a run: does a process of it exist here, or did it give a sign on the reader's own clock?

Where the latest attempt's writers are on this host and boot, its processes decide, and "no process" is proof. Elsewhere
a sign is a journal or an `alive` file that moved: the times in them are another host's and are only compared with
themselves, so that a wrong clock kills nobody. What is silent is taken back when it moves again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from repro_tui.domain.events import Header
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import Attempt, Liveness, Run
from repro_tui.domain.state import SILENCE
from repro_tui.journal.write import boot_id

_SLACK = 2.0
"""Seconds by which a process may seem younger than what it wrote: clocks are read in different ways."""
_START_TIME = 19
"""Index of the start time in /proc/PID/stat, counted after the command's closing parenthesis."""
_MAX_ENVIRON = 1 << 20


@dataclass(slots=True)
class _Memory:
    """What was seen of a run at the last look."""

    signature: frozenset[tuple[str, int, int]]
    moved: float | None
    """When it was last seen to move, on the reader's monotonic clock."""
    missing: bool = False
    """At the last look none of its processes existed."""


class Pulses:
    """Looks after the pulses of runs; it has to be asked every few seconds, because it sees movement between looks."""

    def __init__(self, *, host: str = "", boot: str = "") -> None:
        self._host = host or os.uname().nodename
        self._boot = boot or boot_id()
        self._memory: dict[RunId, _Memory] = {}

    def look(self, run: Run, folders: Iterable[Path], *, monotonic: float, now: float) -> Liveness:
        """Tell whether a run is alive.

        Args:
            run: its fold; only the latest attempt matters.
            folders: its folders (more than one after a merge).
            monotonic: the reader's clock that never jumps, in seconds.
            now: seconds since the epoch, on the reader's clock; only the first look needs it.
        """
        signature = frozenset(sign for folder in folders for sign in _signs(folder))
        known = self._memory.get(run.uid)
        if known is None:
            known = _Memory(signature, monotonic if _is_fresh(signature, now) else None)
            self._memory[run.uid] = known
            moved = False
        else:
            # What goes was taken away, as when old journals are sealed: only what comes or changes is a sign.
            moved = bool(signature - known.signature)
            known.signature = signature
        latest = run.attempts[-1] if run.attempts else None
        if latest is not None and self._is_here(latest):
            return self._local(run.uid, latest, known, monotonic, moved=moved)
        if moved:
            known.moved = monotonic
        return Liveness(alive=_within(known.moved, monotonic), local=False)

    def forget(self, uid: RunId) -> None:
        """Drop what was remembered of a run that ended or was deleted."""
        self._memory.pop(uid, None)

    def _is_here(self, attempt: Attempt) -> bool:
        """Tell whether every writer is on this host, in this boot or an earlier one: then its processes can be seen."""
        return bool(self._boot and attempt.writers) and all(w.host == self._host and w.boot for w in attempt.writers)

    def _local(self, uid: RunId, attempt: Attempt, known: _Memory, monotonic: float, *, moved: bool) -> Liveness:
        """Ask the processes; what moves although none exists has another view of processes, as in a container."""
        if any(self._exists(uid, writer) for writer in attempt.writers) or self._runs(uid, attempt):
            known.missing, known.moved = False, None
            return Liveness(alive=True, local=True)
        if moved and known.missing:
            known.moved = monotonic
        elif not known.missing:
            known.missing, known.moved = True, None
        return Liveness(alive=_within(known.moved, monotonic), local=True)

    def _exists(self, uid: RunId, writer: Header) -> bool:
        return writer.boot == self._boot and is_same_process(writer.pid, writer.t, uid)

    def _runs(self, uid: RunId, attempt: Attempt) -> bool:
        """Tell whether a command of the attempt goes on without its supervisor."""
        until = max(attempt.last_sign, attempt.started)
        return any(
            host == self._host and boot == self._boot and is_same_process(pid, until, uid)
            for host, boot, pid in attempt.command_pids
        )


def _within(moved: float | None, monotonic: float) -> bool:
    return moved is not None and monotonic - moved <= SILENCE


def _is_fresh(signature: frozenset[tuple[str, int, int]], now: float) -> bool:
    """Judge the first look: a time not long past, or in the future of a clock that is wrong, may be a sign of life."""
    return any(mtime / 1e9 > now - SILENCE for _, _, mtime in signature)


def _signs(folder: Path) -> Iterable[tuple[str, int, int]]:
    """Give name, size and time of what moves while a run lives: `alive` files and journals."""
    for place, test in ((folder, _is_alive_file), (folder / "journal", _is_journal)):
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if test(entry.name):
                        found = entry.stat(follow_symlinks=False)
                        yield entry.path, found.st_size, found.st_mtime_ns
        except OSError:
            continue


def _is_alive_file(name: str) -> bool:
    return name.startswith("alive.")


def _is_journal(name: str) -> bool:
    return name.endswith(".jsonl")


def is_same_process(pid: int, written: float, uid: RunId) -> bool:
    """Tell whether a process exists that can have written something at a time, and not one that got its number later.

    Where the clock was set in between, the start time proves nothing; then the run's uid in its environment does.
    """
    if pid <= 0:
        return False
    began = _began(pid)
    if began is None:
        return False
    return began <= written + _SLACK or _belongs(pid, uid)


def _began(pid: int) -> float | None:
    """Give when a process began, in seconds since the epoch; None when there is none or only its corpse."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        if fields[0] in {b"Z", b"X"}:
            return None
        return _booted() + int(fields[_START_TIME]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None if Path("/proc/self/stat").exists() else _began_elsewhere(pid)


def _began_elsewhere(pid: int) -> float | None:
    """Ask psutil where there is no /proc."""
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


@cache
def _booted() -> float:
    """Give when this machine was started, in seconds since the epoch."""
    for line in Path("/proc/stat").read_text("ascii").splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0


def _belongs(pid: int, uid: RunId) -> bool:
    """Tell whether a process carries the run's uid in its environment."""
    try:
        with Path(f"/proc/{pid}/environ").open("rb") as stream:
            return f"REPRO_RUN_UID={uid}".encode() in stream.read(_MAX_ENVIRON).split(b"\0")
    except OSError:
        return False
