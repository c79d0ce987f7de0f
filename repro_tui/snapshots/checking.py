"""What a check of the store means for the snapshots that journals tell of: those that vanished, and what is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.errors import StorageError
from repro_tui.snapshots.shelf import Told
from repro_tui.store import documents
from repro_tui.store.places import Places


class Placed(Protocol):
    """What is needed of a store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...


class Note(Protocol):
    """Writes down what a reading of a snapshot found."""

    def __call__(self, digest: Digest, run: RunId | None, *, ok: bool, why: str) -> None:
        """Raise StorageError where nothing can be written."""
        ...


def with_lost(report: Report, told: Sequence[Told], store: Placed) -> Report:
    """Add the snapshots that a store has no document of, which it cannot know by itself.

    One whose run was kept again since is no loss: it is noted only.
    """
    places = store.places
    there = {*documents.names(places), *documents.names(places, places.trash)}
    kept = {one.name for one in told if one.digest in there}
    gone = sorted({(one.name, one.digest) for one in told if one.digest not in there})
    again = [name for name, _ in gone if name in kept]
    damages = [
        Damage(_place(places, digest), f"is missing: {name} is not kept any more", (name,), digest)
        for name, digest in gone
        if name not in kept
    ]
    notes = [
        f"an earlier snapshot of {name} is not in the store; it was kept again since" for name in sorted(set(again))
    ]
    return replace(report, damages=(*report.damages, *damages), done=(*report.done, *notes))


def _place(places: Places, digest: Digest) -> str:
    return places.document(digest).relative_to(places.folder).as_posix()


def noted(report: Report, told: Sequence[Told], note: Note, *, whole: bool) -> Report:
    """Write down what was found of each snapshot, where that is news, so that no level claims what is lost.

    Args:
        report: what a check found.
        told: the snapshots that journals tell of.
        note: writes it down.
        whole: everything was read: what is not damaged is as it should be.
    """
    lost = {damage.loses: damage.why for damage in report.damages if damage.loses is not None}
    trouble: set[str] = set()
    for one in told:
        ok = one.digest not in lost
        if ok is one.verified or (ok and not (whole and one.verified is False)):
            continue
        try:
            note(one.digest, one.run, ok=ok, why=lost.get(one.digest, ""))
        except StorageError as error:
            trouble.add(f"What was found could not be noted: {error.message}")
    return replace(report, done=(*report.done, *sorted(trouble)))
