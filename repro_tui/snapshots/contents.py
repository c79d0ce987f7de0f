"""Which files a snapshot holds: the largest of each part, because they are what a person looks for."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping

from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import KeptFile, PartFiles, Snapshot
from repro_tui.errors import DamagedError, NotFoundError, StorageError
from repro_tui.snapshots.where import to_name
from repro_tui.store import documents
from repro_tui.store.entry import Entry
from repro_tui.store.store import Store

_BATCH = 2_000
"""Files between two tellings of how far it is, each a chance to stop."""


def largest_files(
    store: Store,
    snapshot: Snapshot,
    document: Mapping[str, object],
    dropped: Collection[str],
    most: int,
    progress: Progress | None,
) -> list[PartFiles]:
    """List the largest files of each part; one whose listing cannot be read says why and the others go on.

    Only listings are read, a blob at a time, and only `most` files of a part are ever held: a part of a million files
    takes seconds and no memory.
    """
    total = sum(part.files for part in snapshot.parts if part.kept)
    found: list[PartFiles] = []
    for name, blobs, is_listing in documents.roots(document, dropped):
        if is_listing:
            before = sum(part.count for part in found)
            found.append(_part(name, _told(store.listing(blobs), before, total, name, progress), most))
    return found


def _part(name: str, entries: Iterable[Entry], most: int) -> PartFiles:
    files = _Counted(entries)
    why = ""
    largest: list[Entry] = []
    try:
        largest = heapq.nsmallest(most, files, key=lambda entry: (-entry.size, entry.path))
    except (DamagedError, NotFoundError, StorageError) as error:
        why = error.message
    return PartFiles(name, tuple(KeptFile(to_name(entry.path), entry.size) for entry in largest), files.count, why)


class _Counted:
    """Gives the files among entries, and counts them while they pass."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = entries
        self.count = 0

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._entries:
            if entry.kind != "d":
                self.count += 1
                yield entry


def _told(entries: Iterable[Entry], before: int, total: int, name: str, progress: Progress | None) -> Iterator[Entry]:
    """Pass entries on, and tell now and then how many there were."""
    for index, entry in enumerate(entries):
        if progress is not None and index % _BATCH == 0:
            progress(before + index, total, name)
        yield entry
