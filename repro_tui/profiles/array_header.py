"""The header of an array in NumPy's file format, read without NumPy and without ever opening a pickle.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from dataclasses import dataclass

from repro_tui.profiles.places import UnfitError

MAGIC = b"\x93NUMPY"
_LONGEST = 1 << 16
"""Bytes of a header; NumPy itself refuses more than 10,000 unless asked."""
_MOST_AXES = 64
_MOST_FIELDS = 1000
_PREFIX = 12
_TYPE = re.compile(r"([<>=|])?([?bBiufcmMOSUV])(\d+)?(?:\[(\w+)\])?", re.ASCII)
_CODES = {"i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q"}
_CODES |= {"f2": "e", "f4": "f", "f8": "d", "b1": "?", "?1": "?"}
_NAMES = {"i": "int", "u": "uint", "f": "float", "c": "complex", "b": "bool", "?": "bool", "O": "object"}


@dataclass(frozen=True, slots=True)
class Item:
    """The type of one value, or of one field of a structured one."""

    name: str
    """Of the field; empty for plain arrays."""
    type: str
    """As NumPy names it: `float32`, `<U10`."""
    code: str
    """For `struct`; `s` for bytes, `U` for text, empty when values are not looked at."""
    size: int
    """Bytes."""
    offset: int
    """Bytes from the beginning of the value."""
    big: bool
    """Most significant byte first."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an array holds, and where its values begin."""

    shape: tuple[int, ...]
    columnwise: bool
    """In Fortran's order: the first index changes fastest."""
    items: tuple[Item, ...]
    """One, or the fields of a structured type."""
    size: int
    """Bytes of one value with all its fields."""
    start: int
    """Byte of the file at which the values begin."""

    @property
    def count(self) -> int:
        """Count the values."""
        return math.prod(self.shape)

    @property
    def rows(self) -> int:
        """Count the rows: the first axis."""
        return self.shape[0] if self.shape else 1

    @property
    def objects(self) -> bool:
        """Tell whether it holds Python objects, that is a pickle, which can run anything when opened."""
        return any(item.type == "object" for item in self.items)

    @property
    def form(self) -> tuple[object, ...]:
        """What arrays of one table have in common."""
        return (self.shape[1:], bool(self.shape), tuple((item.name, item.type) for item in self.items))


def header_of(raw: bytes) -> Header:
    """Read the header from the beginning of a file; raises UnfitError."""
    if not raw.startswith(MAGIC) or len(raw) < _PREFIX:
        raise UnfitError("is no NumPy array: its first bytes are others")
    wide = raw[6] >= 2  # noqa: PLR2004 - from version 2 on the length has four bytes
    length = int.from_bytes(raw[8:12] if wide else raw[8:10], "little")
    start = (12 if wide else 10) + length
    if length > _LONGEST or len(raw) < start:
        raise UnfitError("is cut off in its header" if length <= _LONGEST else "has a header of unlikely length")
    text = raw[12 if wide else 10 : start].decode("utf-8" if raw[6] >= 3 else "latin-1", "replace")  # noqa: PLR2004 - from version 3 on it is UTF-8
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            described = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
        raise UnfitError("has a header that is not understood") from error
    match described:
        case {"descr": descr, "fortran_order": bool(columnwise), "shape": tuple(shape)} if _is_shape(shape):
            items, size = _items(descr)
            return Header(shape, columnwise and len(shape) > 1, items, size, start)
    raise UnfitError("has a header that is not understood")


def _is_shape(shape: tuple[object, ...]) -> bool:
    return len(shape) <= _MOST_AXES and all(type(size) is int and 0 <= size < 1 << 62 for size in shape)


def _items(descr: object) -> tuple[tuple[Item, ...], int]:
    """Give the parts of a value, and its size."""
    if isinstance(descr, str):
        item = _item("", descr, 0)
        return (item,), item.size
    if not isinstance(descr, list) or not 0 < len(descr) <= _MOST_FIELDS:
        raise UnfitError("has a type that is not understood")
    items: list[Item] = []
    offset = 0
    for field in descr:
        match field:
            case (str(name), str(kind)):
                item, count = _item(name, kind, offset), 1
            case (str(name), str(kind), tuple(shape)) if _is_shape(shape):
                item, count = _item(name, kind, offset), math.prod(shape)
                item = Item(item.name, f"{item.type}{list(shape)}", "", item.size * count, offset, item.big)
                count = 1
            case _:
                raise UnfitError("has a type that is not understood")
        items.append(item)
        offset += item.size * count
    return tuple(items), offset


def _item(name: str, kind: str, offset: int) -> Item:
    match = _TYPE.fullmatch(kind)
    if not match:
        raise UnfitError(f"has a type that is not understood: {kind[:40]!r}")
    order, letter, digits, unit = match.groups()
    size = int(digits[:9]) if digits else 8 if letter == "O" else 1
    big = order == ">"
    if letter in "SU":
        return Item(name, kind, "s" if letter == "S" else "U", size * (4 if letter == "U" else 1), offset, big)
    if letter in "mM":
        return Item(name, f"{'datetime64' if letter == 'M' else 'timedelta64'}[{unit or ''}]", "q", 8, offset, big)
    code = _CODES.get(f"{letter}{size}", "")
    plain = _NAMES.get(letter, "void")
    return Item(name, plain if plain in {"bool", "object"} else f"{plain}{size * 8}", code, size, offset, big)
