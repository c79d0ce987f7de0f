"""Which blob lies where: all sidecars of a store, 48 bytes a blob in memory.

A *table* is the rows of many sidecars in one byte string, sorted by id, with the number of the pack in the three bytes
that are zero on the disk, and the row at which each prefix of one or two bytes begins. As ids are uniform, a look-up is
a search in a few hundred bytes by compiled code. An index has a few tables and is never changed: whoever looks for what
was added since takes a new one, which shares the old tables.
"""

from __future__ import annotations

import bisect
import itertools
import os
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from repro_tui.store.pack import ID, ROW, read_sidecar
from repro_tui.store.places import PACK, SIDECAR, Places

ALONE = frozenset({"its pack is missing", "its sidecar is missing"})
"""Why an index does not count a pack that has lost its other half."""
_SIZE = ROW.size
_GROUPS = 16
_MANY_ROWS = 1 << 14
_MOST_TABLES = 8
_MOST_PACKS = 1 << 24


class Where(NamedTuple):
    """Where a blob lies."""

    pack: str
    """64 hex digits."""
    offset: int
    stored: int
    length: int
    codec: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of packs, sorted by id."""

    rows: bytearray
    starts: array[int]
    """Row at which the ids begin that have each prefix, and at the end the number of rows."""
    shift: int
    """Bits of the first two bytes of an id that are not part of the prefix."""

    def first(self, blob: bytes) -> int:
        """Give the first row of a blob, -1 when there is none."""
        prefix = (blob[0] << 8 | blob[1]) >> self.shift
        low, high = self.starts[prefix] * _SIZE, self.starts[prefix + 1] * _SIZE
        at = self.rows.find(blob, low, high)
        while at > 0 and at % _SIZE:  # bytes that look like the id lie across rows
            at = self.rows.find(blob, at + 1, high)
        return at // _SIZE if at >= 0 else -1

    def all(self, blob: bytes) -> Iterator[int]:
        """Give every row of a blob."""
        row = self.first(blob)
        while 0 <= row < len(self) and self.rows[row * _SIZE : row * _SIZE + ID] == blob:
            yield row
            row += 1

    def pack(self, row: int) -> int:
        """Give the number of the pack that a row speaks of."""
        return int.from_bytes(self.rows[row * _SIZE + _SIZE - 3 : row * _SIZE + _SIZE], "little")

    def packs(self, marks: bytearray) -> set[int]:
        """Give the numbers of the packs of the rows that are marked."""
        low, middle, high = (self.rows[at::_SIZE] for at in range(_SIZE - 3, _SIZE))
        found = set(itertools.compress(zip(low, middle, high, strict=True), marks))
        return {a | b << 8 | c << 16 for a, b, c in found}

    def __len__(self) -> int:
        return len(self.rows) // _SIZE


def numbered(rows: bytes, pack: int) -> bytearray:
    """Write the number of a pack into all rows of its sidecar."""
    if pack >= _MOST_PACKS:
        raise ValueError("there are too many packs")
    count = len(rows) // _SIZE
    buffer = bytearray(rows)
    for position, byte in enumerate(pack.to_bytes(3, "little"), _SIZE - 3):
        buffer[position::_SIZE] = bytes((byte,)) * count
    return buffer


def merge(parts: Sequence[bytearray]) -> Table:
    """Make one table of many sorted runs of rows, with little memory beside its own."""
    bounds = [_bounds(part) for part in parts]
    merged = bytearray(sum(len(part) for part in parts))
    shift = 0 if len(merged) > _MANY_ROWS * _SIZE else 8
    counts: Counter[int] = Counter()
    done = 0
    for group in range(_GROUPS):
        rows: list[bytes] = []
        for part, bound in zip(parts, bounds, strict=True):
            run = bytes(part[bound[group] * _SIZE : bound[group + 1] * _SIZE])
            rows += [run[at : at + _SIZE] for at in range(0, len(run), _SIZE)]
        rows.sort()
        counts.update([(row[0] << 8 | row[1]) >> shift for row in rows])
        merged[done * _SIZE : (done + len(rows)) * _SIZE] = b"".join(rows)
        done += len(rows)
    starts = array("I", itertools.accumulate((counts[prefix] for prefix in range(1 << 16 - shift)), initial=0))
    return Table(merged, starts, shift)


def _bounds(rows: bytearray) -> list[int]:
    """Give the row at which each first half-byte of the ids begins, and the number of rows."""
    firsts = rows[::_SIZE]
    return [*(bisect.bisect_left(firsts, group << 4) for group in range(_GROUPS)), len(firsts)]


@dataclass(frozen=True, slots=True)
class Index:
    """The packs of a store, as they were when it was read."""

    packs: tuple[str, ...] = ()
    """Names, in the order of their numbers."""
    tables: tuple[Table, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes of each pack in it, as its sidecar says."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Packs that do not count, by name, and why: damaged sidecar, missing pack, other size."""

    def find(self, blob: bytes) -> list[Where]:
        """Give each place where a blob lies; none when it is not in the store."""
        found = []
        for table in self.tables:
            for row in table.all(blob):
                raw = table.rows[row * _SIZE : (row + 1) * _SIZE]
                _, offset, stored, length, codec = ROW.unpack(raw)
                found.append(Where(self.packs[table.pack(row)], offset, stored, length, codec))
        return found

    def __contains__(self, blob: bytes) -> bool:
        return any(table.first(blob) >= 0 for table in self.tables)

    def __len__(self) -> int:
        return sum(len(table) for table in self.tables)


def load(places: Places, before: Index | None = None) -> Index:
    """Read the sidecars of all packs that are there; of those that `before` knows, nothing is read again.

    A sidecar that is damaged, or whose pack is missing or has another size, does not count: it is in `problems`.
    """
    named = {entry.name.removesuffix(SIDECAR) for entry in places.listed(places.index, SIDECAR)}
    there = places.sizes(places.packs, PACK)  # after the sidecars, as packs are named before theirs
    if before is None or any(there.get(name) != size or name not in named for name, size in before.sizes.items()):
        before = Index()
    sizes, problems = dict(before.sizes), {}
    packs, parts = list(before.packs), []
    for name in sorted(named | set(there)):
        if name in sizes:
            continue
        try:
            size, rows = _read(places, name, there)
        except ValueError as error:
            problems[name] = str(error)
            continue
        parts.append(numbered(rows, len(packs)))
        packs.append(name)
        sizes[name] = size
    if not parts and problems == before.problems:
        return before
    return Index(tuple(packs), extended(before.tables, parts), sizes, problems)


def extended(tables: tuple[Table, ...], parts: list[bytearray]) -> tuple[Table, ...]:
    """Add runs of rows to tables, merging the small ones now and then so that there are never many."""
    if not parts:
        return tables
    added = merge(parts)
    if len(tables) < _MOST_TABLES:
        return (*tables, added)
    small = [table.rows for table in tables[1:]] + [added.rows]
    if sum(len(rows) for rows in small) * 4 >= len(tables[0].rows):
        return (merge([tables[0].rows, *small]),)
    return (tables[0], merge(small))


def _read(places: Places, name: str, there: Mapping[str, int]) -> tuple[int, bytes]:
    """Read one sidecar; raises ValueError that says why its pack does not count."""
    if name not in there:
        raise ValueError("its pack is missing")
    try:
        raw = read_file(places.sidecar(name))
    except FileNotFoundError:
        raise ValueError("its sidecar is missing") from None
    except OSError as error:
        raise ValueError(f"its sidecar cannot be read: {error.strerror}") from error
    try:
        size, rows = read_sidecar(raw, name)
    except ValueError as error:
        raise ValueError(f"its sidecar is damaged: {error}") from error
    if size != there[name]:
        raise ValueError(f"it has {there[name]} bytes instead of {size}")
    return size, rows


def read_file(path: Path) -> bytes:
    """Read a small file whole."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        pieces = []
        while piece := os.read(descriptor, 1 << 20):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)
