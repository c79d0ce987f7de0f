"""Which catalog a session works on: the published one read-only, a private copy, or one in memory."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repro_tui.catalog.connect import Catalog, UnusableError, current_name, open_catalog
from repro_tui.catalog.publish import clean, clean_cache, copy_private, private_folder, private_name, publish
from repro_tui.errors import StorageError
from repro_tui.ingest.scan import everything, folder_names
from repro_tui.ingest.shelf import Shelf
from repro_tui.journal.layout import Layout
from repro_tui.journal.mounts import filesystem_of, is_network

_ROOM = 64_000_000
"""Bytes that must be free for a private copy, besides twice the published file."""


@dataclass(slots=True)
class Books:
    """The catalog files of one project, for one session."""

    layout: Layout
    environment: Mapping[str, str]
    catalog: Catalog | None = None
    private: Path | None = None
    seen: tuple[int, int, int] | None = None
    """Size, mtime and inode of the published file that this session knows all of."""
    in_memory: bool = False
    """No file is to be trusted any more."""

    @property
    def published(self) -> Path:
        """The published file, whether it is there or not."""
        return self.layout.cache / current_name()

    def open_published(self) -> tuple[Catalog, Shelf] | None:
        """Open the published file for reading, when nothing is newer than it."""
        if not self.published.is_file():
            return None
        try:
            catalog = open_catalog(self.published, self._temporary(), read_only=True)
        except UnusableError:
            return None
        shelf = _shelf_of(catalog)
        if shelf is not None and is_current(self.layout, shelf):
            self.catalog, self.seen = catalog, _stat(self.published)
            return catalog, shelf
        catalog.close()
        return None

    def open_private(self, *, afresh: bool = False) -> tuple[Catalog, Shelf]:
        """Open a private copy of the published file, an empty one where that is not to be had."""
        stat = _stat(self.published)
        folder = None if self.in_memory else self._private_folder(stat[0] if stat else 0)
        if folder is None:
            return self._empty(None)
        clean(folder, time.time())
        self.private = folder / private_name()
        if stat and not afresh and copy_private(self.published, self.private):
            opened = self._open_copy()
            if opened is not None:
                self.seen = stat
                return opened
        self._remove_private()
        return self._empty(self.private)

    def _open_copy(self) -> tuple[Catalog, Shelf] | None:
        assert self.private is not None
        try:
            catalog = open_catalog(self.private, self._temporary())
        except UnusableError:
            return None
        shelf = _shelf_of(catalog)
        if shelf is None:
            catalog.close()
            return None
        self.catalog = catalog
        return catalog, shelf

    def _empty(self, path: Path | None) -> tuple[Catalog, Shelf]:
        try:
            catalog = open_catalog(path, self._temporary())
            if path is not None:
                path.chmod(0o600)
        except (UnusableError, OSError):  # no room, or a folder that went away: memory is always to be had
            self._remove_private()
            self.private = None
            catalog = open_catalog(None, self._temporary())
        self.catalog = catalog
        return catalog, Shelf()

    def give_up(self, *, in_memory: bool) -> None:
        """Let go of a catalog that failed; its file is deleted, but it stays open for those who still ask it."""
        self._remove_private()
        self.catalog, self.private, self.seen = None, None, None
        self.in_memory = in_memory

    def publish(self) -> bool:
        """Publish the private catalog, unless the published one knows something that it does not."""
        if self.catalog is None or self.private is None or self.catalog.read_only:
            return False
        if not self._dominates() or not self.catalog.checkpoint():
            return False
        clean_cache(self.layout.cache, time.time())
        if not publish(self.private, self.published, self.layout.file_mode, self.layout.folder_mode):
            return False
        self.seen = _stat(self.published)
        return True

    def _dominates(self) -> bool:
        """Tell whether this session has read at least as far as the published catalog in every file."""
        stat = _stat(self.published)
        if stat is None or stat == self.seen:
            return True
        try:
            other = open_catalog(self.published, self._temporary(), read_only=True)
        except UnusableError:
            return True
        try:
            theirs = other.fetch("SELECT folder, file, read_to FROM positions")
        except StorageError:  # damaged
            return True
        finally:
            other.close()
        assert self.catalog is not None
        ours = {(folder, file): offset for folder, file, offset in self.catalog.fetch(
            "SELECT folder, file, read_to FROM positions")}  # fmt: skip
        names = set(folder_names(self.layout) or ())
        return all(
            ours.get((folder, file), -1) >= offset for folder, file, offset in theirs if not folder or folder in names
        )

    def close(self) -> None:
        """Close the catalog and delete the private copy."""
        if self.catalog is not None:
            self.catalog.close()
            self.catalog = None
        self._remove_private()

    def _remove_private(self) -> None:
        if self.private is None:
            return
        for path in (self.private, Path(f"{self.private}.wal")):
            with contextlib.suppress(OSError):
                path.unlink()
        shutil.rmtree(self.private.with_suffix(".tmp"), ignore_errors=True)

    def _temporary(self) -> Path:
        if self.private is not None:
            return self.private.with_suffix(".tmp")
        return Path(tempfile.gettempdir()) / f"repro-tui-{os.getuid()}-{os.getpid()}.tmp"

    def _private_folder(self, size: int) -> Path | None:
        cache = self.environment.get("XDG_CACHE_HOME") or self.environment.get("HOME", "/")
        return private_folder(self.environment, 2 * size + _ROOM, is_local=not is_network(filesystem_of(Path(cache))))


def is_current(layout: Layout, shelf: Shelf) -> bool:
    """Tell whether no journal is newer than what a catalog has read: a stat of each, and no file is opened."""
    names = folder_names(layout)
    if names is None or not shelf.by_folder.keys() - {""} <= set(names):
        return False
    for folder, found in everything(layout, names):
        known = shelf.by_folder.get(folder, ())
        if found is None or len(found) != len(known) or any(found.get(f.name) != f.stat for f in known):
            return False
    return True


def _shelf_of(catalog: Catalog) -> Shelf | None:
    """Read what a catalog knows; None when that is damaged."""
    from msgspec import MsgspecError

    from repro_tui.errors import ReproError

    try:
        return Shelf.load(catalog)
    except (ReproError, MsgspecError, ValueError, TypeError):
        return None


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino)
