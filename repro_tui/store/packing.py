"""Collects new blobs in packs: several threads add at once, each pack is filled by one of them at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from repro_tui.errors import StorageError
from repro_tui.store.codec import RAW
from repro_tui.store.durable import flush_folders, temporary, write_flushed
from repro_tui.store.pack import OpenPack, Sealed, sidecar
from repro_tui.store.places import Places, unwritable

_FRESHEN_S = 3600.0
_SALT = 16


@dataclass(frozen=True, slots=True)
class _Written:
    """A pack and its sidecar, complete under temporary names."""

    pack: Sealed
    sidecar: Path
    size: int
    """Bytes of both."""


class Packing:
    """The packs that one adder writes, all under temporary names until `publish`."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._free: list[OpenPack] = []
        self._busy: set[OpenPack] = set()
        self._sealed: list[_Written] = []
        self._fresh = time.monotonic()
        self.added = 0
        """Bytes of packs and sidecars that were published."""
        self.salted = False
        """Begin each pack with a blob that is like no other, so that its name is not that of a condemned pack."""

    def add(self, blob: bytes, length: int, codec: int, stored: bytes | memoryview) -> Sealed | None:
        """Write a blob into a pack that nobody else writes to just now; gives the pack that became full by it."""
        pack, full = self._take(len(stored))
        try:
            pack.append(blob, length, codec, stored)
        except OSError as error:
            raise full_disk(self._places, error) from error
        finally:
            with self._lock:
                self._busy.discard(pack)
                self._free.append(pack)
        return self._seal(full) if full else None

    def _take(self, length: int) -> tuple[OpenPack, OpenPack | None]:
        """Give a pack with room, the fullest; and one that had too little and is to be sealed."""
        with self._lock:
            self._free.sort(key=_size)
            full = self._free.pop() if self._free and not self._free[-1].fits(length) else None
            if full:
                self._busy.add(full)
            fitting = [pack for pack in self._free if pack.fits(length)]
            if fitting:
                pack = fitting[-1]
                self._free.remove(pack)
                self._busy.add(pack)
                return pack, full
        try:
            pack = OpenPack(self._places)
            if self.salted:
                salt = os.urandom(_SALT)
                pack.append(blake3(salt).digest(), len(salt), RAW, salt)
        except OSError as error:
            raise full_disk(self._places, error) from error
        with self._lock:
            self._busy.add(pack)
        return pack, full

    def _seal(self, pack: OpenPack) -> Sealed:
        """Write and flush what is left of a pack, and its sidecar, both still under temporary names."""
        beside = temporary(self._places, "index")
        try:
            sealed = pack.seal()
            raw = sidecar(sealed.name, sealed.size, sealed.rows)
            with self._lock:
                self._busy.discard(pack)
                self._sealed.append(_Written(sealed, beside, sealed.size + len(raw)))
            write_flushed(beside, raw, self._places.file_mode)
        except OSError as error:
            raise full_disk(self._places, error) from error
        return sealed

    def freshen(self) -> None:
        """Say now and then that the unfinished files are not forgotten: those older than a day may be deleted."""
        if time.monotonic() - self._fresh > _FRESHEN_S:
            self._fresh = time.monotonic()
            with self._lock:
                paths = self._unfinished()
            for path in paths:
                with contextlib.suppress(OSError):
                    os.utime(path)

    def publish(self) -> list[Sealed]:
        """Give all packs and sidecars their names, then flush the folders; gives what became visible.

        Whatever needs room was written before, so a full disk is met while nothing is visible. Raises StorageError;
        then some packs may be visible, which nothing needs.
        """
        for pack in self._free[:]:
            self._free.remove(pack)
            self._busy.add(pack)
            self._seal(pack)
        done, self._sealed = self._sealed, []
        try:
            touched = [folder for written in done for folder in self._folders(written.pack.name)]
            for written in done:
                written.pack.path.rename(self._places.pack(written.pack.name))
                written.sidecar.rename(self._places.sidecar(written.pack.name))
                self.added += written.size
            if done:
                flush_folders([*touched, self._places.packs, self._places.index, self._places.folder])
        except OSError as error:
            self._sealed = done
            raise full_disk(self._places, error) from error
        return [written.pack for written in done]

    def _folders(self, name: str) -> tuple[Path, Path]:
        """Make the folders for a pack and its sidecar."""
        folders = self._places.pack(name).parent, self._places.sidecar(name).parent
        for folder in folders:
            if not folder.is_dir():
                self._places.make(folder)
        return folders

    def abandon(self) -> None:
        """Delete everything that is not published."""
        with self._lock:
            paths, open_ones = self._unfinished(), [*self._free, *self._busy]
            self._free, self._busy, self._sealed = [], set(), []
        for pack in open_ones:
            pack.close()
        for path in paths:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _unfinished(self) -> list[Path]:
        """Give all files under temporary names."""
        paths = [pack.path for pack in (*self._free, *self._busy)]
        for written in self._sealed:
            paths += [written.pack.path, written.sidecar]
        return paths


def _size(pack: OpenPack) -> int:
    return pack.size


def full_disk(places: Places, error: OSError) -> StorageError:
    """Say why nothing can be added."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StorageError(
            f"There is no room left for the store {places.folder}: {error.strerror}.",
            "Nothing that was kept before is lost. Free some space and try again.",
        )
    return unwritable(places.folder, error)
