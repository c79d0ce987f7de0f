"""The axes of a chart: where its parts lie, and the lines, ticks and labels along them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from repro_tui.domain.series import Axis
from repro_tui.tui.render.canvas import Canvas
from repro_tui.tui.render.plot import Frame
from repro_tui.tui.render.scale import x_label, x_ticks
from repro_tui.tui.render.series import ChartView


@dataclass(frozen=True, slots=True)
class Panes:
    """Where the parts of a chart of some size go, in cells."""

    left: int
    top: int
    width: int
    height: int
    has_x_axis: bool
    legend_x: int
    legend_y: int
    legend_width: int
    legend_height: int


def put_y_axis(canvas: Canvas, panes: Panes, frame: Frame, labels: Mapping[float, str], *, ascii_only: bool) -> None:
    """Draw the value axis with its labels, if there is room for them."""
    if not panes.left:
        return
    line, tick = ("|", "+") if ascii_only else ("│", "┤")
    x = panes.left - 1
    for row in range(panes.height):
        canvas.put(x, panes.top + row, line, "axis")
    for value, label in labels.items():
        row = panes.top + frame.cell(frame.x.low, value)[1]
        canvas.put(x - 1 - len(label) if x > len(label) else 0, row, label, "tick")
        canvas.put(x, row, tick, "axis")


def put_x_axis(canvas: Canvas, panes: Panes, frame: Frame, axis: Axis, view: ChartView, *, ascii_only: bool) -> None:
    """Draw the x axis; the cursor's own label stands in place of those that it would touch."""
    corner, line, tick = ("+", "-", "+") if ascii_only else ("└", "─", "┬")
    y = panes.top + panes.height
    if panes.left:
        canvas.put(panes.left - 1, y, corner, "axis")
    canvas.put(panes.left, y, line * panes.width, "axis")
    taken: list[tuple[int, int]] = []
    if view.cursor is not None:
        taken.append(_put_x_label(canvas, panes, frame, view.cursor, axis, "cursor"))
        canvas.put(panes.left + frame.cell(view.cursor, frame.y.low)[0], y, "^" if ascii_only else "┴", "cursor")
    for value in x_ticks(frame.x, max(2, panes.width // 10), axis):
        column = panes.left + frame.cell(value, frame.y.low)[0]
        start, stop = _label_place(panes, column, x_label(value, axis))
        if any(start <= b and stop >= a for a, b in taken):
            continue
        canvas.put(column, y, tick, "axis")
        taken.append(_put_x_label(canvas, panes, frame, value, axis, "tick"))


def _label_place(panes: Panes, column: int, label: str) -> tuple[int, int]:
    """Centre a label below its place, moved inside the plot; with a cell of space on each side."""
    start = min(max(panes.left, column - len(label) // 2), max(panes.left, panes.left + panes.width - len(label)))
    return start - 1, start + len(label)


def _put_x_label(canvas: Canvas, panes: Panes, frame: Frame, x: float, axis: Axis, style: str) -> tuple[int, int]:
    label = x_label(x, axis)
    start, stop = _label_place(panes, panes.left + frame.cell(x, frame.y.low)[0], label)
    canvas.put(start + 1, panes.top + panes.height + 1, label, style)
    return start, stop
