"""Adds to a store: blobs first, then the document that makes them a snapshot; before that nothing is visible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.errors import DamagedError, ReproError, StorageError
from repro_tui.store import chunks, documents, listing
from repro_tui.store.claims import Claims
from repro_tui.store.codec import Packer
from repro_tui.store.condemn import condemned_packs
from repro_tui.store.crew import Crew
from repro_tui.store.durable import keep_reserve, sweep_unfinished
from repro_tui.store.entry import Entry, Found, Trouble
from repro_tui.store.foresight import Foresight
from repro_tui.store.index import Index
from repro_tui.store.intake import GROUP_READS, Read, Stat
from repro_tui.store.locks import StoreLock
from repro_tui.store.packing import Packing
from repro_tui.store.places import Places
from repro_tui.store.work import Telling, Work, entry_of

Noted = Callable[[bytes, Stat, bytes], None]
"""Told of each file that was read: full path, the state that was read, BLAKE3 of the content."""
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """How the files of one call are kept."""

    level: int
    private: bool
    noted: Noted | None


class Source(Protocol):
    """What an adder needs of its store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...

    @property
    def threads(self) -> int:
        """Give the number of threads that read and compress."""
        ...

    def prepare(self) -> None:
        """Make the folders and the format file; raises StorageError, DamagedError for a newer store."""
        ...

    def lock(self, *, exclusive: bool = False) -> StoreLock:
        """Give the lock of the store."""
        ...

    def refresh(self) -> Index:
        """Read what others have added since."""
        ...

    def read(self, blob: bytes) -> bytes:
        """Read a blob."""
        ...

    def length(self, blob: bytes) -> int | None:
        """Give a blob's length."""
        ...

    def known(self, digests: Iterable[bytes]) -> Mapping[bytes, tuple[bytes | int, ...]]:
        """Give the blobs of file contents that kept listings know."""
        ...

    def cut_before(self, paths: Iterable[bytes]) -> Mapping[bytes, tuple[bytes | int, ...]]:
        """Give the blobs that large files had the last time, by their paths."""
        ...


class Adder:
    """Adds to one store; a context manager, for one thread at a time. Leaving it without `commit` leaves nothing."""

    def __init__(self, store: Source) -> None:
        self._store = store
        self._stack = ExitStack()
        self._packing = Packing(store.places)
        self._claims = Claims(Index(), frozenset())
        self._packers: dict[int, Packer] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._store.prepare()
            stack.enter_context(self._store.lock())
            sweep_unfinished(self._store.places)
            keep_reserve(self._store.places)
            condemned = condemned_packs(self._store.places)
            self._claims = Claims(self._store.refresh(), condemned)
            self._packing.salted = bool(condemned)
            stack.callback(self._packing.abandon)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def added(self) -> int:
        """Bytes that the store grew by, once they are committed."""
        return self._packing.added

    def add_files(
        self,
        found: Iterable[Found],
        *,
        level: int = 1,
        progress: Progress | None = None,
        noted: Noted | None = None,
        private: bool = False,
    ) -> tuple[list[Entry], list[Trouble]]:
        """Keep files; gives what was kept and what could not be, both in the order of `found`.

        A hard link whose first name could not be kept, or is another file by now, becomes a file of its own.

        Args:
            found: what is to be kept; folders and links are passed on as they are.
            level: of zstd.
            progress: told the bytes read and in all; it may raise CancelledError.
            noted: told of each file that was read, so that a stat cache may learn from it.
            private: keep files also that only their owner may read, although the store is the group's.

        Raises:
            StorageError: the disk is full, or the store cannot be written.
            CancelledError: as `progress` raised it; leave the adder then.
        """
        every = list(found)
        private = private or not self._store.places.file_mode & 0o070
        work = Work(every, self._recalled(every, private=private))
        total = sum(item.size for item in every if item.kind == "f")
        kind = Kind(level, private, noted)
        self._read(work, work.files(), kind, Telling(progress, work.skipped, total))
        self._read(work, work.broken_links(), kind, Telling(progress, total, total))
        return work.outcome()

    def _read(self, work: Work, positions: Sequence[int], kind: Kind, telling: Telling) -> None:
        """Let the threads keep the files at some positions."""
        if not positions:
            return
        files = [work.every[position] for position in positions]
        threads = min(self._store.threads, 1 + len(files) // 8 + sum(f.size for f in files) // (1 << 20))
        crew = Crew(
            files,
            self._keep,
            threads=threads,
            level=kind.level,
            private=kind.private,
            foresights=self._foresights(files),
        )

        def tell(done: int) -> None:
            self._packing.freshen()
            telling.tell(done, crew.current)

        crew.run(tell)
        for position, result in zip(positions, crew.results, strict=True):
            work.results[position] = result
            if kind.noted and isinstance(result, Read):
                kind.noted(work.every[position].full, result.stat, result.entry.digest)

    def _foresights(self, files: Sequence[Found]) -> dict[int, Foresight]:
        """Say of large files how they were cut the last time, by their position."""
        large = {item.path: position for position, item in enumerate(files) if item.size >= chunks.MOST}
        before = self._store.cut_before(large)
        return {large[path]: Foresight(content, self._store.length) for path, content in before.items()}

    def _recalled(self, every: Sequence[Found], *, private: bool) -> dict[int, Entry]:
        """Give the entries of files whose content is known without reading, and is in the store."""
        wanted = {item.known for item in every if item.kind == "f" and item.size >= chunks.MOST and item.known}
        contents = self._store.known(wanted)
        found = {}
        for position, item in enumerate(every):
            if item.kind != "f" or not item.known or (item.expected and item.expected != item.known):
                continue
            if not private and not item.mode & GROUP_READS:
                continue
            content = contents.get(item.known, (item.known,)) if item.size else ()
            if self._is_there(item.size, content):
                found[position] = entry_of(item, item.known, content)
        return found

    def _is_there(self, size: int, content: tuple[bytes | int, ...]) -> bool:
        """Tell whether the store has all of a file's content; and rely on it then."""
        if not self._claims.rely(part for part in content if isinstance(part, bytes)):
            return False
        return len(content) < 2 or size == sum(  # noqa: PLR2004 - one blob is named by the content itself
            part if isinstance(part, int) else self._store.length(part) or 0 for part in content
        )

    def put(self, data: bytes, level: int = 3) -> list[bytes]:
        """Keep bytes, cut as a file would be; gives the blobs, none for no bytes."""
        return self._put([data], level)

    def put_listing(self, entries: Iterable[Entry]) -> list[bytes]:
        """Keep a listing; gives its blobs."""
        return self._put(listing.lines(entries), 3)

    def _put(self, pieces: Iterable[bytes], level: int) -> list[bytes]:
        packer = self._packers.get(level) or self._packers.setdefault(level, Packer(level))
        names = []
        for data in chunks.blobs(pieces):
            name = blake3(data).digest()
            self._keep(name, data, packer)
            names.append(name)
        return names

    def _keep(self, blob: bytes, data: memoryview | bytes, packer: Packer) -> None:
        """Keep a blob unless it is there; called by several threads at once."""
        if self._claims.take(blob):
            codec, stored = packer.pack(data)
            sealed = self._packing.add(blob, len(data), codec, stored)
            if sealed:
                self._claims.sealed(sealed)

    def commit(self, document: Mapping[str, object]) -> Digest:
        """Make a snapshot of what was added: packs, sidecars, folders, then the document; gives its name.

        Raises StorageError when the disk is full, or when something it relied on was deleted meanwhile; there is no
        snapshot then.
        """
        self._publish()
        self._settle()
        places = self._store.places
        there = set(documents.names(places))
        digest = documents.write(places, document)
        try:
            self._settle()
        except ReproError:
            if digest not in there:
                places.document(digest).unlink(missing_ok=True)
            raise
        self._store.refresh()
        return digest

    def _publish(self) -> None:
        for sealed in self._packing.publish():
            self._claims.published(sealed)

    def _settle(self) -> None:
        """Store again what was taken for present and lies only in packs that somebody wants to delete."""
        for _ in range(_ROUNDS):
            condemned = condemned_packs(self._store.places)  # first: whoever deletes takes this away last
            self._check_packs(condemned)
            endangered = self._claims.endangered(condemned)
            if not endangered:
                return
            self._packing.salted = True
            packer = Packer(3)
            try:
                for blob in endangered:
                    self._keep(blob, self._store.read(blob), packer)
            except DamagedError as error:
                raise _deleted(error.message) from error
            self._publish()
        raise StorageError("Packs of the store are deleted as fast as they are written.", "Try again later.")

    def _check_packs(self, condemned: frozenset[str]) -> None:
        """See that the packs that were relied on are still there."""
        places = self._store.places
        for name in self._claims.relied():
            if name not in condemned and not (places.pack(name).exists() and places.sidecar(name).exists()):
                raise _deleted(f"{places.pack(name)} is gone.")


def _deleted(what: str) -> StorageError:
    """Say that the snapshot cannot be made, because what it was to share with others went away."""
    return StorageError(
        f"A part of the store that was to be used was deleted meanwhile: {what}", "Try again: it will be stored anew."
    )
