"""Who needs what in a store, and in which packs that lies: read once, asked again and again.

Blobs that the same units need are one share; of each share it is known how much of it lies in which packs. So the work
of asking what a prune would free follows what is removed, not how large the store is.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from repro_tui.domain.footprint import WHOLE, Footprint, Gone
from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import PackWork
from repro_tui.store.condemn import condemned_packs
from repro_tui.store.index import Index
from repro_tui.store.packwork import CHEAP, MAX_UNNEEDED, Load, Sorted, sort_packs
from repro_tui.store.places import Places
from repro_tui.store.units import Contents, Unit, Units

Documents = Mapping[Digest, Mapping[str, object]]
_NOBODY = -1


class Stored(Protocol):
    """What this needs of a store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...

    def refresh(self) -> Index:
        """Give which blob lies where, as it is now."""
        ...

    def read(self, blob: bytes) -> bytes:
        """Read a blob."""
        ...


class Piece(NamedTuple):
    """What of a share lies in the same packs."""

    packs: tuple[int, ...]
    """Numbers of the packs; several for what lies in the store several times."""
    size: int
    """Stored bytes, once."""
    blobs: int


@dataclass(frozen=True)
class Holdings:
    """Who needs what, and where that lies."""

    footprint: Footprint
    index: Index
    pieces: tuple[tuple[Piece, ...], ...]
    """Of each share, in the order of those of the footprint."""
    shares: array[int]
    """Row of the index to the number of the share that it belongs to; -1 when nobody needs it."""
    twice: Mapping[int, tuple[int, ...]]
    """Of each blob that lies several times in the store, the first row to all of them."""
    missing: Mapping[Digest, int]
    """Snapshots of which blobs are nowhere in the store, with how many."""
    avoided: frozenset[int] = frozenset()
    """Packs that somebody wants to delete: what lies elsewhere too is rather needed there."""
    _loads: tuple[Load, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Count what lies in each pack, and what of it is needed."""
        blobs = Counter(table.pack(row) for table in self.index.tables for row in range(len(table)))
        loads = tuple(Load(name, self.index.sizes[name], blobs[number]) for number, name in enumerate(self.index.packs))
        for pieces in self.pieces:
            _add(loads, pieces, 1)
        object.__setattr__(self, "_loads", loads)

    def loads(self, gone: Gone) -> list[Load]:
        """Give all packs, with what is needed of each when some snapshots or parts are gone."""
        return self.placed(unneeded(self.footprint, gone))[0]

    def placed(self, lost: Collection[int]) -> tuple[list[Load], dict[tuple[int, tuple[int, ...]], int]]:
        """Give the packs, and in which pack what lies several times is needed, by its share and its packs."""
        loads = [replace(load) for load in self._loads]
        for share in lost:
            _add(loads, self.pieces[share], -1)
        several = [
            (share, piece)
            for share, pieces in enumerate(self.pieces)
            if share not in lost
            for piece in pieces
            if len(piece.packs) > 1
        ]
        staying = frozenset(number for number, load in enumerate(loads) if load.count)
        could = [load.needed for load in loads]
        for _, piece in several:
            for pack in piece.packs:
                could[pack] += piece.size
        homes = {}
        for share, piece in several:
            home = max(piece.packs, key=lambda pack: self._inviting(pack, staying, could[pack]))
            homes[share, piece.packs] = home
            loads[home].needed += piece.size
            loads[home].count += piece.blobs
        return loads, homes

    def _inviting(self, pack: int, staying: Collection[int], could: int) -> tuple[bool, bool, float, str]:
        """Say how little it costs to need something in a pack: nothing where it stays anyway, little where most is."""
        name = self.index.packs[pack]
        return (pack not in self.avoided, pack in staying, could / self.index.sizes[name], name)

    def sorted(
        self,
        gone: Gone,
        *,
        max_unneeded: float = MAX_UNNEEDED,
        cheap: int = CHEAP,
        touchable: Callable[[str], bool] | None = None,
    ) -> Sorted:
        """Say what becomes of each pack when some snapshots or parts are gone."""
        return sort_packs(self.loads(gone), max_unneeded=max_unneeded, cheap=cheap, touchable=touchable)

    def work(self, gone: Gone, *, max_unneeded: float = MAX_UNNEEDED) -> PackWork:
        """Say what emptying will do to the packs when some snapshots or parts are gone."""
        return self.sorted(gone, max_unneeded=max_unneeded).work()

    def touched(self, gone: Gone) -> frozenset[str]:
        """Give the packs that hold something which is needed no more when some snapshots or parts are gone."""
        packs = {
            pack for share in unneeded(self.footprint, gone) for piece in self.pieces[share] for pack in piece.packs
        }
        return frozenset(self.index.packs[pack] for pack in packs)

    def condemnable(self, gone: Gone) -> list[str]:
        """Give the packs of which only what is gone needed something, so that nobody should rely on them."""
        touched = self.touched(gone)
        return sorted(load.name for load in self.loads(gone) if not load.count and load.name in touched)


def unneeded(footprint: Footprint, gone: Gone) -> set[int]:
    """Give the numbers of the shares that nothing needs any more when some snapshots or parts are gone."""
    lost: Counter[int] = Counter()
    for digest, names in gone.items():
        parts = footprint.units.get(digest, {})
        wanted = set(names)
        for name in parts if WHOLE in wanted else wanted & parts.keys():
            lost.update(parts[name])
    uses, of_unit = footprint._uses, footprint._of_unit  # noqa: SLF001 - what it counts by
    dead = {unit for unit, count in lost.items() if count >= uses[unit]}
    touched = {share for unit in dead for share in of_unit.get(unit, ())}
    return {share for share in touched if dead.issuperset(footprint.shares[share][1])}


def _add(loads: Collection[Load], pieces: Iterable[Piece], times: int) -> None:
    """Count what lies in one pack alone as needed there, or as needed no more."""
    for packs, size, blobs in pieces:
        if len(packs) == 1:
            load = loads[packs[0]]  # type: ignore[index]  # both callers give sequences
            load.needed += times * size
            load.count += times * blobs


def holdings(
    store: Stored,
    documents: Documents,
    dropped: Mapping[Digest, Collection[str]] | None = None,
    contents: Contents | None = None,
    *,
    strict: Callable[[Digest], bool] | None = None,
) -> Holdings:
    """Find who needs what.

    Args:
        store: the store.
        documents: all that need something, those in the trash too.
        dropped: the parts whose bytes are gone for good; `*` for all of a snapshot.
        contents: what listings were found to hold; filled here, to be given again.
        strict: tells of which snapshots everything must be readable; of the others what is known counts.

    Raises:
        ReproError: a listing of a strict one cannot be read.
    """
    index = store.refresh()
    grouping = _Grouping(Units(index, store.read, contents), forget=contents is None)
    for digest, document in documents.items():
        gone = (dropped or {}).get(digest, ())
        grouping.add(digest, document, gone, strict=bool(strict and strict(digest)))
    condemned = condemned_packs(store.places)
    return grouping.holdings(frozenset(number for number, name in enumerate(index.packs) if name in condemned))


def footprint(
    store: Stored,
    documents: Documents,
    dropped: Mapping[Digest, Collection[str]] | None = None,
    contents: Contents | None = None,
) -> Footprint:
    """Find who needs which bytes; as `holdings`, without where they lie."""
    return holdings(store, documents, dropped, contents).footprint


class _Grouping:
    """Puts rows together that the same units need, by taking one unit after the other."""

    def __init__(self, units: Units, *, forget: bool) -> None:
        self._units = units
        self._forget = forget
        """What a unit holds need not be remembered."""
        self._needs: dict[Digest, dict[str, tuple[int, ...]]] = {}
        self._missing: dict[Digest, int] = {}
        self._numbers: dict[Unit, int] = {}
        self._lost: list[int] = []
        """Of each unit how many of its blobs are nowhere in the store."""
        self._groups = array("l", [_NOBODY]) * units.count
        self._made: list[tuple[int, int]] = []
        """Of each group the one that its rows were in before, and the unit that tells them apart."""

    def add(self, digest: Digest, document: Mapping[str, object], dropped: Collection[str], *, strict: bool) -> None:
        """Take one document."""
        needs: dict[str, tuple[int, ...]] = {}
        for part, unit in self._units.of(document, dropped, strict=strict):
            number = self._numbers.get(unit)
            if number is None:
                number = self._numbers[unit] = len(self._numbers)
                rows = self._units.rows(unit)
                self._lost.append(self._units.missing(unit))
                self._split(rows, number)
                self._units.forget(unit, contents=self._forget)
            needs[part] = (*needs.get(part, ()), number)
        self._needs[digest] = needs
        lost = sum(self._lost[unit] for units in needs.values() for unit in units)
        if lost:
            self._missing[digest] = lost

    def holdings(self, avoided: frozenset[int]) -> Holdings:
        """Sum up."""
        twice = self._units.twice()
        sums: dict[int, Counter[tuple[int, ...]]] = defaultdict(Counter)
        counts: dict[int, Counter[tuple[int, ...]]] = defaultdict(Counter)
        packs = array("l", (pack for _, pack in self._units.placed())) if twice else array("l")
        for row, ((size, pack), group) in enumerate(zip(self._units.placed(), self._groups, strict=True)):
            if group != _NOBODY:
                where = tuple(sorted({packs[each] for each in twice[row]})) if row in twice else (pack,)
                sums[group][where] += size
                counts[group][where] += 1
        order = sorted(sums)
        share_of = {group: share for share, group in enumerate(order)}
        share_of[_NOBODY] = _NOBODY
        return Holdings(
            footprint=Footprint(
                self._needs,
                tuple((sum(sums[group].values()), self._owners(group)) for group in order),
            ),
            index=self._units.index,
            pieces=tuple(tuple(Piece(p, s, counts[group][p]) for p, s in sums[group].items()) for group in order),
            shares=array("l", (share_of[group] for group in self._groups)),
            twice=twice,
            missing=self._missing,
            avoided=avoided,
        )

    def _split(self, rows: Iterable[int], unit: int) -> None:
        """Tell the rows of one unit apart from those that were like them so far."""
        groups, made = self._groups, self._made
        moved: dict[int, int] = {}
        for row in rows:
            before = groups[row]
            group = moved.get(before)
            if group is None:
                group = moved[before] = len(made)
                made.append((before, unit))
            groups[row] = group

    def _owners(self, group: int) -> tuple[int, ...]:
        """Give the units that need the rows of a group."""
        owners = []
        while group != _NOBODY:
            group, unit = self._made[group]
            owners.append(unit)
        return tuple(reversed(owners))
