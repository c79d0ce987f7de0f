"""Curves for tests of charts: as a catalog would hand them out, ordinary and not."""

from __future__ import annotations

import math
from collections.abc import Callable

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import Bucket, Curve
from repro_tui.tui.render.series import ChartData, Series


def curve(
    run: str = "a",
    *,
    points: int = 1601,
    buckets: int = 160,
    value: Callable[[float], float] = lambda x: 1 - math.exp(-x / 300),
    metric: str = "acc",
    broken: int = 0,
) -> Curve:
    """Make a curve with one point a step from 0 on, in so many buckets."""
    buckets = min(points, buckets)
    made = []
    for n in range(buckets):
        first, after = n * points // buckets, (n + 1) * points // buckets
        values = [value(x) for x in range(first, after)]
        made.append(Bucket(float(first), min(values), max(values), values[-1], float(after - 1), len(values)))
    return Curve(RunId(run), metric, tuple(made), points + broken, broken)


def chart(*curves: Curve | None, **fields: object) -> ChartData:
    """Make a chart of curves, named by their runs."""
    series = [Series(RunId(c.run if c else f"none-{n}"), c.run if c else f"none-{n}", c) for n, c in enumerate(curves)]
    return ChartData("acc", "step", tuple(series), **fields)  # type: ignore[arg-type]
