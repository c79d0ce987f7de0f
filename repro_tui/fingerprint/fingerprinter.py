"""Takes fingerprints of files and folders: from the stat cache where nothing changed, by reading where it did."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.run import Coverage
from repro_tui.fingerprint.budget import Budget
from repro_tui.fingerprint.cache import StatCache
from repro_tui.fingerprint.glance import Glances
from repro_tui.fingerprint.hashing import hash_all
from repro_tui.fingerprint.priority import become_idle
from repro_tui.fingerprint.values import FileList, Fingerprint, Stat, stat_of
from repro_tui.fingerprint.walk import Listed, Listing, list_folder
from repro_tui.recorder.line import to_text

if TYPE_CHECKING:  # imported when a list is asked for
    from repro_tui.domain.profile import FileLine

RECENT_NS = 2_000_000_000
"""A file changed this short before it was read is not trusted to show its next change by its times: file systems
round them, some to two seconds."""

_MAX_THREADS = 8


class Fingerprinter:
    """Fingerprints with a stat cache. One thread at a time may use it; `budget` may be steered from any.

    `cache` is the folder of the stat cache (`.repro/cache/stat`), None for none. Above `metadata_above` bytes only
    names, sizes and times are taken. `exclude` are glob patterns that no folder counts. `threads` is 0 for one a core.
    With `idle` the hashing threads step back behind everything else (see `priority`).
    """

    def __init__(
        self,
        cache: Path | None,
        *,
        metadata_above: int = 20_000_000_000,
        exclude: Sequence[str] = (),
        threads: int = 0,
        idle: bool = False,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._cache = StatCache(cache)
        self._glances = Glances(cache, json.dumps([metadata_above, *exclude]))
        self._metadata_above = metadata_above
        self._exclude = tuple(exclude)
        self._threads = threads or min(_MAX_THREADS, _cores())
        self._begin = become_idle if idle else None
        self._now_ns = now_ns
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Keep what was learnt for the next time."""
        with self._lock:
            self._cache.flush()

    def take(self, paths: Sequence[str | Path], budget: Budget | None = None) -> list[Fingerprint]:
        """Fingerprint files and folders, in the order asked; what the budget leaves unfinished is `pending`.

        Content that was read is remembered even then, so that a later call goes on where this one ended.
        """
        with self._lock:
            subjects = [self._look(os.fspath(path)) for path in paths]
            self._hash([listed for subject in subjects for listed in subject.wanted()], budget or Budget())
            result = [subject.finish() for subject in subjects]
            self._cache.flush()
        return result

    def check(self, paths: Sequence[str | Path]) -> list[Fingerprint]:
        """Say what is known without reading: full where nothing changed since the last reading, else pending."""
        with self._lock:
            return [self._check(os.fspath(path)) for path in paths]

    def lists(self, paths: Sequence[str | Path], budget: Budget | None = None) -> list[FileList]:
        """Do what `take` does, and give the file lists too; with a budget that is over, what `check` knows."""
        with self._lock:
            subjects = [self._look(os.fspath(path)) for path in paths]
            self._hash([listed for subject in subjects for listed in subject.wanted()], budget or Budget())
            result = [FileList(subject.finish(), subject.lines()) for subject in subjects]
            self._cache.flush()
        return result

    def _check(self, path: str) -> Fingerprint:
        """Look at one path: with a glance where that is enough."""
        full = os.path.abspath(path)  # noqa: PTH100 - a text with surrogates
        if (known := self._glances.recall(path, full, self._exclude)) is not None:
            return known
        subject = self._look(path)
        found = subject.finish()
        if found.digest is not None and subject.listing is not None and found.files is not None:
            self._glances.remember(full, subject.listing, found)
        return found

    def _look(self, path: str) -> _Subject:
        """List what a path stands for, with the digests that are still known."""
        try:
            info = os.stat(path)  # noqa: PTH116 - a text with surrogates, as it was given
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            reason = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read: {why}"
            return _Subject(path, None, None, self._metadata_above, reason)
        full = os.fsencode(os.path.abspath(path))  # noqa: PTH100 - the same
        if stat.S_ISDIR(info.st_mode):
            listing = list_folder(full, self._exclude)
            for folder, names in listing.names.items():
                self._cache.forget_others(folder, frozenset(names))
        elif stat.S_ISREG(info.st_mode):
            folder, name = os.path.split(full)
            listing = Listing([Listed(name, folder, name, *stat_of(info), info.st_mode & 0o7777)])
        else:
            return _Subject(path, None, None, self._metadata_above, "is no file or folder")
        subject = _Subject(path, listing, None if stat.S_ISDIR(info.st_mode) else stat_of(info), self._metadata_above)
        if not subject.only_metadata:
            self._recall(listing)
        return subject

    def _recall(self, listing: Listing) -> None:
        """Fill in the digests of files that did not change since they were last read."""
        last, known = None, None
        for listed in listing.files:
            if listed.link:
                listed.digest = blake3(listed.link).digest()
                continue
            if listed.folder is not last:
                last = listed.folder
                known = self._cache.entries(last)
            record = known.get(listed.name) if known else None
            if (
                record
                and record[2] == listed.ctime
                and record[1] == listed.mtime
                and record[0] == listed.size
                and record[3] == listed.inode
            ):
                listed.digest = record[4]

    def _hash(self, wanted: Sequence[Listed], budget: Budget) -> None:
        """Read what is not known, the small files first, and remember it."""
        once: dict[bytes, list[Listed]] = {}
        for listed in wanted:
            once.setdefault(listed.folder + b"/" + listed.name, []).append(listed)
        order = sorted(once, key=lambda path: once[path][0].size)
        for position, hashed in hash_all(order, budget, self._threads, self._begin):
            same = once[order[position]]
            if hashed.digest is None or hashed.stat is None:
                for listed in same:
                    listed.why = hashed.why
                continue
            if self._now_ns() - max(hashed.stat[2], min(hashed.stat[1], self._now_ns())) > RECENT_NS:
                self._cache.put(same[0].folder, same[0].name, hashed.stat, hashed.digest)
            for listed in same:
                listed.size, listed.mtime, listed.ctime, listed.inode = hashed.stat
                listed.digest = hashed.digest


class _Subject:
    """One path that was asked about, on the way to its fingerprint."""

    def __init__(self, path: str, listing: Listing | None, single: Stat | None, limit: int, why: str = "") -> None:
        self._path = path
        self.listing = listing
        self._single = single
        self._why = why
        self.only_metadata = listing is not None and sum(listed.size for listed in listing.files) >= limit

    def wanted(self) -> list[Listed]:
        """Give the files that must be read."""
        if self.listing is None or self.only_metadata:
            return []
        return [listed for listed in self.listing.files if listed.digest is None]

    def lines(self) -> tuple[FileLine, ...]:
        """Give the file list; of a single file it is that file by its name."""
        from repro_tui.domain.profile import FileLine

        return tuple(
            FileLine(
                path=to_text(os.fsdecode(listed.path)),
                size=listed.size,
                digest=Digest(f"b3:{listed.digest.hex()}") if listed.digest else None,
                mode=listed.mode,
                mtime_ns=listed.mtime,
            )
            for listed in (self.listing.files if self.listing else ())
        )

    def finish(self) -> Fingerprint:
        """Make the fingerprint from what is known now."""
        listing = self.listing
        if listing is None:
            return Fingerprint(self._path, None, None, None, Coverage.PENDING, None, self._why)
        size = sum(listed.size for listed in listing.files)
        missing = [listed for listed in listing.files if listed.digest is None]
        if self._single:
            return self._of_file(listing.files[0])
        count, notes = len(listing.files), tuple(listing.notes)
        if self.only_metadata:
            lines = b"".join(b"%s\0%d\0%o\0mtime:%d\n" % (f.path, f.size, f.mode, f.mtime) for f in listing.files)
            why = "larger than hash.metadata_above"
            return Fingerprint(self._path, _named(blake3(lines)), size, count, Coverage.METADATA, None, why, notes)
        if missing or listing.unread:
            why = _because(missing) if missing else "a folder in it cannot be read"
            return Fingerprint(self._path, None, size, count, Coverage.PENDING, None, why, notes)
        lines = b"".join(
            [
                b"%s\0%d\0%o\0b3:%s\n" % (f.path, f.size, f.mode, f.digest.hex().encode())
                for f in listing.files
                if f.digest
            ]
        )
        return Fingerprint(self._path, _named(blake3(lines)), size, count, Coverage.FULL, None, "", notes)

    def _of_file(self, listed: Listed) -> Fingerprint:
        state = (listed.size, listed.mtime, listed.ctime, listed.inode)
        if self.only_metadata:
            digest = _named(blake3(b"%d\0mtime:%d\n" % (listed.size, listed.mtime)))
            why = "larger than hash.metadata_above"
            return Fingerprint(self._path, digest, listed.size, None, Coverage.METADATA, state, why)
        if listed.digest is None:
            return Fingerprint(self._path, None, listed.size, None, Coverage.PENDING, state, _because([listed]))
        return Fingerprint(self._path, Digest(f"b3:{listed.digest.hex()}"), listed.size, None, Coverage.FULL, state)


def _because(missing: Sequence[Listed]) -> str:
    """Say why files have no digest: the first that has a reason of its own, or that there was no time yet."""
    troubled = [listed for listed in missing if listed.why]
    if not troubled:
        return "not read yet" if len(missing) == 1 else f"{len(missing)} files not read yet"
    more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"{to_text(os.fsdecode(troubled[0].path))} {troubled[0].why}{more}"


def _named(hasher: blake3) -> Digest:
    return Digest(f"b3:{hasher.hexdigest()}")


def _cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1
