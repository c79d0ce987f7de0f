"""Guesses where a file will be cut from how it was cut the last time, and proves each guess by the hash of the blob.

A cut depends on nothing but the bytes since the cut before. So where a blob lies that lay there the last time, it ends
where it ended then, and nobody needs to look for the cut: that saves a third of the work for a large file of which a
little has changed. After a change the next blob that is known says where to go on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from blake3 import blake3

from repro_tui.store.chunks import LEAST, MOST, ends

MOST_BLOBS = 200_000
"""Beyond that the memory for it is not worth it."""


class Foresight:
    """How one file was cut the last time; for one reading of it."""

    def __init__(self, content: Sequence[bytes | int], length: Callable[[bytes], int | None]) -> None:
        self._blobs: list[tuple[bytes, int]] = []
        self._at: dict[bytes, int] = {}
        for part, following in itertools.pairwise(content[:MOST_BLOBS]):
            if isinstance(part, bytes) and isinstance(following, bytes):  # what ends at a hole or an end is no cut
                size = length(part) or 0
                if LEAST <= size <= MOST:
                    self._at[part] = len(self._blobs)
                    self._blobs.append((part, size))
        self._next = 0

    def begin(self) -> None:
        """Read the file from its beginning, for the first time or again."""
        self._next = 0

    def ends(self, view: memoryview, *, last: bool) -> tuple[list[int], list[bytes]]:
        """Give where the blobs in a buffer end that begins at a cut, and their ids; without `last` the certain ones."""
        found: list[int] = []
        names: list[bytes] = []
        at = 0
        while at < len(view):
            length, name = self._guessed(view[at:])
            if not length:
                if not last and at > len(view) - MOST:
                    break
                length = ends(view[at : at + MOST], last=True)[0]
                name = blake3(view[at : at + length]).digest()
                self._next = self._at.get(name, -2) + 1
            at += length
            found.append(at)
            names.append(name)
        return found, names

    def _guessed(self, view: memoryview) -> tuple[int, bytes]:
        """Give length and id of the blob at the beginning of a buffer when it is the one that was guessed, else 0."""
        if not 0 <= self._next < len(self._blobs):
            return 0, b""
        name, length = self._blobs[self._next]
        if length <= len(view) and blake3(view[:length]).digest() == name:
            self._next += 1
            return length, name
        if length <= len(view):
            self._next = -1
        return 0, b""
