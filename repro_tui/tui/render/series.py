"""What a chart is given: curves of one metric, how a person looks at them, and how runs are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import Axis, Curve

COLOURS = 8
"""Styles `run-1` to `run-8`; a ninth run begins again, and its mark tells it apart."""


@dataclass(frozen=True, slots=True)
class Series:
    """One run's part of a chart."""

    run: RunId
    name: str
    curve: Curve | None = None
    """None when the run has no points of this metric."""
    breaks: tuple[float, ...] = ()
    """X values where a further attempt began: the line is not drawn across."""


@dataclass(frozen=True, slots=True)
class ChartData:
    """What a chart shows. The first series is the one that the others are compared with."""

    metric: str = ""
    axis: Axis = "step"
    series: tuple[Series, ...] = ()
    note: tuple[str, ...] = ()
    """Lines in place of a chart, when there is nothing to draw."""
    divided_by: float = 1.0
    """What the values were divided by, so that their unit is one that a person reads."""
    from_first: bool = False
    """Differences say how far each run is above the first one, as in a comparison with a baseline; else the other
    way round: how far the first one, which one looks at, is above each other."""
    only_by_time: bool = False
    """There is no step to draw it by."""


@dataclass(frozen=True, slots=True)
class ChartView:
    """How a person looks at it."""

    axis: Axis = "step"
    """What the x axis is to be; the data follow when they are fetched."""
    start: float | None = None
    """Left edge in x units; None for the first point."""
    stop: float | None = None
    log: bool = False
    smoothing: float = 0.0
    raised: int = 0
    """Index of the series drawn on top, whose points the cursor stops at."""
    cursor: float | None = None
    """X that all runs are read at; None for their last values."""
    exact: Mapping[RunId, tuple[float, float]] = field(default_factory=dict)
    """(x, value) at the cursor where the catalog was asked, because buckets hold several points."""


def style_of(index: int) -> str:
    """Give the style of a series by its place: `run-1` for the first."""
    return f"run-{index % COLOURS + 1}"


def mark_of(index: int) -> str:
    """Give the sign that tells a series apart without colour: its digit, then letters."""
    return "123456789abcdefghijklmnopqrstuvwxyz"[index % 35]
