"""Which snapshots lose what when some blobs are missing or damaged: by name, part and file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from repro_tui.domain.ids import Digest, short
from repro_tui.errors import ReproError
from repro_tui.store import documents
from repro_tui.store.entry import Entry
from repro_tui.store.index import Index, Table
from repro_tui.store.pack import ROW
from repro_tui.store.paths import refused, shown

_SHOWN = 5
_LENGTH_ENDS = 44
"""Byte of a row behind the length (docs/formats/store.md, "A sidecar")."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What a listing, or a manifest, has lost."""

    why: str
    """`3 of 10 files cannot be restored: a.csv, b.csv, c.csv`; empty when nothing is lost."""
    blobs: frozenset[bytes] = frozenset()
    """Those that are missing or damaged."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a part of a snapshot has lost."""

    digest: Digest
    name: str
    """Of the snapshot."""
    part: str
    """`manifest`, or the part's name."""
    lost: Lost

    @property
    def sentence(self) -> str:
        """Say it."""
        return f"part {self.part}: {self.lost.why}" if self.part != "manifest" else f"its manifest: {self.lost.why}"


NOTHING = Lost("")


class Ledger:
    """Notes which blobs are needed, and tells of each whether it is there."""

    def __init__(self, index: Index, bad: Mapping[str, Collection[bytes]]) -> None:
        """Take an index, and the damaged blobs by the pack they lie in."""
        self._index = index
        self._bad = bad
        self._needed = [bytearray(len(table)) for table in index.tables]

    def length(self, blob: bytes) -> int | None:
        """Note that a blob is needed; gives its length, None when no undamaged copy of it is there."""
        found: int | None = None
        for table, needed in zip(self._index.tables, self._needed, strict=True):
            for row in table.all(blob):
                needed[row] = 1
                if not self._bad or blob not in self._bad.get(self._index.packs[table.pack(row)], ()):
                    found = _length(table, row)
        return found

    def unneeded(self) -> list[str]:
        """Give the packs in which nothing is needed."""
        packs = self._index.packs
        wanted = set()
        for table, needed in zip(self._index.tables, self._needed, strict=True):
            row = needed.find(1)
            while row >= 0:
                wanted.add(table.pack(row))
                row = needed.find(1, row + 1)
        return [name for number, name in enumerate(packs) if number not in wanted]


def _length(table: Table, row: int) -> int:
    """Read the length of a blob out of a row, without the rest of it."""
    end = row * ROW.size + _LENGTH_ENDS
    return int.from_bytes(table.rows[end - 4 : end], "little")


class Losses:
    """Goes through documents and the listings they name; a listing that many share is looked at once."""

    def __init__(self, ledger: Ledger, listing: Callable[[Iterable[bytes]], Iterator[Entry]]) -> None:
        self._ledger = ledger
        self._listing = listing
        self._known: dict[tuple[bytes, ...], Lost] = {}

    def of(self, digest: Digest, document: Mapping[str, object], dropped: Collection[str] = ()) -> Iterator[Loss]:
        """Give what a document's parts have lost; raises DamagedError for a document that has no known form."""
        name = named(digest, document)
        for part, blobs, is_listing in documents.roots(document, dropped):
            lost = self._of_listing(tuple(blobs)) if is_listing else self._of_blobs(blobs)
            if lost.why:
                yield Loss(digest, name, part, lost)

    def _of_blobs(self, blobs: Iterable[bytes]) -> Lost:
        lost = frozenset(blob for blob in blobs if self._ledger.length(blob) is None)
        return Lost(f"it cannot be read: blob {min(lost).hex()[:16]} is not to be had", lost) if lost else NOTHING

    def _of_listing(self, blobs: tuple[bytes, ...]) -> Lost:
        if blobs not in self._known:
            self._known[blobs] = self._look(blobs)
        return self._known[blobs]

    def _look(self, blobs: tuple[bytes, ...]) -> Lost:
        """Look at one listing and at everything in it."""
        lost = self._of_blobs(blobs)
        if lost.why:
            return Lost("all of it, because its listing cannot be read", lost.blobs)
        try:
            entries = list(self._listing(blobs))
        except ReproError as error:
            return Lost(f"all of it: {error.message.rstrip('.')}", frozenset(blobs))
        bad = refused(entries)
        if bad:
            return Lost(f"its listing is refused: {shown(bad[0][0])} {bad[0][1]}")
        return self._of_files(entries)

    def _of_files(self, entries: Iterable[Entry]) -> Lost:
        """Look whether the content of each file is there, as long as it should be."""
        files, paths, blobs = 0, [], set()
        for entry in entries:
            if entry.kind != "f":
                continue
            files += 1
            total = 0
            for piece in entry.content:
                if isinstance(piece, int):
                    total += piece
                    continue
                length = self._ledger.length(piece)
                total += length or 0
                if length is None:
                    blobs.add(piece)
            if total != entry.size:
                paths.append(entry.path)
        if not paths:
            return NOTHING
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        listed = ", ".join(shown(path) for path in paths[:_SHOWN])
        return Lost(f"{len(paths)} of {files} files cannot be restored: {listed}{more}", frozenset(blobs))


def named(digest: Digest, document: Mapping[str, object]) -> str:
    """Name a snapshot as people do: by its run, or by its dataset and version."""
    name, dataset, version = document.get("name"), document.get("dataset"), document.get("version")
    if isinstance(name, str) and name:
        return name
    if isinstance(dataset, str) and dataset:
        return f"{dataset}@{short(version)}" if isinstance(version, str) else dataset
    return short(digest)
