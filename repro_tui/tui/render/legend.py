"""The legend of a chart, which reads every run at one place and says how far the first is from each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repro_tui.domain.series import Axis
from repro_tui.tui.render.canvas import Canvas
from repro_tui.tui.render.numbers import Digits, difference, digits_of, number
from repro_tui.tui.render.plot import Reading
from repro_tui.tui.render.scale import x_label
from repro_tui.tui.render.series import ChartView, Series, mark_of, style_of
from repro_tui.tui.render.text import clean, fit, width

_LEAST_WIDTH = 20
_MOST_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Legend:
    """What is read: one reading a series."""

    series: Sequence[Series]
    readings: Sequence[Reading | None]
    view: ChartView
    axis: Axis
    near: float = 0.0
    """Distance in x that is not worth telling: about a cell."""
    ascii_only: bool = False
    from_first: bool = False
    """A difference is that of the other run from the first one."""

    @property
    def digits(self) -> Digits:
        """Give the digits that all values are written with."""
        return digits_of(reading.value if reading else None for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend."""

    mark: str
    text: str
    value: str
    style: str
    text_style: str = ""


def _place(legend: Legend, index: int) -> str:
    """Say where a run is read when that is not at the cursor, because it has no point there."""
    reading, cursor = legend.readings[index], legend.view.cursor
    if reading is None or cursor is None or abs(reading.x - cursor) <= legend.near:
        return ""
    return f"at {x_label(reading.x, legend.axis)}"


def _apart(legend: Legend, index: int) -> str:
    """Write how far the first run is above another at the cursor, or the other above the first."""
    first, other = legend.readings[0], legend.readings[index]
    if not index or first is None or other is None:
        return ""
    high, low = (other, first) if legend.from_first else (first, other)
    return difference(high.value, low.value, legend.digits)


def _head(legend: Legend, index: int) -> Entry:
    reading = legend.readings[index]
    raised = index == legend.view.raised and len(legend.series) > 1
    value = number(reading.value, legend.digits) if reading else "-"
    # Not bold, unlike the mark at a curve's end, so that the two never become one piece of text in a picture.
    style = style_of(index)
    return Entry(mark_of(index), legend.series[index].name, value, style, "value bold" if raised else "value")


def entries(legend: Legend) -> Iterator[Entry]:
    """Give the lines: each run with its value, the difference below it, and what could not be drawn in words."""
    for index, series in enumerate(legend.series):
        yield _head(legend, index)
        place, apart = _place(legend, index), _apart(legend, index)
        if place or apart:
            yield Entry("", place or "difference", apart, "", "dim")
        curve = series.curve
        if curve is None or not curve.points:
            yield Entry("", "no points", "", "", "dim")
        elif curve.broken:
            yield Entry("", f"{curve.broken:,} nan or infinite", "", "", "warn")
        if curve is not None and legend.view.log and any(bucket.low <= 0 for bucket in curve.buckets):
            yield Entry("", "<= 0 is not shown", "", "", "warn")


def legend_rows(legend: Legend) -> int:
    """Count the lines of a legend below a chart: one a run."""
    return len(legend.series)


def side_width(legend: Legend, whole: int) -> int:
    """Choose the width of a legend beside a chart: what its lines need, up to a third of the whole."""
    needed = max((3 + width(clean(e.text)) + 2 + len(e.value) for e in entries(legend)), default=0)
    return max(_LEAST_WIDTH, min(needed, _MOST_WIDTH, whole // 3))


def put_legend(canvas: Canvas, legend: Legend, x: int, y: int, cells: int, rows: int) -> None:
    """Write the legend into a rectangle: all lines beside a chart, one a run below it."""
    if x:
        lines = list(entries(legend))
        if len(lines) > rows:
            lines = [_head(legend, index) for index in range(len(legend.series))]
    else:
        first = legend.view.raised if rows < len(legend.series) else 0
        order = sorted(range(len(legend.series)), key=lambda index: (index != first, index))
        lines = [_flat(legend, index, cells) for index in order]
    hidden = len(lines) - rows
    if hidden > 0 and rows > 1:
        lines[rows - 1 :] = [Entry("", f"and {hidden + 1} more", "", "", "dim")]
    for row, entry in enumerate(lines[:rows], y):
        canvas.put(x, row, entry.mark, entry.style)
        room = cells - 3 - len(entry.value)
        canvas.put(x + 2, row, fit(entry.text, room, ascii_only=legend.ascii_only), entry.text_style)
        canvas.put(x + cells - len(entry.value), row, entry.value, "value" if entry.mark else "dim")


def _flat(legend: Legend, index: int, cells: int) -> Entry:
    """Put a run's value and difference into one line."""
    head = _head(legend, index)
    apart = _apart(legend, index)
    if apart and cells >= _MOST_WIDTH:
        return Entry(head.mark, head.text, f"{head.value}  {apart:>8}", head.style, head.text_style)
    return head
