"""The stat cache: which content a file had when it was last read, so that "did it change?" needs no reading.

It lies in `cache/stat/`, in up to 256 files that are named by the digest of the folders they speak of. Each begins with
a magic word and a checksum and is replaced by rename: no lock is needed, also not on a network file system. Two
processes that write at once lose entries, never truth; a torn or damaged file is passed over.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from blake3 import blake3

from repro_tui.fingerprint.values import Stat

_MAGIC = b"repro stat cache 1\n"
_RECORD = struct.Struct("<QqqQ32s")
_LENGTH = struct.Struct("<I")
_CHECK = 16
_MANY_FOLDERS = 256

Record = tuple[int, int, int, int, bytes]
"""Size, mtime, ctime, inode, and the 32 bytes of the digest."""


class StatCache:
    """Entries of folders, read when a folder is first asked about; not for several threads at once."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._shards: dict[str, dict[bytes, dict[bytes, Record]]] = {}
        self._fresh: dict[bytes, dict[bytes, Record]] = {}
        self._present: dict[bytes, frozenset[bytes]] = {}

    def entries(self, folder: bytes) -> dict[bytes, Record]:
        """Give what is known of the files of one folder (an absolute path), by name."""
        shard = _shard(folder)
        if shard not in self._shards:
            self._shards[shard] = dict(_read(self._folder / shard)) if self._folder else {}
        return self._shards[shard].get(folder, {})

    def put(self, folder: bytes, name: bytes, stat: Stat, digest: bytes) -> None:
        """Note the content of a file."""
        record = (*stat, digest)
        self._fresh.setdefault(folder, {})[name] = record
        self.entries(folder)
        self._shards[_shard(folder)].setdefault(folder, {})[name] = record

    def forget_others(self, folder: bytes, names: frozenset[bytes]) -> None:
        """Say which files a folder holds, so that entries of deleted ones go with the next writing."""
        self._present[folder] = names

    def flush(self) -> None:
        """Write what is new; a cache that cannot be written costs reading again, so nothing is said about it."""
        if not self._folder or not self._fresh:
            return
        shards: dict[str, list[bytes]] = {}
        for folder in self._fresh:
            shards.setdefault(_shard(folder), []).append(folder)
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for shard, folders in shards.items():
                self._write(self._folder / shard, folders)
            self._fresh.clear()

    def _write(self, path: Path, folders: list[bytes]) -> None:
        """Merge new entries into one file and replace it."""
        import tempfile  # where nothing changed it is not needed, and costs a tenth of the answer

        known = dict(_read(path))  # another process may have written since it was read here
        for folder in folders:
            merged = known.get(folder, {}) | self._fresh[folder]
            present = self._present.get(folder)
            known[folder] = {n: r for n, r in merged.items() if present is None or n in present}
        if len(known) > _MANY_FOLDERS:
            known = {folder: records for folder, records in known.items() if os.path.isdir(folder)}  # noqa: PTH112 - bytes
        body = b"".join(_packed(folder, records) for folder, records in known.items())
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.write(_MAGIC + blake3(body).digest(_CHECK) + body)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise


def _shard(folder: bytes) -> str:
    return blake3(folder).hexdigest(1)


def _packed(folder: bytes, records: dict[bytes, Record]) -> bytes:
    names = b"\0".join(records)
    return b"".join(
        (_LENGTH.pack(len(folder)), folder, _LENGTH.pack(len(names)), names, _LENGTH.pack(len(records)),
         *(_RECORD.pack(*record) for record in records.values()))
    )  # fmt: skip


def _read(path: Path) -> Iterator[tuple[bytes, dict[bytes, Record]]]:
    """Read one file of the cache; gives nothing when it is missing, damaged or of another version."""
    try:
        raw = path.read_bytes()
    except OSError:
        return
    start = len(_MAGIC) + _CHECK
    if not raw.startswith(_MAGIC) or blake3(memoryview(raw)[start:]).digest(_CHECK) != raw[len(_MAGIC) : start]:
        return
    at = start
    while at < len(raw):
        folder, at = _text(raw, at)
        names, at = _text(raw, at)
        (count,) = _LENGTH.unpack_from(raw, at)
        at += _LENGTH.size
        end = at + count * _RECORD.size
        records = _RECORD.iter_unpack(memoryview(raw)[at:end])
        yield folder, dict(zip(names.split(b"\0"), records, strict=True)) if count else {}
        at = end


def _text(raw: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _LENGTH.unpack_from(raw, at)
    at += _LENGTH.size
    return raw[at : at + length], at + length
