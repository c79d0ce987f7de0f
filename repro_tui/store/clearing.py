"""What emptying the trash rests on: all documents, read again, and which packs may be touched now.

A pack that only removed snapshots needed may go as soon as nobody can be adding. Others that nobody needs may be what
somebody copies into the store just now, documents last: these go a day after they came. Where locks keep nobody out,
only packs go that were condemned a day ago (docs/formats/store.md, "Order of writing, and locks").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from repro_tui.domain.footprint import WHOLE, Gone
from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.errors import DamagedError, NotFoundError, ReproError, StorageError
from repro_tui.store import documents
from repro_tui.store.condemn import GRACE_S, Condemnation, read_condemned
from repro_tui.store.footprints import Holdings, holdings
from repro_tui.store.index import Index
from repro_tui.store.odds import DAMAGED
from repro_tui.store.places import DOCUMENT, NAME_DIGITS, Places, is_name

Dropped = Mapping[Digest, Collection[str]]
"""Names of the parts of each snapshot whose bytes are gone for good."""


class Emptiable(Protocol):
    """What emptying needs of a store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...

    def lock(self, *, exclusive: bool = False) -> AbstractContextManager[object]:
        """Give the lock of the store."""
        ...

    def why_not_exclusive(self) -> str:
        """Say why the exclusive lock keeps nobody out; empty when it does."""
        ...

    def refresh(self) -> Index:
        """Give which blob lies where, as it is now."""
        ...

    def forget(self) -> None:
        """Let go what was read of where blobs lie."""
        ...

    def read(self, blob: bytes) -> bytes:
        """Read a blob."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read."""

    names: frozenset[Digest]
    """All documents, in `snapshots/` and in the trash."""
    going: tuple[Digest, ...]
    """Those in the trash that are to go."""
    gone: Gone
    """These, and the parts of others that are to go."""
    back: tuple[Digest, ...]
    """Those that were to go and are in `snapshots/` again, so that they stay."""
    holdings: Holdings

    @property
    def touched(self) -> frozenset[str]:
        """Give the packs that hold something which only what is to go needed."""
        return self.holdings.touched(self.gone)

    @property
    def whole(self) -> bool:
        """Tell whether nothing is missing of what stays: then no pack that does not count holds something needed."""
        return not self.holdings.missing.keys() - set(self.going)


def look(store: Emptiable, gone: Gone, dropped: Dropped, progress: Progress | None = None) -> Seen:
    """Read all documents; raises when it cannot be known what the snapshots need that stay."""
    places = store.places
    refuse_gaps(places)
    live = set(documents.names(places))
    trashed = set(documents.names(places, places.trash))
    live.update(documents.names(places))  # one that was brought back meanwhile is seen in one place or the other
    whole = {digest for digest, parts in gone.items() if WHOLE in parts}
    going = tuple(sorted((whole & trashed) - live))
    leaving = {digest: parts for digest, parts in gone.items() if digest not in whole} | dict.fromkeys(going, (WHOLE,))
    found = {}
    for number, digest in enumerate(sorted(live | trashed)):
        if progress:
            progress(number, len(live | trashed), "Reading snapshots")
        found[digest] = _document(places, digest, must=digest not in going)
    lost = {digest: frozenset(parts) - {WHOLE} for digest, parts in dropped.items()}  # its document says it is there
    stays = set(found).difference(going)
    held = holdings(store, found, lost, strict=stays.__contains__)
    return Seen(frozenset(found), going, leaving, tuple(sorted(whole & live)), held)


def _document(places: Places, digest: Digest, *, must: bool) -> Mapping[str, object]:
    """Read a document wherever it lies; of one that is to go, nothing is known when it is damaged."""
    try:
        for folder in (places.snapshots, places.trash, places.snapshots):
            try:
                return documents.read(places, digest, folder)
            except NotFoundError:
                continue
    except ReproError:
        if must:
            raise
    return {}


def refuse_gaps(places: Places) -> None:
    """Raise when documents are where nobody reads them, so that it is not known what is needed."""
    folder = places.folder / DAMAGED
    names = _listed(folder)
    aside = [name for name in names if is_name(name[: NAME_DIGITS + len(DOCUMENT)], DOCUMENT)]
    if aside:
        count = "1 document of a snapshot was" if len(aside) == 1 else f"{len(aside)} documents of snapshots were"
        raise DamagedError(
            f"{count} set aside by a repair, so nobody knows which bytes are needed: nothing is deleted for good.",
            f"Copy them to {places.snapshots} from where a copy of the store lies, then delete"
            f" {folder}/*{DOCUMENT}; delete these alone if the snapshots may be lost.",
        )
    if not places.snapshots.is_dir() and places.packs.is_dir():
        raise DamagedError(
            f"{places.snapshots} is missing, so nobody knows which bytes are needed: nothing is deleted for good.",
            "Copy it again from where a copy of the store lies.",
        )


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise StorageError(f"{folder} cannot be read: {error.strerror}.", "Give read permission there.") from error


class Permission:
    """Tells of each pack whether it may be deleted or written again now."""

    def __init__(self, places: Places, touched: Collection[str], *, exclusive: bool, now: float, early: bool) -> None:
        """Read what is condemned.

        Args:
            places: the paths of the store.
            touched: packs that hold what goes with the snapshots that are emptied.
            exclusive: nobody can be adding.
            now: seconds since the epoch.
            early: what was removed less than its time ago goes too.
        """
        self._places = places
        self._touched = touched
        self._exclusive = exclusive
        self._now = now
        found = read_condemned(places)
        self.condemned = frozenset(name for one in found for name in one.packs)
        self.over = self.condemned - frozenset(name for one in found if one.until > now for name in one.packs)
        """Packs whose condemnations have all come to their time."""
        self.since = {name: one.t for one in sorted(found, key=_since, reverse=True) for name in one.packs}
        """Since when each is condemned."""
        self.ripe = self._ripe(found) if early else self.over

    def _ripe(self, found: Iterable[Condemnation]) -> frozenset[str]:
        """Give the packs that may go early: all condemned ones, or without locks those that are so for a day."""
        return frozenset(name for one in found if self._exclusive or one.t + GRACE_S <= self._now for name in one.packs)

    def __call__(self, name: str) -> bool:
        """Tell it of a pack."""
        return name in self.ripe or (self._exclusive and (name in self._touched or self.is_old(name)))

    def is_old(self, name: str) -> bool:
        """Tell whether a pack, or its sidecar, has been there for a day."""
        for path in (self._places.pack(name), self._places.sidecar(name)):
            try:
                return path.stat().st_ctime + GRACE_S <= self._now
            except OSError:
                continue
        return False


def _since(one: Condemnation) -> float:
    return one.t
