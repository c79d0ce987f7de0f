"""Reads a whole pack and says what in it is as it should be; what is not is looked for in every other way."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from blake3 import blake3

from repro_tui.store.codec import unpack
from repro_tui.store.pack import HEAD, PACK_MAGIC, Row, each, packed, read_sidecar, row_of, scan
from repro_tui.store.places import Places

Told = Callable[[int], None]
_HEAD = re.compile(rb"(?=.{32}..[\x00-\x10]\x00..[\x00-\x10]\x00[\x00\x01]\x00\x00\x00)", re.DOTALL)
"""What every head of a blob of at most 1 MiB looks like, wherever it lies."""
_MOST_TRIED = 20_000
_WINDOW = 8 << 20
PROBE = 8 << 20
"""Bytes that are read to see how fast this machine and its disk are."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a pack turned out to be."""

    name: str
    size: int
    why: str = ""
    """What is wrong with it; empty when every byte is right."""
    good: Mapping[bytes, Row] = field(default_factory=dict)
    """The undamaged blobs by id; only where the pack or its sidecar is not as it should be."""
    saved: Mapping[bytes, Row] = field(default_factory=dict)
    """Blobs that are undamaged behind a damaged head: no reader finds them, but they can be kept again."""
    bad: frozenset[bytes] = frozenset()
    """Ids of blobs that it should hold and that no reader finds undamaged."""
    disagrees: bool = False
    """It is whole, but its sidecar is missing, damaged, or says something else."""

    @property
    def rows(self) -> bytes:
        """Give the rows of its sidecar."""
        return packed(list(self.good.values()))


def examine(places: Places, name: str, told: Told) -> Examined:
    """Read every byte of a pack and compare it with the pack's name, its sidecar, each head, and each blob's id.

    Args:
        places: where the store lies.
        name: the pack's 64 digits.
        told: is told how many bytes were read.
    """
    rows = sidecar_rows(places, name)
    try:
        descriptor = os.open(places.pack(name), os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        return Examined(name, 0, f"cannot be read: {error.strerror}", bad=ids(rows))
    try:
        size = os.fstat(descriptor).st_size
        good, bad, why = _through(descriptor, size, name, told)
        if not why:
            same = rows == packed(list(good.values()))
            return Examined(name, size, good={} if same else good, disagrees=not same)
        saved = _behind_sidecar(descriptor, rows, good)
        saved |= _searched(descriptor, size, good | saved)
        return Examined(name, size, why, good, saved, frozenset(bad | ids(rows)) - good.keys())
    finally:
        os.close(descriptor)


def sidecar_rows(places: Places, name: str) -> bytes | None:
    """Read the rows of a sidecar; None when there is no undamaged one."""
    try:
        return bytes(read_sidecar(places.sidecar(name).read_bytes(), name)[1])
    except (OSError, ValueError):
        return None


def ids(rows: bytes | None) -> frozenset[bytes]:
    """Give the ids in a sidecar's rows."""
    return frozenset(row.id for row in each(rows or b""))


def _through(descriptor: int, size: int, name: str, told: Told) -> tuple[dict[bytes, Row], set[bytes], str]:
    """Walk through a pack head by head: gives the good blobs, the bad ones, and what is wrong with the pack."""
    hasher = blake3(PACK_MAGIC)
    good: dict[bytes, Row] = {}
    bad: set[bytes] = set()
    try:
        for row, stored in scan(descriptor, size):
            hasher.update(HEAD.pack(row.id, row.stored, row.length, row.codec))
            hasher.update(stored)
            if _id(row, stored) == row.id:
                good[row.id] = row
            else:
                bad.add(row.id)
            told(HEAD.size + len(stored))
    except ValueError as error:
        return good, bad, f"is damaged: {error}"
    except OSError as error:
        return good, bad, f"cannot be read: {error.strerror}"
    if hasher.hexdigest() == name and not bad:
        return good, bad, ""
    found = f", in {len(bad)} of {len(good) + len(bad)} blobs" if bad else ""
    return good, bad, f"is damaged: its bytes do not match its name{found}"


def _behind_sidecar(descriptor: int, rows: bytes | None, good: dict[bytes, Row]) -> dict[bytes, Row]:
    """Find blobs where the sidecar says they lie.

    Those behind which the walk did not come are added to `good`; given are those whose heads are damaged.
    """
    saved = {}
    for row in each(rows or b""):
        if row.id in good or _id(row, _stored(descriptor, row)) != row.id:
            continue
        if _head(descriptor, row) == HEAD.pack(row.id, row.stored, row.length, row.codec):
            good[row.id] = row
        else:
            saved[row.id] = row
    return saved


def _searched(descriptor: int, size: int, known: dict[bytes, Row]) -> dict[bytes, Row]:
    """Find blobs by what their heads look like, where no sidecar says where they lie."""
    found: dict[bytes, Row] = {}
    taken = sorted((row.offset, row.offset + HEAD.size + row.stored) for row in known.values())
    gaps = zip([len(PACK_MAGIC), *(end for _, end in taken)], [*(start for start, _ in taken), size], strict=True)
    tried = 0
    for start, end in gaps:
        for row in _heads(descriptor, start, end):
            tried += 1
            if tried > _MOST_TRIED:
                return found
            if _id(row, _stored(descriptor, row)) == row.id:
                found[row.id] = row
    return found


def _heads(descriptor: int, start: int, end: int) -> Iterator[Row]:
    """Give what looks like a head between two offsets."""
    at = start
    while at < end:
        window = os.pread(descriptor, min(_WINDOW, end - at), at)
        if not window:
            return
        for match in _HEAD.finditer(window):
            head = window[match.start() : match.start() + HEAD.size]
            if len(head) == HEAD.size:
                try:
                    row = row_of(head, at + match.start())
                except ValueError:
                    continue
                if row.offset + HEAD.size + row.stored <= end:
                    yield row
        if at + len(window) >= end:
            return
        at += len(window) - HEAD.size + 1


def _id(row: Row, stored: bytes) -> bytes:
    """Give the id that a blob's content has; nothing when it cannot be unpacked."""
    try:
        return blake3(unpack(row.codec, stored, row.length)).digest()
    except ValueError:
        return b""


def _stored(descriptor: int, row: Row) -> bytes:
    try:
        return os.pread(descriptor, row.stored, row.offset + HEAD.size)
    except OSError:
        return b""


def _head(descriptor: int, row: Row) -> bytes:
    try:
        return os.pread(descriptor, HEAD.size, row.offset)
    except OSError:
        return b""


def bytes_a_second(places: Places, name: str) -> float:
    """Measure how fast packs can be read and compared here, by the beginning of one of them."""
    begin, done = time.perf_counter(), 0
    try:
        descriptor = os.open(places.pack(name), os.O_RDONLY | os.O_CLOEXEC)
        try:
            for row, stored in scan(descriptor, os.fstat(descriptor).st_size):
                _id(row, stored)
                done += HEAD.size + len(stored)
                if done >= PROBE:
                    break
        finally:
            os.close(descriptor)
    except (OSError, ValueError):
        done = max(done, 1)
    return max(done, 1) / max(time.perf_counter() - begin, 1e-6)
