"""Waiting for news: kernel events where they are to be had, a small poll elsewhere, and never the truth by itself.

What is watched is little on purpose: the list of runs, the project's journal, and the folders of live runs, none of
them recursively. So 10,000 finished runs cost nothing. Everything that events may miss (a folder that was filled before
it could be watched, a writer on another host, a lost event) is found because new folders are named again once they are
watched, and because the whole tree is named every `RECONCILE` seconds.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, Protocol, Self

from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.mounts import MOUNTINFO, filesystem_of, is_network
from repro_tui.journal.sealed import open_source

RECONCILE = 45.0
"""Seconds between two times at which the whole tree is named as worth a look."""
_ROOT_EVERY = 1.0
_REOPEN_AFTER = 1.0
_RETRY_EVENTS = 300.0
_POLL_EVERY = 1.0
_POLL_MAX = 5.0
_YOUNG = 120.0
_EVENT_TIMEOUT_MS = 100

Changes = Iterable[tuple[object, str]]


class Notify(Protocol):
    """What gives kernel events: `watchfiles.watch`."""

    def __call__(self, *paths: Path) -> Iterator[Changes]:
        """Give sets of (what, path), an empty one when nothing happened for a moment."""
        ...


def _watchfiles(*paths: Path) -> Iterator[Changes]:
    """Watch folders, not what lies in their folders. Raises OSError or RuntimeError when the kernel has no room."""
    import watchfiles

    return watchfiles.watch(
        *paths,
        watch_filter=None,
        recursive=False,
        force_polling=False,
        yield_on_timeout=True,
        rust_timeout=_EVENT_TIMEOUT_MS,
        debounce=400,
        ignore_permission_denied=True,
        raise_interrupt=False,
    )


class Watcher:
    """Tells which folders are worth a look. `wait` is for one thread; `wake` and `follow` may be called from any.

    A hint is the path of a run's folder, of the project's journal (`layout.project_journal`), or of `layout.runs`: then
    the whole tree is worth a look.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        notify: Notify = _watchfiles,
        clock: Callable[[], float] = time.monotonic,
        mountinfo: Path = MOUNTINFO,
    ) -> None:
        self._layout = layout
        self._notify = notify
        self._clock = clock
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._live: frozenset[Path] = frozenset()
        self._dirty = True
        self._young: dict[Path, float] = {}
        self._events: Iterator[Changes] | None = None
        self._watched: frozenset[Path] = frozenset()
        self._opened = -_RETRY_EVENTS
        self._root = -1
        self._reconciled = -RECONCILE * 2
        self._looked = -_ROOT_EVERY
        self._polled = -_POLL_EVERY
        self._poll_every = _POLL_EVERY
        self._seen: dict[Path, frozenset[tuple[str, int, int]]] = {}
        self._names: frozenset[str] | None = None
        self._stamps = (0, 0)
        kind = filesystem_of(layout.home, mountinfo)
        self._network = f"{layout.home} is on {kind}" if is_network(kind) else ""
        self._trouble = ""

    def mode(self) -> Literal["inotify", "polling"]:
        """Tell how news arrives now."""
        return "polling" if self.why() else "inotify"

    def why(self) -> str:
        """Say why it is polling, empty when it is not."""
        return self._network or self._trouble

    def follow(self, folders: Iterable[Path]) -> None:
        """Say which run folders are live; their journals are watched, or polled, from now on."""
        with self._lock:
            live = frozenset(folders)
            self._dirty |= live != self._live
            self._live = live

    def wake(self) -> None:
        """End a `wait` that is going on in another thread, within a tenth of a second."""
        self._woken.set()

    def wait(self, timeout: float) -> set[Path]:
        """Give the folders that are worth a look, as soon as there are any; none after so many seconds without news."""
        deadline = self._clock() + timeout
        hints = self._due()
        while not hints and not self._woken.is_set() and (left := deadline - self._clock()) > 0:
            hints = self._events_now() if self._events is not None else self._polled_now(left)
            hints |= self._due()
        self._woken.clear()
        return hints

    def close(self) -> None:
        """Give the kernel its watches back."""
        self._stop()
        self._leave_root()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What is due by the clock

    def _due(self) -> set[Path]:
        """Look after the root, the watches and the reconciliation, each when its time has come."""
        now = self._clock()
        hints: set[Path] = set()
        if now - self._looked >= _ROOT_EVERY:
            self._looked = now
            if self._root_is_new():
                self._stop()
                self._opened = now - _REOPEN_AFTER
                self._names, self._stamps = None, (0, 0)
                hints.add(self._layout.runs)
            self._young = {folder: t for folder, t in self._young.items() if now - t < _YOUNG}
            self._dirty = True
        hints |= self._reopened(now)
        if now - self._reconciled >= RECONCILE:
            self._reconciled = now
            hints.add(self._layout.runs)
        return hints

    def _root_is_new(self) -> bool:
        """Tell whether `runs/` was made, deleted or replaced since the last look.

        Its descriptor is kept open, so that its inode cannot be given to another folder in the meantime.
        """
        try:
            there = self._layout.runs.stat()
        except OSError:
            gone = self._root >= 0
            self._leave_root()
            return gone
        if self._root >= 0:
            kept = os.fstat(self._root)
            if (kept.st_dev, kept.st_ino) == (there.st_dev, there.st_ino):
                return False
            self._leave_root()
        try:
            self._root = os.open(self._layout.runs, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return False
        return True

    def _leave_root(self) -> None:
        if self._root >= 0:
            os.close(self._root)
        self._root = -1

    # Kernel events

    def _wanted(self) -> frozenset[Path]:
        """Give the folders that should be watched, of those that are there."""
        with self._lock:
            folders = self._live | self._young.keys()
        inner = (place for folder in folders for place in (folder, folder / "journal"))
        return frozenset(place for place in (self._layout.runs, self._layout.project_journal, *inner) if place.is_dir())

    def _reopened(self, now: float) -> set[Path]:
        """Watch what is wanted now, at most once a second, and name all of it: events were lost in between."""
        rest = _RETRY_EVENTS if self._trouble else _REOPEN_AFTER
        if not self._dirty or self._network or self._root < 0 or now - self._opened < rest:
            return set()
        self._dirty = False
        wanted = self._wanted()
        if self._events is not None and wanted == self._watched:
            return set()
        self._stop()
        self._opened = now
        try:
            self._events = self._notify(*sorted(wanted))
            first = set(next(self._events))
        except FileNotFoundError:  # a folder went away since it was looked up: it is left out the next time
            self._stop()
            self._dirty = True
            return set()
        except (OSError, RuntimeError, StopIteration) as error:  # watchfiles has its own RuntimeError for "no instance"
            self._stop()
            self._trouble = _why_no_events(error)
            return {self._layout.runs}
        self._trouble = ""
        self._watched = wanted
        named = {self._hint(place) for place in wanted if place != self._layout.runs}
        return named | self._meaning(first) | self._new_folders()

    def _events_now(self) -> set[Path]:
        """Wait a moment for kernel events."""
        assert self._events is not None
        try:
            return self._meaning(next(self._events))
        except (OSError, RuntimeError, StopIteration) as error:
            self._stop()
            self._trouble = _why_no_events(error)
            return {self._layout.runs}

    def _stop(self) -> None:
        events, self._events, self._watched = self._events, None, frozenset()
        close = getattr(events, "close", None)
        if close is not None:
            close()

    def _meaning(self, changes: Changes) -> set[Path]:
        """Turn changed paths into hints; folders that come or go have to be watched anew."""
        hints: set[Path] = set()
        for _, raw in changes:
            path = Path(raw)
            hint = self._hint(path)
            hints.add(hint)
            if path == hint and hint.parent == self._layout.runs:
                self._young.setdefault(path, self._clock())
                self._watched -= {path, path / "journal"}
                self._dirty = True
        return hints

    def _hint(self, path: Path) -> Path:
        """Name the folder that a path belongs to."""
        run = self._layout.run_of(path)
        if run is not None:
            return run
        return self._layout.runs if path == self._layout.runs else self._layout.project_journal

    # Polling

    def _polled_now(self, left: float) -> set[Path]:
        """Wait until the next poll, and compare the live journals with what they were."""
        now = self._clock()
        rest = self._polled + self._poll_every - now
        if rest > 0:
            self._woken.wait(min(rest, left, _ROOT_EVERY))
            return set()
        with self._lock:
            folders = self._live | self._young.keys()
        hints = {folder for folder in folders if self._moved(folder, folder / "journal")}
        if self._moved(self._layout.project_journal, self._layout.project_journal):
            hints.add(self._layout.project_journal)
        hints |= self._new_folders()
        self._seen = {
            place: seen for place, seen in self._seen.items() if place in folders or place.parent != self._layout.runs
        }
        self._polled = self._clock()
        self._poll_every = min(max(_POLL_EVERY, 50 * (self._polled - now)), _POLL_MAX)
        return hints

    def _moved(self, key: Path, journal: Path) -> bool:
        """Tell whether the journals of a folder differ from the last look; the first look tells nothing."""
        seen = frozenset(_states(journal))
        known = self._seen.get(key)
        self._seen[key] = seen
        return known is None or known != seen

    def _new_folders(self) -> set[Path]:
        """Find folders that came or went since the last poll, when the time of `runs/` says that there may be any.

        They are listed once more at the poll after: a change right after the listing may leave the time as it was.
        """
        try:
            stamp = self._layout.runs.stat().st_mtime_ns
        except OSError:
            return set()
        if self._stamps == (stamp, stamp):
            return set()
        self._stamps = (self._stamps[1], stamp)
        names = frozenset(folder.name for folder in self._layout.run_folders())
        known, self._names = self._names, names
        if known is None:
            return {self._layout.runs}
        changed = {self._layout.runs / name for name in names ^ known}
        for folder in changed:
            self._young.setdefault(folder, self._clock())
        return changed


def _states(journal: Path) -> Iterator[tuple[str, int, int]]:
    """Give name, size and time of each journal. Each is opened: only that asks the server of a network file system."""
    for path in journals_in(journal):
        try:
            source = open_source(path)
        except OSError:
            continue
        try:
            found = os.fstat(source.descriptor)
        finally:
            source.close()
        yield path.name, found.st_size, found.st_mtime_ns


def _why_no_events(error: Exception) -> str:
    """Say in a person's words why there are no kernel events."""
    text = str(error)
    if "limit" in text.lower():
        return "the kernel has no file watches left (fs.inotify.max_user_watches)"
    if isinstance(error, RuntimeError):
        return "the kernel has no watch instances left (fs.inotify.max_user_instances)"
    return f"the folder cannot be watched: {text or type(error).__name__}"
