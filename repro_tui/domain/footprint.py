"""How many bytes of a store go when some snapshots, or parts of them, go: what several need is counted once.

A *unit* is what is needed together: a listing with everything in it. Blobs that the same units need are one *share*.
So the work of asking follows what is removed, not how much there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from repro_tui.domain.ids import Digest

Gone = Mapping[Digest, Iterable[str]]
"""Snapshot to the names of its parts that are removed; `*` for all of it."""
WHOLE = "*"
"""Stands for all parts of a snapshot, as in `dropped` events."""
MANIFEST = ""
"""Name of what a document needs besides its parts: it stays as long as the document."""


@dataclass(frozen=True)
class Footprint:
    """Who needs what of the stored bytes."""

    units: Mapping[Digest, Mapping[str, tuple[int, ...]]]
    """Snapshot to its parts by name (and `MANIFEST`), to the numbers of the units that each needs."""
    shares: tuple[tuple[int, tuple[int, ...]], ...]
    """(stored bytes, numbers of the units that need them)."""
    _uses: Counter[int] = field(init=False, repr=False, compare=False)
    _of_unit: dict[int, list[int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Count who uses each unit, and find the shares of each."""
        uses = Counter(unit for parts in self.units.values() for units in parts.values() for unit in units)
        of_unit: dict[int, list[int]] = {}
        for number, (_, owners) in enumerate(self.shares):
            for unit in owners:
                of_unit.setdefault(unit, []).append(number)
        object.__setattr__(self, "_uses", uses)
        object.__setattr__(self, "_of_unit", of_unit)

    @property
    def size(self) -> int:
        """Count all stored bytes that something needs."""
        return sum(size for size, _ in self.shares)

    def freed(self, gone: Gone) -> int:
        """Count the stored bytes that nothing needs any more when some snapshots or parts are gone."""
        lost: Counter[int] = Counter()
        for digest, names in gone.items():
            parts = self.units.get(digest, {})
            wanted = set(names)
            for name in parts if WHOLE in wanted else wanted & parts.keys():
                lost.update(parts[name])
        dead = {unit for unit, count in lost.items() if count >= self._uses[unit]}
        touched = {number for unit in dead for number in self._of_unit.get(unit, ())}
        return sum(self.shares[number][0] for number in touched if dead.issuperset(self.shares[number][1]))
