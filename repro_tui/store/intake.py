"""Reads one file for keeping, and notices whatever happens to it meanwhile: never a wrong entry, never a hang."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from blake3 import blake3

from repro_tui.store.chunks import LEAST, MOST, ends
from repro_tui.store.entry import Entry, Found, Trouble

SEGMENT = 2 << 20
"""Bytes of a large file that are read, and handed over, at once."""
WHOLE = MOST
"""Files below this size are one blob."""
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_TRIES = 2
_STEP = 512 << 10
"""Bytes that are read and hashed at once, so that they are hashed before they leave the processor's cache."""
_TICK_NS = 10_000_000
"""How coarse the times of files are on Linux before 6.13: a tick of the slowest clock."""
_ZEROS = bytes(1 << 20)
_BLOCK = 512
"""Unit of st_blocks, by POSIX."""
GROUP_READS = stat.S_IRGRP | stat.S_IROTH
"""Bits of which one must be set in the mode of what a group may read."""
CHANGED, VANISHED, OTHER = "changed while it was read", "vanished", "is not what the run used"
PRIVATE = "can be read by its owner alone, and the store by the group"

Stat = tuple[int, int, int, int]
"""Size, mtime and ctime in nanoseconds, inode: what tells that a file is still the same."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read whole, and by which state of it."""

    entry: Entry
    stat: Stat


class _ChangedError(Exception):
    """A file is not any more what it was when it was opened."""


@dataclass(slots=True)
class Segment:
    """A part of a large file that begins and ends at cuts."""

    buffer: bytearray
    """Of SEGMENT bytes; given back when the blobs are kept."""
    ends: list[int]
    blobs: list[bytes | int] = field(default_factory=list)
    """Filled by whoever keeps them."""
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


def keep_file(found: Found, hand: Hand, *, private: bool) -> Read | Trouble:
    """Read a file and keep its blobs; a file that changes meanwhile is tried once more.

    With `private` false a file that only its owner may read is refused. Raises what the hand raises.
    """
    for _ in range(_TRIES):
        try:
            descriptor = os.open(found.full, _FLAGS if found.via else _FLAGS | os.O_NOFOLLOW)
        except OSError as error:
            return Trouble(found.path, reason(error), found.size)
        try:
            before = _settled(descriptor)
            why = _refused(before, private=private)
            if why:
                return Trouble(found.path, why, before.st_size)
            digest, content = _read(descriptor, before, found, hand)
            after = os.fstat(descriptor)
        except _ChangedError:
            continue
        except OSError as error:
            return Trouble(found.path, reason(error), found.size)
        finally:
            os.close(descriptor)
        if state(before) == state(after):
            return _result(found, after, digest, content)
    return Trouble(found.path, CHANGED, found.size)


def _settled(descriptor: int) -> os.stat_result:
    """Look at a file, and wait a moment when it changed just now: a further change might not move its times."""
    info = os.fstat(descriptor)
    if 0 <= time.time_ns() - info.st_ctime_ns < _TICK_NS:
        time.sleep(_TICK_NS / 1e9)
        info = os.fstat(descriptor)
    return info


def _result(found: Found, info: os.stat_result, digest: bytes, content: tuple[bytes | int, ...]) -> Read | Trouble:
    if found.expected and digest != found.expected:
        return Trouble(found.path, OTHER, info.st_size)
    mode = stat.S_IMODE(info.st_mode)
    entry = Entry(found.path, "f", mode, info.st_size, info.st_mtime_ns, digest, content, via=found.via)
    return Read(entry, state(info))


def state(info: os.stat_result) -> Stat:
    """Take from a stat what tells that a file is still the same."""
    return (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def reason(error: OSError) -> str:
    """Say why a file cannot be read."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}:
        return VANISHED
    if error.errno == errno.ELOOP:
        return CHANGED
    return f"cannot be read: {error.strerror or error}"


def _refused(info: os.stat_result, *, private: bool) -> str:
    """Say why something that was opened is not kept; empty when it is."""
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder now"}
    if not stat.S_ISREG(info.st_mode):
        return f"is {kinds.get(stat.S_IFMT(info.st_mode), 'a device')}"
    if not private and not info.st_mode & GROUP_READS:
        return PRIVATE
    return ""


def _read(descriptor: int, info: os.stat_result, found: Found, hand: Hand) -> tuple[bytes, tuple[bytes | int, ...]]:
    """Read exactly the bytes that were there when it was opened; gives their digest and blobs."""
    if info.st_size < WHOLE:
        data = os.read(descriptor, info.st_size + 1)
        while len(data) < info.st_size and (more := os.read(descriptor, info.st_size + 1 - len(data))):
            data += more
        if len(data) != info.st_size:
            raise _ChangedError
        digest = blake3(data).digest()
        if not data:
            return digest, ()
        if digest == (found.expected or digest):
            hand.blob(digest, data)
        hand.step(len(data))
        return digest, (digest,)
    return _Large(descriptor, info, hand).read()


class _Large:
    """A file that is read in segments."""

    def __init__(self, descriptor: int, info: os.stat_result, hand: Hand) -> None:
        self._descriptor = descriptor
        self._info = info
        self._hand = hand
        self._hasher = blake3()
        self._content: list[bytes | int] = []
        self._coming: deque[Segment | int] = deque()
        """What is to be added to the content, in order."""

    def read(self) -> tuple[bytes, tuple[bytes | int, ...]]:
        """Give the digest of the whole and its blobs and holes."""
        at = 0
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
                cuts = ends(view, last=start == end)
                segment = Segment(buffer, cuts)
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
                raise _ChangedError
            self._hasher.update(view[filled : filled + count])
            filled += count
            self._hand.step(count)
        return filled
