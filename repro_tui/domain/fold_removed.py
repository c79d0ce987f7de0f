"""What the project's journals say of removing: what was given up, what is gone for good, which snapshots are pinned."""

from __future__ import annotations

from collections.abc import Iterable

from repro_tui.domain.events import Event
from repro_tui.domain.fold_kept import WHOLE, KeptFold
from repro_tui.domain.foreign import MAX_NAME, ForeignError, digest, flag, text
from repro_tui.domain.ids import Digest
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Removal

_MOST = 1_000_000


class RemovedFold:
    """Gathers `dropped`, `emptied` and `pin` events of the project in any order."""

    def __init__(self) -> None:
        self._kept = KeptFold(_MOST)
        self._emptied: Registers[tuple[str, str], bool] = Registers(_MOST)
        self._pins: Registers[str, bool] = Registers(_MOST)

    def add(self, event: Event) -> None:
        """Take an event; one that is not what the format says changes nothing."""
        take = {"dropped": self._kept.dropped, "emptied": self._empty, "pin": self._pin}.get(event.kind)
        if take is None:
            return
        try:
            take(event)
        except ForeignError:
            return

    def removals(self, snapshot: Digest, others: Iterable[Removal] = ()) -> tuple[Removal, ...]:
        """Give what was given up of a snapshot and was not brought back.

        `others` are what the journal of its run says. What the project's journals say of the same part wins: it is
        where removing writes, and an index may not have read it yet.
        """
        more = (one for one in others if not self._kept.told(snapshot, one.part))
        return (*self._kept.removals(snapshot), *more)

    def emptied(self) -> dict[Digest, frozenset[str]]:
        """Give what is gone for good: the parts of each snapshot, `*` for all of it."""
        found: dict[Digest, set[str]] = {}
        for (name, part), gone in self._emptied.items():
            if gone:
                found.setdefault(Digest(name), set()).add(part)
        return {name: frozenset(parts) for name, parts in found.items()}

    def pinned(self) -> frozenset[Digest]:
        """Give the snapshots of no run that a person pinned."""
        return frozenset(Digest(name) for name, on in self._pins.items() if on)

    def _empty(self, event: Event) -> None:
        name = digest(event.body, "d")
        if name is None:
            raise ForeignError("d")
        self._emptied.put((name, text(event.body, "part", WHOLE, MAX_NAME)), 0, value=True)

    def _pin(self, event: Event) -> None:
        name = digest(event.body, "d")
        if name is None or "run" in event.body:
            return  # it speaks of a run
        self._pins.put(name, event.order, flag(event.body, "on"))
