"""The store of a project: what others add to, read from and delete from."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from repro_tui.domain.ids import Digest
from repro_tui.domain.snapshot import StoreUsage
from repro_tui.errors import DamagedError, ReadOnlyError, ReproError
from repro_tui.settings import Project
from repro_tui.store import condemn as condemning
from repro_tui.store import documents, listing, needed
from repro_tui.store.adder import Adder
from repro_tui.store.durable import flush_folders, write_durably
from repro_tui.store.entry import Entry
from repro_tui.store.index import Index, Where, load, read_file
from repro_tui.store.locks import RETENTION, StoreLock, why_not_exclusive
from repro_tui.store.places import PACK, SIDECAR, Places, unreadable
from repro_tui.store.reading import BlobReader

VERSION = 1
_FORMAT = "repro_store"
_MOST_THREADS = 4
"""More would not be faster on most disks, and each needs some megabytes."""
_MOST_LISTED = 500
"""Blobs of listings that are read for that: about 150 MB, a million files."""
_PAUSE_S = 1.0
"""Seconds after which new packs are looked for again when there were none; of a damaged store thousands of blobs are
missing."""
_RECENT = 8
"""Documents whose listings are asked for contents that are known by their digest."""


def _cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Store:
    """One `store/` folder. Building one touches no file; any thread may use it.

    Args:
        folder: the `store` folder; it is made by the first adder.
        locks: the folder `.repro/locks`.
        file_mode, folder_mode: modes of whatever is made.
        threads: that read and compress; 0 for one a core, four at most.
        use_locks: false to do without `flock`, as on a file system that has none.
        readonly: true to refuse whatever would change it, with ReadOnlyError.
    """

    def __init__(  # noqa: PLR0913 - each is an own fact of one folder, and named at the call
        self,
        folder: Path,
        locks: Path,
        *,
        file_mode: int = 0o600,
        folder_mode: int = 0o700,
        threads: int = 0,
        use_locks: bool = True,
        readonly: bool = False,
    ) -> None:
        self.readonly = readonly
        self.places = Places(folder, file_mode, folder_mode)
        self.threads = threads or min(_MOST_THREADS, _cores())
        self._locks = locks
        self._use_locks = use_locks
        self._index: Index | None = None
        self._in_vain = 0.0
        """When it was last looked for new packs and there were none, on the monotonic clock."""
        self._loading = threading.Lock()
        self._reader = BlobReader(self.places)
        self._trash: tuple[object, int] = (None, 0)
        """What was in the store when it was last counted what only the trash needs, and that."""

    @classmethod
    def of(cls, project: Project) -> Self:
        """Give the store of a project, with the modes that its settings ask for."""
        shared = project.settings.text("shared") == "group"
        return cls(
            project.home / "store",
            project.home / "locks",
            file_mode=0o660 if shared else 0o600,
            folder_mode=0o2770 if shared else 0o700,
            readonly=project.readonly,
        )

    # Adding.

    def adder(self) -> Adder:
        """Give what adds to the store; a context manager that holds the shared lock."""
        self.check_writable()
        return Adder(self)

    def lock(self, *, exclusive: bool = False) -> StoreLock:
        """Give the lock of the store, to be entered."""
        if exclusive:
            self.check_writable()
        return StoreLock(self.places, self._locks, exclusive=exclusive, use=self._use_locks)

    def check_writable(self) -> None:
        """Raise ReadOnlyError in a session that only reads."""
        if self.readonly:
            raise ReadOnlyError

    def deciding(self) -> StoreLock:
        """Give the lock of whoever decides what is kept and carries it out: one at a time."""
        return StoreLock(self.places, self._locks, exclusive=True, use=self._use_locks, name=RETENTION)

    def why_not_exclusive(self) -> str:
        """Say why the exclusive lock keeps nobody out; empty when it does. Writes nothing."""
        return why_not_exclusive(self._locks) if self._use_locks else "locks are not used for it"

    def prepare(self) -> None:
        """Make the folders and the format file; raises StorageError, DamagedError for a store of a newer version."""
        self.check_writable()
        self.check_format()
        for folder in (
            self.places.packs,
            self.places.index,
            self.places.snapshots,
            self.places.condemned,
            self.places.trash,
        ):
            if not folder.is_dir():
                self.places.make(folder)
        if not self.places.format.exists():
            write_durably(self.places, self.places.format, f'{{"{_FORMAT}":{VERSION}}}\n'.encode())
            flush_folders([self.places.folder.parent])

    def check_format(self) -> None:
        """Raise DamagedError when the store is from a newer version, or does not say from which."""
        path = self.places.format
        try:
            raw = read_file(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise unreadable(path, error) from error
        try:
            fields = json.loads(raw)
            version = fields[_FORMAT]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedError(
                f"{path} is damaged: it does not say which version the store has.", "Run `repro-tui repair`."
            ) from error
        if type(version) is not int or version < 1:
            raise DamagedError(f"{path} is damaged: {version!r} is no version.", "Run `repro-tui repair`.")
        if version > VERSION:
            raise DamagedError(
                f"The store {self.places.folder} is from a newer version of repro-tui (format {version}, this one"
                f" knows {VERSION}).",
                "Update repro-tui.",
            )

    # Reading.

    def index(self) -> Index:
        """Give the index, as it was read last."""
        with self._loading:
            if self._index is None:
                self.check_format()
                self._index = load(self.places)
            return self._index

    def refresh(self) -> Index:
        """Read what others have added or deleted since."""
        with self._loading:
            self.check_format()
            before, self._index = self._index, load(self.places, self._index)
            if before is not None and before is not self._index:
                self._reader.forget()
            return self._index

    def forget(self) -> None:
        """Let go what was read of where blobs lie: it is read again when somebody asks."""
        with self._loading:
            self._index = None
            self._reader.forget()

    def has(self, blob: bytes) -> bool:
        """Tell whether a blob lies in a pack that counts."""
        return bool(self.find(blob))

    def find(self, blob: bytes) -> list[Where]:
        """Give each place where a blob lies, also when others have added it since the index was read."""
        index = self.index()
        return index.find(blob) or (self.index().find(blob) if self._has_news_since(index) else [])

    def _has_news_since(self, index: Index) -> bool:
        """Look for packs that others have added or deleted, unless there were none a moment ago."""
        if self._index is index and time.monotonic() - self._in_vain >= _PAUSE_S and self.refresh() is index:
            self._in_vain = time.monotonic()
        return self._index is not index

    def length(self, blob: bytes) -> int | None:
        """Give a blob's length; None when it is not in the store."""
        found = self.find(blob)
        return found[0].length if found else None

    def place(self, blob: bytes) -> tuple[str, int]:
        """Give (pack, offset) of a blob, to read many in the order of the disk; empty when it is not in the store."""
        found = self.find(blob)
        return (found[0].pack, found[0].offset) if found else ("", 0)

    def read(self, blob: bytes) -> bytes:
        """Read a blob and compare it with its name; raises DamagedError, StorageError."""
        index = self.index()
        found = index.find(blob)
        try:
            return self._reader.read(blob, found)
        except ReproError:
            if not self._has_news_since(index) and not found:
                raise
            if self._index is index and not all(self.places.pack(where.pack).exists() for where in found):
                self.refresh()  # it was written again elsewhere, since it was last looked for news a moment ago
            self._reader.forget()  # a pack may have been repaired meanwhile, under the same name
            return self._reader.read(blob, self.index().find(blob))

    def read_all(self, blobs: Iterable[bytes]) -> bytes:
        """Read several blobs as one run of bytes."""
        return b"".join(map(self.read, blobs))

    def listing(self, blobs: Iterable[bytes]) -> Iterator[Entry]:
        """Read a listing, a blob at a time; raises DamagedError, StorageError."""
        return listing.decode(map(self.read, blobs))

    def documents(self) -> list[Digest]:
        """List the snapshots by the names of their documents."""
        return documents.names(self.places)

    def document(self, digest: Digest) -> Mapping[str, object]:
        """Read a snapshot's document; raises NotFoundError, StorageError, DamagedError (also for a newer version)."""
        return documents.read(self.places, digest)

    def known(self, digests: Iterable[bytes]) -> Mapping[bytes, tuple[bytes | int, ...]]:
        """Give the blobs of large files by the digest of their content, as the newest snapshots' listings know them.

        What cannot be read knows nothing.
        """
        return self._large(digests, lambda entry: entry.digest)

    def cut_before(self, paths: Iterable[bytes]) -> Mapping[bytes, tuple[bytes | int, ...]]:
        """Give the blobs that large files had the last time, by their paths; a hint, which may be wrong."""
        return self._large(paths, lambda entry: entry.path)

    def _large(self, keys: Iterable[bytes], key: Callable[[Entry], bytes]) -> Mapping[bytes, tuple[bytes | int, ...]]:
        """Look for contents in the listings of the newest snapshots, until all are found."""
        wanted = set(keys)
        found: dict[bytes, tuple[bytes | int, ...]] = {}
        for blobs in self._newest_listings() if wanted else ():
            with contextlib.suppress(ReproError):
                for entry in listing.large(map(self.read, blobs)):
                    if key(entry) in wanted:
                        found[key(entry)] = entry.content
                        wanted.discard(key(entry))
            if not wanted:
                break
        return found

    def _newest_listings(self) -> Iterator[list[bytes]]:
        """Give the listings of the newest snapshots, each once, up to what can be read in a second or so."""
        seen: set[tuple[bytes, ...]] = set()
        left = _MOST_LISTED
        for digest in documents.newest(self.places, _RECENT):
            with contextlib.suppress(ReproError):
                for _, blobs, is_listing in documents.roots(self.document(digest)):
                    if is_listing and tuple(blobs) not in seen and len(blobs) <= left:
                        seen.add(tuple(blobs))
                        left -= len(blobs)
                        yield blobs

    def usage(self, *, trash: bool = True) -> StoreUsage:
        """Say how large the store is, and what in it only removed snapshots need unless that is not asked."""
        packs = self.places.sizes(self.places.packs, PACK)
        sidecars = self.places.sizes(self.places.index, SIDECAR)
        try:
            free = os.statvfs(self._existing())
            room = free.f_bavail * free.f_frsize
        except OSError:
            room = 0
        return StoreUsage(
            size=sum(packs.values()) + sum(sidecars.values()),
            packs=len(packs),
            blobs=len(self.refresh()),
            snapshots=len(self.documents()),
            free=room,
            trash=self._only_trash() if trash else 0,
        )

    def _existing(self) -> Path:
        folder = self.places.folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return folder

    def _only_trash(self) -> int:
        """Count the stored bytes that only documents in the trash need; again only when other documents are there."""
        removed = documents.names(self.places, self.places.trash)
        if not removed:
            return 0
        known = (tuple(documents.names(self.places)), tuple(removed))
        if self._trash[0] != known:
            try:
                kept = needed.of_folder(self.places, self.places.snapshots, self.read)
                only = needed.of_folder(self.places, self.places.trash, self.read) - kept
            except ReproError:
                return 0  # nobody knows what a damaged document needs; the list of snapshots names it
            index = self.index()
            self._trash = (known, sum(where.stored for blob in only for where in index.find(blob)[:1]))
        return self._trash[1]

    # Deleting.

    def condemn(self, packs: Iterable[str], until: float, *, now: float | None = None) -> condemning.Condemnation:
        """Say that packs are to be deleted, not before `until` (seconds since the epoch) and a day from now on."""
        self.check_writable()
        return condemning.condemn(self.places, packs, now=time.time() if now is None else now, until=until)
