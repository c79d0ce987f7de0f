"""Reads a large file in segments that begin and end at cuts, holes by their length."""

from __future__ import annotations

import errno
import os
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from blake3 import blake3

from repro_tui.store.chunks import LEAST, ends
from repro_tui.store.foresight import Foresight

SEGMENT = 2 << 20
"""Bytes of a large file that are read, and passed on, at once."""
_STEP = 512 << 10
"""Bytes that are read and hashed at once, so that they are hashed before they leave the processor's cache."""
_ZEROS = bytes(1 << 20)
_BLOCK = 512
"""Unit of st_blocks, by POSIX."""


class ChangedError(Exception):
    """A file is not any more what it was when it was opened."""


@dataclass(slots=True)
class Segment:
    """A part of a large file that begins and ends at cuts."""

    buffer: bytearray
    """Of SEGMENT bytes; given back when the blobs are kept."""
    ends: list[int]
    blobs: list[bytes] = field(default_factory=list)
    """Their ids; filled by whoever keeps them, unless they are known before."""
    done: threading.Event = field(default_factory=threading.Event)


class Hand(Protocol):
    """What a thread that reads files is given to work with."""

    def blob(self, blob: bytes, data: memoryview | bytes) -> None:
        """Keep a blob by its id, unless it is there already."""
        ...

    def buffer(self) -> bytearray:
        """Give a buffer of SEGMENT bytes; what is in it does not matter."""
        ...

    def pass_on(self, segment: Segment) -> None:
        """See to it that a segment's blobs are kept, by this thread or another."""
        ...

    def wait(self, segment: Segment) -> None:
        """Return when the blobs of a segment are kept, or everything was stopped."""
        ...

    def step(self, count: int) -> None:
        """Note bytes that were read; raises when everything is to stop."""
        ...


class LargeFile:
    """A file that is read in segments."""

    def __init__(self, descriptor: int, info: os.stat_result, hand: Hand, foresight: Foresight | None = None) -> None:
        self._descriptor = descriptor
        self._info = info
        self._hand = hand
        self._foresight = foresight
        self._hasher = blake3()
        self._content: list[bytes | int] = []
        self._coming: deque[Segment | int] = deque()
        """What is to be added to the content, in order."""

    def read(self) -> tuple[bytes, tuple[bytes | int, ...]]:
        """Give the digest of the whole and its blobs and holes."""
        at = 0
        if self._foresight:
            self._foresight.begin()
        try:
            for start, end in self._extents():
                self._hole(start - at)
                self._extent(start, end)
                at = end
            self._hole(self._info.st_size - at)
        finally:
            for segment in self._coming:
                if isinstance(segment, Segment):
                    self._hand.wait(segment)
        self._gather()
        return self._hasher.digest(), tuple(self._content)

    def _gather(self) -> None:
        """Take over what others have finished, so that little waits however large the file is."""
        while self._coming and (isinstance(self._coming[0], int) or self._coming[0].done.is_set()):
            done = self._coming.popleft()
            if isinstance(done, int):
                self._content.append(done)
            else:
                self._content += done.blobs

    def _extents(self) -> Iterator[tuple[int, int]]:
        """Give where there are bytes; holes too small to be worth it are bytes."""
        begun, ended = 0, 0
        for start, end in self._data():
            if start - ended >= LEAST or ended == 0:
                if ended:
                    yield begun, ended
                begun = start if start >= LEAST else 0
            ended = end
        if ended:
            yield begun, ended if self._info.st_size - ended >= LEAST else self._info.st_size

    def _data(self) -> Iterator[tuple[int, int]]:
        """Give where the system says that bytes are; all of a file where it does not tell."""
        size = self._info.st_size
        if self._info.st_blocks * _BLOCK >= size or not hasattr(os, "SEEK_DATA"):
            yield 0, size
            return
        end = 0
        while end < size:
            try:
                start = os.lseek(self._descriptor, end, os.SEEK_DATA)
                if start >= size:
                    return
                end = min(os.lseek(self._descriptor, start, os.SEEK_HOLE), size)
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole from here on
                    return
                if error.errno not in {errno.EINVAL, errno.ENOTSUP} or end:
                    raise
                start, end = 0, size
            yield start, end

    def _hole(self, length: int) -> None:
        """Count a hole in, without reading it."""
        if not length:
            return
        self._coming.append(length)
        left = length
        while left:
            count = min(left, len(_ZEROS))
            self._hasher.update(_ZEROS if count == len(_ZEROS) else _ZEROS[:count])
            left -= count
            self._hand.step(count)

    def _extent(self, start: int, end: int) -> None:
        """Read bytes without holes, and pass them on as they are cut; what is behind the last cut begins the next."""
        buffer, filled = self._hand.buffer(), 0
        while start < end:
            with memoryview(buffer) as whole, whole[: min(SEGMENT, filled + end - start)] as view:
                start += self._fill(view[filled:], start)
                if self._foresight:
                    cuts, blobs = self._foresight.ends(view, last=start == end)
                else:
                    cuts, blobs = ends(view, last=start == end), []
                segment = Segment(buffer, cuts, blobs)
                filled = len(view) - cuts[-1]
                if start < end:
                    buffer = self._hand.buffer()
                    buffer[:filled] = view[cuts[-1] :]
            self._coming.append(segment)
            self._hand.pass_on(segment)
            self._gather()

    def _fill(self, view: memoryview, start: int) -> int:
        """Read from an offset until a buffer is full; gives the bytes."""
        filled = 0
        while filled < len(view):
            count = os.preadv(self._descriptor, [view[filled : filled + _STEP]], start + filled)
            if not count:
                raise ChangedError
            self._hasher.update(view[filled : filled + count])
            filled += count
            self._hand.step(count)
        return filled
