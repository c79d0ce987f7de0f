"""Collects new blobs in packs: several threads add at once, each pack is filled by one of them at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from pathlib import Path

from blake3 import blake3

from repro_tui.errors import StorageError
from repro_tui.store.codec import RAW
from repro_tui.store.durable import flush_folders, open_new, temporary, write_all
from repro_tui.store.pack import OpenPack, Sealed, sidecar
from repro_tui.store.places import Places, unwritable

_FRESHEN_S = 3600.0
_SALT = 16


class Packing:
    """The packs that one adder writes, all under temporary names until `publish`."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._free: list[OpenPack] = []
        self._busy: set[OpenPack] = set()
        self._sealed: list[Sealed] = []
        self._sidecars: list[tuple[Path, Path]] = []
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
        try:
            sealed = pack.seal()
        except OSError as error:
            raise full_disk(self._places, error) from error
        with self._lock:
            self._busy.discard(pack)
            self._sealed.append(sealed)
        return sealed

    def freshen(self) -> None:
        """Say now and then that the unfinished files are not forgotten: those older than a day may be deleted."""
        if time.monotonic() - self._fresh > _FRESHEN_S:
            self._fresh = time.monotonic()
            with self._lock:
                paths = [pack.path for pack in (*self._free, *self._busy)] + [sealed.path for sealed in self._sealed]
            for path in paths:
                with contextlib.suppress(OSError):
                    os.utime(path)

    def publish(self) -> list[Sealed]:
        """Give all packs their names, then their sidecars, then flush the folders; gives what became visible.

        Raises StorageError; then some packs may be visible, which nothing needs.
        """
        for pack in self._free[:]:
            self._free.remove(pack)
            self._busy.add(pack)
            self._seal(pack)
        done, self._sealed = self._sealed, []
        try:
            touched = [self._name(sealed) for sealed in done]
            touched += [self._write_sidecar(sealed) for sealed in done]
            if done:
                flush_folders([*touched, self._places.packs, self._places.index, self._places.folder])
        except OSError as error:
            self._sealed = done
            raise full_disk(self._places, error) from error
        return done

    def _name(self, sealed: Sealed) -> Path:
        target = self._places.pack(sealed.name)
        self._places.make(target.parent)
        sealed.path.rename(target)
        self.added += sealed.size
        return target.parent

    def _write_sidecar(self, sealed: Sealed) -> Path:
        target = self._places.sidecar(sealed.name)
        self._places.make(target.parent)
        raw = sidecar(sealed.name, sealed.size, sealed.rows)
        beside = temporary(self._places, "index")
        try:
            descriptor = open_new(beside, self._places.file_mode)
            try:
                write_all(descriptor, [raw])
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            beside.rename(target)
        finally:
            beside.unlink(missing_ok=True)
        self.added += len(raw)
        return target.parent

    def abandon(self) -> None:
        """Delete everything that is not published."""
        with self._lock:
            open_ones, sealed = [*self._free, *self._busy], self._sealed
            self._free, self._busy, self._sealed = [], set(), []
        for pack in open_ones:
            pack.close()
        for path in [pack.path for pack in open_ones] + [pack.path for pack in sealed]:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


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
