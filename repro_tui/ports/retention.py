"""What the screens and commands may ask of retention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import Decision, Emptied, EmptyPlan, Policy, Pruned, PrunePlan, Stock, Trashed, UsageRow
from repro_tui.domain.tidying import FolderPlan, Tidied


class Retention(Protocol):
    """Decides what is kept, moves the rest to the trash, brings back, empties. Any thread.

    Every act takes the plan that was shown and raises UsageError when what the plan rests on has changed since. All of
    it may raise `errors.ReproError`; on a read-only session every act does, the plans do not.
    """

    def policy(self) -> Policy:
        """Give what repro.yaml says."""
        ...

    def save_policy(self, policy: Policy) -> None:
        """Write it to repro.yaml, touching no other line of the file."""
        ...

    def stock(self, progress: Progress | None = None) -> Stock:
        """Give the snapshots with what decides about them, who needs which bytes, and what is in the trash."""
        ...

    def plan(self, stock: Stock, decisions: Sequence[Decision], progress: Progress | None = None) -> PrunePlan:
        """Say what carrying out decisions would do, without writing anything."""
        ...

    def prune(self, plan: PrunePlan, progress: Progress | None = None) -> Pruned:
        """Move what the plan names to the trash."""
        ...

    def trash(self) -> Sequence[Trashed]:
        """List what can be brought back, the newest first."""
        ...

    def undo(self, trashed: Sequence[Trashed], progress: Progress | None = None) -> Sequence[Trashed]:
        """Bring back; gives what is back. Raises when nothing of it can be."""
        ...

    def plan_emptying(
        self, trashed: Sequence[Trashed] = (), *, early: bool = False, progress: Progress | None = None
    ) -> EmptyPlan:
        """Say what emptying would free: all in the trash, or only some; with `early` also what is not yet due."""
        ...

    def empty(self, plan: EmptyPlan, progress: Progress | None = None) -> Emptied:
        """Delete for good what the plan names, and give the bytes back to the disk."""
        ...

    def plan_folders(self, progress: Progress | None = None) -> FolderPlan:
        """Say what would be done with the folders of runs that ended long ago, without writing anything."""
        ...

    def tidy_folders(self, plan: FolderPlan, progress: Progress | None = None) -> Tidied:
        """Compress and remove what the plan names; what has changed since is left as it is."""
        ...

    def usage(self, progress: Progress | None = None) -> Sequence[UsageRow]:
        """Say where the bytes go: by dataset, by run, by kind of part; the largest own first within each."""
        ...
