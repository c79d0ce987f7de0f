"""Units: what is needed together, a listing with everything in it or the blobs of a manifest, and where it lies.

As long as data does not change, thousands of snapshots name the same listing: it is read once, whoever names it.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from typing import NamedTuple

from repro_tui.domain.footprint import MANIFEST, WHOLE
from repro_tui.errors import DamagedError, ReproError
from repro_tui.store import documents as papers
from repro_tui.store import listing
from repro_tui.store.index import Index
from repro_tui.store.pack import HEAD, ID, ROW

Unit = tuple[bytes, ...]
"""The blobs of a listing, or of a manifest."""
Contents = MutableMapping[Unit, bytes]
"""Unit to the ids of everything in it, 32 bytes each; kept by whoever asks again and again."""
_MOST_KNOWN = 1 << 17
"""Blobs of which the row is remembered: successive snapshots need mostly the same; about 20 MB."""
_STORED_AT = 36
"""Byte of a row where the stored length begins (docs/formats/store.md, "A sidecar")."""
_PLACED = struct.Struct("<36xI5x3s")
"""Of a row: the stored length, and the number of the pack."""
_ID = struct.Struct("<32s16x")


class Needed(NamedTuple):
    """One unit that a document names."""

    part: str
    """Name of the part, or `MANIFEST`."""
    unit: Unit


class Units:
    """Knows what the units of one index hold, and in which rows of it that lies."""

    def __init__(self, index: Index, read: Callable[[bytes], bytes], contents: Contents | None = None) -> None:
        self.index = index
        self._read = read
        self._contents: Contents = {} if contents is None else contents
        self._starts = [0]
        for table in index.tables:
            self._starts.append(self._starts[-1] + len(table))
        self._rows: dict[Unit, array[int]] = {}
        self._known: dict[bytes, int] = {}

    @property
    def count(self) -> int:
        """Count the rows of all tables."""
        return self._starts[-1]

    def of(
        self, document: Mapping[str, object], dropped: Collection[str] = (), *, strict: bool = False
    ) -> list[Needed]:
        """Give the units that a document needs, some of them perhaps twice.

        With `strict` what cannot be read raises ReproError; else a damaged document needs nothing, as far as anybody
        knows, and a damaged listing its own blobs.
        """
        if WHOLE in dropped:
            return []
        found = []
        try:
            for name, blobs, is_listing in papers.roots(document, dropped):
                unit = tuple(blobs)
                found.append(Needed(name if is_listing else MANIFEST, unit))
                if unit not in self._contents:
                    self._contents[unit] = self._ids(unit, is_listing=is_listing, strict=strict)
        except ReproError:
            if strict:
                raise
            return []
        return found

    def _ids(self, blobs: Unit, *, is_listing: bool, strict: bool) -> bytes:
        """Give the ids of a unit's blobs; those in a listing that cannot be read are not known."""
        ids = {blob.hex() for blob in blobs}
        if is_listing:
            try:
                return _joined(ids | listing.needed(map(self._read, blobs)))
            except ReproError:
                if strict:
                    raise
        return _joined(ids)

    def forget(self, unit: Unit, *, contents: bool) -> None:
        """Let go where a unit lies, and with `contents` also what it holds, but not that it was looked at."""
        self._rows.pop(unit, None)
        if contents:
            self._contents[unit] = b""

    def rows(self, unit: Unit) -> array[int]:
        """Give the first row of each of a unit's blobs that is in the index, counted through all tables."""
        rows = self._rows.get(unit)
        if rows is None:
            ids = self._contents[unit]
            known = self._known
            rows = self._rows[unit] = array("l")
            for at in range(0, len(ids), ID):
                blob = ids[at : at + ID]
                row = known.get(blob)
                if row is None:
                    row = known[blob] = self._row(blob)
                if row >= 0:
                    rows.append(row)
            if len(known) > _MOST_KNOWN:
                known.clear()
        return rows

    def missing(self, unit: Unit) -> int:
        """Count a unit's blobs that are not in the index."""
        return len(self._contents[unit]) // ID - len(self.rows(unit))

    def _row(self, blob: bytes) -> int:
        for start, table in zip(self._starts, self.index.tables, strict=False):
            row = table.first(blob)
            if row >= 0:
                return start + row
        return -1

    def stored(self, row: int) -> int:
        """Give the bytes that a row's blob takes in its pack."""
        for start, table in zip(reversed(self._starts[:-1]), reversed(self.index.tables), strict=True):
            if row >= start:
                at = (row - start) * ROW.size + _STORED_AT
                return HEAD.size + int.from_bytes(table.rows[at : at + 4], "little")
        raise IndexError(row)

    def pack(self, row: int) -> str:
        """Give the name of the pack that a row speaks of."""
        for start, table in zip(reversed(self._starts[:-1]), reversed(self.index.tables), strict=True):
            if row >= start:
                return self.index.packs[table.pack(row - start)]
        raise IndexError(row)

    def placed(self) -> Iterator[tuple[int, int]]:
        """Give (bytes in its pack, number of the pack) of each row, in the order of the rows."""
        for table in self.index.tables:
            for stored, pack in _PLACED.iter_unpack(table.rows):
                yield HEAD.size + stored, int.from_bytes(pack, "little")

    def twice(self) -> dict[int, tuple[int, ...]]:
        """Give, of each blob that lies several times in the store, the first row to all of its rows."""
        found: dict[bytes, set[int]] = {}
        tables = self.index.tables
        for number, table in enumerate(tables):
            start, before = self._starts[number], b""
            for row, (blob,) in enumerate(_ID.iter_unpack(table.rows)):
                if blob == before:
                    found.setdefault(blob, set()).update({start + row - 1, start + row})
                before = blob
                for other in range(number):
                    elsewhere = [self._starts[other] + each for each in tables[other].all(blob)]
                    if elsewhere:
                        found.setdefault(blob, set()).update({start + row, *elsewhere})
        return {min(rows): tuple(sorted(rows)) for rows in found.values()}


def _joined(ids: Collection[str]) -> bytes:
    """Put ids in hex together as bytes; raises DamagedError for what is no id."""
    try:
        joined = bytes.fromhex("".join(ids))
    except ValueError:
        joined = b""
    if len(joined) != ID * len(ids):
        raise DamagedError("A listing in the store names blobs in no known form.", "Run `repro-tui check`.")
    return joined


def first_rows(twice: Mapping[int, tuple[int, ...]]) -> dict[int, int]:
    """Give, of each row of a blob that lies several times, the first one."""
    return {row: first for first, rows in twice.items() for row in rows}
