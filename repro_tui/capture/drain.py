"""Moving what a pseudo-terminal shows into the run's output file, so that no instant of death loses a byte.

The bytes go from the terminal through a pipe to the file by `splice(2)`: they are never in the memory of a process, and
whoever of keeper and front is left continues with the same pipe and the same file offset. Where the kernel cannot
splice they are read and written.
"""

from __future__ import annotations

import errno
import os
import select
from pathlib import Path

_CHUNK = 1 << 16


class Drain:
    """The way from a pseudo-terminal's master to a file. Built before the fork, so that two processes share it."""

    def __init__(self, master: int, log: Path, mode: int, screen: int) -> None:
        self.master = master
        """The pseudo-terminal's master side."""
        # No O_APPEND: splice refuses it. The offset is shared by all who inherit the descriptor.
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, mode)
        os.lseek(self._log, 0, os.SEEK_END)
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        self._screen = screen
        self.trouble: OSError | None = None
        """Why the file could not be written; from then on what is printed goes to the real terminal directly."""

    @property
    def descriptors(self) -> set[int]:
        """What must stay open."""
        return {self.master, self._log, self._out, self._in}

    @property
    def written(self) -> int:
        """Bytes in the file so far."""
        try:
            return os.lseek(self._log, 0, os.SEEK_CUR)
        except OSError:
            return 0

    def ready(self, timeout_s: float = 0.0) -> bool:
        """Tell whether there is something to move (or the end to be seen)."""
        return bool(select.select([self.master], [], [], timeout_s)[0])

    def move(self) -> bool:
        """Move what is there now; False when nobody holds the other side any more. Call it when it is `ready`."""
        try:
            moved = self._pull()
        except OSError as error:
            if error.errno == errno.EIO:
                moved = 0
            elif error.errno in {errno.EAGAIN, errno.EINTR}:
                return True
            else:
                raise
        self.flush()
        return moved > 0

    def _pull(self) -> int:
        try:
            return os.splice(self.master, self._in, _CHUNK)
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            data = os.read(self.master, 4096)
            os.write(self._in, data)
            return len(data)

    def flush(self) -> None:
        """Write what is in the pipe to the file; a full disk costs the bytes, never the command."""
        while True:
            try:
                if not self._push():
                    return
            except BlockingIOError:
                return
            except OSError as error:
                self.trouble = error
                self._show()
                return

    def _push(self) -> int:
        try:
            return os.splice(self._out, self._log, _CHUNK)
        except (AttributeError, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            return os.write(self._log, os.read(self._out, _CHUNK))

    def _show(self) -> None:
        """Write what the file did not take to the real terminal, as well as that can be done."""
        try:
            while data := os.read(self._out, _CHUNK):
                os.write(self._screen, data)
        except OSError:
            return

    def finish(self) -> bool:
        """Move everything that is there without waiting; False when the other side is closed for good."""
        self.flush()
        while self.ready():
            if not self.move():
                return False
        return True
