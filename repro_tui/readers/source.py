"""Bytes that are appended to a file by somebody else: torn tails, truncation and replacement included."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 20
"""Bytes that are read at once."""

_FINGERPRINT = 256


@dataclass(slots=True)
class Growth:
    """What a look at a growing file gave."""

    data: bytes
    """New bytes, at most BLOCK, from where the last look ended."""
    restarted: bool
    """The file was truncated or replaced: the bytes begin at its start."""


class GrowingFile:
    """Reads what is new in a file; notices when it has become another one.

    A replaced file is noticed by its beginning: inodes are used again, and a rewritten file may be longer than before.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0
        self._begin = b""
        self._stamp: tuple[int, int, int] | None = None

    def unchanged(self) -> bool:
        """Tell whether nothing happened since everything was read."""
        try:
            stat = self.path.stat()
        except OSError:
            return True
        return self._stamp == (stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def read(self) -> Growth:
        """Read what is new; nothing where the file is gone, is no plain file or cannot be read."""
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return Growth(b"", restarted=False)
        try:
            return self._read(fd)
        except OSError:
            return Growth(b"", restarted=False)
        finally:
            os.close(fd)

    def _read(self, fd: int) -> Growth:
        """Compare the beginning with what it was, and read on."""
        stat = os.fstat(fd)
        begin = os.pread(fd, _FINGERPRINT, 0)
        restarted = stat.st_size < self.offset or not begin.startswith(self._begin)
        if restarted:
            self.offset = 0
        self._begin = begin[: min(_FINGERPRINT, stat.st_size)]
        data = os.pread(fd, BLOCK, self.offset)
        self.offset += len(data)
        done = self.offset >= stat.st_size
        self._stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns) if done else None
        return Growth(data, restarted)
