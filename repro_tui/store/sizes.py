"""How much of the store each snapshot takes: bytes of its own, and bytes that others need too.

What is freed by removing a snapshot is what no other needs. Listings are what this works with: as long as data does not
change, thousands of snapshots name the same listing, and it is looked at once.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Protocol

from repro_tui.domain.ids import Digest
from repro_tui.errors import ReproError
from repro_tui.store import documents as papers
from repro_tui.store.entry import Entry
from repro_tui.store.index import Index
from repro_tui.store.pack import HEAD, ID, ROW

Contents = MutableMapping[tuple[bytes, ...], bytes]
"""Blobs of a listing to the ids of everything in it, 32 bytes each; kept by whoever asks again and again."""
_NOBODY, _SEVERAL = -1, -2
_STORED_AT = 36
"""Byte of a row where the stored length begins (docs/formats/store.md, "A sidecar")."""


class Sized(Protocol):
    """What sizes need of a store."""

    def refresh(self) -> Index:
        """Give which blob lies where, as it is now."""
        ...

    def listing(self, blobs: Iterable[bytes]) -> Iterator[Entry]:
        """Read a listing."""
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
    work = _Sizing(store, contents if contents is not None else {})
    needs = {digest: work.units(document, (dropped or {}).get(digest, ())) for digest, document in documents.items()}
    return work.measure(needs)


class _Sizing:
    """Works with *units*: a listing with everything in it, or the blobs of a manifest."""

    def __init__(self, store: Sized, contents: Contents) -> None:
        self._store = store
        self._contents = contents
        self._index = store.refresh()
        self._starts = [0]
        for table in self._index.tables:
            self._starts.append(self._starts[-1] + len(table))
        self._rows: dict[tuple[bytes, ...], array[int]] = {}

    def units(self, document: Mapping[str, object], dropped: Collection[str]) -> tuple[tuple[bytes, ...], ...]:
        """Give the units that a document needs; a damaged document, as far as anybody knows, needs nothing."""
        if "*" in dropped:
            return ()
        found = []
        try:
            for _, blobs, is_listing in papers.roots(document, dropped):
                unit = tuple(blobs)
                found.append(unit)
                if unit not in self._contents:
                    self._contents[unit] = self._ids(unit, is_listing=is_listing)
        except ReproError:
            return ()
        return tuple(found)

    def _ids(self, blobs: tuple[bytes, ...], *, is_listing: bool) -> bytes:
        """Give the ids of a unit's blobs; those in a listing that cannot be read are not known."""
        ids = set(blobs)
        if is_listing:
            try:
                for entry in self._store.listing(blobs):
                    ids.update(piece for piece in entry.content if isinstance(piece, bytes))
            except ReproError:
                return b"".join(blobs)
        return b"".join(ids)

    def measure(self, needs: Mapping[Digest, tuple[tuple[bytes, ...], ...]]) -> dict[Digest, tuple[int, int]]:
        """Give the sizes: first who needs which row of the index, then the sums."""
        users: dict[tuple[bytes, ...], int] = {}
        for number, units in enumerate(needs.values()):
            for unit in set(units):
                users[unit] = _SEVERAL if unit in users else number
        owner = array("l", [_NOBODY]) * self._starts[-1]
        for unit, user in users.items():
            for row in self._rows_of(unit):
                if owner[row] != user:
                    owner[row] = user if owner[row] == _NOBODY else _SEVERAL
        groups: dict[frozenset[tuple[bytes, ...]], list[tuple[Digest, int, list[tuple[bytes, ...]]]]] = defaultdict(
            list
        )
        for number, (digest, units) in enumerate(needs.items()):
            common = frozenset(unit for unit in units if users[unit] == _SEVERAL)
            groups[common].append((digest, number, [unit for unit in set(units) if unit not in common]))
        found: dict[Digest, tuple[int, int]] = {}
        for common, members in groups.items():
            found |= self._group(common, members, owner)
        return {digest: found[digest] for digest in needs}

    def _group(
        self,
        common: Iterable[tuple[bytes, ...]],
        members: Iterable[tuple[Digest, int, list[tuple[bytes, ...]]]],
        owner: array[int],
    ) -> Iterator[tuple[Digest, tuple[int, int]]]:
        """Give the sizes of snapshots that have the same units in common with others."""
        shared_rows: set[int] = set()
        for unit in common:
            shared_rows.update(self._rows_of(unit))
        shared_size = sum(map(self._stored, shared_rows))
        for digest, number, own_units in members:
            own, more = 0, 0
            for row in {row for unit in own_units for row in self._rows_of(unit)}:
                if owner[row] == number:
                    own += self._stored(row)
                elif row not in shared_rows:
                    more += self._stored(row)
            yield digest, (own, shared_size + more)

    def _rows_of(self, unit: tuple[bytes, ...]) -> array[int]:
        """Give the rows of the index in which a unit's blobs lie, counted through all tables."""
        rows = self._rows.get(unit)
        if rows is None:
            ids = self._contents[unit]
            found = (self._row(ids[at : at + ID]) for at in range(0, len(ids), ID))
            rows = self._rows[unit] = array("l", [row for row in found if row >= 0])
        return rows

    def _row(self, blob: bytes) -> int:
        for start, table in zip(self._starts, self._index.tables, strict=False):
            row = table.first(blob)
            if row >= 0:
                return start + row
        return -1

    def _stored(self, row: int) -> int:
        """Give the bytes that a row's blob takes in its pack."""
        for start, table in zip(reversed(self._starts[:-1]), reversed(self._index.tables), strict=True):
            if row >= start:
                at = (row - start) * ROW.size + _STORED_AT
                return HEAD.size + int.from_bytes(table.rows[at : at + 4], "little")
        raise IndexError(row)
