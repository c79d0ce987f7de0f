"""What documents need: blobs, found by reading the documents and the listings that they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from repro_tui.store import documents, listing
from repro_tui.store.places import Places

Read = Callable[[bytes], bytes]
"""Gives a blob."""


def of_folder(places: Places, folder: Path, read: Read) -> set[bytes]:
    """Give all blobs that the documents in one folder need; a listing that several share is read once."""
    found: set[bytes] = set()
    done: set[tuple[bytes, ...]] = set()
    for digest in documents.names(places, folder):
        document = documents.read(places, digest, folder)
        for _, blobs, is_listing in documents.roots(document):
            found.update(blobs)
            if is_listing and tuple(blobs) not in done:
                done.add(tuple(blobs))
                found.update(map(bytes.fromhex, listing.needed(map(read, blobs))))
    return found
