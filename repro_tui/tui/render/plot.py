"""Curves onto cells: two values a dot column, connected, the raised run on top."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.series import Bucket, Curve
from repro_tui.tui.render.braille import COLUMNS, ROWS, Raster
from repro_tui.tui.render.scale import Scale

_DETAIL = 200.0
"""Smoothing acts over so many parts of the visible range, so that it looks alike at each zoom."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of cells and the axes that lie along it."""

    width: int
    height: int
    x: Scale
    y: Scale

    def column(self, x: float) -> float:
        """Give the dot column of an x value."""
        return self.x.share(x) * max(0, self.width * COLUMNS - 1)

    def row(self, y: float) -> float:
        """Give the dot row of a value; row 0 is the top."""
        return (1 - self.y.share(y)) * max(0, self.height * ROWS - 1)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Give the cell that a point falls into, moved inside when it lies outside."""
        column, row = round(self.column(x)) // COLUMNS, round(self.row(y)) // ROWS
        return min(max(0, column), max(0, self.width - 1)), min(max(0, row), max(0, self.height - 1))


def drawable(buckets: Sequence[Bucket], *, log: bool) -> Iterator[Bucket]:
    """Give the buckets that an axis can show, without the non-positive part where it is logarithmic."""
    for bucket in buckets:
        if not (math.isfinite(bucket.low) and math.isfinite(bucket.high) and math.isfinite(bucket.x)):
            continue
        if not log or bucket.low > 0:
            yield bucket
        elif bucket.high > 0:
            last = bucket.last if bucket.last > 0 else bucket.high
            yield replace(bucket, low=min(last, bucket.high), last=last)


def smooth(buckets: Sequence[Bucket], weight: float) -> tuple[Bucket, ...]:
    """Smooth a curve exponentially; `weight` (0 to 1) is what the past keeps over a 200th of the visible range.

    The average is the time-weighted one: a gap in x forgets as much as the points that it could have held.
    """
    finite = [bucket for bucket in buckets if math.isfinite(bucket.last)]
    if not finite or weight <= 0:
        return tuple(finite)
    span = (finite[-1].x_last - finite[0].x_last) or 1.0
    value, norm, before = 0.0, 0.0, finite[0].x_last
    smoothed = []
    for bucket in finite:
        keep = weight ** (max(0.0, bucket.x_last - before) / span * _DETAIL or 1.0)
        value, norm = keep * value + (1 - keep) * bucket.last, keep * norm + (1 - keep)
        mean = value / norm
        before = bucket.x_last
        smoothed.append(Bucket(bucket.x_last, mean, mean, mean, bucket.x_last, 1))
    return tuple(smoothed)


def trace(raster: Raster, frame: Frame, buckets: Sequence[Bucket], breaks: Sequence[float] = ()) -> None:
    """Draw a curve: a bar for each bucket, and a line from one to the next unless a break lies between them.

    Args:
        raster: What is drawn on, as large as the frame.
        frame: The axes.
        buckets: In order of x.
        breaks: X values where the run was interrupted (a further attempt began), in order.
    """
    column, row = frame.column, frame.row
    before: Bucket | None = None
    end = last = 0.0
    for bucket in buckets:
        left = column(bucket.x)
        top = row(bucket.high)
        if bucket.low == bucket.high and bucket.x == bucket.x_last:
            right, bottom, now = left, top, top
        else:
            right, bottom, now = column(bucket.x_last), row(bucket.low), row(bucket.last)
        first, final = round(left), round(right)
        if final - first > COLUMNS:
            raster.line(left, (top + bottom) / 2, right, now)
        for at in {first, final}:
            raster.bar(at, round(top), round(bottom))
        if before is not None and not _interrupted(before.x_last, bucket.x, breaks):
            raster.line(end, last, left, min(max(last, top), bottom))
        before, end, last = bucket, right, now


def _interrupted(start: float, stop: float, breaks: Sequence[float]) -> bool:
    return bisect_right(breaks, stop) > bisect_right(breaks, start)


@dataclass(frozen=True, slots=True)
class Layer:
    """One curve to draw, in one style."""

    buckets: Sequence[Bucket]
    style: str
    breaks: Sequence[float] = ()


def rasterise(frame: Frame, layers: Sequence[Layer]) -> tuple[list[list[int]], list[list[str]]]:
    """Draw curves one over the other: braille bits of each cell, and the style of the last curve that touches it."""
    masks = [[0] * frame.width for _ in range(frame.height)]
    styles = [[""] * frame.width for _ in range(frame.height)]
    for layer in layers:
        raster = Raster(frame.width, frame.height)
        trace(raster, frame, layer.buckets, layer.breaks)
        for x, y, mask in raster.filled():
            masks[y][x] |= mask
            styles[y][x] = layer.style
    return masks, styles


@dataclass(frozen=True, slots=True)
class Reading:
    """What a curve says at a place of the x axis."""

    x: float
    """X of the point that was read: the last one at or before the place."""
    value: float
    exact: bool
    """False when further points of the same bucket lie before the place, so that the catalog must be asked."""


def read_at(curve: Curve, x: float | None) -> Reading | None:
    """Read a curve at a place, or at its end; None before its first point."""
    buckets = curve.buckets
    if not buckets:
        return None
    if x is None:
        return Reading(buckets[-1].x_last, buckets[-1].last, exact=True)
    index = bisect_right(buckets, x, key=lambda bucket: bucket.x) - 1
    if index < 0:
        return None
    bucket = buckets[index]
    if bucket.x_last <= x:
        return Reading(bucket.x_last, bucket.last, exact=True)
    if index:
        return Reading(buckets[index - 1].x_last, buckets[index - 1].last, exact=False)
    return Reading(bucket.x, (bucket.low + bucket.high) / 2, exact=False)
