"""TensorBoard event files: their scalars, read without TensorFlow.

The format is TFRecord (length, masked CRC, bytes, masked CRC) around messages of tensorflow/core/util/event.proto.
Checksums are not verified: a file that is being written ends within a record, and one that does not decode is skipped.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from repro_tui.readers.interface import MAX_ROWS, Row
from repro_tui.readers.source import GrowingFile

_HEADER = 12
_FOOTER = 4
_RECORD_LIMIT = 64 << 20
_KEPT = 1 << 20
"""Bytes of a record beyond which it is an image or a graph and is passed over without being kept."""

_FLOAT, _DOUBLE, _INT32, _INT64, _HALF = 1, 2, 3, 9, 19
_CONTENT = {_FLOAT: "<f", _DOUBLE: "<d", _INT32: "<i", _INT64: "<q", _HALF: "<e"}

Field = tuple[int, int, int | bytes]
"""Number, wire type, value."""


def fields(message: bytes) -> Iterator[Field]:
    """Take a protocol-buffer message apart; raises ValueError or struct.error where it is damaged."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        wire = key & 7
        value: int | bytes
        if wire == 0:
            value, at = _varint(message, at)
        elif wire == 1:
            value, at = message[at : at + 8], at + 8
        elif wire == 2:  # noqa: PLR2004 - wire types of the format
            size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        elif wire == 5:  # noqa: PLR2004 - wire types of the format
            value, at = message[at : at + 4], at + 4
        else:
            raise ValueError(f"wire type {wire}")
        if at > end:
            raise ValueError("a field reaches beyond its message")
        yield key >> 3, wire, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Read a variable-length integer."""
    value = shift = 0
    while at < len(message) and shift < 70:  # noqa: PLR2004 - ten bytes at most
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
    raise ValueError("an integer does not end")


def event(message: bytes) -> tuple[float, int, dict[str, float]]:
    """Read an event: wall time, step, scalars by tag."""
    wall, step = 0.0, 0
    scalars: dict[str, float] = {}
    for number, _, value in fields(message):
        if number == 1 and isinstance(value, bytes):
            (wall,) = struct.unpack("<d", value)
        elif number == 2 and isinstance(value, int):  # noqa: PLR2004 - field numbers of Event
            step = value - (1 << 64) if value >> 63 else value
        elif number == 5 and isinstance(value, bytes):  # noqa: PLR2004 - field numbers of Event
            for inner, _, content in fields(value):
                if inner == 1 and isinstance(content, bytes):
                    scalars |= _scalar(content)
    return wall, step, scalars


def _scalar(message: bytes) -> dict[str, float]:
    """Read a summary's value, if it is a scalar."""
    tag, found = "", None
    for number, wire, value in fields(message):
        if not isinstance(value, bytes):
            continue
        if number == 1:
            tag = value.decode("utf-8", "replace")
        elif number == 2 and wire == 5:  # noqa: PLR2004 - simple_value
            (found,) = struct.unpack("<f", value)
        elif number == 8:  # noqa: PLR2004 - tensor
            found = _tensor(value)
    if tag == "hp_metric" and found == -1:  # Lightning's stand-in where a script logs no such metric
        return {}
    return {tag: found} if tag and found is not None else {}


def _tensor(message: bytes) -> float | None:
    """Read a tensor of one number, as TensorFlow 2 writes its scalars; None for any other."""
    kind, size, content = 0, 1, b""
    listed: list[float] = []
    for number, wire, value in fields(message):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, bytes):  # noqa: PLR2004 - tensor_shape
            size = _size(value)
        elif number == 4 and isinstance(value, bytes):  # noqa: PLR2004 - tensor_content
            content = value
        elif number in {5, 6} and isinstance(value, bytes):
            form, width = ("<f", 4) if number == 5 else ("<d", 8)  # noqa: PLR2004 - float_val, double_val
            listed += [struct.unpack_from(form, value, at)[0] for at in range(0, len(value) - width + 1, width)][:2]
        elif number in {7, 10} and wire == 0 and isinstance(value, int):
            listed.append(float(value - (1 << 64) if value >> 63 else value))
    if size != 1:
        return None
    if content and kind in _CONTENT and len(content) == struct.calcsize(_CONTENT[kind]):
        return float(struct.unpack(_CONTENT[kind], content)[0])
    return listed[0] if len(listed) == 1 else None


def _size(shape: bytes) -> int:
    """Give the number of elements that a shape describes; one where it has no dimension."""
    size = 1
    for number, _, value in fields(shape):
        if number == 2 and isinstance(value, bytes):  # noqa: PLR2004 - dim
            size *= next((v for n, _, v in fields(value) if n == 1 and isinstance(v, int)), 1)
    return size


class EventTail:
    """Reads an event file while it is written."""

    def __init__(self, path: Path, begin: int = 0) -> None:
        self._file = GrowingFile(path)
        self._file.offset = 0
        self._begin = begin
        self._rest = b""
        self._skip = 0
        self._at = 0
        self._broken = False

    def poll(self, now: float, deadline: float, *, final: bool = False) -> Sequence[Row]:
        """Give the new scalars, those of one step together (see `interface.Tail`)."""
        del final
        rows: dict[int, tuple[float, dict[str, float]]] = {}
        while len(rows) < MAX_ROWS and not self._file.unchanged():
            growth = self._file.read()
            if growth.restarted:
                self._rest, self._skip, self._at, self._broken = b"", 0, 0, False
            if not growth.data or self._broken:
                break
            for wall, step, scalars in self._events(growth.data):
                if scalars:
                    known = rows.get(step, (wall, {}))[1]
                    rows[step] = (wall if wall > 0 else now, known | scalars)
            if time.monotonic() >= deadline:
                break
        return [Row(step, wall, scalars) for step, (wall, scalars) in rows.items()]

    def _events(self, data: bytes) -> Iterator[tuple[float, int, dict[str, float]]]:
        """Cut records out of the bytes and decode them."""
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            self._at += passed
            data = data[passed:]
        self._rest += data
        at = 0
        while len(self._rest) - at >= _HEADER:
            (length,) = struct.unpack_from("<Q", self._rest, at)
            if length > _RECORD_LIMIT:
                self._broken = True  # no record is that long: nothing after it can be found again
                break
            whole = _HEADER + length + _FOOTER
            if len(self._rest) - at < whole:
                if length > _KEPT:
                    self._skip = whole - (len(self._rest) - at)
                    self._at += len(self._rest) - at
                    at = len(self._rest)
                break
            if self._at >= self._begin and length <= _KEPT:
                with suppress(ValueError, struct.error):  # a damaged record spoils itself only
                    yield event(self._rest[at + _HEADER : at + _HEADER + length])
            at += whole
            self._at += whole
        self._rest = self._rest[at:]


class TensorBoardReader:
    """Event files, by their name and the length of their first record."""

    name = "tensorboard"

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell by its name whether a file is one of events."""
        if "tfevents" not in path.name or path.name.endswith(".profile-empty"):
            return False
        return not head or (len(head) >= 8 and struct.unpack_from("<Q", head)[0] <= _RECORD_LIMIT)  # noqa: PLR2004 - a length field

    def open(self, path: Path, begin: int = 0) -> EventTail:
        """Begin to read a file; records before the byte `begin` were there before the run."""
        return EventTail(path, begin)
