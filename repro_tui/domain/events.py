"""What a journal says, as values (the bytes are described in docs/formats/journal.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from repro_tui.domain.ids import RunId, WriterId

Role = Literal["supervisor", "process", "person"]

Scalar = str | int | float | bool | None
"""A parameter's value after flattening; lists stay as JSON text."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a journal file: who writes it."""

    run: RunId
    writer: WriterId
    role: Role
    attempt: int
    rank: int
    host: str
    boot: str
    pid: int
    t: float
    """Seconds since the Unix epoch, on the writer's clock."""


@dataclass(frozen=True, slots=True)
class Point:
    """One row of metric values."""

    step: float
    t: float
    values: Mapping[str, float]
    """Metric name to value; NaN and the infinities are themselves here."""
    position: int
    """Byte offset of the line in its file."""
    source: str = ""
    """The file it was read from, empty when the script logged it."""


@dataclass(frozen=True, slots=True)
class Event:
    """Any other line."""

    kind: str
    t: float
    writer: WriterId
    attempt: int
    position: int
    """Byte offset of the line in its file."""
    counter: int = 0
    """Lamport counter (`c`), 0 where the kind has none."""
    body: Mapping[str, object] = field(default_factory=dict)
    """The line's other fields, as decoded."""

    @property
    def order(self) -> tuple[int, str, int]:
        """What wins a contradiction: the greater counter, then the greater writer, then the later line."""
        return (self.counter, self.writer, self.position)
