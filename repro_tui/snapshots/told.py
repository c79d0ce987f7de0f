"""What the project's journals say of snapshots and of runs, read once for all who ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from repro_tui.domain.events import Event
from repro_tui.domain.fold_kept import KeptFold
from repro_tui.domain.fold_removed import RemovedFold
from repro_tui.domain.foreign import ForeignError
from repro_tui.domain.ids import Digest, RunId

_MOST = 1_000_000
"""Snapshots of which the project's journals may tell."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said until some moment; it does not change."""

    kept: KeptFold
    """Of snapshots, those of runs too: the folder of a run may be gone."""
    pinned: frozenset[Digest]
    """Snapshots of no run that a person pinned."""
    of_runs: Mapping[str, tuple[Event, ...]]

    def of_run(self, uid: RunId) -> tuple[Event, ...]:
        """Give the events that speak of a run."""
        return self.of_runs.get(uid, ())


class SaidFold:
    """Gathers events of the project; give it to a `ProjectJournal`."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._of_runs: dict[str, list[Event]] = defaultdict(list)
        self._said: Said | None = None

    def add(self, event: Event) -> None:
        """Take an event."""
        run = event.body.get("run")
        kept = event.kind in {"verified", "dropped", "pin"}
        if isinstance(run, str):
            self._of_runs[run].append(event)
        if kept:
            self._events.append(event)
        if kept or isinstance(run, str):
            self._said = None

    def said(self) -> Said:
        """Give what was said until now; it may be kept."""
        if self._said is None:
            kept, pins = KeptFold(_MOST), RemovedFold()
            for event in self._events:
                _take(kept, event)
                pins.add(event)
            of_runs = {run: tuple(events) for run, events in self._of_runs.items()}
            self._said = Said(kept, pins.pinned(), of_runs)
        return self._said


def _take(fold: KeptFold, event: Event) -> None:
    """Put an event into a fold; one that is not what the format says changes nothing."""
    take = {"verified": fold.verified, "dropped": fold.dropped}.get(event.kind)
    if take is None:
        return
    try:
        take(event)
    except ForeignError:
        return
