"""Keeps folders in real stores, for tests."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from repro_tui.domain.ids import Digest
from repro_tui.store.entry import Entry
from repro_tui.store.footprints import holdings
from repro_tui.store.store import Store
from repro_tui.store.trash import in_trash, move_to_trash
from repro_tui.store.walk import walk


def store_at(folder: Path) -> Store:
    """Give a store in a project's folder; one thread fills one pack, so that tests know what lies where."""
    return Store(folder / ".repro" / "store", folder / ".repro" / "locks", threads=1)


def keep(store: Store, root: Path, name: str = "amber-otter-41", part: str = "data") -> Digest:
    """Make a snapshot of a folder, as one part with a manifest."""
    found, troubles = walk(root)
    with store.adder() as adder:
        entries, more = adder.add_files(found)
        assert not [*troubles, *more]
        return commit(adder, entries, name, part)


def commit(adder, entries: list[Entry], name: str = "amber-otter-41", part: str = "data") -> Digest:
    """End an addition with a document of one part."""
    listing = [blob.hex() for blob in adder.put_listing(entries)]
    size = sum(entry.size for entry in entries)
    kind = part.partition(":")[0]
    parts = [{"name": part, "kind": kind, "listing": listing, "files": len(entries), "size": size}]
    manifest = [blob.hex() for blob in adder.put(f'{{"name":"{name}"}}'.encode())]
    fields = {"name": name, "t": 1.0, "user": "ada", "host": "h", "partial": [], "left_out": []}
    return adder.commit({**fields, "manifest": manifest, "parts": parts})


def entries_of(store: Store, digest: Digest) -> list[Entry]:
    """Give the entries of all parts of a snapshot."""
    document = store.document(digest)
    parts = document["parts"]
    assert isinstance(parts, list)
    return [e for part in parts for e in store.listing([bytes.fromhex(blob) for blob in part["listing"]])]


def prune(store: Store, digests: Sequence[Digest], now: float, until: float) -> None:
    """Remove snapshots as a prune does: move them, then condemn what only the trash needs."""
    move_to_trash(store, digests)
    every = {digest: store.document(digest) for digest in store.documents()}
    every |= {one.digest: one.document for one in in_trash(store)}
    gone = dict.fromkeys([one.digest for one in in_trash(store)], "*")
    store.condemn(holdings(store, every).condemnable(gone), until, now=now)


def state(root: Path) -> Mapping[str, tuple[object, ...]]:
    """Say what lies in a folder: kind, mode, time, size and content of everything, links by their text."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(folder) / name
            info = path.lstat()
            key = str(path.relative_to(root))
            if path.is_symlink():
                found[key] = ("l", str(path.readlink()), info.st_mtime_ns)
            elif path.is_dir():
                found[key] = ("d", info.st_mode & 0o7777)
            else:
                found[key] = ("f", info.st_mode & 0o7777, info.st_mtime_ns, info.st_nlink, path.read_bytes())
    return found


def random_bytes(size: int, seed: int = 1) -> bytes:
    """Give bytes that nothing can compress."""
    return random.Random(seed).randbytes(size)
