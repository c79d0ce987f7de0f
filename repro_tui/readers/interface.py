"""What a reader of other tools' metric files is, and what it gives.

The supervisor of a run uses it like this, about once a second and once more after the command has ended:

    discovery = Discovery(project.root, started, folders=[output folders], exclude=[project.home])
    discovery.observed("logs/metrics.csv")                 # a file that the run was seen to write
    for row in discovery.poll(deadline=time.monotonic() + 0.05):
        journal.point(row.step, row.t, row.values, row.source)
    discovery.poll(deadline=…, final=True)        # after the command has ended: a last line without its end counts

    stream = Output(project.settings.list("metrics.stdout"))   # readers/stdout.py
    for row in stream.feed(chunk_of_bytes, now): …             # rows of the output stream; source is ""
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

MAX_ROWS = 2000
"""Rows that one poll of one file gives at most; the rest comes with the next poll."""

MAX_VALUES = 1000
"""Metrics of one row that are taken; the others are left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of metric values that a foreign file says."""

    step: float
    t: float
    """Seconds since the epoch: the file's own time where it has one, else when the row was read."""
    values: Mapping[str, float]
    source: str = ""
    """The file it was read from, relative to the project where it lies inside; empty for the output stream."""


class Tail(Protocol):
    """Reads one file while it grows. Its position is kept in the object; a file that was replaced begins anew."""

    def poll(self, now: float, deadline: float, *, final: bool = False) -> Sequence[Row]:
        """Give the rows that are new, at most MAX_ROWS, stopping early after `deadline` (monotonic seconds).

        `now` is the time for rows without one (seconds since the epoch). With `final` nothing more will be written:
        a last line without a line end counts. Never raises for what a file holds or for a file that is gone.
        """
        ...


@runtime_checkable
class Reader(Protocol):
    """One format."""

    name: str
    """For messages: `tensorboard`, `table`."""

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell by its name and first 4096 bytes whether a file is of this format."""
        ...

    def open(self, path: Path, begin: int = 0) -> Tail:
        """Begin to read a file; what lies before the byte `begin` was there before the run. Nothing is opened yet."""
        ...


HEAD = 4096
"""Bytes of a file that `recognise` is given."""
