"""What is known of runs and dataset versions when it is decided what stays, from the index and the journals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from repro_tui.catalog.kept import KeptRun, kept_runs
from repro_tui.domain.dataset import Dataset, Spec
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.retention import Candidate, StockPart
from repro_tui.domain.run import Relation, Removal, State
from repro_tui.domain.snapshot import PartKind, Snapshot
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.datasets import DatasetLedger

_FAILED = frozenset({State.FAILED, State.DIED})
_GOING = frozenset({State.RUNNING, State.SILENT})
_MADE_FROM = frozenset({"code-from", "data-from", "replay-of"})
"""Roles of relations to what a run was made from; a sweep's parent is none of these."""


class _KeptIn(msgspec.Struct):
    """The part of a folded run's snapshot that says what was given up."""

    digest: Digest
    removals: tuple[Removal, ...] = ()


class _Folded(msgspec.Struct):
    """The parts of a folded run that decide; the rest is passed over."""

    relations: tuple[Relation, ...] = ()
    snapshots: tuple[_KeptIn, ...] = ()


_decoder = msgspec.json.Decoder(_Folded)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run that something is kept of."""

    run: KeptRun
    made_from: frozenset[str]
    """Uids of runs."""
    removals: Mapping[Digest, tuple[Removal, ...]]
    """Of its snapshots, what was given up and was not brought back."""


def run_facts(ask: Asking, uids: Collection[RunId]) -> dict[RunId, RunFacts]:
    """Give what is known of runs; those that are not in the index are not in the answer."""
    found = ask(lambda catalog: kept_runs(catalog, uids))
    return {uid: _facts(run) for uid, run in found.items()}


def _facts(run: KeptRun) -> RunFacts:
    try:
        folded = _decoder.decode(run.document)
    except msgspec.MsgspecError:
        folded = _Folded()  # its entry is damaged: the list of runs says so
    made_from = frozenset(str(relation.uid) for relation in folded.relations if relation.role in _MADE_FROM)
    return RunFacts(run, made_from, {kept.digest: kept.removals for kept in folded.snapshots if kept.removals})


class Lineage:
    """Which dataset versions were made from which, and which snapshots keep one by itself."""

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self._sources: dict[Digest, frozenset[str]] = {}
        self._numbers: dict[tuple[str, Digest], int] = {}
        for dataset in datasets:
            for version in dataset.versions:
                self._numbers[dataset.spec.name, version.digest] = version.number
                made = version.made
                if made is not None:
                    of = {str(source.digest) for source in made.of if source.digest}
                    self._sources[version.digest] = frozenset(of | ({str(made.run)} if made.run else set()))

    def sources(self, versions: Iterable[Digest]) -> frozenset[str]:
        """Give what some versions were made from: digests of versions, uids of runs."""
        return frozenset().union(*(self._sources.get(version, frozenset()) for version in versions))

    def name(self, snapshot: Snapshot) -> str:
        """Name a snapshot that keeps a dataset's version by itself: `train@v3`."""
        number = self._numbers.get((snapshot.dataset, snapshot.version)) if snapshot.version else None
        return f"{snapshot.dataset}@v{number}" if number else snapshot.dataset


def dataset_lineage(ledger: DatasetLedger) -> Lineage:
    """Read it from the project's journals."""
    return Lineage(ledger.ask(lambda fold: fold.datasets(Spec(name, ".") for name in fold.kept())))


def candidate(  # noqa: PLR0913 - each is another source of facts, and named at the call
    snapshot: Snapshot,
    *,
    known: RunFacts | None,
    lineage: Lineage,
    pinned: bool,
    cited: Sequence[str],
    gone: Collection[str],
    own: int,
) -> Candidate:
    """Put together what a policy asks about a snapshot.

    Args:
        snapshot: as its document says.
        known: its run; None for a dataset's version, and for a run that is not in the project any more.
        lineage: of the datasets.
        pinned: a person pinned the snapshot itself.
        cited: where it stands.
        gone: names of the parts that were given up.
        own: bytes that nothing else needs.
    """
    run = known.run if known is not None else None
    parts = [part for part in snapshot.parts if not part.linked and part.name not in gone]
    versions = frozenset(p.digest for p in parts if p.kind is PartKind.DATA and p.digest)
    # Data that is only linked is what it was made from too: a version kept by itself may be the last copy of it.
    linked = frozenset(str(p.digest) for p in snapshot.parts if p.linked and p.kind is PartKind.DATA and p.digest)
    state = State(run.state) if run is not None else State.DONE
    return Candidate(
        digest=snapshot.digest,
        t=snapshot.t,
        name=(run.name if run is not None else snapshot.name) or lineage.name(snapshot) or str(snapshot.run)[:8],
        run=snapshot.run,
        lineage=f"data {snapshot.dataset}" if snapshot.dataset else (run.lineage if run is not None else ""),
        tags=frozenset(run.tags) if run is not None else frozenset(),
        failed=state in _FAILED,
        running=state in _GOING,
        metrics=run.metrics if run is not None else {},
        pinned=pinned or (run is not None and run.pinned),
        cited=tuple(cited),
        level=run.level if run is not None else 0,
        level_text=run.level_text if run is not None else "",
        parents=lineage.sources(versions) | linked | (known.made_from if known is not None else frozenset()),
        versions=versions,
        parts=tuple(StockPart(part.name, str(part.kind), part.size) for part in parts),
        own=own,
    )
