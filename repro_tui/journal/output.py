"""A run's output as lines for a screen: indexed while it grows, whatever its size.

The index holds, for each 64 KiB of the file, how many lines end before it: 100 MB cost 1,600 numbers and the time of
one pass of `bytes.count` (0.04 s from the page cache). It is built in steps of bounded time; until it has caught up,
`at_end` is False and the end is the end of what was indexed. A line is what stands between two line feeds; of a
progress bar, which returns to the beginning of its line, only the last state is shown (see `plain`).
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from pathlib import Path

from repro_tui.domain.view import LogChunk
from repro_tui.errors import StorageError
from repro_tui.journal.plain import plain
from repro_tui.journal.sealed import Source, open_source, sealed_path

_BLOCK = 1 << 16
_LONGEST = 1 << 16
"""Bytes of one line that are looked at: its end where it returns to its beginning, else its first."""
_SPAN = 4 << 20
_INDEX_SECONDS = 0.5
_HEAD = 256
_TAIL = 64
MAX_LINES = 10_000
"""Lines that one reading gives at most."""


class LineIndex:
    """Where the lines of a growing file begin. Holds one descriptor; notices when the file is another one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source: Source | None = None
        self._reset()

    def _reset(self) -> None:
        self.close()
        self._counted = 0
        self._ended = 0
        self._before = array("q", [0])
        self._head = self._tail = b""
        self._identity: tuple[int, ...] = ()
        self.size = 0
        """Bytes of the file at the last look."""

    def close(self) -> None:
        """Give back the descriptor; the next look opens the file again."""
        source, self._source = self._source, None
        if source is not None:
            source.close()

    @property
    def complete(self) -> bool:
        """Tell whether everything that the file held at the last look is indexed."""
        return self._counted >= self.size

    @property
    def total(self) -> int:
        """Lines that are known, with the unfinished one at the end, if there is one."""
        return self._ended + (self._counted > self._end_of_lines())

    def _end_of_lines(self) -> int:
        return 0 if self._ended == 0 else self._newline(self._ended) + 1

    def refresh(self, seconds: float = _INDEX_SECONDS) -> None:
        """Look at the file and index what is new, for at most so many seconds. Raises StorageError."""
        try:
            self._look()
            if self._source is not None:
                self._count(time.monotonic() + seconds)
        except OSError as error:
            self._reset()
            raise StorageError(
                f"{self.path} cannot be read: {error.strerror}.", "Check its permissions and the disk, then try again."
            ) from error

    def _look(self) -> None:
        """Open the file, or open it anew when it is another one than before. A file that vanished stays readable."""
        try:
            identity = _identity(self.path)
        except FileNotFoundError:
            return
        if self._source is not None:
            size = self._source.size
            if identity != self._identity or size < self._counted or (size != self.size and not self._is_same()):
                self._reset()
        if self._source is None:
            self._source, self._identity = open_source(self.path, follow=True), identity
        self.size = self._source.size

    def _is_same(self) -> bool:
        tail_at = max(self._counted - _TAIL, 0)
        return (
            self._pread(len(self._head), 0) == self._head
            and self._pread(self._counted - tail_at, tail_at) == self._tail
        )

    def _pread(self, length: int, offset: int) -> bytes:
        """Give bytes of what is open; none while nothing is."""
        return self._source.pread(length, offset) if self._source is not None else b""

    def _count(self, deadline: float) -> None:
        """Count the lines of what is new."""
        if self.complete:
            return
        while self._counted < self.size:
            block = self._pread(_BLOCK - self._counted % _BLOCK, self._counted)
            if not block:
                break
            self._ended += block.count(b"\n")
            self._counted += len(block)
            if self._counted % _BLOCK == 0:
                self._before.append(self._ended)
            if time.monotonic() >= deadline:
                break
        self._head = self._pread(min(_HEAD, self._counted), 0)
        tail_at = max(self._counted - _TAIL, 0)
        self._tail = self._pread(self._counted - tail_at, tail_at)

    def _newline(self, number: int) -> int:
        """Give the place of the line feed that ends so many lines; `number` is 1 for the first."""
        at = bisect_left(self._before, number) - 1
        block = self._pread(_BLOCK, at * _BLOCK)
        place = -1
        for _ in range(number - self._before[at]):
            place = block.find(b"\n", place + 1)
            if place < 0:  # the file was cut in this very moment; the next look notices
                return at * _BLOCK + len(block)
        return at * _BLOCK + place

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Give where lines begin and end, in bytes; the last one ends without its line feed."""
        start = 0 if first == 0 else self._newline(first) + 1
        last = first + count
        return start, self._newline(last) if last <= self._ended else self._counted

    def raw(self, first: int, count: int) -> bytes | None:
        """Give lines as they lie in the file; None where they are too long to be read at once."""
        start, stop = self.span(first, count)
        return self._pread(stop - start, start) if stop - start <= _SPAN else None

    def lines(self, first: int, count: int) -> list[bytes]:
        """Give lines without their line feeds; of a very long one only what can matter is read."""
        if count <= 0:
            return []
        start, stop = self.span(first, count)
        if stop - start <= _SPAN:
            found = self._pread(stop - start, start).split(b"\n")
            return [_bounded(line) for line in found[:count]]
        if count > 1:
            half = count // 2
            return self.lines(first, half) + self.lines(first + half, count - half)
        ending = self._pread(_LONGEST, stop - _LONGEST)
        return [ending if b"\r" in ending else self._pread(_LONGEST, start)]


def _identity(path: Path) -> tuple[int, ...]:
    """Tell which file it is that a path leads to, by its sealed form where only that is there.

    A sealed file does not grow: one that did is another one.
    """
    try:
        there = path.stat()
    except FileNotFoundError:
        there = sealed_path(path).stat()
        return (there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns)
    return (there.st_dev, there.st_ino)


def _bounded(line: bytes) -> bytes:
    """Take of a very long line what can matter."""
    if len(line) <= _LONGEST:
        return line
    ending = line[-_LONGEST:]
    return ending if b"\r" in ending else line[:_LONGEST]


class LogFile:
    """The output of one run in one file: `ports.LogSource`. For one thread at a time.

    The file may not exist yet, may grow, be cut or replaced; each reading shows what is there then.
    """

    def __init__(self, path: Path) -> None:
        self.index = LineIndex(path)

    def read(self, first: int, count: int) -> LogChunk:
        """Give up to `count` lines from line `first` (0-based); negative `first` counts from the end."""
        self.index.refresh()
        total = self.index.total
        first = max(total + first, 0) if first < 0 else min(first, total)
        count = min(count, MAX_LINES, total - first)
        lines = tuple(plain(line) for line in self._raw(first, count))
        at_end = self.index.complete and first + count >= total
        return LogChunk(first=first, lines=lines, total=total, at_end=at_end)

    def find(self, text: str, start: int, *, backward: bool = False) -> int | None:
        """Give the next line that contains a text, ignoring case, from line `start` on; None when there is none."""
        from repro_tui.journal.search import Search

        return Search.text(text).run(self.index, start, backward=backward) if text else None

    def next_error(self, start: int, *, backward: bool = False) -> int | None:
        """Give the next line that looks like an error, from line `start` on; None when there is none."""
        from repro_tui.journal.search import Search

        return Search.errors().run(self.index, start, backward=backward)

    def close(self) -> None:
        """Give back the file descriptor."""
        self.index.close()

    def _raw(self, first: int, count: int) -> list[bytes]:
        try:
            return self.index.lines(first, count)
        except OSError as error:
            raise StorageError(
                f"{self.index.path} cannot be read: {error.strerror}.", "Check the disk, then try again."
            ) from error
