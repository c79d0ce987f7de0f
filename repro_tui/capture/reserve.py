"""Room kept ready behind the end of output files, so that a disk that fills up does not make the command's prints fail.

Without us its output would have gone to a pipe or a device and could not have met a full disk. The room is taken from
the file system by `fallocate(2)` without changing the file's size; where there is no such call nothing is kept.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

_KEEP_SIZE, _PUNCH_HOLE = 1, 2
_ROOM = 1 << 20
_LEAST = 1 << 16
_SHARE = 16
"""At most this part of what is free is kept."""
_BEHIND = 1 << 12
_SCARCE = 1 << 30


class Reserve:
    """Keeps room behind the ends of some files, given by descriptors that are open for writing."""

    def __init__(self, files: Sequence[int]) -> None:
        self._files = dict.fromkeys(files, 0)
        self._call = _fallocate()
        self._sizes: dict[int, int] = {}
        self.cut = False
        """A file became shorter: the command opened /dev/stdout or /dev/stderr for writing, which empties it."""
        self.full = False
        """The disk is full, but for the room that is kept."""

    def add(self, descriptor: int) -> None:
        """Keep room for a further file; -1 is none."""
        if descriptor >= 0:
            self._files[descriptor] = 0

    def extend(self) -> None:
        """See that there is room again, after what was written."""
        call = self._call = self._call or _fallocate()
        for descriptor in self._files:
            with contextlib.suppress(OSError):
                size = os.fstat(descriptor).st_size
                self.cut = self.cut or size < self._sizes.get(descriptor, 0)
                kept = self._files[descriptor] if size >= self._sizes.get(descriptor, 0) else size
                self._sizes[descriptor] = size
                room = self._room(descriptor)
                if kept - size < room // 2 and call(descriptor, _KEEP_SIZE, size, room):
                    self._files[descriptor] = size + room
                self.full = _is_full(descriptor)

    def release(self) -> None:
        """Give the room back; what somebody may be writing just now is left alone."""
        for descriptor, kept in self._files.items():
            with contextlib.suppress(OSError):
                start = os.fstat(descriptor).st_size + _BEHIND
                if self._call and kept > start:
                    self._call(descriptor, _KEEP_SIZE | _PUNCH_HOLE, start, kept - start)

    def _room(self, descriptor: int) -> int:
        """Give the bytes to keep: little where little is free."""
        free = os.fstatvfs(descriptor)
        return max(min(_ROOM, free.f_bavail * free.f_frsize // _SHARE), _LEAST)


class _Fallocate:
    """The C library's function; Python's own changes the size of the file."""

    def __init__(self) -> None:
        import ctypes

        self._function = ctypes.CDLL(None, use_errno=True).fallocate
        self._function.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)

    def __call__(self, descriptor: int, mode: int, start: int, length: int) -> bool:
        return int(self._function(descriptor, mode, start, length)) == 0


class _Nothing:
    """Stands in where there is no such function."""

    def __call__(self, _descriptor: int, _mode: int, _start: int, _length: int) -> bool:
        return False


def _fallocate() -> _Fallocate | _Nothing:
    try:
        return _Fallocate()
    except (AttributeError, OSError):
        return _Nothing()


def is_scarce(folder: Path) -> bool:
    """Tell whether so little is free that it may be gone within the command's first moments."""
    try:
        free = os.statvfs(folder)
    except OSError:
        return False
    return free.f_bavail * free.f_frsize < _SCARCE


def _is_full(descriptor: int) -> bool:
    free = os.fstatvfs(descriptor)
    return free.f_bavail * free.f_frsize < _LEAST
