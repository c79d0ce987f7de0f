"""Text files that grow line by line, and values that were given already."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from repro_tui.readers.interface import MAX_VALUES
from repro_tui.readers.source import GrowingFile

LINE_LIMIT = 1 << 20
"""Characters of a line above which it is passed over."""

_GIVEN_LIMIT = 500_000


class GrowingLines:
    """Gives the whole lines that are new in a file, with the byte that each begins at."""

    def __init__(self, path: Path) -> None:
        self._file = GrowingFile(path)
        self._rest = b""
        self._at = 0
        self.restarted = False
        """The file was truncated or replaced since the flag was last taken back: its first line comes again."""

    def read(self, deadline: float, *, final: bool) -> Iterator[tuple[int, str]]:
        """Give new lines until the deadline (monotonic seconds); with `final` also a last one without a line end."""
        while not self._file.unchanged():
            growth = self._file.read()
            if growth.restarted:
                self._rest, self._at, self.restarted = b"", 0, True
            if not growth.data:
                break
            yield from self._lines(growth.data)
            if time.monotonic() >= deadline:
                return
        if final and self._rest.strip():
            begin, text = self._at, self._rest.decode("utf-8", "replace")
            self._at, self._rest = self._at + len(self._rest), b""
            yield begin, text

    def _lines(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Cut whole lines out of the bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            begin, self._at = self._at, self._at + len(line) + 1
            if len(line) <= LINE_LIMIT:
                yield begin, line.rstrip(b"\r").decode("utf-8", "replace")
        if len(self._rest) > LINE_LIMIT:
            self._at += len(self._rest)
            self._rest = b""


class Given:
    """Remembers which values were given, so that a file that is written anew gives only what is new in it."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def new(self, step: float, values: dict[str, float]) -> dict[str, float]:
        """Give the values of a step that were not given before, at most MAX_VALUES."""
        found: dict[str, float] = {}
        for name, value in values.items():
            key = hash((step, name, repr(value)))
            if key not in self._seen and len(found) < MAX_VALUES:
                if len(self._seen) < _GIVEN_LIMIT:
                    self._seen.add(key)
                found[name] = value
        return found
