"""Reads the content of listed files out of a store: each blob is compared with its name, each file with its digest."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Protocol

from blake3 import blake3

from repro_tui.errors import ReproError
from repro_tui.store.entry import Entry
from repro_tui.store.index import Index
from repro_tui.store.paths import shown

ZEROS = bytes(1 << 20)
MOST_HASHED_ZEROS = 64 << 30
"""Bytes of holes in one file above which its digest is not computed again (its blobs are compared all the same):
a listing of a few bytes may speak of a hole of a million terabytes."""
_SLICE = 1 << 30
AHEAD = 16
"""Blobs of a large file that are read before they are needed: 16 MiB at most."""

Piece = tuple[int, bytes | int]
"""Offset in the file, and bytes or the length of a hole."""


class Blobs(Protocol):
    """What reading needs of a store."""

    def refresh(self) -> Index:
        """Give which blob lies where, as it is now."""
        ...

    def read(self, blob: bytes) -> bytes:
        """Give a blob, compared with its name; raises ReproError. Called by several threads at once."""
        ...


class LostError(Exception):
    """The content of a file is not to be had; the text says why."""


def pieces(entry: Entry) -> tuple[bytes | int, ...]:
    """Give the content of an entry as a listing means it: one blob of the file's own digest when it names none."""
    return entry.content or ((entry.digest,) if entry.size else ())


def dense(entry: Entry) -> int:
    """Count the bytes of a file that are no holes."""
    return entry.size - sum(piece for piece in entry.content if isinstance(piece, int))


def check_length(index: Index, entry: Entry) -> None:
    """Raise LostError when a file's content is not in the store, or is not as long as the listing says."""
    total = 0
    for piece in pieces(entry):
        if isinstance(piece, int):
            total += piece
            continue
        found = index.find(piece)
        if not found:
            raise LostError(f"a part of its content is missing from the store: blob {piece.hex()[:16]}")
        total += found[0].length
    if total != entry.size:
        raise LostError(f"the listing says {entry.size:,} bytes, but its content has {total:,}")


def content(store: Blobs, entry: Entry, pool: Executor | None = None) -> Iterator[Piece]:
    """Give the pieces of a file in order, each compared; the file's digest is compared after the last of them.

    Holes are given by their length, a gigabyte at most at a time. With a pool, blobs are read ahead in it.
    Raises LostError.
    """
    wanted = pieces(entry)
    whole = wanted == (entry.digest,)
    digest = None if whole or entry.size - dense(entry) > MOST_HASHED_ZEROS else blake3()
    at = 0
    for piece, data in zip(wanted, _read(store, wanted, pool), strict=True):
        if isinstance(piece, int):
            for count in _slices(piece):
                _hash_zeros(digest, count)
                yield at, count
                at += count
        else:
            assert isinstance(data, bytes)
            if digest is not None:
                digest.update(data)
            yield at, data
            at += len(data)
    if at != entry.size:
        raise LostError(f"the listing says {entry.size:,} bytes, but its content has {at:,}")
    if digest is not None and digest.digest() != entry.digest:
        raise LostError("its content is not what its digest says")


def _read(store: Blobs, wanted: tuple[bytes | int, ...], pool: Executor | None) -> Iterator[bytes | int]:
    """Give each piece in order: the bytes of a blob, a hole as it is."""
    if pool is None:
        for piece in wanted:
            yield piece if isinstance(piece, int) else _blob(store, piece)
        return
    ahead: deque[Future[bytes] | int] = deque()
    try:
        for piece in wanted:
            ahead.append(piece if isinstance(piece, int) else pool.submit(_blob, store, piece))
            if len(ahead) > AHEAD:
                yield _done(ahead.popleft())
        while ahead:
            yield _done(ahead.popleft())
    finally:
        for future in ahead:
            if isinstance(future, Future):
                future.cancel()


def _done(piece: Future[bytes] | int) -> bytes | int:
    return piece if isinstance(piece, int) else piece.result()


def _blob(store: Blobs, blob: bytes) -> bytes:
    """Read one blob; whatever the store says is wrong becomes what is wrong with the file."""
    try:
        return store.read(blob)
    except ReproError as error:
        raise LostError(error.message.rstrip(".")) from error


def _slices(hole: int) -> Iterator[int]:
    """Cut a hole into lengths between which somebody may stop; one that is not hashed takes no time."""
    step = _SLICE if hole <= MOST_HASHED_ZEROS else hole
    for start in range(0, hole, step):
        yield min(step, hole - start)


def _hash_zeros(digest: blake3 | None, count: int) -> None:
    while digest is not None and count > 0:
        digest.update(ZEROS[:count] if count < len(ZEROS) else ZEROS)
        count -= len(ZEROS)


def write(descriptor: int, found: Iterator[Piece], size: int, told: Callable[[int], None]) -> None:
    """Write the pieces of a file; holes become holes again. Raises LostError, OSError, and what `told` raises."""
    sparse = False
    for at, piece in found:
        if isinstance(piece, int):
            sparse = True
            told(0)
            continue
        written = 0
        while written < len(piece):
            written += os.pwrite(descriptor, piece[written:] if written else piece, at + written)
        told(len(piece))
    if sparse:
        os.ftruncate(descriptor, size)


def why(error: LostError | OSError) -> str:
    """Say in words why a file could not be brought back."""
    if isinstance(error, OSError):
        name = f" ({shown(os.fsencode(error.filename))})" if isinstance(error.filename, bytes) else ""
        return f"cannot be written: {error.strerror or error}{name}"
    return str(error)
