"""How far the front is behind with showing what the command's terminal printed.

A real terminal makes a program wait when it prints faster than the line is; so do we, but never for a front that is
gone, stopped or stuck: the command must not hang on a dropped connection.
"""

from __future__ import annotations

import mmap
import struct
import time

_FAR = 1 << 20
"""Bytes by which the front may be behind."""
_PATIENCE_S = 3.0
"""Seconds without any progress after which it is not waited for."""
_COUNT = struct.Struct("q")


class Lag:
    """A counter in memory shared by front and keeper. Built before the fork."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, mmap.PAGESIZE)
        self.written = 0
        """Bytes that the keeper wrote to the log."""
        self.waiting = False
        """The last answer was that it is too far behind."""
        self._alone = False
        self._seen = 0
        self._since = time.monotonic()

    def shown(self, count: int) -> None:
        """Add to what the front has shown."""
        (before,) = _COUNT.unpack_from(self._shared)
        _COUNT.pack_into(self._shared, 0, before + count)

    def alone(self) -> None:
        """Say that there is no front any more."""
        self._alone = True

    def too_far(self) -> bool:
        """Tell whether the front should be waited for."""
        (shown,) = _COUNT.unpack_from(self._shared)
        now = time.monotonic()
        if shown != self._seen:
            self._seen, self._since = shown, now
        elif self.written - shown <= _FAR:
            self._since = now
        stuck = now - self._since > _PATIENCE_S
        self.waiting = not self._alone and not stuck and self.written - shown > _FAR
        return self.waiting
