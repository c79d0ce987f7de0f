"""The snapshots of one project: what the screens, the commands and the questions ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.snapshot import (
    DataChoice,
    Offer,
    PartKind,
    Report,
    Snapshot,
    SnapshotRow,
    StoreUsage,
    Taken,
)
from repro_tui.errors import StorageError
from repro_tui.ports import Progress
from repro_tui.settings import Project


class SnapshotService:
    """Implements `ports.Snapshots`. Opening it touches no file."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def offer(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False) -> Offer | Unavailable:
        """Say what a snapshot of a run would keep, without keeping it."""
        return Unavailable(f"nothing can be offered for {uid[:8]} ({data}, {wheels})")

    def take(
        self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False, progress: Progress | None = None
    ) -> Taken:
        """Keep a run's code, environment, data and outputs."""
        raise StorageError(f"The run {uid[:8]} cannot be kept ({data}, {wheels}, {progress}).")

    def keep_data(
        self, name: str, path: str, expected: Digest | None = None, progress: Progress | None = None
    ) -> Taken:
        """Keep what lies at a dataset's path as a snapshot of its own."""
        raise StorageError(f"The dataset {name} cannot be kept ({path}, {expected}, {progress}).")

    def rows(self) -> Sequence[SnapshotRow]:
        """List the snapshots, newest first."""
        return ()

    def find(self, name: str) -> Digest:
        """Find a snapshot by digest or a prefix of it, its run, `train@v3`, or `@1`."""
        raise StorageError(f"There is no snapshot {name}.")

    def snapshot(self, digest: Digest) -> Snapshot | Unavailable:
        """Read a snapshot's document."""
        return Unavailable(f"there is no snapshot {digest}")

    def restore(
        self, digest: Digest, folder: Path, *, only: Sequence[PartKind] = (), progress: Progress | None = None
    ) -> Report:
        """Write a snapshot's files into a folder that is new or empty."""
        raise StorageError(f"{digest} cannot be restored to {folder} ({only}, {progress}).")

    def verify(self, digest: Digest, progress: Progress | None = None) -> Report:
        """Read everything that a snapshot needs, and note the result."""
        raise StorageError(f"{digest} cannot be read ({progress}).")

    def usage(self) -> StoreUsage:
        """Say how large the store is."""
        return StoreUsage(0, 0, 0, 0, 0)

    def check(self, *, quick: bool = False, progress: Progress | None = None) -> Report:
        """Look for damage."""
        raise StorageError(f"The store of {self._project.name} cannot be read ({quick}, {progress}).")

    def repair(self, progress: Progress | None = None) -> Report:
        """Make sidecars again from packs."""
        raise StorageError(f"The store of {self._project.name} cannot be repaired ({progress}).")
