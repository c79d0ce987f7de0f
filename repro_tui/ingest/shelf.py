"""What a session remembers of files, runs and names, so that it need not ask the catalog while it reads journals."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.write import RunRecord
from repro_tui.domain.events import Header
from repro_tui.domain.fold import RunFold
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.ingest.points import Series
from repro_tui.ingest.scan import Stat

UNREAD = Stat(-1, -1, -1)
"""The stat of a file that has to be read whatever it looks like."""

_OPEN_RUNS = 50
"""Folds that are kept for runs that do not live; beyond it those opened first are dropped."""


@dataclass(slots=True)
class File:
    """One journal file, as far as it was read. What is needed only when it moves again stays packed until then."""

    id: int
    folder: str
    name: str
    run: int | None = None
    stat: Stat = UNREAD
    packed: str = ""
    """The `resume` column as the catalog has it, while nothing asked for what is in it."""
    skipped: int = 0
    twin: bool = False
    """Another folder holds a longer copy of the same writer."""
    listed: bool = False
    """It has a row in the catalog, be it an old one."""
    opened: Resume | None = None

    @property
    def resume(self) -> Resume:
        """Give what reading on needs; it may be changed."""
        if self.opened is None:
            self.opened = Resume(*_resume.decode(self.packed)) if self.packed else Resume()
            self.packed = ""
        return self.opened

    @property
    def offset(self) -> int:
        """Bytes that were read."""
        digits = self.resume.position.partition("/")[0]
        return int(digits) if digits.isdigit() else 0

    def row(self) -> tuple[object, ...]:
        """Give the row of `positions`."""
        known = self.resume
        resume = msgspec.json.encode([known.position, known.header, known.newer]).decode()
        return (self.id, self.folder, self.name, self.run, *self.stat, self.offset, resume, self.skipped, self.twin)

    def reset(self) -> None:
        """Forget what was read of it. Who writes it stays known, so that copies of it are recognised."""
        self.stat, self.skipped = UNREAD, 0
        self.resume.position, self.resume.newer = "", 0


@dataclass(slots=True)
class Resume:
    """What reading a file on needs."""

    position: str = ""
    """`Position.to_text()`."""
    header: Header | None = None
    newer: int = 0
    """The format version that this reader does not know, else 0."""


_resume = msgspec.json.Decoder(tuple[str, Header | None, int])


@dataclass(slots=True)
class OpenRun:
    """A run that is being read: its fold and the ends of its series."""

    key: int
    uid: RunId
    fold: RunFold
    series: dict[int, Series]
    fresh: bool
    """The catalog has no row of it."""
    fresh_series: bool
    record: RunRecord | None = None
    state: State = State.SILENT
    events_changed: bool = False
    points_changed: bool = False


@dataclass(slots=True)
class Shelf:
    """The memory of one session. Only the feed thread touches it."""

    files: dict[tuple[str, str], File] = field(default_factory=dict)
    by_folder: dict[str, list[File]] = field(default_factory=dict)
    by_run: dict[int, list[File]] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    """Uid to key."""
    uids: dict[int, RunId] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)
    """Runs that have a row in the catalog."""
    metrics: dict[tuple[str, bool], int] = field(default_factory=dict)
    """(name, whether it is a sampled resource) to id."""
    live: dict[int, State] = field(default_factory=dict)
    """Runs whose state may change without an event: running and silent ones."""
    open: OrderedDict[int, OpenRun] = field(default_factory=OrderedDict)
    unsaved: dict[int, File] = field(default_factory=dict)
    """Files whose position is not in the catalog yet."""
    gone: list[int] = field(default_factory=list)
    """Files whose position must leave the catalog."""
    next_file: int = 1
    next_run: int = 1
    next_metric: int = 1
    next_tick: int = 1

    @classmethod
    def load(cls, catalog: Catalog) -> Shelf:
        """Read it from a catalog."""
        shelf = cls()
        for key, uid, state in catalog.fetch("SELECT key, uid, state FROM runs"):
            shelf.keys[uid], shelf.uids[key] = key, RunId(uid)
            shelf.listed.add(key)
            if state in {State.RUNNING, State.SILENT}:
                shelf.live[key] = State(state)
        for number, name, resource in catalog.fetch("SELECT id, name, resource FROM metrics"):
            shelf.metrics[name, resource] = number
        columns = "id, folder, file, run, size, mtime_ns, inode, resume, skipped, twin"
        for number, folder, name, run, size, mtime, inode, resume, skipped, twin in catalog.fetch(
            f"SELECT {columns} FROM positions"  # noqa: S608 - our own columns
        ):
            stat = Stat(size, mtime, inode)
            shelf.put(File(number, folder, name, run, stat, resume, skipped, twin, listed=True))
        shelf.next_file = max((f.id for f in shelf.files.values()), default=0) + 1
        shelf.next_run = max(shelf.uids, default=0) + 1
        shelf.next_metric = max(shelf.metrics.values(), default=0) + 1
        shelf.next_tick = catalog.fetch("SELECT coalesce(max(id), 0) + 1 FROM ticks")[0][0]
        return shelf

    def put(self, file: File) -> None:
        """Remember a file."""
        self.files[file.folder, file.name] = file
        self.by_folder.setdefault(file.folder, []).append(file)
        if file.run is not None:
            self.by_run.setdefault(file.run, []).append(file)

    def file(self, folder: str, name: str) -> File:
        """Give a file, a new one when it was never seen."""
        known = self.files.get((folder, name))
        if known is None:
            known = File(self.next_file, folder, name)
            self.next_file += 1
            self.put(known)
        return known

    def drop(self, file: File) -> None:
        """Forget a file that is no more."""
        del self.files[file.folder, file.name]
        self.by_folder[file.folder].remove(file)
        if not self.by_folder[file.folder]:
            del self.by_folder[file.folder]
        if file.run is not None:
            self.by_run[file.run].remove(file)
        self.unsaved.pop(file.id, None)
        self.gone.append(file.id)

    def assign(self, file: File, run: int) -> None:
        """Say which run a file belongs to."""
        if file.run == run:
            return
        if file.run is not None:
            self.by_run[file.run].remove(file)
        file.run = run
        self.by_run.setdefault(run, []).append(file)

    def key(self, uid: str) -> int:
        """Give the key of a run, a new one when it was never seen; it stays with the uid for the whole session."""
        key = self.keys.get(uid)
        if key is None:
            key = self.keys[uid] = self.next_run
            self.uids[key] = RunId(uid)
            self.next_run += 1
        return key

    def metric(self, name: str, *, resource: bool) -> tuple[int, bool]:
        """Give the id of a metric's name, and whether it is new."""
        number = self.metrics.get((name, resource))
        if number is not None:
            return number, False
        number = self.metrics[name, resource] = self.next_metric
        self.next_metric += 1
        return number, True

    def opened(self, run: OpenRun) -> None:
        """Keep an open run."""
        self.open[run.key] = run
        self.open.move_to_end(run.key)

    def waiting(self) -> int:
        """Give about how many open runs there are that `trim` could drop once they are written."""
        return len(self.open) - len(self.live)

    def trim(self) -> None:
        """Drop the folds of runs that do not live, but for those opened last."""
        idle = [key for key in self.open if key not in self.live]
        for key in idle[: max(len(idle) - _OPEN_RUNS, 0)]:
            del self.open[key]
