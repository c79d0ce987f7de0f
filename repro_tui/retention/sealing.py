"""Seals one file: writes `x.zst`, reads it back, and only then deletes `x` (docs/formats/journal.md, "Sealed files").

At every instant one of both holds everything. What a death leaves is either an unfinished file, which the next prune
takes away, or both, which are read as one file, and of which the next prune deletes the one that is not sealed.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from repro_tui.domain.data_words import bytes_word
from repro_tui.errors import StorageError
from repro_tui.journal.sealed import ENTRY, FOOTER, SEEKABLE, SKIPPABLE, Framed, sealed_path, table_of
from repro_tui.store.durable import flush_folders, is_orphan, open_new, process_mark, write_all

_WHAT = ".sealing"
_FRAME = 1 << 20
_LEVEL = 6
"""Of zstd: 4.3 times smaller at 120 MB/s; 9 saves another 2 % at half that pace."""
BLOCK = 4_096
"""Bytes by which most file systems give room to files."""
_SPARE = 1 << 14
"""Bytes that have to stay free on the disk beside what is written: a block for each name and for the table."""


class NoRoomError(StorageError):
    """The disk lacks the room that sealing a file may need."""

    def __init__(self, path: Path, need: int, free: int) -> None:
        super().__init__(
            f"{path} needs {bytes_word(need)} of free room to be compressed, and {bytes_word(free)} are free.",
            "Free some room first: removing snapshots does not need any.",
        )
        self.need = need
        self.free = free


def seal(path: Path) -> int:
    """Seal a file and give the bytes that the disk got back.

    Raises:
        StorageError: it cannot be done now; the file is as it was.
    """
    try:
        return _seal(path)
    except OSError as error:
        raise StorageError(
            f"{path} could not be compressed: {error.strerror or error}.", "Check its permissions and the disk."
        ) from error


def _seal(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise StorageError(f"{path} is no file.", "Move it away.")
        known = _same(path, descriptor, before.st_size)
        if not known:
            _check_room(path, before.st_size)
            _write(path, descriptor, before)
    finally:
        os.close(descriptor)
    after = path.lstat()
    if _state(after) != _state(before):
        if not known:
            sealed_path(path).unlink(missing_ok=True)
        raise StorageError(f"{path} has just been written to.", "It is left as it is.")
    path.unlink()
    flush_folders([path.parent])
    return on_disk(before) - (0 if known else on_disk(sealed_path(path).lstat()))


def _same(path: Path, descriptor: int, size: int) -> bool:
    """Tell whether the sealed form is there and holds the file; raises StorageError when it holds something else."""
    target = sealed_path(path)
    try:
        other = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        entries = table_of(other)
        if entries is None:
            return False  # it was cut, or is none of ours: what is written now takes its place
        source = Framed(other, entries)
        shared = min(size, source.size)
        at = 0
        while at < shared:
            length = min(_FRAME, shared - at)
            if source.pread(length, at) != os.pread(descriptor, length, at):
                if _is_whole(source):
                    raise StorageError(f"{path} differs from {target.name}.", "Look at both, and delete one of them.")
                return False
            at += length
        return source.size >= size and _is_whole(source)
    finally:
        os.close(other)


def _is_whole(source: Framed) -> bool:
    """Tell whether every frame can be unpacked."""
    return all(source.is_whole(number) for number in range(source.frames))


def _check_room(path: Path, size: int) -> None:
    """Raise NoRoomError unless even what does not shrink would find room."""
    found = os.statvfs(path.parent)
    free = found.f_bavail * found.f_frsize
    if free < size + _SPARE:
        raise NoRoomError(path, size + _SPARE, free)


def _write(path: Path, descriptor: int, before: os.stat_result) -> None:
    """Write the sealed form durably, with the owner, the mode and the time of the file, after reading it back."""
    beside = path.with_name(f"{_WHAT}-{process_mark()}-{os.urandom(4).hex()}")
    try:
        target = open_new(beside, stat.S_IMODE(before.st_mode))
        try:
            _own(target, before)
            digest, entries = _pack(descriptor, target)
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
            os.fsync(target)
        finally:
            os.close(target)
        if _digest(beside, entries) != digest:
            raise StorageError(f"{path} could not be read back after it was compressed.", "Check the disk.")
        beside.rename(sealed_path(path))
        flush_folders([path.parent])
    finally:
        beside.unlink(missing_ok=True)


def _own(target: int, before: os.stat_result) -> None:
    """Leave the file with whom it belonged to, where this process may do so."""
    own = os.fstat(target)
    if (own.st_uid, own.st_gid) == (before.st_uid, before.st_gid):
        return
    with contextlib.suppress(PermissionError):
        os.fchown(target, before.st_uid if os.geteuid() == 0 else -1, before.st_gid)
    os.fchmod(target, stat.S_IMODE(before.st_mode))


def _pack(source: int, target: int) -> tuple[bytes, list[tuple[int, int]]]:
    """Write the frames and their table; gives the digest of what was read, and the table."""
    zstd = _zstd()
    options = {zstd.CompressionParameter.compression_level: _LEVEL, zstd.CompressionParameter.checksum_flag: 1}
    condensed = blake2b()
    entries = []
    at = 0
    while block := os.pread(source, _FRAME, at):
        condensed.update(block)
        packed: bytes = zstd.compress(block, options=options)
        write_all(target, [packed])
        entries.append((len(packed), len(block)))
        at += len(block)
    table = b"".join(ENTRY.pack(*entry) for entry in entries) + FOOTER.pack(len(entries), 0, SEEKABLE)
    write_all(target, [struct.pack("<II", SKIPPABLE, len(table)), table])
    return condensed.digest(), entries


def _digest(path: Path, entries: list[tuple[int, int]]) -> bytes:
    """Condense what a sealed file holds."""
    condensed = blake2b()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if table_of(descriptor) != entries:
            return b""
        source, at = Framed(descriptor, entries), 0
        while block := source.pread(_FRAME, at):
            condensed.update(block)
            at += len(block)
    finally:
        os.close(descriptor)
    return condensed.digest()


def clear_unfinished(folder: Path) -> None:
    """Delete what processes left that died while they sealed a file of a folder."""
    for path in unfinished(folder):
        with contextlib.suppress(OSError):
            path.unlink()


def unfinished(folder: Path) -> Iterator[Path]:
    """Give what processes left that died while they sealed a file of a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(f"{_WHAT}-") and is_orphan(entry.name):
                yield Path(entry.path)


def _state(found: os.stat_result) -> tuple[int, ...]:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def on_disk(found: os.stat_result) -> int:
    """Give the bytes that the disk gets back with a file: none while another name holds it too.

    What a file system sets aside for a file to grow does not count: it takes that back by itself.
    """
    blocks = min(found.st_blocks * 512, -(-found.st_size // BLOCK) * BLOCK)
    return blocks if found.st_nlink <= 1 else 0


def _zstd() -> Any:  # noqa: ANN401 - one of two modules that are the same, depending on the interpreter
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
