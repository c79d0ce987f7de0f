"""The locks of a store: shared by those who add, exclusive for those who delete; they die with their process.

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


STORE, RETENTION = "store", "retention"
"""Files in `locks/`: who adds or deletes, and who decides about what is kept."""
_LOCAL = {
    "nfs": ("nolock", "local_lock=all", "local_lock=flock"),
    "nfs4": ("local_lock=all", "local_lock=flock"),
    "lustre": ("localflock",),
    "cifs": ("nobrl", "nolock"),
    "smb3": ("nobrl", "nolock"),
    "fuse.sshfs": ("",),
}
"""Types of file systems to the options with which other hosts see no lock; an empty one is always there."""
_MOUNTS = Path("/proc/self/mountinfo")


class StoreLock:
    """One lock on a file in `locks/`, held while it is entered; not inherited by forked or started processes.

    With `use` false, nothing is locked. Raises StorageError when others hold it for longer than `wait_s` seconds.
    """

    def __init__(
        self,
        places: Places,
        folder: Path,
        *,
        exclusive: bool = False,
        wait_s: float = 60.0,
        use: bool = True,
        name: str = STORE,
    ) -> None:
        self._places = places
        self._path = folder / name
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
                if self._path.name == RETENTION:
                    doing = "removing snapshots from"
                raise StorageError(
                    f"Another process is {doing} the store: {self._path} is locked.",
                    "Try again when it has ended; the lock goes with its process.",
                )
            time.sleep(_PAUSE_S)


def why_not_exclusive(folder: Path) -> str:
    """Say why a lock in a folder keeps nobody out; empty when it does, and when no lock was ever taken there.

    Whether somebody holds it makes no difference. Nothing is written.
    """
    descriptors: list[int] = []
    try:
        for kind in (fcntl.LOCK_EX, fcntl.LOCK_SH):
            descriptors.append(_opened(folder / STORE))
            try:
                fcntl.flock(descriptors[-1], kind | fcntl.LOCK_NB)
            except OSError as error:
                return (
                    f"its file system has no locks ({error.strerror})"
                    if error.errno in _NO_LOCKS
                    else _elsewhere(folder)
                )
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{folder / STORE} cannot be opened: {error.strerror}"
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return "locks have no effect on its file system"


def _opened(path: Path) -> int:
    """Open the file of a lock as far as that is allowed: a lock over the network may need writing."""
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _elsewhere(folder: Path) -> str:
    """Say why other hosts do not see a lock that works here; empty when they do, as far as the mount tells."""
    try:
        device = folder.stat().st_dev
        mounts = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts:
        front, _, back = line.partition(" - ")
        fields, (kind, *rest) = front.split(), [*back.split(), ""]
        if fields[2:3] == [number] and kind in _LOCAL:
            options = {"", *fields[5].split(","), *(rest[1] if len(rest) > 1 else "").split(",")}
            if not options.isdisjoint(_LOCAL[kind]):
                return f"other hosts see no lock on its file system ({kind})"
    return ""


def _forget() -> None:
    """Close the locks in a forked child: its parent keeps them, and a child that lives on must not."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_forget)
