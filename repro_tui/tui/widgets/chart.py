"""The chart: curves of one metric for several runs, with a cursor that reads all of them at one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from repro_tui.domain.ids import RunId
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import looking
from repro_tui.tui.render.canvas import Row, changes, spans
from repro_tui.tui.render.figure import Figure, draw
from repro_tui.tui.render.plot import read_at
from repro_tui.tui.render.series import COLOURS, ChartData, ChartView
from repro_tui.tui.theme import run_colour

_FAST = 10
"""Columns that the fast cursor keys move."""


class Cells(Widget):
    """A part of a page of cells. Textual sends a row of a widget from its left edge on, so parts are cheaper."""

    def __init__(self, row: Callable[[int], Row], style: Callable[[str], Style]) -> None:
        super().__init__()
        self._row = row
        self._style = style

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        strip = Strip([Segment(text, self._style(name)) for text, name in spans(self._row(y))])
        return strip.adjust_cell_length(self.size.width, self._style(""))


class Chart(Widget, can_focus=True):
    """Curves as braille; only cells that differ are repainted, so a cursor key costs some hundred bytes."""

    DEFAULT_CSS = """
    Chart { layout: horizontal; }
    Chart > Cells { height: 1fr; width: 1fr; }
    """

    BINDINGS: ClassVar = bindings("chart")

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--axis",
        "chart--tick",
        "chart--title",
        "chart--dim",
        "chart--raw",
        "chart--cursor",
        "chart--value",
        "chart--warn",
    }

    data: reactive[ChartData] = reactive(ChartData(), repaint=False)
    """What is shown."""
    view: reactive[ChartView] = reactive(ChartView(), repaint=False)
    """How it is looked at."""
    ascii_only: reactive[bool] = reactive(False)
    """Draw with ASCII signs."""

    @dataclass
    class WindowChanged(Message):
        """Other points are needed: the window, the axis or the size changed."""

        chart: Chart
        view: ChartView
        buckets: int
        """How many of them the plot can tell apart."""

        @property
        def control(self) -> Chart:
            """Give the chart."""
            return self.chart

        def can_replace(self, message: Message) -> bool:
            """Replace an older window that was not answered yet."""
            return isinstance(message, Chart.WindowChanged)

    @dataclass
    class CursorMoved(Message):
        """The cursor stands elsewhere, and some runs hold several points in one bucket there."""

        chart: Chart
        x: float

        @property
        def control(self) -> Chart:
            """Give the chart."""
            return self.chart

    @dataclass
    class MetricTurned(Message):
        """The next (1) or previous (-1) metric is wanted."""

        direction: int

    @dataclass
    class SearchWanted(Message):
        """Metrics are to be found by their names."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.set_reactive(Chart.ascii_only, ascii_only)
        self._figure = draw(ChartData(), ChartView(), 0, 0)
        self._styles_by_name: dict[str, Style] = {}
        self._full: looking.Extent = (0.0, 1.0)
        self._plot = Cells(self._left, self.style_named)
        self._legend = Cells(self._right, self.style_named)

    def compose(self) -> ComposeResult:
        """Lay plot and legend side by side."""
        yield self._plot
        yield self._legend

    def watch_data(self) -> None:
        """Remember how far the points reach while all are in sight, and draw what changed."""
        curves = [s.curve for s in self.data.series if s.curve is not None and s.curve.buckets]
        if curves:
            reach = min(c.buckets[0].x for c in curves), max(c.buckets[-1].x_last for c in curves)
            zoomed = self.view.start is not None or self.view.stop is not None
            self._full = (min(self._full[0], reach[0]), max(self._full[1], reach[1])) if zoomed else reach
        if self.view.raised >= len(self.data.series):
            self.set_reactive(Chart.view, replace(self.view, raised=0))
        self._redraw()

    def watch_view(self, before: ChartView, after: ChartView) -> None:
        """Draw what changed, and say when other points are needed."""
        self._redraw()
        if (before.start, before.stop, before.axis) != (after.start, after.stop, after.axis):
            self._ask()
        elif after.cursor is not None and after.cursor != before.cursor and not self._reads_exactly(after.cursor):
            self.post_message(self.CursorMoved(self, after.cursor))

    def watch_ascii_only(self) -> None:
        """Draw anew with the other signs."""
        self._redraw()

    def read_out(self, x: float, values: Mapping[RunId, tuple[float, float]]) -> None:
        """Take the exact values at a cursor position; too late when the cursor has moved on."""
        if self.view.cursor == x:
            self.view = replace(self.view, exact=dict(values))

    def _reads_exactly(self, x: float) -> bool:
        readings = [read_at(s.curve, x) for s in self.data.series if s.curve]
        return all(reading is None or reading.exact for reading in readings)

    def _ask(self) -> None:
        self.post_message(self.WindowChanged(self, self.view, max(16, self.size.width * 2)))

    def on_resize(self) -> None:
        """Draw for the new size, and ask for as many points as it can show."""
        self._redraw()
        self._ask()

    def notify_style_update(self) -> None:
        """Forget colours of another theme."""
        super().notify_style_update()
        self._styles_by_name = {}

    def _redraw(self) -> None:
        """Draw anew, and repaint only the cells that differ."""
        width, height = self.size
        before = self._figure
        self._figure = draw(self.data, self.view, width, height, ascii_only=self.ascii_only, before=before)
        if not self.is_mounted:
            return
        border = self._figure.legend_x or width
        if (before.canvas.width, before.canvas.height, before.legend_x) != (width, height, self._figure.legend_x):
            self._legend.styles.width = max(1, width - border)
            self._legend.display = border < width
            self._plot.refresh()
            self._legend.refresh()
            return
        rows: dict[int, list[int]] = {}
        for x, y, cells in changes(before.canvas.rows, self._figure.canvas.rows):
            rows.setdefault(y, []).extend((x, x + cells))
        for y, places in rows.items():
            self._repaint(y, min(places), max(places), border)

    def _repaint(self, y: int, start: int, stop: int, border: int) -> None:
        """Repaint what changed of a row, left and right of the legend's edge."""
        if start < border:
            self._plot.refresh(Region(start, y, min(stop, border) - start, 1))
        if stop > border:
            first = max(start, border)
            self._legend.refresh(Region(first - border, y, stop - first, 1))

    def _left(self, y: int) -> Row:
        return self._row(y)[: self._figure.legend_x or None]

    def _right(self, y: int) -> Row:
        return self._row(y)[self._figure.legend_x :]

    def _row(self, y: int) -> Row:
        rows = self._figure.canvas.rows
        return rows[y] if y < len(rows) else []

    def style_named(self, name: str) -> Style:
        """Give a style by its name: a run's colour, or a component's, with `bold` and `reverse` after it."""
        style = self._styles_by_name.get(name)
        if style is None:
            word, *modifiers = name.split() or [""]
            style = self.rich_style
            if word.startswith("run-"):
                sixteen = self.app.current_theme.ansi
                style += Style(color=run_colour((int(word[4:]) - 1) % COLOURS, sixteen=sixteen))
            elif word:
                style += self.get_component_rich_style(f"chart--{word}")
            style += Style(bold="bold" in modifiers or None, reverse="reverse" in modifiers or None)
            self._styles_by_name[name] = style
        return style

    @property
    def figure(self) -> Figure:
        """Give what is drawn."""
        return self._figure

    def _move(self, cells: int) -> None:
        if self._figure.frame:
            self.view = looking.moved(self.data, self.view, self._figure.frame, cells)

    def action_left(self) -> None:
        """Move the cursor one column to the left."""
        self._move(-1)

    def action_right(self) -> None:
        """Move the cursor one column to the right."""
        self._move(1)

    def action_fast_left(self) -> None:
        """Move the cursor ten columns to the left."""
        self._move(-_FAST)

    def action_fast_right(self) -> None:
        """Move the cursor ten columns to the right."""
        self._move(_FAST)

    def action_first(self) -> None:
        """Move the cursor to the first point."""
        self.view = looking.first(self.data, self.view)

    def action_last(self) -> None:
        """Read the last values, and follow them."""
        self.view = looking.last(self.view)

    def action_zoom_in(self) -> None:
        """Show half of the window."""
        if self._figure.frame:
            self.view = looking.zoomed_in(self.data, self.view, self._figure.frame)

    def action_zoom_out(self) -> None:
        """Show twice the window."""
        if self._figure.frame:
            self.view = looking.zoomed_out(self.view, self._figure.frame, self._full)
        else:
            self.view = replace(self.view, start=None, stop=None)

    def action_log_scale(self) -> None:
        """Switch between a linear and a logarithmic value axis."""
        self.view = replace(self.view, log=not self.view.log)

    def action_smoother(self) -> None:
        """Smooth more."""
        self.view = looking.smoothed(self.view, 1)

    def action_rougher(self) -> None:
        """Smooth less."""
        self.view = looking.smoothed(self.view, -1)

    def action_axis(self) -> None:
        """Switch the x axis between steps and time."""
        if not self.data.only_by_time:
            self.view = looking.turned(self.view)

    def action_raise_next(self) -> None:
        """Raise the run after the raised one."""
        self.view = looking.raised(self.data, self.view, 1)

    def action_raise_previous(self) -> None:
        """Raise the run before the raised one."""
        self.view = looking.raised(self.data, self.view, -1)

    def action_next_metric(self) -> None:
        """Ask for the next metric."""
        self.post_message(self.MetricTurned(1))

    def action_search(self) -> None:
        """Ask which metrics are wanted."""
        self.post_message(self.SearchWanted())

    def action_previous_metric(self) -> None:
        """Ask for the previous metric."""
        self.post_message(self.MetricTurned(-1))
