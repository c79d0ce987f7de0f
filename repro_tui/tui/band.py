"""Many curves of one metric as two: their mean, and the room between the least and the greatest of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from statistics import fmean

from repro_tui.domain.series import Bucket, Curve


def banded(curves: Sequence[Curve]) -> tuple[Curve, Curve] | None:
    """Give mean and room of curves of one metric; None when none of them has a value.

    Where a curve is at a place is told by its last value before it; one that is over, or to come, has no part there.
    """
    drawn = [curve for curve in curves if curve.buckets]
    if not drawn:
        return None
    first = min(curve.buckets[0].x for curve in drawn)
    last = max(curve.buckets[-1].x_last for curve in drawn)
    count = max(len(curve.buckets) for curve in drawn)
    starts = [[bucket.x for bucket in curve.buckets] for curve in drawn]
    mean: list[Bucket] = []
    room: list[Bucket] = []
    for i in range(count):
        x = first + (last - first) * i / max(count - 1, 1)
        here = [
            curve.buckets[bisect_right(begins, x) - 1]
            for curve, begins in zip(drawn, starts, strict=True)
            if begins[0] <= x <= curve.buckets[-1].x_last
        ]
        if here:
            middle = fmean(bucket.last for bucket in here)
            mean.append(Bucket(x, middle, middle, middle, x, len(here)))
            low, high = min(bucket.low for bucket in here), max(bucket.high for bucket in here)
            room.append(Bucket(x, low, high, middle, x, len(here)))
    metric, points = drawn[0].metric, sum(curve.points for curve in drawn)
    return Curve(drawn[0].run, metric, tuple(mean), points), Curve(drawn[-1].run, metric, tuple(room), points)
