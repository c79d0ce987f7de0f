"""How many bytes of a store go when some snapshots, or parts of them, go: what several need is counted once.

A *unit* is what is needed together: a listing with everything in it. Blobs that the same units need are one *share*.
So the work of asking follows what is removed, not how much there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from repro_tui.domain.ids import Digest

Gone = Mapping[Digest, Iterable[str]]
"""Snapshot to the names of its parts that are removed; `*` for all of it."""
WHOLE = "*"
"""Stands for all parts of a snapshot, as in `dropped` events."""
MANIFEST = ""
"""Name of what a document needs besides its parts: it stays as long as the document."""
_NOTHING: Mapping[str, tuple[int, ...]] = {}
_FINE = 16
"""Binary digits after the point when bytes are divided among snapshots."""


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

    @cached_property
    def portions(self) -> Mapping[Digest, int]:
        """Divide the stored bytes among the snapshots: what several need is split evenly; in 1/65536 of a byte.

        Whole numbers, so that the sums do not depend on an order.
        """
        of_unit = dict.fromkeys(self._of_unit, 0)
        uses = self._uses
        for size, owners in self.shares:
            if len(owners) == 1:
                of_unit[owners[0]] += (size << _FINE) // (uses[owners[0]] or 1)
                continue
            portion = (size << _FINE) // (sum(uses[unit] for unit in owners) or 1)
            for unit in owners:
                of_unit[unit] += portion
        found: dict[Digest, int] = {}
        for digest, parts in self.units.items():
            portion = 0
            for units in parts.values():
                for unit in units:
                    portion += of_unit.get(unit, 0)
            found[digest] = portion
        return found

    def held(self, by: Gone) -> int:
        """Count the stored bytes that some snapshots or parts need, whoever else needs them too."""
        wanted: set[int] = set()
        for digest, names in by.items():
            parts = self.units.get(digest, {})
            chosen = set(names)
            for name in parts if WHOLE in chosen else chosen & parts.keys():
                wanted.update(parts[name])
        return sum(self.shares[number][0] for number in {n for unit in wanted for n in self._of_unit.get(unit, ())})


class Removing:
    """Takes snapshots, or parts of them, from a footprint one after the other, and counts what each frees.

    A thousand steps cost what one question about all of them costs, so a budget can be met step by step.
    """

    def __init__(self, footprint: Footprint) -> None:
        self._present = dict(footprint.units)
        self._of_unit = footprint._of_unit  # noqa: SLF001 - both are one thing in two forms
        self._uses = dict(footprint._uses)  # noqa: SLF001 - the same
        self._sizes = [size for size, _ in footprint.shares]
        self._owners = [len(owners) for _, owners in footprint.shares]
        self.left = sum(self._sizes)
        """Stored bytes that something still needs."""

    def remove(self, digest: Digest, names: Collection[str]) -> int:
        """Take some parts, or all of a snapshot; gives the bytes that this frees. Taking twice is taking once."""
        parts = self._present.get(digest)
        if not parts or not names:
            return 0
        if WHOLE in names:
            taken, self._present[digest] = parts, _NOTHING
        else:
            taken = {name: units for name, units in parts.items() if name in names}
            self._present[digest] = {name: units for name, units in parts.items() if name not in names}
        before = self.left
        for units in taken.values():
            self._release(units)
        return before - self.left

    def _release(self, units: Iterable[int]) -> None:
        """Note that one less needs some units, and count what nothing needs any more."""
        uses, owners = self._uses, self._owners
        for unit in units:
            uses[unit] = left = uses[unit] - 1
            if not left:
                for number in self._of_unit.get(unit, ()):
                    owners[number] = more = owners[number] - 1
                    if not more:
                        self.left -= self._sizes[number]


def joined(gone: Iterable[tuple[Digest, Collection[str]]]) -> Gone:
    """Put together what goes of each snapshot, where it is said more than once: some parts were removed before."""
    found: dict[Digest, Collection[str]] = {}
    for digest, parts in gone:
        found[digest] = {*found[digest], *parts} if digest in found else parts
    return found
