"""Takes a sample of the values of arrays, in blocks that are always the same for the same number of values."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from repro_tui.profiles.array_header import Header, Item
from repro_tui.profiles.array_statistics import Value, mixed

Read = Callable[[int, int], bytes]
"""Gives so many bytes from a place on, fewer at the end."""
Whole = tuple[Header, Read, int]
"""An array, what reads it, and how many of its rows are there."""

_VALUES = 400_000
"""Values that statistics rest on, of all columns of an array together."""
_COUNTED = 20_000_000
"""Rows whose classes are all counted."""
_MOST_COLUMNS = 64
"""An array of more columns is described as one."""
_BLOCKS = 1 << 18
"""Blocks that arrays are cut into at most, of which a sample is taken."""
_CHUNK = 1 << 16
"""Units that are read at once."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What counts as columns of an array."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    flat: bool
    """All values are one column, whatever their row."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The values of a sample, by column; None for columns whose values are not looked at."""

    values: tuple[Sequence[Value] | None, ...]
    sampled: int | None
    """Rows (values, where all are one column) that were drawn, when it is not all."""


def layout_of(header: Header, name: str) -> Layout:
    """Say what the columns are: the fields of structured values, the second axis when it is short, or all as one."""
    types = tuple(item.type for item in header.items)
    if len(header.items) > 1 or header.items[0].name:
        return Layout(tuple(item.name for item in header.items), types, flat=len(header.shape) > 1)
    if len(header.shape) == 2 and 0 < header.shape[1] <= _MOST_COLUMNS:  # noqa: PLR2004 - rows and columns
        return Layout(tuple(map(str, range(header.shape[1]))), types * header.shape[1], flat=False)
    return Layout((name,), types, flat=len(header.shape) > 1)


def sample(arrays: Sequence[Whole], layout: Layout, check: Callable[[], None]) -> Drawn:
    """Draw values of arrays of the same form; `check` may raise to stop."""
    columns: list[list[Value]] = [[] for _ in layout.names]
    header = arrays[0][0]
    looked = [bool(_item(header, layout, j).code) for j in range(len(columns))]
    counts = [_units(array, layout) for array in arrays]
    drawn = 0
    for number, start, count in _picked(counts, max(1, _VALUES // max(1, len(columns)))):
        check()
        found = _read(arrays[number], layout, start, count, looked)
        drawn += min(map(len, found), default=0) if any(looked) else count
        for column, more in zip(columns, found, strict=True):
            column.extend(more)
    values = tuple(column if look else None for column, look in zip(columns, looked, strict=True))
    return Drawn(values, drawn if any(looked) and drawn < sum(counts) else None)


def count_classes(arrays: Sequence[Whole], layout: Layout, column: int, check: Callable[[], None]) -> dict[str, int]:
    """Count how often each value of a column occurs, in all rows unless there are very many."""
    looked = [j == column for j in range(len(layout.names))]
    counts: Counter[Value] = Counter()
    for number, start, count in _picked([_units(array, layout) for array in arrays], _COUNTED):
        check()
        counts.update(_read(arrays[number], layout, start, count, looked)[column])
    named: Counter[str] = Counter()
    for value, count in counts.items():
        named[_word(value)] += count
    return dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))


def _word(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _units(array: Whole, layout: Layout) -> int:
    """Count what is drawn of an array: its rows, or its values where all are one column."""
    header, _, rows = array
    return rows * (header.count // header.rows) if layout.flat and header.rows else rows


def _picked(counts: Sequence[int], most: int) -> Iterator[tuple[int, int, int]]:
    """Give the stretches that are drawn: number of the array, first unit, how many; all of them when they are few.

    The arrays count as one long one, cut into blocks. Whether a block is drawn depends on its number alone, so what is
    appended does not change what is drawn before it.
    """
    total = sum(counts)
    halvings = 0
    while total >> halvings > most:
        halvings += 1
    size = _CHUNK
    if halvings:
        size = 1
        while total // size > _BLOCKS:
            size *= 2
    limit = (1 << 64) >> halvings
    first = 0
    for number, count in enumerate(counts):
        start = 0
        while start < count:
            block = (first + start) // size
            end = min(count, (block + 1) * size - first)
            if not halvings or mixed(block) < limit:
                yield number, start, end - start
            start = end
        first += count


def _item(header: Header, layout: Layout, column: int) -> Item:
    """Give the type of the values of a column."""
    return header.items[column if len(header.items) == len(layout.names) else 0]


def _read(array: Whole, layout: Layout, start: int, count: int, looked: Sequence[bool]) -> list[list[Value]]:
    """Read a stretch of units and give the values of the columns that are looked at."""
    header, read, _ = array
    width = len(layout.names) // len(header.items)
    if header.columnwise and width > 1:
        return [
            _values(
                read(header.start + (j * header.rows + start) * header.size, count * header.size),
                header.items[0],
                header.size,
            )
            if looked[j]
            else []
            for j in range(width)
        ]
    step = header.size * width
    raw = read(header.start + start * step, count * step)
    raw = raw[: len(raw) // step * step] if step else b""
    if width > 1:
        values = _values(raw, header.items[0], header.size)
        return [list(values[j::width]) if looked[j] else [] for j in range(width)]
    return [_values(raw, item, header.size) if look else [] for item, look in zip(header.items, looked, strict=True)]


def _values(raw: bytes, item: Item, size: int) -> list[Value]:
    """Take the values of one field out of whole units."""
    if not item.code or not size:
        return []
    raw = raw[: len(raw) // size * size]
    order = ">" if item.big else "<"
    if item.code in "sU":
        pieces = (raw[at + item.offset : at + item.offset + item.size] for at in range(0, len(raw), size))
        if item.code == "s":
            return [piece.rstrip(b"\0") for piece in pieces]
        return [piece.decode("utf-32-be" if item.big else "utf-32-le", "replace").rstrip("\0") for piece in pieces]
    if item.size == size:
        return list(struct.unpack(f"{order}{len(raw) // size}{item.code}", raw))
    form = f"{order}{item.offset}x{item.code}{size - item.offset - item.size}x"
    return [value for (value,) in struct.iter_unpack(form, raw)]
