"""Reads what a snapshot needs and compares it, as restoring does, without writing anything."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.errors import CancelledError
from repro_tui.store.content import Blobs, LostError, check_length, content, dense
from repro_tui.store.entry import Entry
from repro_tui.store.index import Index
from repro_tui.store.paths import refused, shown
from repro_tui.store.restore import batches, in_order

_TOLD_S = 0.1


def verify(store: Blobs, entries: Iterable[Entry], progress: Progress | None = None) -> Report:
    """Compare the content of every file with its digest, each blob with its name, and each path with the rules.

    Gives a damage for each path that could not be restored. Raises CancelledError as `progress` does.
    """
    listed = list(entries)
    bad = dict(refused(listed))
    files = [entry for entry in listed if entry.kind == "f" and entry.path not in bad]
    work = _Verifying(store, sum(map(dense, files)), progress)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4), "verify") as pool:
        work.run(pool, files)
    found = [*bad.items(), *work.lost.items()]
    damages = tuple(Damage(shown(path), why) for path, why in sorted(found))
    return Report(work.done, len(files), damages, (), time.monotonic() - work.begin)


class _Verifying:
    """One verification."""

    def __init__(self, store: Blobs, total: int, progress: Progress | None) -> None:
        self._store = store
        self._index: Index = store.refresh()
        self._total = total
        self._progress = progress
        self._lock = threading.Lock()
        self._stopped = False
        self.lost: dict[bytes, str] = {}
        self.done = 0
        self.begin = time.monotonic()

    def run(self, pool: ThreadPoolExecutor, files: Sequence[Entry]) -> None:
        """Share the files out, and tell meanwhile how far things are."""
        self._tell()
        waiting: set[Future[None]] = {
            pool.submit(self._compare, batch) for batch in batches(in_order(self._index, files))
        }
        try:
            while waiting:
                ready, waiting = wait(waiting, _TOLD_S, FIRST_COMPLETED)
                for future in ready:
                    future.result()
                self._tell()
        except BaseException:
            self._stopped = True
            pool.shutdown(cancel_futures=True)
            raise

    def _tell(self) -> None:
        if self._progress:
            self._progress(self.done, self._total, "verifying")

    def _compare(self, batch: Sequence[Entry]) -> None:
        """Read some files, on a thread of the pool."""
        for entry in batch:
            try:
                check_length(self._index, entry)
                for _, piece in content(self._store, entry):
                    if self._stopped:
                        raise CancelledError("Stopped.")
                    if isinstance(piece, bytes):
                        with self._lock:
                            self.done += len(piece)
            except LostError as error:
                with self._lock:
                    self.lost[entry.path] = str(error)
