"""Reads one file for keeping, and notices whatever happens to it meanwhile: never a wrong entry, never a hang."""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass

from blake3 import blake3

from repro_tui.store.chunks import MOST
from repro_tui.store.entry import Entry, Found, Trouble
from repro_tui.store.foresight import Foresight
from repro_tui.store.large import ChangedError, Hand, LargeFile

WHOLE = MOST
"""Files below this size are one blob."""
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_TRIES = 2
_TICK_NS = 10_000_000
"""How coarse the times of files are on Linux before 6.13: a tick of the slowest clock."""
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


def keep_file(found: Found, hand: Hand, *, private: bool, foresight: Foresight | None = None) -> Read | Trouble:
    """Read a file and keep its blobs; a file that changes meanwhile is tried once more.

    With `private` false a file that only its owner may read is refused. `foresight` knows how it was cut the last time.
    Raises what the hand raises.
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
            digest, content = _read(descriptor, before, found, hand, foresight)
            after = os.fstat(descriptor)
        except ChangedError:
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


def _read(
    descriptor: int, info: os.stat_result, found: Found, hand: Hand, foresight: Foresight | None
) -> tuple[bytes, tuple[bytes | int, ...]]:
    """Read exactly the bytes that were there when it was opened; gives their digest and blobs."""
    if info.st_size < WHOLE:
        data = os.read(descriptor, info.st_size + 1)
        while len(data) < info.st_size and (more := os.read(descriptor, info.st_size + 1 - len(data))):
            data += more
        if len(data) != info.st_size:
            raise ChangedError
        digest = blake3(data).digest()
        if not data:
            return digest, ()
        if digest == (found.expected or digest):
            hand.blob(digest, data)
        hand.step(len(data))
        return digest, (digest,)
    return LargeFile(descriptor, info, hand, foresight).read()
