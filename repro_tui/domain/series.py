"""Curves as a screen needs them: two values a pixel column, whatever the number of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from repro_tui.domain.ids import RunId

Axis = Literal["step", "time"]


@dataclass(frozen=True, slots=True)
class Bucket:
    """The points of one series that fall into one pixel column."""

    x: float
    """The bucket's first x: a step, or seconds since the run began."""
    low: float
    high: float
    last: float
    """Value of its last point, which a cursor reads out."""
    x_last: float
    count: int


@dataclass(frozen=True, slots=True)
class Curve:
    """One metric of one run, decimated to min/max buckets so that spikes survive."""

    run: RunId
    metric: str
    buckets: tuple[Bucket, ...]
    points: int
    """Points behind the buckets."""
    broken: int = 0
    """How many of them are NaN or infinite: shown in words, never drawn."""


@dataclass(frozen=True, slots=True)
class CurveQuery:
    """What a chart asks for."""

    runs: tuple[RunId, ...]
    metrics: tuple[str, ...]
    axis: Axis = "step"
    start: float | None = None
    """Left edge in x units; None for the first point."""
    stop: float | None = None
    buckets: int = 200
