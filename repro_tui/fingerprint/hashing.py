"""Reads and hashes one file, and notices when it changes meanwhile.

Files are read, not mapped: a mapped file that another process truncates would kill this one with SIGBUS.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from blake3 import blake3

from repro_tui.fingerprint.budget import Budget, OutOfTimeError
from repro_tui.fingerprint.values import Stat, stat_of

CHUNK = 1 << 20
_LARGE = 64 << 20
_TRIES = 2
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Hashed:
    """What reading one file gave."""

    digest: bytes | None
    """32 bytes, None when it could not be had."""
    stat: Stat | None
    why: str = ""
    """Why there is no digest: `cannot be read: Permission denied`, `changes while it is read`."""


def hash_file(path: bytes, spend: Callable[[int], None], buffer: bytearray, threads: int = 1) -> Hashed:
    """Hash a file's content; raises OutOfTimeError when `spend`, which is told of bytes in advance, says so.

    `buffer` is reused between files. A file that changes while it is read is tried once more. With `threads` above 1 a
    large file is hashed by several.
    """
    found = Hashed(None, None, "changes while it is read")
    for _ in range(_TRIES):
        try:
            descriptor = os.open(path, _FLAGS)
        except OSError as error:
            return Hashed(None, None, _reason(error))
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                return Hashed(None, None, "is no regular file any more")
            digest = _read(descriptor, before.st_size, spend, buffer, threads)
            after = os.fstat(descriptor)
        except OSError as error:
            return Hashed(None, None, _reason(error))
        finally:
            os.close(descriptor)
        if digest is not None and stat_of(before) == stat_of(after):
            return Hashed(digest, stat_of(after))
        found = Hashed(None, stat_of(after), "changes while it is read")
    return found


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished"
    return f"cannot be read: {error.strerror or error}"


def _read(descriptor: int, size: int, spend: Callable[[int], None], buffer: bytearray, threads: int) -> bytes | None:
    """Hash exactly `size` bytes, so that a file that grows without end ends here; None when they are not there."""
    hasher = blake3(max_threads=threads if size >= _LARGE else 1)
    view = memoryview(buffer)
    left = size
    while left > 0:
        spend(min(left, len(buffer)))
        count = os.readv(descriptor, [view[: min(left, len(buffer))]])
        if count == 0:
            return None
        hasher.update(view[:count])
        left -= count
    return hasher.digest()


def hash_all(
    paths: Sequence[bytes], budget: Budget, threads: int, begin: Callable[[], None] | None = None
) -> Iterator[tuple[int, Hashed]]:
    """Hash many files in parallel; gives (position in `paths`, result) as they finish, until the budget ends.

    `begin` is called once in each thread. Leaving the iteration early ends the threads, also in the middle of a file.
    """
    if not paths:
        return
    count = max(1, min(threads, len(paths)))
    inner = threads if count == 1 else 1
    work = _Work(paths, budget, inner)
    runners = [threading.Thread(target=work.run, args=(begin,), name="hash", daemon=True) for _ in range(count)]
    for runner in runners:
        runner.start()
    try:
        yield from work.results(count)
    finally:
        work.abandon()
        for runner in runners:
            runner.join()


class _Work:
    """Paths still to be hashed, and results not yet fetched."""

    def __init__(self, paths: Sequence[bytes], budget: Budget, inner: int) -> None:
        self._paths = paths
        self._budget = budget
        self._inner = inner
        self._next = 0
        self._abandoned = False
        self._ready: list[tuple[int, Hashed]] = []
        self._ended = 0
        self._broken: BaseException | None = None
        self._news = threading.Condition()

    def run(self, begin: Callable[[], None] | None) -> None:
        """Hash until nothing is left: the body of a thread."""
        try:
            if begin:
                begin()
            buffer = bytearray(CHUNK * (4 if self._inner > 1 else 1))
            while (position := self._take()) is not None:
                result = hash_file(self._paths[position], self._spend, buffer, self._inner)
                with self._news:
                    self._ready.append((position, result))
                    self._news.notify()
        except OutOfTimeError:
            self.abandon()
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits, which raises it
            self._broken = error
            self.abandon()
        finally:
            with self._news:
                self._ended += 1
                self._news.notify()

    def _take(self) -> int | None:
        with self._news:
            if self._next >= len(self._paths):
                return None
            self._next += 1
            return self._next - 1

    def _spend(self, count: int) -> None:
        """Account for bytes, unless nobody wants them any more."""
        if self._abandoned:
            raise OutOfTimeError("Nobody waits for these fingerprints any more.")
        self._budget.spend(count)

    def abandon(self) -> None:
        """Begin no further file, and end those that are being read."""
        self._abandoned = True
        with self._news:
            self._next = len(self._paths)

    def results(self, count: int) -> Iterator[tuple[int, Hashed]]:
        """Give results until all threads have ended."""
        while True:
            with self._news:
                self._news.wait_for(lambda: self._ready or self._ended == count)
                ready, self._ready = self._ready, []
            yield from ready
            if not ready:
                if self._broken:
                    raise self._broken
                return
