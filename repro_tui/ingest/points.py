"""Rows of values from a journal, turned into columns: what is appended, and what a series knows of its own end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, repeat
from operator import lt
from typing import Protocol

MAX_METRICS = 10_000
"""Metrics that are kept of one run; a name that is a sentence is cut at MAX_NAME."""
MAX_NAME = 512


class Line(Protocol):
    """One row of values as the reader gives it."""

    s: float
    t: float
    m: dict[str, float] | None


@dataclass(slots=True)
class Column:
    """The values of one metric, parallel to their steps and times."""

    steps: Sequence[float]
    times: Sequence[float]
    values: Sequence[float]
    rising: bool
    """Each step is greater than the one before it."""
    ticks: Sequence[int]
    """Ids of the lines that each value stood in."""


@dataclass(slots=True)
class Series:
    """What the catalog keeps of one metric of one run besides its points (docs/formats/catalog.md, `series`)."""

    points: int = 0
    broken: int = 0
    first_step: float = math.inf
    step: float = -math.inf
    t: float = 0.0
    value: float = math.nan
    file: int = -1
    seen: float = 0.0
    tidy: bool = True
    nan_step: float | None = None
    """The smallest step at which it was NaN."""
    order: tuple[float, float, float, str] = (-1.0, 0.0, 0.0, "")
    """(attempt, step, t, writer) of the last value."""

    def take(self, column: Column, file: int, attempt: int, writer: str) -> None:
        """Go on with more values of one file."""
        self.tidy = (
            self.tidy and column.rising and (self.points == 0 or (file == self.file and column.steps[0] > self.step))
        )
        at = -1 if column.rising else _last(column)
        order = (float(attempt), column.steps[at], column.times[at], writer)
        if order >= self.order or self.points == 0:
            self.step, self.t, self.value, self.file, self.order = order[1], order[2], column.values[at], file, order
        self.first_step = min(self.first_step, column.steps[0] if column.rising else min(column.steps))
        self.points += len(column.values)
        if not math.isfinite(sum(column.values)):  # a finite sum has finite parts
            self.broken += len(column.values) - sum(map(math.isfinite, column.values))
            self._note_nan(column)
        self.seen = max(self.seen, column.times[-1])

    def _note_nan(self, column: Column) -> None:
        steps = [step for step, value in zip(column.steps, column.values, strict=True) if math.isnan(value)]
        if steps:
            self.nan_step = min(steps) if self.nan_step is None else min(self.nan_step, *steps)

    def row(self, run: int, metric: int) -> tuple[object, ...]:
        """Give the row of the catalog."""
        return (run, metric, self.points, self.broken, self.first_step, self.step, self.t, self.value, self.file,
                self.seen, self.tidy, self.nan_step)  # fmt: skip


def _last(column: Column) -> int:
    """Find the value that counts as last: the greatest (step, t, place)."""
    return max(range(len(column.values)), key=lambda i: (column.steps[i], column.times[i], i))


def columns_of(lines: Sequence[Line], times: Sequence[float], first: int) -> dict[str, Column]:
    """Turn rows into columns, keeping their order; their times are `times`, their ids begin with `first`.

    Most journals have the same metrics in each row; then steps and times are walked once for all of them.
    """
    if not lines:
        return {}
    names = lines[0].m
    assert names is not None
    maps = [line.m or {} for line in lines]
    if set(map(len, maps)) == {len(names)}:
        try:
            values = {name: [m[name] for m in maps] for name in names}
        except KeyError:
            pass
        else:
            steps = [line.s for line in lines]
            rising, ticks = _rising(steps), range(first, first + len(lines))
            return {name: Column(steps, times, column, rising, ticks) for name, column in values.items()}
    gathered: dict[str, tuple[list[float], list[float], list[float], list[int]]] = {}
    for tick, (line, values_of_line) in enumerate(zip(lines, maps, strict=True), first):
        for name, value in values_of_line.items():
            found = gathered.get(name)
            if found is None:
                found = gathered[name] = ([], [], [], [])
            found[0].append(line.s)
            found[1].append(line.t)
            found[2].append(value)
            found[3].append(tick)
    return {name: Column(s, t, v, _rising(s), n) for name, (s, t, v, n) in gathered.items()}


def _rising(steps: Sequence[float]) -> bool:
    return all(map(lt, steps, steps[1:])) if len(steps) > 1 else True


@dataclass(slots=True)
class Ticks:
    """Rows of `ticks`, one a line that was read, made when they are written, and as often as they are written."""

    first: int
    """Id of the first one; the others follow."""
    run: int
    file: int
    times: Sequence[float]

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        """Give the rows, one after the other."""
        stamps = [int(t * 1000.0 + 0.5) for t in self.times]
        return zip(count(self.first), repeat(self.run), repeat(self.file), stamps)


@dataclass(slots=True)
class Block:
    """Rows of `points`, made when they are written, and as often as they are written."""

    run: int
    metric: int
    column: Column

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        """Give the rows, one after the other."""
        column = self.column
        return zip(repeat(self.run), repeat(self.metric), column.ticks, column.steps, column.values)
