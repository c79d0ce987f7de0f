"""A chart as a page of cells: head, axes, curves, cursor and a legend that reads all runs at one place.

Pure: the same data, view and size give the same page, whatever the terminal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.series import Curve
from repro_tui.tui.render.axes import Panes, put_x_axis, put_y_axis
from repro_tui.tui.render.braille import braille, plain
from repro_tui.tui.render.canvas import Canvas
from repro_tui.tui.render.legend import Legend, legend_rows, put_legend, side_width
from repro_tui.tui.render.plot import Frame, Layer, Reading, drawable, rasterise, read_at, smooth
from repro_tui.tui.render.scale import Scale, around, ticks, value_labels, x_label
from repro_tui.tui.render.series import ChartData, ChartView, mark_of, style_of
from repro_tui.tui.render.text import clean, shorten, width

_WIDE_WINDOW = 20
"""Steps or seconds."""
_SIDE_FROM = 64
"""From this width on, the legend stands beside the plot."""
_AXES_FROM = 6
"""Below this height there is no room for an x axis."""
_Y_LABELS_FROM = 18
"""Below this width there is no room for value labels."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Drawn curves, which stay as they are while only the cursor moves."""

    data: ChartData
    view: ChartView
    frame: Frame
    masks: list[list[int]]
    styles: list[list[str]]
    ends: dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn chart, and where things lie in it."""

    canvas: Canvas
    frame: Frame | None = None
    """None when nothing was drawn."""
    ink: Ink | None = None
    legend_x: int = 0
    """Column where the legend beside the plot begins; 0 when it is below or absent."""


def drawn(data: ChartData, view: ChartView) -> list[Curve]:
    """Give the curves that can be drawn at all on the axes chosen."""
    curves = [series.curve for series in data.series if series.curve is not None]
    return [curve for curve in curves if next(drawable(curve.buckets, log=view.log), None) is not None]


def extent(curves: Sequence[Curve], view: ChartView) -> Scale:
    """Give the x axis: the window when zoomed, all points otherwise."""
    firsts = [curve.buckets[0].x for curve in curves]
    lasts = [curve.buckets[-1].x_last for curve in curves]
    low = view.start if view.start is not None else min(firsts, default=0.0)
    high = view.stop if view.stop is not None else max(lasts, default=1.0)
    return Scale(low, high) if high > low else Scale(low - 0.5, low + 0.5)


def readings(data: ChartData, view: ChartView) -> list[Reading | None]:
    """Read every series at the cursor, or at its end."""
    found: list[Reading | None] = []
    for series in data.series:
        exact = view.exact.get(series.run) if view.cursor is not None else None
        if exact is not None:
            found.append(Reading(exact[0], exact[1], exact=True))
        else:
            found.append(read_at(series.curve, view.cursor) if series.curve else None)
    return found


def draw(
    data: ChartData, view: ChartView, width: int, height: int, *, ascii_only: bool = False, before: Figure | None = None
) -> Figure:
    """Draw a chart into exactly `width` by `height` cells.

    Args:
        data: Curves, or words in their place.
        view: How it is looked at.
        width: Cells.
        height: Cells.
        ascii_only: Draw with ASCII signs.
        before: The figure that this one follows, whose curves are used again where they are the same.
    """
    canvas = Canvas(width, height)
    if not canvas.width or not canvas.height:
        return Figure(canvas)
    curves = drawn(data, view)
    if not curves:
        _put_note(canvas, _why_nothing(data, view), ascii_only=ascii_only)
        return Figure(canvas)
    values = [v for c in curves for b in drawable(c.buckets, log=view.log) for v in (b.low, b.high)]
    y = around(values, log=view.log) or Scale(0, 1)
    x = extent(curves, view)
    near = (x.high - x.low) / width
    legend = Legend(data.series, readings(data, view), view, data.axis, near, ascii_only, data.from_first)
    y_ticks = ticks(y, max(2, min(9, height // 3)))
    labels = value_labels(y_ticks) if width >= _Y_LABELS_FROM else ()
    panes = _panes(width, height, max(map(len, labels), default=0), legend)
    frame = Frame(panes.width, panes.height, x, y)
    _put_head(canvas, data, view, ascii_only=ascii_only)
    put_y_axis(canvas, panes, frame, dict(zip(y_ticks, labels, strict=False)), ascii_only=ascii_only)
    if panes.has_x_axis:
        put_x_axis(canvas, panes, frame, data.axis, view, ascii_only=ascii_only)
    ink = _ink(frame, data, view, before.ink if before else None)
    _put_curves(canvas, panes, ink, ascii_only=ascii_only)
    if view.cursor is not None:
        _put_cursor(canvas, panes, frame, legend)
    put_legend(canvas, legend, panes.legend_x, panes.legend_y, panes.legend_width, panes.legend_height)
    return Figure(canvas, frame, ink, panes.legend_x)


def _panes(width: int, height: int, label_width: int, legend: Legend) -> Panes:
    """Share a chart's room between its parts, giving up the least telling ones first."""
    top = 1 if height >= 3 else 0  # noqa: PLR2004 - a head only where two rows remain for the curve
    has_x_axis = height >= _AXES_FROM
    left = label_width + 2 if label_width else 0
    side = width >= _SIDE_FROM and height >= _AXES_FROM
    if side:
        legend_width = side_width(legend, width)
        plot_width = width - left - legend_width - 2
        rows = height - top - (2 if has_x_axis else 0)
        return Panes(left, top, plot_width, rows, has_x_axis, width - legend_width, top, legend_width, height - top)
    below = min(legend_rows(legend), max(0, (height - top - 2) // 2 - 1)) if has_x_axis else 0
    rows = height - top - below - (2 if has_x_axis else 0)
    return Panes(left, top, max(1, width - left), max(1, rows), has_x_axis, 0, height - below, width, below)


def _why_nothing(data: ChartData, view: ChartView) -> tuple[str, ...]:
    """Say in words why no curve can be drawn."""
    if data.note:
        return data.note
    points = sum(series.curve.points for series in data.series if series.curve)
    broken = sum(series.curve.broken for series in data.series if series.curve)
    if points and broken >= points:
        return (f"All {points:,} points of {clean(data.metric)} are nan or infinite.",)
    if points and view.log:
        return (f"No value of {clean(data.metric)} is positive:", "a log scale cannot show it (y for a linear one).")
    if view.start is not None or view.stop is not None:
        return ("No points here.", "Z zooms out.")
    return (f"No points of {clean(data.metric)} yet." if data.metric else "No metrics yet.",)


def _put_note(canvas: Canvas, lines: Sequence[str], *, ascii_only: bool) -> None:
    """Write a few lines a little above the middle."""
    top = max(0, (canvas.height - len(lines)) // 3)
    for y, line in enumerate(lines[: canvas.height], top):
        shown = shorten(line, canvas.width - 1, ascii_only=ascii_only)
        canvas.put(min(2, max(0, canvas.width - width(shown))), y, shown, "value" if y == top else "dim")


def _edge(edge: float | None, view: ChartView, data: ChartData) -> str:
    """Write an edge of the window, without a fraction where the window is many times wider than that."""
    if edge is None:
        return ""
    is_wide = view.start is None or view.stop is None or view.stop - view.start > _WIDE_WINDOW
    return x_label(float(round(edge)) if is_wide else edge, data.axis)


def _put_head(canvas: Canvas, data: ChartData, view: ChartView, *, ascii_only: bool) -> None:
    """Write what is drawn on the left and where it is read on the right."""
    if canvas.height < 3:  # noqa: PLR2004 - as in _panes
        return
    place = f"cursor at {x_label(view.cursor, data.axis)}" if view.cursor is not None else "last values"
    flags = [f"by {data.axis}"]
    if view.log:
        flags.append("log")
    if view.smoothing:
        flags.append(f"smoothed {view.smoothing:g}, raw faint")
    if view.start is not None or view.stop is not None:
        edges = [_edge(edge, view, data) for edge in (view.start, view.stop)]
        flags.append(f"{edges[0] or 'first'} to {edges[1] or 'last'}")
    title = shorten(data.metric, max(8, canvas.width // 2), ascii_only=ascii_only)
    canvas.put(0, 0, title, "title")
    room = canvas.width - width(title) - 1
    told = " " + ", ".join(flags)
    if width(told) + width(place) + 2 <= room:
        canvas.put(width(title), 0, told, "dim")
        canvas.put(canvas.width - width(place), 0, place, "cursor" if view.cursor is not None else "dim")
    else:
        short = x_label(view.cursor, data.axis) if view.cursor is not None else ""
        canvas.put(width(title), 0, shorten(told, room - width(short) - 1, ascii_only=ascii_only), "dim")
        canvas.put(canvas.width - width(short), 0, short, "cursor")


def _order(data: ChartData, raised: int) -> list[int]:
    """Give the indices of the series in the order of drawing: the first above later ones, the raised one on top."""
    order = list(range(len(data.series) - 1, -1, -1))
    if raised in order:
        order.remove(raised)
        order.append(raised)
    return order


def _layers(data: ChartData, view: ChartView) -> tuple[list[Layer], dict[int, tuple[float, float]]]:
    """Give the curves in the order of drawing, faint raw ones below where they are smoothed, and their last points."""
    faint: list[Layer] = []
    layers: list[Layer] = []
    ends: dict[int, tuple[float, float]] = {}
    for index in _order(data, view.raised):
        series = data.series[index]
        buckets = tuple(drawable(series.curve.buckets, log=view.log)) if series.curve else ()
        if not buckets:
            continue
        if view.smoothing:
            faint.append(Layer(buckets, "raw", series.breaks))
            buckets = smooth(buckets, view.smoothing)
        style = style_of(index) + (" bold" if index == view.raised and len(data.series) > 1 else "")
        layers.append(Layer(buckets, style, series.breaks))
        ends[index] = buckets[-1].x_last, buckets[-1].last
    return [*faint, *layers], ends


def _ink(frame: Frame, data: ChartData, view: ChartView, before: Ink | None) -> Ink:
    """Draw the curves, or take them from the figure before when only the cursor differs."""
    if (
        before is not None
        and before.data is data
        and before.frame == frame
        and (before.view.log, before.view.smoothing, before.view.raised) == (view.log, view.smoothing, view.raised)
    ):
        return before
    layers, ends = _layers(data, view)
    masks, styles = rasterise(frame, layers)
    return Ink(data, view, frame, masks, styles, ends)


def _put_curves(canvas: Canvas, panes: Panes, ink: Ink, *, ascii_only: bool) -> None:
    """Put the curves and a mark at the end of each."""
    sign = plain if ascii_only else braille
    for y, (row, names) in enumerate(zip(ink.masks, ink.styles, strict=True)):
        target = canvas.rows[panes.top + y]
        for x, mask in enumerate(row):
            if mask:
                target[panes.left + x] = (sign(mask), names[x])
    _put_marks(canvas, panes, ink)


def _put_marks(canvas: Canvas, panes: Panes, ink: Ink) -> None:
    """Write each run's digit at the end of its curve, one cell above or below where another stands there already."""
    taken: set[tuple[int, int]] = set()
    for index, (x, y) in reversed(ink.ends.items()):
        column, row = ink.frame.cell(x, y)
        rows = sorted(range(panes.height), key=lambda r: (abs(r - row), r))
        free = next((r for r in rows if (column, r) not in taken), row)
        taken.add((column, free))
        canvas.put(panes.left + column, panes.top + free, mark_of(index), f"{style_of(index)} bold")


def _put_cursor(canvas: Canvas, panes: Panes, frame: Frame, legend: Legend) -> None:
    """Write each run's digit where it is read.

    There is no line from top to bottom: moving it would send every row again.
    """
    assert legend.view.cursor is not None
    column, _ = frame.cell(legend.view.cursor, frame.y.low)
    for index in _order_of(legend):
        reading = legend.readings[index]
        if reading is None or not math.isfinite(reading.value) or (frame.y.log and reading.value <= 0):
            continue
        at, row = frame.cell(reading.x, reading.value)
        if at == column and frame.x.low <= reading.x <= frame.x.high:
            canvas.put(panes.left + column, panes.top + row, mark_of(index), f"{style_of(index)} reverse")


def _order_of(legend: Legend) -> list[int]:
    order = [index for index in range(len(legend.series) - 1, -1, -1) if index != legend.view.raised]
    return [*order, legend.view.raised] if legend.view.raised < len(legend.series) else order
