"""Removed snapshots: their documents lie in `trash/`, need their bytes as before, and come back by a rename.

A snapshot is removed when its document lies in `trash/` and not in `snapshots/`, whatever a journal says. So a death at
any instant leaves it the one or the other.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.errors import CancelledError, ReproError
from repro_tui.store import documents
from repro_tui.store.condemn import spare
from repro_tui.store.durable import flush_folders, give_up_reserve
from repro_tui.store.index import Index
from repro_tui.store.places import Places, unwritable
from repro_tui.store.units import Units

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Removable(Protocol):
    """What the trash needs of a store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...

    def prepare(self) -> None:
        """Make the folders that are missing."""
        ...

    def lock(self, *, exclusive: bool = False) -> AbstractContextManager[object]:
        """Give the lock of the store."""
        ...

    def refresh(self) -> Index:
        """Give which blob lies where, as it is now."""
        ...

    def read(self, blob: bytes) -> bytes:
        """Read a blob."""
        ...


@dataclass(frozen=True, slots=True)
class InTrash:
    """A document in the trash."""

    digest: Digest
    t: float
    """When it was put there, seconds since the epoch."""
    document: Mapping[str, object]
    """Empty when it cannot be read."""
    why: str = ""
    """Why it cannot be read."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved, to the trash or back."""

    digests: tuple[Digest, ...]
    absent: tuple[Digest, ...] = ()
    """Those that were not there any more: somebody else has moved them, or emptied the trash."""
    lost: Mapping[Digest, str] | None = None
    """Those that cannot come back, and why."""
    stopped: bool = False


def in_trash(store: Removable) -> list[InTrash]:
    """List what lies in the trash, the newest first; what lies in `snapshots/` too is not removed."""
    places = store.places
    live = set(documents.names(places))
    found = []
    for entry in places.documents(places.trash):
        digest = documents.digest_of(Path(entry.path))
        if digest in live:
            continue
        with contextlib.suppress(FileNotFoundError):
            t = entry.stat().st_ctime
            try:
                found.append(InTrash(digest, t, documents.read(places, digest, places.trash)))
            except ReproError as error:
                found.append(InTrash(digest, t, {}, error.message))
    return sorted(found, key=lambda one: (-one.t, one.digest))


def move_to_trash(store: Removable, digests: Iterable[Digest], progress: Progress | None = None) -> Moved:
    """Remove snapshots, so that they can be brought back; durably, each by itself.

    `progress` counts snapshots; when it stops the work, what was moved until then is in the trash.
    Raises StorageError, or what reading says of a document that lies in both places and is damaged here.
    """
    wanted = list(dict.fromkeys(digests))
    places = store.places
    with store.lock():
        store.prepare()
        return _move(places, wanted, places.snapshots, places.trash, progress)


def bring_back(
    store: Removable,
    digests: Iterable[Digest],
    dropped: Mapping[Digest, Collection[str]] | None = None,
    progress: Progress | None = None,
) -> Moved:
    """Undo removing, of those whose bytes are all still there.

    Args:
        store: the store.
        digests: names of documents in the trash; those that are back already count as brought back.
        dropped: parts whose bytes were given up before; nobody misses them.
        progress: counts snapshots; it may stop the work between two of them.
    """
    wanted = list(dict.fromkeys(digests))
    places = store.places
    with store.lock():
        lost, packs, absent, whole = {}, set[str](), [], []
        units = Units(store.refresh(), store.read)
        for digest in wanted:
            try:
                document = documents.read(places, digest, _where(places, digest))
                why, used = _look(units, document, (dropped or {}).get(digest, ()))
            except FileNotFoundError:
                absent.append(digest)
                continue
            except ReproError as error:
                why, used = error.message, set()
            if why:
                lost[digest] = why
            else:
                whole.append(digest)
                packs |= used
        moved = _move(places, whole, places.trash, places.snapshots, progress)
        spare(places, packs)
    return Moved(moved.digests, (*absent, *moved.absent), lost, moved.stopped)


def keep_parts(
    store: Removable, parts: Mapping[Digest, Collection[str]], dropped: Mapping[Digest, Collection[str]] | None = None
) -> dict[Digest, str]:
    """See that parts that were given up can come back; gives those of which something is gone, and why.

    Who adds may rely on their bytes again. The caller notes in a journal that they are no longer given up.

    Args:
        store: the store.
        parts: snapshot to the names of its parts.
        dropped: the parts of each whose bytes are gone for good.
    """
    lost, packs = {}, set[str]()
    with store.lock():
        units = Units(store.refresh(), store.read)
        for digest, names in parts.items():
            gone = frozenset(names) & frozenset((dropped or {}).get(digest, ()))
            try:
                if gone:
                    lost[digest] = f"the bytes of {', '.join(sorted(gone))} are gone"
                    continue
                why, used = _look(units, documents.read(store.places, digest, _where(store.places, digest)), (), names)
            except FileNotFoundError:
                why, used = "its document is gone", set()
            except ReproError as error:
                why, used = error.message, set()
            if why:
                lost[digest] = why
            else:
                packs |= used
        spare(store.places, packs)
    return lost


def _look(
    units: Units, document: Mapping[str, object], dropped: Collection[str], only: Collection[str] = ()
) -> tuple[str, set[str]]:
    """Say what of a document is gone, and in which packs the rest lies; raises ReproError."""
    gone = frozenset(dropped) - {"*"}  # the document is there, so only parts of it can be gone
    needed = [each for each in units.of(document, gone, strict=True) if not only or each.part in only]
    lost = sum(units.missing(unit) for _, unit in needed)
    packs = {units.pack(row) for _, unit in needed for row in units.rows(unit)}
    return (f"{lost:,} of its blobs are no longer in the store" if lost else "", packs)


def _where(places: Places, digest: Digest) -> Path:
    """Give the folder in which a document lies; raises FileNotFoundError."""
    name = places.document(digest).name
    for folder in (places.trash, places.snapshots):
        if (folder / name).exists():
            return folder
    raise FileNotFoundError(name)


def _move(places: Places, digests: Iterable[Digest], source: Path, target: Path, progress: Progress | None) -> Moved:
    """Rename documents from one folder into another, then flush both."""
    wanted = list(digests)
    moved: list[Digest] = []
    absent: list[Digest] = []
    stopped = False
    verb = "Removing" if target == places.trash else "Bringing back"
    try:
        for number, digest in enumerate(wanted):
            try:
                if progress:
                    progress(number, len(wanted), f"{verb} snapshots")
            except CancelledError:
                stopped = True
                break
            (moved if _rename(places, digest, source, target) else absent).append(digest)
    finally:
        _flush(places, source, target)
    return Moved(tuple(moved), tuple(absent), {}, stopped)


def _rename(places: Places, digest: Digest, source: Path, target: Path) -> bool:
    """Move one document; tells whether it is in the target now. Where it lies in both, one that is damaged stays."""
    name = places.document(digest).name
    if (target / name).exists() and (source / name).exists():
        documents.read(places, digest, source)
    for last in (False, True):
        try:
            (source / name).rename(target / name)
        except FileNotFoundError:
            return (target / name).exists()
        except OSError as error:
            if last or error.errno not in _FULL or not give_up_reserve(places):
                raise unwritable(target / name, error) from error
        else:
            break
    return True


def _flush(places: Places, source: Path, target: Path) -> None:
    """Make the new names durable before the old ones are gone for sure."""
    try:
        flush_folders([target, source])
    except OSError as error:
        raise unwritable(places.folder, error) from error
