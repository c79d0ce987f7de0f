"""Reads everything that one snapshot needs, and compares it, without writing it anywhere."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from repro_tui.domain.snapshot import Damage, Report
from repro_tui.errors import ReproError
from repro_tui.ports import Progress
from repro_tui.store import documents
from repro_tui.store.content import LostError, content, dense
from repro_tui.store.entry import Entry
from repro_tui.store.paths import refused, shown
from repro_tui.store.store import Store

_AHEAD = 64
"""Files that are handed to the threads at a time."""


def verify(
    store: Store, document: Mapping[str, object], name: str, dropped: Collection[str], progress: Progress | None
) -> Report:
    """Read a snapshot; what is missing or damaged is named, and the rest goes on. Raises what `progress` raises."""
    begin = time.monotonic()
    work = _Verifying(store, name, progress)
    store.refresh()
    try:
        roots = list(documents.roots(document, dropped))
    except ReproError as error:
        return Report(0, 0, (Damage(name, error.message, (name,)),), seconds=time.monotonic() - begin)
    for part, blobs, is_listing in roots:
        work.part(part, blobs, is_listing=is_listing)
    work.files()
    return Report(work.done, work.count, tuple(work.damages), seconds=time.monotonic() - begin)


class _Verifying:
    def __init__(self, store: Store, name: str, progress: Progress | None) -> None:
        self._store = store
        self._name = name
        self._progress = progress
        self._files: list[Entry] = []
        self.damages: list[Damage] = []
        self.done = 0
        self.count = 0

    def part(self, part: str, blobs: list[bytes], *, is_listing: bool) -> None:
        """Read a listing, or the manifest."""
        try:
            if not is_listing:
                self.done += len(self._store.read_all(blobs))
                return
            entries = list(self._store.listing(blobs))
        except ReproError as error:
            self._damaged(part, error.message)
            return
        for path, why in refused(entries):
            self._damaged(f"{part}: {shown(path)}", why)
        self._files += [entry for entry in entries if entry.kind == "f"]

    def files(self) -> None:
        """Read the content of all files, a few at a time."""
        total = self.done + sum(dense(entry) for entry in self._files)
        with ThreadPoolExecutor(self._store.threads, "verify") as pool:
            for start in range(0, len(self._files), _AHEAD):
                batch = self._files[start : start + _AHEAD]
                for entry, (count, why) in zip(batch, pool.map(self._read, batch), strict=True):
                    self.done += count
                    self.count += 1
                    if why:
                        self._damaged(shown(entry.path), why)
                if self._progress is not None:
                    self._progress(self.done, total, "verifying")

    def _read(self, entry: Entry) -> tuple[int, str]:
        count = 0
        try:
            for _, piece in self._pieces(entry):
                count += 0 if isinstance(piece, int) else len(piece)
        except LostError as error:
            return count, str(error)
        return count, ""

    def _pieces(self, entry: Entry) -> Iterator[tuple[int, bytes | int]]:
        return content(self._store, entry)

    def _damaged(self, what: str, why: str) -> None:
        self.damages.append(Damage(what, why, (self._name,)))
