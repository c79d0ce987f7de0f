"""How much may be read, kept and waited for.

What is left out for it is decided by sizes, so that equal content gives equal statistics; only the time limit depends
on the machine, and then a problem says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_RATE = 20_000_000
"""Bytes of text a second that are read at the lowest priority beside a training; alone it is ten times that."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one look into a dataset."""

    seconds: float = 120.0
    """After this, what is not done is left out and named."""
    scan: int = 2_000_000_000
    """Bytes of a table, unpacked, that are read in full for rows and classes; of more, an excerpt is taken."""
    excerpt: int = 64_000_000
    """Bytes of an excerpt."""
    cells: int = 2_000_000
    """Values that statistics rest on, of all columns of a table together."""
    rows: int = 200_000
    """Rows that statistics rest on."""
    text: int = 64_000_000
    """Bytes of text that are kept for statistics."""
    files: int = 10_000
    """Files of a dataset that are opened; of more, those whose names have the least hashes."""
    columns: int = 10_000
    """A table of more columns is only named."""
    memory: str = "160MB"
    """What DuckDB may hold; the rest of the process comes on top."""
    threads: int = 2

    @property
    def scanned(self) -> int:
        """Give the bytes that are read in full within the time, on a machine that is busy with something else."""
        return min(self.scan, int(self.seconds * _RATE))


@dataclass(slots=True)
class Clock:
    """The time that is left, and whether somebody wants it to stop."""

    budget: Budget
    stopped: Callable[[], bool] | None = None
    """Asked between steps; true ends the work with what was found so far."""
    _end: float = field(init=False)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.budget.seconds

    @property
    def left(self) -> float:
        """Seconds that are left, at least none."""
        if self.stopped is not None and self.stopped():
            return 0.0
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        """Tell whether to stop."""
        return self.left <= 0
