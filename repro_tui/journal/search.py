"""Searching a run's output, forwards and backwards, in windows of lines and with an end in sight."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from repro_tui.domain.trouble import looks_like_error, may_hold_error
from repro_tui.errors import StorageError
from repro_tui.journal.plain import plain, without_sequences

if TYPE_CHECKING:
    from repro_tui.journal.output import LineIndex

_WINDOW = 4096
SEARCH_SECONDS = 10.0
"""A search ends after this time and says so: several gigabytes."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for."""

    may_hold: Callable[[bytes], bool]
    """Tell of lower-case bytes whether they may hold it; quick, and never wrong when it says no."""
    holds: Callable[[str], bool]
    """Tell of a line as it is shown whether it holds it."""

    @classmethod
    def text(cls, text: str) -> Self:
        """Look for a text, ignoring case."""
        low, folded = text.lower().encode("utf-8", "replace"), text.casefold()
        return cls(lambda raw: not text.isascii() or low in raw, lambda line: folded in line.casefold())

    @classmethod
    def errors(cls) -> Self:
        """Look for what looks like an error."""
        return cls(may_hold_error, looks_like_error)

    def run(self, index: LineIndex, start: int, *, backward: bool) -> int | None:
        """Give the first line from `start` on, in the direction, that holds it. Raises StorageError."""
        deadline = time.monotonic() + SEARCH_SECONDS
        index.refresh()
        while not index.complete and time.monotonic() < deadline:
            index.refresh()
        total = index.total
        start = total + start if start < 0 else start
        at = min(start, total - 1) if backward else max(start, 0)
        try:
            while 0 <= at < total:
                first = max(at - _WINDOW + 1, 0) if backward else at
                count = at - first + 1 if backward else min(_WINDOW, total - at)
                raw = index.raw(first, count)
                if raw is None or self.may_hold(without_sequences(raw).lower()):
                    hit = self._in(index.lines(first, count), deadline, backward=backward)
                    if hit is not None:
                        return first + hit
                at = first - 1 if backward else first + count
                if 0 <= at < total and time.monotonic() >= deadline:
                    raise StorageError(
                        f"The search was ended after {SEARCH_SECONDS:.0f} s, at line {at + 1:,} of {total:,}.",
                        "Go nearer to what you look for, then search again.",
                    )
        except OSError as error:
            raise StorageError(
                f"{index.path} cannot be read: {error.strerror}.", "Check the disk, then try again."
            ) from error
        return None

    def _in(self, lines: list[bytes], deadline: float, *, backward: bool) -> int | None:
        """Give which of some lines holds it."""
        numbers = range(len(lines))
        for number in reversed(numbers) if backward else numbers:
            line = lines[number]
            if self.may_hold(without_sequences(line).lower()) and self.holds(plain(line)):
                return number
            if number % 64 == 0 and time.monotonic() >= deadline:
                return None
        return None
