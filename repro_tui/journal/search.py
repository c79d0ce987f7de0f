"""Searching a run's output, forwards and backwards, in windows of lines and with an end in sight."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from repro_tui.errors import StorageError
from repro_tui.journal.plain import plain, without_sequences

if TYPE_CHECKING:
    from repro_tui.journal.output import LineIndex

_WINDOW = 4096
SEARCH_SECONDS = 3.0
"""A search ends after this time, as if there were nothing more: some hundred megabytes."""
ERRORS = re.compile(
    r"Traceback \(most recent call last\)|\w*(?:Error|Exception)(?:\b\s*:(?!\s*[-+0-9.])|$)"
    r"|\b(?:ERROR|FATAL|CRITICAL)\b"
    r"|(?i:\berror:(?!\s*[-+0-9.])|\bout of memory\b|\bsegmentation fault\b|\bcore dumped\b|\bpanicked at\b"
    r"|\bfatal:|loss\b\W{0,5}(?:is )?\b(?:nan|inf)\b|\bnan\b.{0,20}\bloss\b)|^Killed\b",
)
"""What looks like an error in a line of output; a metric that is called error and has a number does not."""
_HINTS = (
    b"error", b"exception", b"traceback", b"fatal", b"critical", b"out of memory", b"segmentation", b"core dumped",
    b"panicked", b"nan", b"inf", b"killed",
)  # fmt: skip
"""One of these is in each line that ERRORS matches, in lower case: most windows are passed over without the pattern."""


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
        return cls(lambda raw: any(hint in raw for hint in _HINTS), lambda line: ERRORS.search(line) is not None)

    def run(self, index: LineIndex, start: int, *, backward: bool) -> int | None:
        """Give the first line from `start` on, in the direction, that holds it. Raises StorageError."""
        index.refresh()
        deadline = time.monotonic() + SEARCH_SECONDS
        total = index.total
        start = total + start if start < 0 else start
        at = min(start, total - 1) if backward else max(start, 0)
        try:
            while 0 <= at < total and time.monotonic() < deadline:
                first = max(at - _WINDOW + 1, 0) if backward else at
                count = at - first + 1 if backward else min(_WINDOW, total - at)
                hit = self._in(index.lines(first, count), deadline, backward=backward)
                if hit is not None:
                    return first + hit
                at = first - 1 if backward else first + count
        except OSError as error:
            raise StorageError(
                f"{index.path} cannot be read: {error.strerror}.", "Check the disk, then try again."
            ) from error
        return None

    def _in(self, lines: list[bytes], deadline: float, *, backward: bool) -> int | None:
        """Give which of some lines holds it."""
        if not self.may_hold(without_sequences(b"\n".join(lines)).lower()):
            return None
        numbers = range(len(lines))
        for number in reversed(numbers) if backward else numbers:
            line = lines[number]
            if self.may_hold(without_sequences(line).lower()) and self.holds(plain(line)):
                return number
            if number % 64 == 0 and time.monotonic() >= deadline:
                return None
        return None
