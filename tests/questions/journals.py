"""Runs as their journals tell of them, written by the code that writes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import DataChoice, Offer, PartKind, PartOffer, Snapshot, Taken
from repro_tui.errors import CancelledError, StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.write import open_writer
from repro_tui.questions.answers import user_name

T0 = 1_700_000_000.0


def write_run(
    layout: Layout, number: int, *, began: float | None = None, ended: float | None = None, **start: object
) -> RunId:
    """Write the journal of a run that has ended, without any answer; gives its uid."""
    uid = RunId(f"{number:032x}")
    begun = T0 + 100 * number if began is None else began
    folder = layout.runs / f"20260101-{number:06d}-run-{number}"
    layout.make_folder(folder)
    with open_writer(folder, run=uid, role="supervisor", attempt=1, layout=layout, t=begun) as writer:
        fields = {"name": f"run-{number}", "argv": ["python", "train.py", "--lr", str(number)], "user": user_name()}
        writer.event(
            "start", **{"lineage": "train.py", "series": "host:1:1", "began": begun, **fields, **start}, t=begun
        )
        writer.point(1, begun, {"loss": 0.5})
        writer.event("end", exit=0, t=begun + 5 if ended is None else ended)
    return uid


def folder_of(layout: Layout, uid: RunId) -> Path:
    """Give the folder of a run."""
    return layout.runs / f"20260101-{int(uid, 16):06d}-run-{int(uid, 16)}"


def write_event(layout: Layout, uid: RunId, kind: str, **fields: object) -> None:
    """Write an event of a person, with a journal of its own as another session would."""
    with open_writer(folder_of(layout, uid), run=uid, role="person", attempt=0, layout=layout) as writer:
        writer.event(kind, **fields)


def write_answer(layout: Layout, uid: RunId, answer: str, by: str = "policy", **fields: object) -> None:
    """Write an answer about a run's snapshot."""
    write_event(layout, uid, "answer", **{"question": "snapshot", "answer": answer, "by": by, **fields})


class Keeper:
    """Snapshots that are only counted; some runs cannot be kept."""

    def __init__(self, broken: Sequence[RunId] = ()) -> None:
        self.taken: list[RunId] = []
        self.broken = set(broken)
        self.stop = False

    def offer(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False) -> Offer | Unavailable:
        if uid in self.broken:
            return Unavailable("its code is gone")
        parts = (
            PartOffer("code", PartKind.CODE, "3 files", 3, 4_000, 4_000),
            PartOffer("outputs", PartKind.OUTPUTS, "model.npz", 1, 1_000_000, 1_000_000),
        )
        return Offer(uid, uid[-4:], parts, 2.0, 10**12, level="2/6")

    def take(
        self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False, progress: Progress | None = None
    ) -> Taken:
        if progress:
            progress(1, 2, "code")
        if self.stop:
            raise CancelledError("stopped")
        if uid in self.broken:
            raise StorageError("The store is full.", "Free some space.")
        self.taken.append(uid)
        return Taken(Snapshot(Digest("b3:" + "0" * 64), T0, "me", os.uname().nodename, (), uid), 1_000, 0.1)
