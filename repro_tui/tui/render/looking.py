"""How a person's keys change the view of a chart: pure steps from one view to the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace

from repro_tui.domain.series import Curve
from repro_tui.tui.render.plot import Frame
from repro_tui.tui.render.series import ChartData, ChartView

SMOOTHINGS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98)

_LEAST_BUCKETS = 3
"""Zooming in ends before fewer buckets than these remain; each is a point when a window is small."""
_UNSEEN = 0.01
"""Share of a window that is less than a dot."""

Extent = tuple[float, float]
"""The first and last x of all points, zoomed or not."""


def leader(data: ChartData, view: ChartView) -> Curve | None:
    """Give the curve whose points the cursor stops at: the raised one, or the first that has points."""
    order = sorted(range(len(data.series)), key=lambda index: (index != view.raised, index))
    curves = (data.series[index].curve for index in order)
    return next((curve for curve in curves if curve is not None and curve.buckets), None)


def moved(data: ChartData, view: ChartView, frame: Frame, cells: int) -> ChartView:
    """Move the cursor by cells, to a step that was logged; at the last one it lets go, so that it follows again.

    At the edge of a zoomed chart the window moves along by half of itself.
    """
    curve = leader(data, view)
    if curve is None:
        return view
    places = [bucket.x_last for bucket in curve.buckets]
    columns = [round(frame.column(place)) // 2 for place in places]
    here = view.cursor if view.cursor is not None else places[-1]
    target = round(frame.column(here)) // 2 + cells
    index = bisect_right(columns, target) - 1
    if cells < 0:
        index = min(index, bisect_left(places, here) - 1)
    elif index < 0 or places[index] <= here:
        after = bisect_right(places, here)
        index = bisect_right(columns, columns[after]) - 1 if after < len(places) else after
    if index < 0:
        return panned(view, frame, -1) if view.start is not None else _at(view, places[0])
    if index >= len(places):
        return panned(view, frame, 1) if view.stop is not None else replace(view, cursor=None, exact={})
    return _at(view, places[index])


def _at(view: ChartView, x: float) -> ChartView:
    return replace(view, cursor=x, exact={})


def panned(view: ChartView, frame: Frame, direction: int) -> ChartView:
    """Move the window by half of its width and leave the cursor where it is in the data."""
    half = (frame.x.high - frame.x.low) / 2 * direction
    return replace(view, start=frame.x.low + half, stop=frame.x.high + half)


def first(data: ChartData, view: ChartView) -> ChartView:
    """Put the cursor on the first point in sight."""
    curve = leader(data, view)
    return _at(view, curve.buckets[0].x_last) if curve else view


def last(view: ChartView) -> ChartView:
    """Let the cursor go, so that last values are read."""
    return replace(view, cursor=None, exact={})


def zoomed_in(data: ChartData, view: ChartView, frame: Frame) -> ChartView:
    """Show half of the window around the cursor; without a cursor the last half, which goes on following the run."""
    low, high = frame.x.low, frame.x.high
    quarter = (high - low) / 4
    if view.cursor is None:
        start, stop = high - 2 * quarter, high
    else:
        middle = min(max(view.cursor, low + quarter), high - quarter)
        start, stop = middle - quarter, middle + quarter
    curve = leader(data, view)
    inside = 0 if curve is None else sum(start <= b.x_last and b.x <= stop for b in curve.buckets)
    if inside < _LEAST_BUCKETS:
        return view
    return replace(view, start=start, stop=None if view.cursor is None and view.stop is None else stop)


def zoomed_out(view: ChartView, frame: Frame, full: Extent) -> ChartView:
    """Show twice the window, and all points when that covers them."""
    if view.start is None and view.stop is None:
        return view
    half = (frame.x.high - frame.x.low) / 2
    start, stop = frame.x.low - half, frame.x.high + half
    if stop >= full[1]:
        start, stop = start - (stop - full[1]), full[1]
    if start <= full[0]:
        start, stop = full[0], min(full[1], stop + full[0] - start)
    # A window that lacks less than anybody can see is all of it.
    near = half * _UNSEEN
    return replace(
        view,
        start=None if start <= full[0] + near else start,
        stop=None if view.stop is None or stop >= full[1] - near else stop,
    )


def smoothed(view: ChartView, direction: int) -> ChartView:
    """Smooth one stage more or less."""
    stage = min(range(len(SMOOTHINGS)), key=lambda index: abs(SMOOTHINGS[index] - view.smoothing))
    return replace(view, smoothing=SMOOTHINGS[min(max(0, stage + direction), len(SMOOTHINGS) - 1)])


def raised(data: ChartData, view: ChartView, direction: int) -> ChartView:
    """Raise the run after or before the raised one."""
    count = len(data.series)
    return replace(view, raised=(view.raised + direction) % count) if count else view


def turned(view: ChartView) -> ChartView:
    """Switch the x axis between steps and time; a window in one says nothing in the other."""
    return replace(view, axis="time" if view.axis == "step" else "step", start=None, stop=None, cursor=None, exact={})
