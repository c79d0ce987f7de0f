"""The lock of a store: shared by those who add, exclusive for those who delete; it dies with its process.

Some file systems have no locks. There nothing is locked, and what docs/formats/store.md says of condemned packs keeps
everything safe.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from repro_tui.errors import StorageError
from repro_tui.store.places import Places, unwritable

_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS, errno.EBADF})
"""What file systems answer that have no locks."""
_BUSY = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EINTR})
_PAUSE_S = 0.05
_held: weakref.WeakSet[StoreLock] = weakref.WeakSet()


class StoreLock:
    """One lock on `locks/store`, held while it is entered; not inherited by forked or started processes.

    With `use` false, nothing is locked. Raises StorageError when others hold it for longer than `wait_s` seconds.
    """

    def __init__(
        self, places: Places, folder: Path, *, exclusive: bool = False, wait_s: float = 60.0, use: bool = True
    ) -> None:
        self._places = places
        self._path = folder / "store"
        self._kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        self._wait_s = wait_s
        self._use = use
        self._descriptor = -1

    def __enter__(self) -> Self:
        if self._use:
            self._open()
            try:
                self._lock()
            except BaseException:
                self.release()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Give the lock up, in this process alone."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _open(self) -> None:
        self._places.make(self._path.parent)
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, self._places.file_mode)
            _held.add(self)
            if os.fstat(self._descriptor).st_uid == os.geteuid():
                os.fchmod(self._descriptor, self._places.file_mode)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def _lock(self) -> None:
        """Try again and again instead of waiting in the kernel, so that ctrl-c ends it."""
        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                fcntl.flock(self._descriptor, self._kind | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in _NO_LOCKS:
                    return
                if error.errno not in _BUSY:
                    raise unwritable(self._path, error) from error
            else:
                return
            if time.monotonic() >= deadline:
                doing = "adding to" if self._kind == fcntl.LOCK_EX else "deleting from"
                raise StorageError(
                    f"Another process is {doing} the store: {self._path} is locked.",
                    "Try again when it has ended; the lock goes with its process.",
                )
            time.sleep(_PAUSE_S)


def _forget() -> None:
    """Close the locks in a forked child: its parent keeps them, and a child that lives on must not."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget)
