"""Writes again what is needed of packs in which much is not; every blob is compared with its name on the way.

The new pack is durable and in the index before the caller deletes the old ones, so a death in between costs room only.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from blake3 import blake3

from repro_tui.errors import DamagedError, StorageError
from repro_tui.store.codec import unpack
from repro_tui.store.durable import give_up_reserve
from repro_tui.store.footprints import Holdings
from repro_tui.store.index import Where
from repro_tui.store.pack import HEAD, ID, ROW, Row
from repro_tui.store.packing import Packing
from repro_tui.store.places import Places
from repro_tui.store.reading import BlobReader
from repro_tui.store.units import first_rows

MARGIN = 1 << 20
"""Bytes that must be free besides those that are written: folders and the file system's own notes take some."""
_NOBODY = -1
Homes = Mapping[tuple[int, tuple[int, ...]], int]


class Wanted:
    """Knows what is to be written again of each pack: what is needed and is not rather needed elsewhere."""

    def __init__(self, holdings: Holdings, lost: Collection[int], homes: Homes, packs: Collection[str]) -> None:
        """Look at all rows once.

        Args:
            holdings: who needs what.
            lost: numbers of the shares that are needed no more.
            homes: in which pack that is needed which lies in several.
            packs: names of those that are to be written again, and of those that are to be deleted.
        """
        self._index = holdings.index
        self._numbers = {name: number for number, name in enumerate(self._index.packs)}
        self._rows: dict[int, array[int]] = {self._numbers[name]: array("l") for name in packs}
        self._elsewhere: list[tuple[bytes, int, frozenset[int]]] = []
        firsts = first_rows(holdings.twice)
        every = (table.pack(row) for table in self._index.tables for row in range(len(table)))
        for row, pack in enumerate(every):
            share = holdings.shares[firsts.get(row, row)]
            if share == _NOBODY or share in lost or row in firsts or pack not in self._rows:
                continue
            self._rows[pack].append(row)
        for rows in holdings.twice.values():
            share = holdings.shares[rows[0]]
            if share != _NOBODY and share not in lost:
                self._settle(rows, share, homes)

    def _settle(self, rows: Sequence[int], share: int, homes: Homes) -> None:
        """Say of a blob that lies several times where it is needed."""
        of_row = {row: self._pack(row) for row in rows}
        packs = tuple(sorted(set(of_row.values())))
        home = homes[share, packs] if len(packs) > 1 else packs[0]
        row = next(row for row in rows if of_row[row] == home)
        if home in self._rows:
            self._rows[home].append(row)
        others = frozenset(packs) - {home}
        if others & self._rows.keys():
            self._elsewhere.append((self._row(row).id, row, others))

    def rows(self, pack: str) -> list[Row]:
        """Give what is needed of a pack, in the order in which it lies there."""
        return sorted(map(self._row, self._rows[self._numbers[pack]]), key=_offset)

    def unsafe(self, places: Places) -> dict[str, str]:
        """Read what also lies in packs that are to go, where it stays; gives the packs that must stay, and why."""
        reader = BlobReader(places)
        found: dict[str, str] = {}
        for blob, row, others in self._elsewhere:
            each = self._row(row)
            where = Where(self._index.packs[self._pack(row)], each.offset, each.stored, each.length, each.codec)
            try:
                reader.read(blob, [where])
            except (DamagedError, StorageError) as error:
                found |= {self._index.packs[pack]: error.message for pack in (*others, self._pack(row))}
        return found

    def _pack(self, row: int) -> int:
        for table in self._index.tables:
            if row < len(table):
                return table.pack(row)
            row -= len(table)
        raise IndexError(row)

    def _row(self, row: int) -> Row:
        for table in self._index.tables:
            if row < len(table):
                return Row(*ROW.unpack_from(table.rows, row * ROW.size))
            row -= len(table)
        raise IndexError(row)


def _offset(row: Row) -> int:
    return row.offset


def write_again(
    places: Places, packs: Mapping[str, Sequence[Row]], tell: Callable[[int], None]
) -> tuple[set[str], int]:
    """Write rows of packs into new ones, durably; gives their names, and the bytes that they and their sidecars take.

    Raises DamagedError when something in them is not what it should be, StorageError when there is no room, and what
    `tell` raises, which is told the bytes of each blob; nothing is left then.
    """
    packing = Packing(places)
    try:
        for name, rows in packs.items():
            for row, stored in _compared(places, name, rows):
                packing.add(row.id, row.length, row.codec, stored)
                tell(HEAD.size + row.stored)
        return {sealed.name for sealed in packing.publish()}, packing.added
    finally:
        packing.abandon()


def _compared(places: Places, pack: str, rows: Sequence[Row]) -> Iterator[tuple[Row, bytes]]:
    """Read blobs as they are stored, each compared with its head and its name."""
    path = places.pack(pack)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.", "Give read permission there.") from error
    try:
        for row in rows:
            raw = os.pread(descriptor, HEAD.size + row.stored, row.offset)
            stored = raw[HEAD.size :]
            head = HEAD.pack(row.id, row.stored, row.length, row.codec)
            if raw[: HEAD.size] != head or blake3(unpack(row.codec, stored, row.length)).digest() != row.id[:ID]:
                raise ValueError("the bytes do not match its name")
            yield row, stored
    except (OSError, ValueError) as error:
        raise DamagedError(
            f"{path} is damaged: of blob {row.id.hex()[:16]} at byte {row.offset}, {error}.", "Run `repro-tui repair`."
        ) from error
    finally:
        os.close(descriptor)


def has_room(places: Places, size: int) -> bool:
    """Tell whether so many bytes can be written; the reserve is given up for it."""
    return _free(places) >= size + MARGIN or (give_up_reserve(places) and _free(places) >= size + MARGIN)


def _free(places: Places) -> int:
    found = os.statvfs(places.folder)
    return found.f_bavail * found.f_frsize
