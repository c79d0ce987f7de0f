"""Several threads that keep files: reading, hashing, cutting and compressing happen outside the interpreter's lock.

Each thread takes the next file. Of a large file it reads segment after segment, and hands over those that another
thread has time for; so one large file keeps all threads busy as well as many small ones do. What waits is bounded.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from blake3 import blake3

from repro_tui.errors import ReproError
from repro_tui.store.codec import Packer
from repro_tui.store.entry import Found, Trouble
from repro_tui.store.foresight import Foresight
from repro_tui.store.intake import Read, keep_file
from repro_tui.store.large import SEGMENT, Segment

KeepBlob = Callable[[bytes, memoryview | bytes, Packer], None]
"""Keeps a blob by its id, with the compressor of the thread that found it."""
_TELL_S = 0.1


class _StoppedError(ReproError):
    """The others have stopped."""


class Crew:
    """Keeps files with some threads; used once."""

    def __init__(
        self,
        files: Sequence[Found],
        keep: KeepBlob,
        *,
        threads: int,
        level: int,
        private: bool,
        foresights: Mapping[int, Foresight],
    ) -> None:
        self._files = files
        self._keep = keep
        self._level = level
        self._private = private
        self._foresights = foresights
        self._threads = max(1, threads)
        lock = threading.Lock()
        self._news = threading.Condition(lock)
        self._over = threading.Condition(lock)
        """For who waits for all: a thread that has nothing to do must not sleep on while another is woken."""
        self._waiting: deque[Segment] = deque()
        self._next = 0
        self._busy = 0
        self._stopped = False
        self._ended = 0
        self._broken: BaseException | None = None
        self._done = [0] * self._threads
        self.buffers: list[bytearray] = []
        """Free ones, to be used again: fresh memory costs more than filling it."""
        self.results: list[Read | Trouble | None] = [None] * len(files)
        """In the order of the files."""
        self.current: bytes = b""
        """Path of a file that is being read."""

    def run(self, tell: Callable[[int], None]) -> None:
        """Keep all files; `tell` hears of the bytes done, and stops everything by raising. Raises what went wrong."""
        runners = [
            threading.Thread(target=self._work, args=(number,), name=f"keep-{number}", daemon=True)
            for number in range(self._threads)
        ]
        try:
            for runner in runners:
                runner.start()
            while not self._wait():
                tell(sum(self._done))
        finally:
            self._stop()
            for runner in runners:
                if runner.ident is not None:
                    runner.join()
        if self._broken:
            raise self._broken
        tell(sum(self._done))

    def _wait(self) -> bool:
        with self._over:
            return self._over.wait_for(lambda: self._ended == self._threads, _TELL_S)

    def _stop(self) -> None:
        with self._news:
            self._stopped = True
            for segment in self._waiting:
                segment.done.set()
            self._waiting.clear()
            self._news.notify_all()

    def _work(self, number: int) -> None:
        """Keep files and segments until there are no more: the body of a thread."""
        try:
            hand = _Hand(self, number, self._keep, Packer(self._level))
            while (task := self._take()) is not None:
                try:
                    if isinstance(task, Segment):
                        hand.segment(task)
                    else:
                        self.current = self._files[task].path
                        self.results[task] = keep_file(
                            self._files[task], hand, private=self._private, foresight=self._foresights.get(task)
                        )
                finally:
                    with self._news:
                        self._busy -= 1
                        if not self._busy:
                            self._news.notify_all()
        except _StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 - carried to the thread that waits, which raises it
            self._broken = self._broken or error
            self._stop()
        finally:
            with self._over:
                self._ended += 1
                self._over.notify_all()

    def _take(self) -> Segment | int | None:
        """Give a segment that waits, or the number of the next file; None when nothing will come any more."""
        with self._news:
            while True:
                if self._stopped:
                    return None
                if self._waiting:
                    self._busy += 1
                    return self._waiting.popleft()
                if self._next < len(self._files):
                    self._busy += 1
                    self._next += 1
                    return self._next - 1
                if not self._busy:
                    return None
                self._news.wait()

    def offer(self, segment: Segment) -> bool:
        """Leave a segment to another thread; false when all of them have enough to do."""
        with self._news:
            if self._threads == 1 or self._stopped or len(self._waiting) >= self._threads:
                return False
            self._waiting.append(segment)
            self._news.notify()
            return True

    def take_waiting(self) -> Segment | None:
        """Give a segment that nobody has begun with."""
        with self._news:
            return self._waiting.popleft() if self._waiting else None

    def count(self, number: int, size: int) -> None:
        """Note bytes that a thread has read; raises when all are to stop."""
        self._done[number] += size
        if self._stopped:
            raise _StoppedError("Stopped.")


class _Hand:
    """What one thread has to itself."""

    def __init__(self, crew: Crew, number: int, keep: KeepBlob, packer: Packer) -> None:
        self._crew = crew
        self._number = number
        self._keep = keep
        self._packer = packer

    def blob(self, blob: bytes, data: memoryview | bytes) -> None:
        self._keep(blob, data, self._packer)

    def step(self, count: int) -> None:
        self._crew.count(self._number, count)

    def buffer(self) -> bytearray:
        try:
            return self._crew.buffers.pop()
        except IndexError:
            return bytearray(SEGMENT)

    def pass_on(self, segment: Segment) -> None:
        if not self._crew.offer(segment):
            self.segment(segment)

    def wait(self, segment: Segment) -> None:
        """Work on whatever waits meanwhile: it may be that very segment, and nobody else may have time for it."""
        while not segment.done.is_set():
            other = self._crew.take_waiting()
            if other is None:
                segment.done.wait()
            else:
                self.segment(other)

    def segment(self, segment: Segment) -> None:
        """Name and keep the blobs of a segment."""
        try:
            start, names = 0, iter(segment.blobs)
            blobs = []
            with memoryview(segment.buffer) as view:
                for end in segment.ends:
                    with view[start:end] as data:
                        blob = next(names, None) or blake3(data).digest()
                        blobs.append(blob)
                        self._keep(blob, data, self._packer)
                    start = end
            segment.blobs = blobs
        finally:
            self._crew.buffers.append(segment.buffer)
            segment.buffer = bytearray()
            segment.done.set()
