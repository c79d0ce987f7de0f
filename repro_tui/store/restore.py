"""Writes the entries of a listing into a folder that is new or empty, and compares every byte on the way.

What is damaged is named and left out, never half written; the rest goes on. What is stopped, or fails as a whole
(the disk is full), takes back what it wrote. What is killed leaves `.repro-restoring` in the folder, which says so.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.errors import CancelledError, StorageError
from repro_tui.store.content import Blobs, LostError, check_length, content, dense, pieces, why, write
from repro_tui.store.entry import Entry
from repro_tui.store.index import Index
from repro_tui.store.paths import check_listing, shown
from repro_tui.store.tree import Tree

PERMISSIONS = 0o1777
"""Set-user and set-group bits are not restored."""
ORDINARY_FOLDER = 0o755
LARGE = 8 << 20
"""Bytes from which on a file's blobs are read ahead by several threads; smaller files are shared out whole."""
_BATCH_FILES, _BATCH_BYTES = 64, 8 << 20
_WAITING = 8
"""Batches that are handed out at a time."""
_TOLD_S = 0.1
_SLACK = 1 << 20


def restore(
    store: Blobs, entries: Iterable[Entry], folder: Path, progress: Progress | None = None, threads: int = 0
) -> Report:
    """Write files, folders and links below a folder that is new (its owner's alone then) or empty.

    Args:
        store: what blobs are read from; may be asked from several threads.
        entries: what to write; of one listing or several, in any order.
        folder: where to; the folders above are made too.
        progress: is told, and may stop it.
        threads: how many read and unpack; as many as there are processors, at most 4, when 0.

    Returns:
        the number of files, of bytes compared, and as damages each path that was not written, with the reason;
        links that lead out of the folder are no damage, and among what was done.

    Raises:
        DamagedError: the entries hold a path that must not be restored; nothing was written.
        UsageError: the folder is neither new nor empty.
        StorageError: there is not enough room, or the disk refuses; nothing is left.
        CancelledError: `progress` stopped it; nothing is left.
    """
    listed = list(entries)
    check_listing(listed)
    _check_room(folder, listed)
    tree = Tree(folder)
    work = _Restoring(store, tree, listed, progress)
    try:
        with ThreadPoolExecutor(threads or min(os.cpu_count() or 1, 4), "restore") as pool:
            work.run(pool)
    except BaseException:
        tree.abandon()
        raise
    tree.finish()
    return work.report()


def _check_room(folder: Path, entries: Sequence[Entry]) -> None:
    """Raise StorageError when what is to be written cannot fit; holes take no room."""
    needed = sum(dense(entry) for entry in entries if entry.kind == "f") + _SLACK
    above = next((path for path in (folder, *folder.absolute().parents) if path.is_dir()), Path("/"))
    found = os.statvfs(above)
    free = found.f_bavail * found.f_frsize
    if needed > free:
        raise StorageError(
            f"{folder}: {needed:,} bytes are needed, and {free:,} are free there. Nothing was written.",
            "Free some space, restore to another disk, or only a part (--only).",
        )


class _Restoring:
    """One restoration."""

    def __init__(self, store: Blobs, tree: Tree, entries: Sequence[Entry], progress: Progress | None) -> None:
        self._store = store
        self._index = store.refresh()
        self._tree = tree
        self._entries = entries
        self._progress = progress
        self._total = sum(dense(entry) for entry in entries if entry.kind == "f")
        self._done = 0
        self._files = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._damages: dict[bytes, str] = {}
        self._notes: list[str] = []
        self._begin = time.monotonic()
        self._told_at = 0.0

    def report(self) -> Report:
        """Say what was done."""
        damages = tuple(Damage(shown(path), text) for path, text in sorted(self._damages.items()))
        return Report(self._done, self._files, damages, tuple(self._notes), time.monotonic() - self._begin)

    def run(self, pool: ThreadPoolExecutor) -> None:
        """Write everything; links come last, so that nothing is ever written while one is there."""
        self._tell(0)
        folders = [entry for entry in self._entries if entry.kind == "d"]
        self._make_folders(folders)
        try:
            files = [entry for entry in self._entries if entry.kind == "f"]
            for entry in files:
                if entry.size >= LARGE:
                    self._write(entry, pool)
            self._write_small([entry for entry in files if entry.size < LARGE], pool)
            self._link_hard(pool)
        except BaseException:
            self._stopped.set()
            raise
        self._link([entry for entry in self._entries if entry.kind == "l"])
        for entry in sorted(folders, key=_path, reverse=True):
            self._guarded(entry, partial(self._tree.dress_folder, entry.path, entry.mode & PERMISSIONS, entry.mtime_ns))
        self._tell(0, last=True)

    def _make_folders(self, folders: Sequence[Entry]) -> None:
        """Make each folder that is listed or that something lies in."""
        needed = {entry.path for entry in folders}
        for entry in self._entries:
            path = os.path.dirname(entry.path)  # noqa: PTH120 - bytes
            while path and path not in needed:
                needed.add(path)
                path = os.path.dirname(path)  # noqa: PTH120 - bytes
        private = frozenset(entry.path for entry in folders if entry.mode & PERMISSIONS != ORDINARY_FOLDER)
        for path, error in self._tree.make_folders(sorted(needed), private).items():
            self._damages[path] = why(error)

    def _write_small(self, files: Sequence[Entry], pool: ThreadPoolExecutor) -> None:
        """Share files out to the pool, a few batches ahead."""
        waiting: set[Future[None]] = set()
        for batch in batches(in_order(self._index, files)):
            waiting.add(pool.submit(self._write_batch, batch))
            while len(waiting) >= _WAITING:
                waiting = self._wait(waiting)
        while waiting:
            waiting = self._wait(waiting)

    def _wait(self, waiting: set[Future[None]]) -> set[Future[None]]:
        """Wait for a batch, telling meanwhile how far things are; gives what is not done yet."""
        done, waiting = wait(waiting, _TOLD_S, FIRST_COMPLETED)
        self._tell(0)
        for future in done:
            future.result()
        return waiting

    def _write_batch(self, batch: Sequence[Entry]) -> None:
        """Write some small files, on a thread of the pool."""
        for entry in batch:
            self._write(entry, None)

    def _write(self, entry: Entry, pool: ThreadPoolExecutor | None) -> None:
        """Write one file, or name it."""
        self._guarded(entry, partial(self._write_file, entry, pool))

    def _guarded(self, entry: Entry, act: Callable[[], None]) -> None:
        """Do something for one entry; what goes wrong is named and the rest goes on, unless it would meet it too."""
        try:
            act()
        except LostError as error:
            self._name(entry.path, why(error))
        except OSError as error:
            self._tree.check_room(error)
            self._name(entry.path, why(error))

    def _name(self, path: bytes, text: str) -> None:
        with self._lock:
            self._damages.setdefault(path, text)

    def _write_file(self, entry: Entry, pool: ThreadPoolExecutor | None) -> None:
        """Write one file; nothing of it stays when its content is not what it should be."""
        check_length(self._index, entry)
        folder, name = os.path.split(entry.path)
        with self._tree.opened(folder) as parent:
            descriptor = self._tree.new_file(parent, name)
            try:
                told = self._tell if pool is not None else self._count
                write(descriptor, content(self._store, entry, pool), entry.size, told)
                os.fchmod(descriptor, entry.mode & PERMISSIONS)
                os.utime(descriptor, ns=(entry.mtime_ns, entry.mtime_ns))
            except BaseException:
                os.unlink(name, dir_fd=parent)
                raise
            finally:
                os.close(descriptor)
        with self._lock:
            self._files += 1

    def _count(self, done: int) -> None:
        """Count bytes, on any thread; ends the thread's work when all is to stop."""
        if self._stopped.is_set():
            raise CancelledError("Stopped.")
        with self._lock:
            self._done += done

    def _tell(self, done: int, *, last: bool = False) -> None:
        """Count bytes, and tell a few times a second how far things are; on the caller's thread."""
        self._count(done)
        now = time.monotonic()
        if self._progress is not None and (last or now - self._told_at >= _TOLD_S):
            self._told_at = now
            self._progress(self._done, self._total, "restoring")

    def _link_hard(self, pool: ThreadPoolExecutor) -> None:
        """Give files their further names; a copy where the file system has no hard links."""
        files = {entry.path: entry for entry in self._entries if entry.kind == "f"}
        for entry in self._entries:
            if entry.kind == "h":
                self._guarded(entry, partial(self._link_one, entry, files[entry.to], pool))

    def _link_one(self, entry: Entry, target: Entry, pool: ThreadPoolExecutor) -> None:
        if target.path in self._damages:
            raise LostError(f"it is a further name of {shown(target.path)}: {self._damages[target.path]}")
        from_folder, from_name = os.path.split(target.path)
        to_folder, to_name = os.path.split(entry.path)
        with self._tree.opened(from_folder) as source, self._tree.opened(to_folder) as folder:
            try:
                os.link(from_name, to_name, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)
            except FileExistsError:
                raise
            except (NotImplementedError, OSError):
                self._notes.append(f"{shown(entry.path)} is a copy: no hard link could be made")
                copy = Entry(entry.path, "f", target.mode, target.size, target.mtime_ns, target.digest, target.content)
                self._write(copy, pool)
                return
        self._files += 1

    def _link(self, links: Sequence[Entry]) -> None:
        """Make symbolic links; one that leads to something outside of the folder is taken away again and named."""
        for entry in links:
            self._guarded(entry, partial(self._make_link, entry))
        for entry in links:
            target = b"" if entry.path in self._damages else self._tree.leads_out(entry.path)
            if target:
                folder, name = os.path.split(entry.path)
                with self._tree.opened(folder) as parent:
                    os.unlink(name, dir_fd=parent)
                self._files -= 1
                self._notes.append(
                    f"{shown(entry.path)} is a link that leads out of the folder, to {shown(target)}: not made"
                )

    def _make_link(self, entry: Entry) -> None:
        folder, name = os.path.split(entry.path)
        with self._tree.opened(folder) as parent:
            os.symlink(entry.to, name, dir_fd=parent)
            os.utime(name, ns=(entry.mtime_ns, entry.mtime_ns), dir_fd=parent, follow_symlinks=False)
        self._files += 1


def _path(entry: Entry) -> bytes:
    return entry.path


def in_order(index: Index, files: Sequence[Entry]) -> list[Entry]:
    """Put files into the order in which their content lies in the store, so that it is read as a stream."""

    def place(entry: Entry) -> tuple[str, int]:
        first = next((piece for piece in pieces(entry) if isinstance(piece, bytes)), None)
        found = index.find(first) if first else []
        return found[0][:2] if found else ("", 0)

    return sorted(files, key=place)


def batches(files: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Cut a list of files into handfuls of some size."""
    batch: list[Entry] = []
    size = 0
    for entry in files:
        batch.append(entry)
        size += entry.size
        if len(batch) >= _BATCH_FILES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
