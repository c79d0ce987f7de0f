"""Passing on what lies in an output file to the descriptor it was meant for, while it grows."""

from __future__ import annotations

import os
import signal
import stat
import threading
from collections.abc import Callable
from pathlib import Path

_CHUNK = 1 << 16
_TAIL = 64
_QUIET_S = (0.005, 0.08)
"""Pause between two looks at a file: at first after news, and at most."""


class Relay:
    """A thread that copies one file to one descriptor.

    A thread, because a reader that is slow or gone must delay nothing but its own copy.
    """

    def __init__(self, path: Path, target: int, moved: Callable[[int], None]) -> None:
        self._source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.target = target
        """The descriptor that it is passed on to."""
        self.piped = stat.S_ISFIFO(os.fstat(target).st_mode)
        """The target is a pipe."""
        self._moved = moved
        self._position = 0
        self._limit = -1
        self._news = threading.Event()
        self._stop = threading.Event()
        self.broken = False
        """The reader is gone; the file goes on growing without being passed on."""
        self._tail = b""
        self._thread = threading.Thread(target=self._run, name=f"relay-{target}", daemon=True)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def nudge(self) -> None:
        """Say that there is probably something new."""
        self._news.set()

    def end(self) -> None:
        """Say that nothing more comes: copy what is there now and stop, even if others go on writing."""
        try:
            self._limit = os.fstat(self._source).st_size
        except OSError:
            self._limit = 0
        self._stop.set()
        self._news.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end of the copy; False when it is not reached in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def in_line(self) -> bool:
        """Tell whether what was passed on last stands in a line that was not ended; to be asked after the end."""
        rest = self._tail.rpartition(b"\n")[2].replace(b"\r", b"")
        while rest.startswith(b"\x1b["):  # colours and the like
            rest = rest[2:].lstrip(b"0123456789;?")[1:]
        return bool(rest)

    @property
    def position(self) -> int:
        """Bytes passed on so far."""
        return self._position

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        pause = _QUIET_S[0]
        while True:
            last = self._stop.is_set()
            if self._copy():
                pause = _QUIET_S[0]
            elif last:
                return
            else:
                self._news.wait(pause)
                self._news.clear()
                pause = min(pause * 1.5, _QUIET_S[1])
            if self.broken:
                return

    def _was_emptied(self) -> bool:
        """Tell whether the command cut its own output, by opening /dev/stdout or /dev/stderr for writing.

        It may have grown to its old length since, so the last bytes that were passed on are compared.
        """
        if not self._tail:
            return False
        return os.pread(self._source, len(self._tail), self._position - len(self._tail)) != self._tail

    def _copy(self) -> bool:
        """Copy one block; tell whether there was any."""
        try:
            room = _CHUNK if self._limit < 0 else min(self._limit - self._position, _CHUNK)
            block = os.pread(self._source, max(room, 0), self._position)
            if self._was_emptied():
                self._position, self._tail = 0, b""
                return True
        except OSError:
            return False
        self._tail = (self._tail + block[-_TAIL:])[-_TAIL:]
        view = memoryview(block)
        while view:
            try:
                written = os.write(self.target, view)
            except BlockingIOError:
                self._news.wait(_QUIET_S[0])
                continue
            except OSError:
                self.broken = True
                return False
            view = view[written:]
            self._position += written
            self._moved(written)
        return bool(block)
