"""Takes stock: what is kept and in the trash, what a policy asks about each, and who needs which bytes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.directions import direction_of
from repro_tui.domain.fold_removed import RemovedFold
from repro_tui.domain.footprint import WHOLE, Footprint
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import Candidate, Stock, Trashed
from repro_tui.domain.run import Removal
from repro_tui.domain.snapshot import Snapshot
from repro_tui.errors import DamagedError, NotFoundError, StorageError
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.journal.layout import Layout
from repro_tui.journal.project import ProjectJournal
from repro_tui.retention.facts import Lineage, RunFacts, candidate, dataset_lineage, run_facts
from repro_tui.settings import Project
from repro_tui.snapshots.written import snapshot_of
from repro_tui.store import documents
from repro_tui.store.footprints import Holdings, holdings
from repro_tui.store.places import DOCUMENT, Places
from repro_tui.store.store import Store
from repro_tui.store.units import Contents

Document = Mapping[str, object]
_TELL_EVERY = 64
"""Documents between two words about how far it is."""
_PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Shelved:
    """A document that was read."""

    snapshot: Snapshot
    document: Document
    removals: tuple[Removal, ...] = ()
    """What journals say was given up of it."""
    since: float = 0.0
    """Of one in the trash: when its file was moved there, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """All documents of a store, and what journals say of them."""

    live: Mapping[Digest, Shelved]
    trash: Mapping[Digest, Shelved]
    bad: Mapping[Digest, str]
    """Snapshots that cannot be read, and why."""
    damaged: Mapping[Digest, str]
    """The same of the trash."""
    facts: Mapping[RunId, RunFacts]
    emptied: Mapping[Digest, frozenset[str]]
    """What is gone for good: parts of each snapshot, `*` for all of it."""
    given_up: Mapping[Digest, frozenset[str]]
    """Parts of live snapshots that wait in the trash."""
    pinned: frozenset[Digest]
    """Snapshots of no run that a person pinned."""

    @property
    def lost(self) -> dict[Digest, frozenset[str]]:
        """Give the parts that are gone for good of snapshots whose documents are there."""
        return {digest: parts - {WHOLE} for digest, parts in self.emptied.items() if parts - {WHOLE}}


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that was read for one stock; plans are made from it."""

    stock: Stock
    shelves: Shelves
    holdings: Holdings
    """Who needs what, with the trash."""
    mark: object
    """`StockTaker.mark` before it was read."""

    @property
    def waiting(self) -> dict[Digest, frozenset[str]]:
        """Give everything that waits in the trash."""
        return {**self.shelves.given_up, **dict.fromkeys(self.shelves.trash, frozenset({WHOLE}))}

    def run_of(self, digest: Digest) -> RunId | None:
        """Give the run of a snapshot that is kept or in the trash."""
        one = self.shelves.live.get(digest) or self.shelves.trash.get(digest)
        return one.snapshot.run if one is not None else None


class StockTaker:
    """Takes stock of one project. Any thread. Documents never change, so each is read once."""

    def __init__(self, project: Project, store: Store, ask: Asking) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._store = store
        self._ask = ask
        self._ledger = DatasetLedger(self._layout)
        self.journal = ProjectJournal(self._layout, RemovedFold)
        self._read: dict[Digest, tuple[Snapshot, Document]] = {}
        self._contents: Contents = {}
        self._lock = threading.Lock()

    def take(self, progress: Progress | None = None) -> Inventory:
        """Read everything; raises StorageError.

        A snapshot that cannot be read is in the answer with the reason.
        """
        with self._lock:
            mark = self.mark()
            read = self._shelves(progress)
            held = holdings(
                self._store,
                {digest: one.document for digest, one in {**read.live, **read.trash}.items()},
                read.lost,
                self._contents,
            )
            lineage = dataset_lineage(self._ledger)
            footprint = without(held.footprint, read.given_up, read.trash)
            candidates = self._candidates(read, footprint, lineage)
            usage = self._store.usage(trash=False)
            stock = Stock(
                t=time.time(),
                candidates=tuple(sorted(candidates, key=lambda c: (-c.t, c.digest))),
                footprint=footprint,
                trashed=tuple(self._trashed(read, held.footprint, lineage)),
                size=usage.size,
                free=usage.free,
                directions=self._directions(read.facts),
                grace=self._project.settings.seconds("retention.grace"),
                hint_above=self._project.settings.number("retention.hint_above"),
                readonly=self._project.readonly,
                damaged=self._damage(read),
                stamp=_stamp(read),
            )
            return Inventory(stock, read, held, mark)

    def mark(self) -> object:
        """Condense what tells, without reading, that documents came or went or that the project's journals grew."""
        found: list[object] = []
        for path in (self._store.places.snapshots, self._store.places.trash, *self._layout.project_journals()):
            with contextlib.suppress(OSError):
                info = path.stat()
                found.append((str(path), info.st_size, info.st_mtime_ns, info.st_ino))
        return tuple(found)

    def told(self, snapshots: Collection[Digest]) -> set[Digest]:
        """Give those of some snapshots of which the project's journals say that all of it was removed."""
        return self.journal.ask(
            lambda fold: {digest for digest in snapshots if any(one.part == WHOLE for one in fold.removals(digest))}
        )

    def _shelves(self, progress: Progress | None) -> Shelves:
        """Read all documents, and what journals say of them."""
        places = self._store.places
        live, bad = self._documents(places.snapshots, progress)
        trash, damaged = self._documents(places.trash, progress)
        trash = {digest: one for digest, one in trash.items() if digest not in live}  # of two copies it is not removed
        facts = run_facts(self._ask, {s.run for s, _ in [*live.values(), *trash.values()] if s.run})
        both = [*live.values(), *trash.values()]
        others = {one.digest: known.removals.get(one.digest, ()) for one, _ in both if (known := _known(one, facts))}
        emptied, pinned, told = self.journal.ask(
            lambda fold: (
                fold.emptied(),
                fold.pinned(),
                {one.digest: fold.removals(one.digest, others.get(one.digest, ())) for one, _ in both},
            )
        )
        shelved = {digest: Shelved(*one, told[digest]) for digest, one in live.items()}
        nothing: frozenset[str] = frozenset()
        given_up = {digest: _given_up(one, emptied.get(digest, nothing)) for digest, one in shelved.items()}
        return Shelves(
            live=shelved,
            trash={digest: Shelved(*one, told[digest], _since(places, digest)) for digest, one in trash.items()},
            bad=bad,
            damaged=damaged,
            facts=facts,
            emptied=emptied,
            given_up={digest: parts for digest, parts in given_up.items() if parts},
            pinned=pinned,
        )

    def _candidates(self, read: Shelves, footprint: Footprint, lineage: Lineage) -> list[Candidate]:
        """Say of each snapshot what a policy asks."""
        cited = Cited(self._project)
        nothing: frozenset[str] = frozenset()
        good = [
            candidate(
                one.snapshot,
                known=read.facts.get(one.snapshot.run) if one.snapshot.run else None,
                lineage=lineage,
                pinned=digest in read.pinned,
                cited=cited.of(one.snapshot, read.facts),
                gone=read.given_up.get(digest, nothing) | read.lost.get(digest, nothing),
                own=footprint.freed({digest: (WHOLE,)}),
            )
            for digest, one in read.live.items()
        ]
        return good + [Candidate(digest, 0.0, str(digest)[3:15], why=why) for digest, why in read.bad.items()]

    def _documents(
        self, folder: Path, progress: Progress | None
    ) -> tuple[dict[Digest, tuple[Snapshot, Document]], dict[Digest, str]]:
        """Read the documents of one folder; gives those that can be read, and of the others why not."""
        good: dict[Digest, tuple[Snapshot, Document]] = {}
        bad: dict[Digest, str] = {}
        names = documents.names(self._store.places, folder)
        for number, digest in enumerate(names):
            if progress is not None and number % _TELL_EVERY == 0:
                progress(number, len(names), "Reading snapshots")
            try:
                known = self._read.get(digest)
                if known is None:
                    raw = documents.read(self._store.places, digest, folder)
                    known = self._read[digest] = (snapshot_of(digest, raw), raw)
                good[digest] = known
            except NotFoundError:
                continue  # it was moved just now
            except (DamagedError, StorageError) as error:
                bad[digest] = error.message
        return good, bad

    def _trashed(self, read: Shelves, footprint: Footprint, lineage: Lineage) -> list[Trashed]:
        """List what waits in the trash, newest first: whole snapshots, and parts by what was removed together."""
        grace = self._project.settings.seconds("retention.grace")
        found = []
        for digest, one in read.trash.items():
            told = next((r for r in one.removals if r.part == WHOLE), Removal(WHOLE, one.since, one.since + grace))
            found.append((one, told, frozenset({WHOLE}), {digest: frozenset({WHOLE})}))
        for digest, parts in read.given_up.items():
            batches: dict[str, list[Removal]] = {}
            for told in read.live[digest].removals:
                if told.part in parts:
                    batches.setdefault(told.batch, []).append(told)
            for together in batches.values():
                names = frozenset(told.part for told in together)
                found.append((read.live[digest], together[0], names, {digest: names}))
        rows = [
            Trashed(
                digest=one.snapshot.digest,
                name=_name(one.snapshot, lineage, read.facts),
                parts=parts,
                t=told.t,
                until=told.until or told.t + grace,
                user=told.user,
                rule=told.why,
                batch=told.batch,
                frees=footprint.freed(gone),
            )
            for one, told, parts, gone in found
        ]
        return sorted(rows, key=lambda row: (-row.t, row.name, row.digest))

    def _damage(self, read: Shelves) -> str:
        """Say why nothing may be removed for good now; empty when it may."""
        for digest, why in (*read.bad.items(), *read.damaged.items()):
            return f"the snapshot {str(digest)[3:15]} cannot be read ({why}), so nobody knows what it needs"
        aside = self._store.places.folder / "damaged"
        try:
            names = [path.name for path in aside.iterdir() if path.name.endswith(DOCUMENT)]
        except OSError:
            return ""
        return f"{len(names)} documents lie in {aside}, and what they needed is not known" if names else ""

    def _directions(self, facts: Mapping[RunId, RunFacts]) -> dict[str, bool]:
        """Say of each metric whether higher is better, where that is known."""
        declared = {n: r.get("better", "") for n, r in self._project.settings.records("metrics").items()}
        names = {name for known in facts.values() for name in known.run.metrics}
        found = {name: direction_of(name, declared) for name in names}
        return {name: direction == "up" for name, direction in found.items() if direction}


class Cited:
    """What stands in `paper:` of repro.yaml."""

    def __init__(self, project: Project) -> None:
        self._words = frozenset(project.settings.list(_PAPER))

    def of(self, snapshot: Snapshot, facts: Mapping[RunId, RunFacts]) -> Sequence[str]:
        """Say where a snapshot is cited: by name, tag, uid or digest (or the beginning of these)."""
        if not self._words:
            return ()
        known = facts.get(snapshot.run) if snapshot.run else None
        names = {snapshot.name, snapshot.dataset, str(snapshot.digest), *(known.run.tags if known else ())}
        names |= {known.run.name} if known else set()
        if names & self._words or any(_begins(word, snapshot) for word in self._words):
            return (_PAPER,)
        return ()


def _begins(word: str, snapshot: Snapshot) -> bool:
    """Tell whether a word is the beginning of a uid or a digest, of at least eight digits."""
    digits = word.lower().removeprefix("b3:")
    least = 8
    whole = (str(snapshot.run or ""), snapshot.digest.removeprefix("b3:"))
    return len(digits) >= least and any(text.startswith(digits) for text in whole)


def without(footprint: Footprint, given_up: Mapping[Digest, Collection[str]], trash: Iterable[Digest]) -> Footprint:
    """Give a footprint in which what waits in the trash needs nothing any more."""
    thrown = set(trash)
    units = {
        digest: {name: numbers for name, numbers in parts.items() if name not in given_up.get(digest, ())}
        for digest, parts in footprint.units.items()
        if digest not in thrown
    }
    needed = {unit for parts in units.values() for numbers in parts.values() for unit in numbers}
    shares = ((size, tuple(unit for unit in owners if unit in needed)) for size, owners in footprint.shares)
    return Footprint(units, tuple((size, owners) for size, owners in shares if owners))


def _known(snapshot: Snapshot, facts: Mapping[RunId, RunFacts]) -> RunFacts | None:
    return facts.get(snapshot.run) if snapshot.run else None


def _since(places: Places, digest: Digest) -> float:
    """Tell when a document was moved to the trash."""
    try:
        return (places.trash / places.document(digest).name).stat().st_ctime
    except OSError:
        return time.time()


def _given_up(one: Shelved, emptied: frozenset[str]) -> frozenset[str]:
    """Give the parts of a live snapshot that wait in the trash; a removal of the whole was never carried out."""
    names = {part.name for part in one.snapshot.parts if not part.linked}
    return frozenset(told.part for told in one.removals if told.part in names and told.part not in emptied)


def _name(snapshot: Snapshot, lineage: Lineage, facts: Mapping[RunId, RunFacts]) -> str:
    known = facts.get(snapshot.run) if snapshot.run else None
    return (known.run.name if known else snapshot.name) or lineage.name(snapshot) or str(snapshot.digest)[3:15]


def _stamp(read: Shelves) -> str:
    """Condense what is there, so that a plan can tell whether it is still about this."""
    lines = [f"l{d}" for d in sorted(read.live)] + [f"t{d}" for d in sorted(read.trash)]
    lines += [f"g{d}{sorted(parts)}" for d, parts in sorted(read.given_up.items())]
    lines += [f"e{d}{sorted(parts)}" for d, parts in sorted(read.emptied.items())]
    return blake3("\n".join(lines).encode()).hexdigest(16)
