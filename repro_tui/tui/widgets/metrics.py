"""The Metrics tab: a list of metrics and the chart of the chosen one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import CurveQuery
from repro_tui.tui.curves import CurvesRead, ValuesRead
from repro_tui.tui.render.series import ChartData, ChartView
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.metric_list import MetricList

NO_METRICS = (
    "This run has no metrics{yet}.",
    "Without a change to the script, curves are read from what it writes:",
    "  TensorBoard event files, CSV with a step or epoch column,",
    "  JSON lines, the Trainer's trainer_state.json;",
    "  numbers it prints:  metrics: {{stdout: REGEX}}  in repro.yaml.",
    "From a script:  import repro_tui; repro_tui.log(step=i, loss=loss)",
)
"""What to do about it, in place of a chart."""


class Metrics(Horizontal):
    """Keeps which metric is drawn, and asks for its curves."""

    DEFAULT_CSS = """
    Metrics { height: 1fr; width: 1fr; }
    Metrics > MetricList { display: none; }
    Metrics > Chart { width: 1fr; height: 1fr; }
    """

    @dataclass
    class CurvesWanted(Message):
        """Curves are needed."""

        query: CurveQuery

        def can_replace(self, message: Message) -> bool:
            """Replace an older wish."""
            return isinstance(message, Metrics.CurvesWanted)

    @dataclass
    class ValuesWanted(Message):
        """Exact values are needed at the cursor."""

        query: CurveQuery
        x: float

        def can_replace(self, message: Message) -> bool:
            """Replace an older wish."""
            return isinstance(message, Metrics.ValuesWanted)

    @dataclass
    class Turned(Message):
        """Another metric is drawn."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._list = MetricList(ascii_only=ascii_only)
        self.chart = Chart(ascii_only=ascii_only)
        self._runs: tuple[RunId, ...] = ()
        self._values: Mapping[str, float] = {}
        self._metric = ""
        self._buckets = 200

    def compose(self) -> ComposeResult:
        """Lay out list and chart."""
        yield self._list
        yield self.chart

    @property
    def status(self) -> str:
        """Say which of how many metrics is drawn."""
        names = list(self._values)
        if len(names) < 2 or self._metric not in names:  # noqa: PLR2004 - one metric is all there is
            return ""
        return f"metric {names.index(self._metric) + 1} of {len(names)}"

    def show(self, runs: tuple[RunId, ...], values: Mapping[str, float], *, live: bool) -> None:
        """Take the runs to overlay and the last values of the first one's metrics."""
        news = (runs, dict(values)) != (self._runs, dict(self._values))
        self._runs, self._values = runs, dict(values)
        if not values:
            text = tuple(line.format(yet=" yet" if live else "") for line in NO_METRICS)
            self.chart.data = ChartData(note=text)
            self._metric = ""
        elif self._metric not in values:
            self._metric = next(iter(values))
        self.set_class(len(values) > 1, "-several")
        self._list.show(self._values, self._metric)
        if news:
            self.ask()
            self.post_message(self.Turned())

    def _query(self, view: ChartView) -> CurveQuery:
        return CurveQuery(self._runs, (self._metric,), view.axis, view.start, view.stop, self._buckets)

    def ask(self) -> None:
        """Ask for the curves in sight."""
        if self._metric and self._runs:
            self.post_message(self.CurvesWanted(self._query(self.chart.view)))

    def take(self, message: CurvesRead) -> None:
        """Draw curves, unless something else was asked for meanwhile."""
        if message.query == self._query(self.chart.view):
            self.chart.data = message.data

    def take_values(self, message: ValuesRead) -> None:
        """Read out exact values."""
        self.chart.read_out(message.x, message.values)

    @on(Chart.WindowChanged)
    def _widen(self, event: Chart.WindowChanged) -> None:
        event.stop()
        self._buckets = event.buckets
        self.ask()

    @on(Chart.CursorMoved)
    def _read_at(self, event: Chart.CursorMoved) -> None:
        event.stop()
        self.post_message(self.ValuesWanted(self._query(self.chart.view), event.x))

    @on(Chart.MetricTurned)
    def _turn(self, event: Chart.MetricTurned) -> None:
        event.stop()
        names = list(self._values)
        if names:
            at = names.index(self._metric) if self._metric in names else 0
            self.choose(names[(at + event.direction) % len(names)])

    def choose(self, metric: str) -> None:
        """Draw another metric."""
        if metric != self._metric:
            self._metric = metric
            self._list.show(self._values, metric)
            self.ask()
            self.post_message(self.Turned())
