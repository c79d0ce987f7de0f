"""How much of the store each snapshot takes: bytes of its own, and bytes that others need too.

What is freed by removing a snapshot is what no other needs. Listings are what this works with: as long as data does not
change, thousands of snapshots name the same listing, and it is looked at once.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from repro_tui.domain.ids import Digest
from repro_tui.store.index import Index
from repro_tui.store.units import Contents, Unit, Units

_NOBODY, _SEVERAL = -1, -2


class Sized(Protocol):
    """What sizes need of a store."""

    def refresh(self) -> Index:
        """Give which blob lies where, as it is now."""
        ...

    def read(self, blob: bytes) -> bytes:
        """Read a blob."""
        ...


def sizes(
    store: Sized,
    documents: Mapping[Digest, Mapping[str, object]],
    dropped: Mapping[Digest, Collection[str]] | None = None,
    contents: Contents | None = None,
) -> dict[Digest, tuple[int, int]]:
    """Give (own, shared) stored bytes of each snapshot; what lies in the store twice is counted once.

    Args:
        store: the store.
        documents: all documents that need something, those in the trash too if they are to count.
        dropped: the parts whose bytes were given up; `*` for all of a snapshot.
        contents: what listings were found to hold; filled here, to be given again.
    """
    work = _Sizing(Units(store.refresh(), store.read, contents))
    needs = {digest: work.units(document, (dropped or {}).get(digest, ())) for digest, document in documents.items()}
    return work.measure(needs)


class _Sizing:
    """Works with units (`store.units`)."""

    def __init__(self, units: Units) -> None:
        self._units = units

    def units(self, document: Mapping[str, object], dropped: Collection[str]) -> tuple[Unit, ...]:
        """Give the units that a document needs; a damaged document, as far as anybody knows, needs nothing."""
        return tuple(needed.unit for needed in self._units.of(document, dropped))

    def measure(self, needs: Mapping[Digest, tuple[Unit, ...]]) -> dict[Digest, tuple[int, int]]:
        """Give the sizes: first who needs which row of the index, then the sums."""
        users: dict[Unit, int] = {}
        for number, units in enumerate(needs.values()):
            for unit in set(units):
                users[unit] = _SEVERAL if unit in users else number
        owner = array("l", [_NOBODY]) * self._units.count
        for unit, user in users.items():
            for row in self._units.rows(unit):
                if owner[row] != user:
                    owner[row] = user if owner[row] == _NOBODY else _SEVERAL
        groups: dict[frozenset[Unit], list[tuple[Digest, int, list[Unit]]]] = defaultdict(list)
        for number, (digest, units) in enumerate(needs.items()):
            common = frozenset(unit for unit in units if users[unit] == _SEVERAL)
            groups[common].append((digest, number, [unit for unit in set(units) if unit not in common]))
        found: dict[Digest, tuple[int, int]] = {}
        for common, members in groups.items():
            found |= self._group(common, members, owner)
        return {digest: found[digest] for digest in needs}

    def _group(
        self,
        common: Iterable[Unit],
        members: Iterable[tuple[Digest, int, list[Unit]]],
        owner: array[int],
    ) -> Iterator[tuple[Digest, tuple[int, int]]]:
        """Give the sizes of snapshots that have the same units in common with others."""
        shared_rows: set[int] = set()
        for unit in common:
            shared_rows.update(self._units.rows(unit))
        shared_size = sum(map(self._units.stored, shared_rows))
        for digest, number, own_units in members:
            own, more = 0, 0
            for row in {row for unit in own_units for row in self._units.rows(unit)}:
                if owner[row] == number:
                    own += self._units.stored(row)
                elif row not in shared_rows:
                    more += self._units.stored(row)
            yield digest, (own, shared_size + more)
