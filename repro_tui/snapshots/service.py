"""The snapshots of one project: what the screens, the commands and the questions ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import (
    DataChoice,
    Offer,
    PartFiles,
    PartKind,
    Report,
    Snapshot,
    SnapshotRow,
    StoreUsage,
    Taken,
)
from repro_tui.errors import DamagedError, NotFoundError, StorageError, UsageError
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.settings import Project
from repro_tui.snapshots.checking import noted, with_lost
from repro_tui.snapshots.contents import largest_files
from repro_tui.snapshots.keeping import DataKeeper
from repro_tui.snapshots.offering import offer_of, remember_speed
from repro_tui.snapshots.planner import Wish
from repro_tui.snapshots.restoring import Asked, restore_snapshot
from repro_tui.snapshots.shelf import Shelf
from repro_tui.snapshots.taking import Taker, fingerprinter
from repro_tui.snapshots.verifying import verify_snapshot
from repro_tui.store.check import check
from repro_tui.store.repair import repair
from repro_tui.store.store import Store


class SnapshotService:
    """Implements `ports.Snapshots`. Opening it touches no file."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._store = Store.of(project)
        finder, ledger = RunFinder(self._layout), DatasetLedger(self._layout)
        self._taker = Taker(project, self._store, finder, ledger)
        self._shelf = Shelf(self._layout, self._store, finder, ledger)

    # Taking

    def offer(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False) -> Offer | Unavailable:
        """Say what a snapshot of a run would keep, without keeping it."""
        try:
            subject = self._taker.subject(uid)
        except (NotFoundError, UsageError) as error:
            return Unavailable(error.message)
        with fingerprinter(self._project) as prints:
            plan, _ = self._taker.planner.plan(
                subject.run, subject.folders, Wish(data, self._wheels(wheels), read=False), prints
            )
        return offer_of(subject.run, plan, self._store, self._layout)

    def take(
        self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False, progress: Progress | None = None
    ) -> Taken:
        """Keep a run's code, environment, data and outputs."""
        wheels = self._wheels(wheels)
        taken = self._taker.take(uid, Wish(data, wheels, progress=progress))
        if not wheels:  # what was waited for was the network
            remember_speed(self._layout, taken.added, taken.seconds)
        return taken

    def keep_data(
        self, name: str, path: str, expected: Digest | None = None, progress: Progress | None = None
    ) -> Taken:
        """Keep what lies at a dataset's path as a snapshot of its own."""
        with fingerprinter(self._project) as prints:
            return DataKeeper(self._project, self._store, self._shelf).keep(prints, name, path, expected, progress)

    def _wheels(self, asked: bool) -> bool:  # noqa: FBT001 - passed on from an option
        return asked or self._project.settings.text("snapshot.wheels") == "yes"

    # Looking

    def rows(self) -> Sequence[SnapshotRow]:
        """List the snapshots, newest first."""
        return self._shelf.rows()

    def find(self, name: str) -> Digest:
        """Find a snapshot by digest or a prefix of it, its run, `train@v3`, or `@1`."""
        return self._shelf.find(name)

    def version(self, name: str) -> Digest | None:
        """Give the version of a dataset that a name means; None for a name of something else."""
        return self._shelf.version(name)

    def snapshot(self, digest: Digest) -> Snapshot | Unavailable:
        """Read a snapshot's document."""
        try:
            return self._shelf.snapshot(digest)
        except (NotFoundError, DamagedError, StorageError) as error:
            return Unavailable(error.message)

    def files(self, digest: Digest, most: int, progress: Progress | None = None) -> Sequence[PartFiles]:
        """List the largest files of each part that is kept."""
        snapshot, document = self._shelf.document(digest)
        self._store.refresh()
        return largest_files(self._store, snapshot, document, self._shelf.dropped(snapshot), most, progress)

    def pin(self, digest: Digest, *, on: bool) -> None:
        """Pin a snapshot that keeps a dataset's version by itself, or unpin it."""
        self._store.check_writable()
        snapshot, _ = self._shelf.document(digest)
        if snapshot.run is not None:
            raise UsageError(
                f"{snapshot.name or digest} is the snapshot of a run.", "Pin the run: `P` in the list of runs."
            )
        self._taker.pinned(digest, on=on)

    def usage(self) -> StoreUsage:
        """Say how large the store is."""
        return replace(self._store.usage(), hint_above=self._project.settings.number("retention.hint_above"))

    # Reading back

    def restore(
        self,
        digest: Digest,
        folder: Path,
        *,
        only: Sequence[PartKind] = (),
        version: Digest | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Write a snapshot's files into a folder that is new or empty."""
        snapshot, _ = self._shelf.document(digest)
        self._store.refresh()
        asked = Asked(frozenset(only), version if snapshot.run is not None else None)
        return restore_snapshot(self._store, snapshot, folder, asked, self._shelf.dropped(snapshot), progress)

    def verify(self, digest: Digest, progress: Progress | None = None) -> Report:
        """Read everything that a snapshot needs, and note the result."""
        snapshot, document = self._shelf.document(digest)
        gone = self._shelf.dropped(snapshot)
        report = verify_snapshot(self._store, document, snapshot.name or snapshot.dataset, gone, progress)
        why = f"{report.damages[0].what} {report.damages[0].why}" if report.damages else ""
        try:
            self._taker.verified(digest, snapshot.run, ok=report.ok, why=why)
        except StorageError as error:
            # What was found is true whether or not it can be written down.
            return replace(report, done=(*report.done, f"The result could not be noted: {error.message}"))
        return report

    def check(self, *, quick: bool = False, progress: Progress | None = None) -> Report:
        """Look for damage."""
        report = check(self._store, quick=quick, progress=progress, dropped=self._shelf.all_dropped())
        told = self._shelf.told()
        return noted(with_lost(report, told, self._store), told, self._taker.verified, whole=not quick)

    def repair(self, progress: Progress | None = None) -> Report:
        """Make sidecars again from packs; name each snapshot that lost something."""
        return repair(self._store, progress=progress, dropped=self._shelf.all_dropped())
