"""The snapshots that there are: their documents, what journals say became of them, and their names.

Who asks about many looks once for all of them at where the runs lie and at what the project's journals say.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.level import level_of
from repro_tui.domain.run import Kept, Run
from repro_tui.domain.snapshot import Part, Snapshot, SnapshotRow
from repro_tui.errors import DamagedError, NotFoundError, ReproError, StorageError, UsageError
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.one_run import RunFinder, load_run
from repro_tui.journal.project import ProjectJournal
from repro_tui.snapshots.told import Said, SaidFold
from repro_tui.snapshots.written import snapshot_of
from repro_tui.store.sizes import sizes
from repro_tui.store.store import Store

_PLACE = re.compile(r"@([0-9]{1,8})")
_VERSION = re.compile(r"(.+)@v([0-9]{1,8})")
_LEAST_DIGITS = 4
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A snapshot that journals tell of."""

    digest: Digest
    name: str
    """Of its run, or `train@v3`."""
    run: RunId | None
    """None when it keeps a dataset's version by itself."""
    verified: bool | None
    """What the last full reading found."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at once for many snapshots."""

    said: Said
    folders: Mapping[RunId, Sequence[Path]] | None = None
    """Of all runs; None to look for those of one."""


class Shelf:
    """Knows the snapshots of one project. Any thread. Documents never change, so each is read once."""

    def __init__(self, layout: Layout, store: Store, finder: RunFinder, ledger: DatasetLedger) -> None:
        self._layout = layout
        self._store = store
        self._finder = finder
        self._ledger = ledger
        self._lock = threading.Lock()
        self._journal = ProjectJournal(layout, SaidFold)
        self._read: dict[Digest, tuple[Snapshot, Mapping[str, object]]] = {}
        self._runs: dict[RunId, tuple[object, Run]] = {}
        self._contents: dict[tuple[bytes, ...], bytes] = {}

    def document(self, digest: Digest) -> tuple[Snapshot, Mapping[str, object]]:
        """Read a snapshot; raises NotFoundError, DamagedError, StorageError."""
        known = self._read.get(digest)
        if known is None or not self._store.places.document(digest).exists():
            raw = self._store.document(digest)
            known = self._read[digest] = (snapshot_of(digest, raw), raw)
        return known

    def snapshot(self, digest: Digest) -> Snapshot:
        """Give a snapshot, with what was given up of it since; raises as `document`."""
        found, _ = self.document(digest)
        gone = self.dropped(found)
        if not gone:
            return found
        why = "given up"
        parts = tuple(_dropped(part, why) if part.name in gone else part for part in found.parts)
        return _with_parts(found, parts)

    def dropped(self, snapshot: Snapshot) -> frozenset[str]:
        """Give the names of the parts whose bytes were given up."""
        kept = self._kept(snapshot, self._look())
        return _given_up(kept) if kept is not None else frozenset()

    def all_dropped(self) -> dict[Digest, frozenset[str]]:
        """Give the same for all snapshots that lost something."""
        look = self._look_at_all()
        found = {}
        for snapshot in self._readable():
            kept = self._kept(snapshot, look)
            if kept is not None and (gone := _given_up(kept)):
                found[snapshot.digest] = gone
        return found

    def told(self) -> list[Told]:
        """Give every snapshot that the journals of people tell of and that was not given up, whatever the store has."""
        look = self._look_at_all()
        found = [
            Told(kept.digest, run.name, run.uid, kept.verified)
            for run in (self._run(uid, look) for uid in self._finder.annotated())
            if run is not None
            for kept in run.snapshots
            if not kept.dropped
        ]
        of_runs = {one.digest for one in found}
        for dataset in self._ledger.ask(lambda fold: fold.datasets(Spec(name, ".") for name in fold.kept())):
            for version in dataset.versions:
                became = look.said.kept.became(version.snapshot) if version.snapshot else None
                if version.snapshot and version.snapshot not in of_runs and not (became and became.dropped):
                    name = f"{dataset.spec.name}@v{version.number}"
                    found.append(Told(version.snapshot, name, None, became.verified if became else None))
        return found

    def rows(self) -> list[SnapshotRow]:
        """List the snapshots, newest first; those that cannot be read come last, with the reason."""
        look = self._look_at_all()
        good: dict[Digest, Snapshot] = {}
        documents: dict[Digest, Mapping[str, object]] = {}
        bad: list[SnapshotRow] = []
        for digest in self._store.documents():
            try:
                good[digest], documents[digest] = self.document(digest)
            except (DamagedError, StorageError) as error:
                bad.append(SnapshotRow(Snapshot(digest, 0.0, "", "", ()), 0, 0, verified=False, why=error.message))
            except NotFoundError:
                continue  # it was removed just now
        kept = {digest: self._kept(snapshot, look) for digest, snapshot in good.items()}
        gone = {digest: _given_up(one) for digest, one in kept.items() if one is not None}
        with self._lock:
            measured = sizes(self._store, documents, gone, self._contents)
        rows = [
            self._row(snapshot, look, kept[digest], gone.get(digest, frozenset()), measured[digest])
            for digest, snapshot in good.items()
        ]
        rows.sort(key=lambda row: (-row.snapshot.t, row.snapshot.digest))
        return [*rows, *bad]

    def _row(
        self, snapshot: Snapshot, look: _Look, kept: Kept | None, gone: frozenset[str], measured: tuple[int, int]
    ) -> SnapshotRow:
        run = self._run(snapshot.run, look) if snapshot.run else None
        level = level_of(run) if run is not None else None
        parts = tuple(_dropped(p, "given up") if p.name in gone else p for p in snapshot.parts)
        return SnapshotRow(
            snapshot=_with_parts(snapshot, parts),
            own=measured[0],
            shared=measured[1],
            level=level.text if level is not None else "",
            level_why=level.why if level is not None else "",
            pinned=run.pinned if run is not None else snapshot.digest in look.said.pinned,
            verified=kept.verified if kept is not None else None,
            why=kept.why if kept is not None and kept.verified is False else "",
        )

    def find(self, name: str) -> Digest:
        """Find a snapshot by digest, by its run, by a dataset's version, or by its place in the list."""
        found = sorted(self._readable(), key=lambda snapshot: (-snapshot.t, snapshot.digest))
        if match := _PLACE.fullmatch(name):
            return _by_place(found, int(match[1]), name)
        digits = name.lower().removeprefix("b3:")
        hits = [s for s in found if len(digits) >= _LEAST_DIGITS and s.digest.removeprefix("b3:").startswith(digits)]
        if len(hits) > 1:
            choices = ", ".join(snapshot.digest[:15] for snapshot in hits[:_SHOWN])
            raise UsageError(f"{name!r} names {len(hits)} snapshots: {choices}.", "Give more digits.")
        if hits:
            return hits[0].digest
        if version := self._by_version(found, name):
            return version
        return self._by_run(found, name)

    def _by_version(self, found: Sequence[Snapshot], name: str) -> Digest | None:
        """Find what keeps a version of a dataset: by itself, else the newest run's snapshot that has it."""
        version = self.version(name)
        dataset = name.rpartition("@")[0] if version else name
        if version is None:
            return next((s.digest for s in found if name and s.dataset == name), None)
        hits = [s for s in found if s.dataset == dataset and s.version == version]
        hits += [s for s in found if any(p.digest == version and p.kept for p in s.parts)]
        if not hits:
            hint = f"While it lies at its path it can be kept: repro-tui data checkpoint {dataset}."
            raise NotFoundError(f"{name} is not kept in a snapshot.", hint)
        return hits[0].digest

    def version(self, name: str) -> Digest | None:
        """Give the version that `train@v3` means, None for another kind of name; raises NotFoundError."""
        match = _VERSION.fullmatch(name)
        if match is None:
            return None
        datasets = self._ledger.ask(lambda fold: fold.datasets((Spec(match[1], "."),)))
        known = [each for dataset in datasets if dataset.spec.name == match[1] for each in dataset.versions]
        version = next((v for v in known if v.number == int(match[2])), None)
        if version is None:
            raise NotFoundError(f"There is no version {name}.", "`repro-tui data` lists them.")
        return version.digest

    def _by_run(self, found: Sequence[Snapshot], name: str) -> Digest:
        named = [s for s in found if (name and s.name == name) or (s.run and s.run == name.lower())]
        if not named and name:
            try:
                uid = self._finder.find(name)
            except NotFoundError:
                uid = RunId("")
            named = [s for s in found if uid and s.run == uid]
        if not named:
            raise NotFoundError(
                f"There is no snapshot of {name!r}.",
                "`repro-tui snapshots` lists them; `repro-tui snapshot` takes one.",
            )
        return named[0].digest

    def run(self, uid: RunId) -> Run | None:
        """Give a run, folded anew when its journals changed; None when it is not in the project any more."""
        return self._run(uid, self._look())

    def _run(self, uid: RunId, look: _Look) -> Run | None:
        folders = self._finder.folders(uid) if look.folders is None else look.folders.get(uid, ())
        if not folders:
            return None
        of_project = look.said.of_run(uid)
        state = (_state(folders), tuple(event.order for event in of_project))
        known = self._runs.get(uid)
        if known is None or known[0] != state:
            known = self._runs[uid] = (state, load_run(self._layout, uid, folders, of_project))
        return known[1]

    def _look(self) -> _Look:
        return _Look(self._journal.ask(lambda fold: fold.said()))

    def _look_at_all(self) -> _Look:
        return _Look(self._look().said, self._finder.all_folders())

    def _readable(self) -> list[Snapshot]:
        found = []
        for digest in self._store.documents():
            try:
                found.append(self.document(digest)[0])
            except ReproError:
                continue  # `rows` shows it with the reason
        return found

    def _kept(self, snapshot: Snapshot, look: _Look) -> Kept | None:
        """Give what became of a snapshot, by its run's journal, else by the project's."""
        run = self._run(snapshot.run, look) if snapshot.run else None
        if run is not None:
            return next((kept for kept in run.snapshots if kept.digest == snapshot.digest), None)
        return look.said.kept.became(snapshot.digest)


def _given_up(kept: Kept) -> frozenset[str]:
    """Give the parts that were given up of a snapshot whose document is there, so that it was not removed itself."""
    return frozenset(part.name for part in kept.parts if part.dropped)


def _dropped(part: Part, why: str) -> Part:
    return Part(part.name, part.kind, part.files, part.size, part.digest, part.linked, why)


def _with_parts(snapshot: Snapshot, parts: tuple[Part, ...]) -> Snapshot:
    return replace(snapshot, parts=parts)


def _by_place(found: Sequence[Snapshot], place: int, name: str) -> Digest:
    if place < 1:
        raise UsageError(f"{name!r} names no snapshot.", "@1 is the newest, @2 the one before it.")
    if place > len(found):
        raise NotFoundError(f"There is no snapshot {name}: there are fewer.", "`repro-tui snapshots` lists them.")
    return found[place - 1].digest


def _state(folders: Sequence[Path]) -> object:
    """Condense what tells that journals changed: names, sizes and times."""
    found = []
    for path in (path for folder in folders for path in journals_in(folder / "journal")):
        try:
            info = path.stat()
        except OSError:
            continue
        found.append((str(path), info.st_size, info.st_mtime_ns))
    return tuple(found)
