"""Writes files so that at every instant their name means whole bytes or nothing, also after a loss of power."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import time
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from blake3 import blake3

from repro_tui.store.places import Places, unwritable

RESERVE = 8 << 20
"""Bytes kept ready for deleting on a full disk."""
_ENOUGH = 4 * RESERVE
_OLD_S = 86_400.0
_PARTS = 4
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.ENOSYS})
"""What file systems answer that cannot flush a folder, and need not."""


def temporary(places: Places, what: str) -> Path:
    """Name an unfinished file, so that others can tell whether whoever writes it is still alive."""
    return places.folder / f".{what}-{_machine()}-{os.getpid()}-{os.urandom(4).hex()}"


def open_new(path: Path, mode: int) -> int:
    """Open a file that is not there yet, for writing, with a mode that no umask narrows."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        if os.fstat(descriptor).st_mode & 0o7777 != mode:
            os.fchmod(descriptor, mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def write_all(descriptor: int, pieces: Sequence[bytes | memoryview]) -> None:
    """Write all of some pieces, however many calls it takes."""
    left = list(pieces)
    while left:
        count = os.writev(descriptor, left)
        while left and count >= len(left[0]):
            count -= len(left.pop(0))
        if left and count:
            left[0] = memoryview(left[0])[count:]


def write_flushed(path: Path, data: bytes, mode: int) -> None:
    """Write a new file whose bytes are on the disk when this returns."""
    descriptor = open_new(path, mode)
    try:
        write_all(descriptor, [data])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(places: Places, target: Path, data: bytes) -> None:
    """Write beside, flush, rename, flush the folder; raises StorageError and leaves nothing when it cannot."""
    places.make(target.parent)
    beside = temporary(places, "file")
    try:
        write_flushed(beside, data, places.file_mode)
        beside.rename(target)
        flush_folders([target.parent])
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def flush_folders(folders: Iterable[Path]) -> None:
    """Make the names in some folders durable, each once."""
    for folder in dict.fromkeys(folders):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise
        finally:
            os.close(descriptor)


def sweep_unfinished(places: Places, now: float | None = None) -> int:
    """Delete what dead processes of this machine left unfinished, and whatever is older than a day; gives the bytes."""
    freed = 0
    limit = (time.time() if now is None else now) - _OLD_S
    with contextlib.suppress(OSError), os.scandir(places.folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError):
                info = entry.stat(follow_symlinks=False)
                if info.st_mtime < limit or is_orphan(entry.name):
                    Path(entry.path).unlink()
                    freed += info.st_size
    return freed


def keep_reserve(places: Places) -> None:
    """See that the reserve is there, where there is room for it; a store without one works as well."""
    path = places.reserve
    with contextlib.suppress(OSError):
        if path.stat().st_size >= RESERVE:
            return
    with contextlib.suppress(OSError):
        free = os.statvfs(places.folder)
        if free.f_bavail * free.f_frsize < _ENOUGH:
            return
        beside = temporary(places, "reserve")
        descriptor = open_new(beside, places.file_mode)
        try:
            _allocate(descriptor)
            beside.rename(path)
        finally:
            os.close(descriptor)
            beside.unlink(missing_ok=True)


def give_up_reserve(places: Places) -> bool:
    """Free the reserve; tells whether there was one."""
    try:
        places.reserve.unlink()
    except OSError:
        return False
    return True


def _allocate(descriptor: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, RESERVE)
    else:
        write_all(descriptor, [os.urandom(RESERVE)])


@cache
def _machine() -> str:
    """Identify this machine since it was started, and what it calls processes: what a process id is unique in."""
    parts = [platform.node()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii"))
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115 - the text of the link is the identity
    return blake3("\n".join(parts).encode("utf-8", "replace")).hexdigest(4)


def process_mark() -> str:
    """Name this process, in a way that `is_orphan` understands when something and a `-` follow."""
    return f"{_machine()}-{os.getpid()}"


def is_orphan(name: str) -> bool:
    """Tell whether the process that made an unfinished file is known to be dead."""
    parts = name.rsplit("-", 3)
    if len(parts) != _PARTS or parts[1] != _machine() or not parts[2].isdecimal():
        return False
    try:
        os.kill(int(parts[2]), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
