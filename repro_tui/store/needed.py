"""What documents need: the blobs that must stay, found by reading the documents and the listings that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from repro_tui.domain.ids import Digest
from repro_tui.store import documents
from repro_tui.store.entry import Entry
from repro_tui.store.places import Places

Listing = Callable[[Iterable[bytes]], Iterator[Entry]]
Dropped = Mapping[Digest, frozenset[str]]
"""Names of the parts of each snapshot whose bytes were given up."""


def of_document(document: Mapping[str, object], listing: Listing, dropped: Iterable[str] = ()) -> Iterator[bytes]:
    """Give the blobs that one document needs, some of them several times; raises DamagedError and what reading does."""
    for _, blobs, is_listing in documents.roots(document, dropped):
        yield from blobs
        if is_listing:
            for entry in listing(blobs):
                for part in entry.content:
                    if isinstance(part, bytes):
                        yield part


def of_all(places: Places, listing: Listing, dropped: Dropped) -> set[bytes]:
    """Give all blobs that some document in `snapshots/` or `trash/` needs.

    Raises when one of them cannot be read: then nobody knows what it needs, and nothing may be deleted.
    """
    return of_folder(places, places.snapshots, listing, dropped) | of_folder(places, places.trash, listing, dropped)


def of_folder(places: Places, folder: Path, listing: Listing, dropped: Dropped) -> set[bytes]:
    """Give all blobs that the documents in one folder need."""
    needed: set[bytes] = set()
    done: set[tuple[bytes, ...]] = set()

    def once(blobs: Iterable[bytes]) -> Iterator[Entry]:
        """Read a listing that several snapshots share only for the first of them."""
        key = tuple(blobs)
        if key in done:
            return iter(())
        done.add(key)
        return listing(key)

    for digest in documents.names(places, folder):
        document = documents.read(places, digest, folder)
        needed.update(of_document(document, once, dropped.get(digest, ())))
    return needed
