"""Packs and their sidecars, byte by byte (docs/formats/store.md, "A pack", "A sidecar")."""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from blake3 import blake3

from repro_tui.store.codec import RAW, ZSTD
from repro_tui.store.durable import open_new, temporary, write_all
from repro_tui.store.places import Places

PACK_MAGIC, SIDECAR_MAGIC = b"RPACK1\n\0", b"RINDX1\n\0"
MOST_BYTES = 64 << 20
"""Bytes of a pack; one blob always fits."""
MOST_BLOBS = 32_768
"""Blobs of a pack, so that the memory of what is not yet in an index is bounded."""
ID, CHECK = 32, 32
HEAD = struct.Struct("<32sIIB3x")
"""Id, stored length, length, codec."""
ROW = struct.Struct("<32sIIIB3x")
"""Id, offset of the head in the pack, stored length, length, codec."""
_TOP = struct.Struct("<8sI4xQ32s")
_STAGED = 128 << 10
_MANY = 500
MOST_LENGTH = 1 << 26
"""Bytes of a blob that a reader believes in; writers cut at 1 MiB."""


class Row(NamedTuple):
    """Where a blob lies in a pack."""

    id: bytes
    offset: int
    """Of its head."""
    stored: int
    """Bytes after the head."""
    length: int
    """Bytes of the blob."""
    codec: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A pack that is written and flushed under a temporary name."""

    name: str
    """64 hex digits."""
    path: Path
    size: int
    rows: bytes
    """Packed rows, sorted by id."""

    @property
    def count(self) -> int:
        """Count its blobs."""
        return len(self.rows) // ROW.size


class OpenPack:
    """A pack that is being written, under a temporary name; for one thread at a time."""

    def __init__(self, places: Places) -> None:
        self.path = temporary(places, "pack")
        self._descriptor = open_new(self.path, places.file_mode)
        self._hasher = blake3()
        self._staged: list[bytes | memoryview] = [PACK_MAGIC]
        self._waiting = len(PACK_MAGIC)
        self._rows: list[bytes] = []
        self.size = len(PACK_MAGIC)
        """Bytes, with those that are still to be written."""

    def fits(self, length: int) -> bool:
        """Tell whether a blob of a stored length still goes in."""
        empty = not self._rows
        return empty or (self.size + HEAD.size + length <= MOST_BYTES and len(self._rows) < MOST_BLOBS)

    def append(self, blob: bytes, length: int, codec: int, stored: bytes | memoryview) -> None:
        """Add a blob; a `memoryview` is written before this returns, so that its buffer may be used again."""
        self._rows.append(ROW.pack(blob, self.size, len(stored), length, codec))
        self._staged.append(HEAD.pack(blob, len(stored), length, codec))
        self._staged.append(stored)
        self._waiting += HEAD.size + len(stored)
        self.size += HEAD.size + len(stored)
        if self._waiting >= _STAGED or len(self._staged) >= _MANY or isinstance(stored, memoryview):
            self._write()

    def ids(self) -> list[bytes]:
        """Give the ids of its blobs."""
        return [row[:ID] for row in self._rows]

    def seal(self) -> Sealed:
        """Write and flush the rest, and close it."""
        self._write()
        os.fsync(self._descriptor)
        self.close()
        return Sealed(self._hasher.hexdigest(), self.path, self.size, b"".join(sorted(self._rows)))

    def close(self) -> None:
        """Give the file descriptor back."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _write(self) -> None:
        staged, self._staged, self._waiting = self._staged, [], 0
        if not staged:
            return
        for piece in staged:
            self._hasher.update(piece)
        write_all(self._descriptor, staged)


def sidecar(name: str, size: int, rows: bytes) -> bytes:
    """Make the bytes of a sidecar from packed rows that are sorted by id."""
    body = _TOP.pack(SIDECAR_MAGIC, len(rows) // ROW.size, size, bytes.fromhex(name)) + rows
    return body + blake3(body).digest()


def sidecar_size(blobs: int) -> int:
    """Count the bytes of the sidecar of a pack with so many blobs."""
    return _TOP.size + blobs * ROW.size + CHECK


def read_sidecar(raw: bytes, name: str) -> tuple[int, bytes]:
    """Give (size of the pack, packed rows) of a sidecar; raises ValueError that says what is wrong with it."""
    if len(raw) < _TOP.size + CHECK or raw[: len(SIDECAR_MAGIC)] != SIDECAR_MAGIC:
        raise ValueError("it is no sidecar of this version")
    if blake3(memoryview(raw)[:-CHECK]).digest() != raw[-CHECK:]:
        raise ValueError("its bytes do not match its checksum")
    _, count, size, pack = _TOP.unpack_from(raw)
    if pack.hex() != name or len(raw) != _TOP.size + count * ROW.size + CHECK:
        raise ValueError("it belongs to another pack")
    return size, raw[_TOP.size : -CHECK]


def each(rows: bytes) -> Iterator[Row]:
    """Give the rows of a sidecar."""
    return itertools.starmap(Row, ROW.iter_unpack(rows))


def packed(rows: Sequence[Row]) -> bytes:
    """Make the rows of a sidecar."""
    return b"".join(sorted(ROW.pack(*row) for row in rows))


def scan(descriptor: int, size: int) -> Iterator[tuple[Row, bytes]]:
    """Walk through a pack by its heads alone: gives each row with the stored bytes after its head.

    Raises ValueError at the first head that cannot be one, or where the pack ends within a blob.
    """
    if os.pread(descriptor, len(PACK_MAGIC), 0) != PACK_MAGIC:
        raise ValueError("it does not begin as a pack")
    at = len(PACK_MAGIC)
    while at < size:
        head = os.pread(descriptor, HEAD.size, at)
        if len(head) < HEAD.size:
            raise ValueError(f"it ends within a head, at byte {at}")
        row = row_of(head, at)
        stored = os.pread(descriptor, row.stored, at + HEAD.size)
        if len(stored) < row.stored:
            raise ValueError(f"it ends within a blob, at byte {at}")
        yield row, stored
        at += HEAD.size + row.stored


def row_of(head: bytes, at: int) -> Row:
    """Read the head of a blob that lies at an offset; raises ValueError for what no writer writes."""
    blob, stored, length, codec = HEAD.unpack(head)
    if codec not in {RAW, ZSTD} or head[-3:] != b"\0\0\0" or max(stored, length) > MOST_LENGTH or not length:
        raise ValueError(f"there is no head of a blob at byte {at}")
    return Row(blob, at, stored, length, codec)
