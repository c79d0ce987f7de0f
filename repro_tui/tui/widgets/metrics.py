"""The Metrics tab: a list of metrics and the chart of the chosen one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import CurveQuery
from repro_tui.tui.curves import CurvesRead, ValuesRead
from repro_tui.tui.render.resources import is_resource, label
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
        self.chart.set_reactive(Chart.data, ChartData(note=("reading ...",)))
        self._runs: tuple[RunId, ...] = ()
        self._values: Mapping[str, float] = {}
        self._metric = ""
        self._words: tuple[str, ...] = ()
        self._words_before: tuple[str, ...] = ()
        self._buckets = 200

    def compose(self) -> ComposeResult:
        """Lay out list and chart."""
        yield self._list
        yield self.chart

    @property
    def names(self) -> tuple[str, ...]:
        """Give the metrics that may be drawn: those of the run, then what it used of its machine."""
        return tuple(name for name in self._values if self._is_wanted(name))

    def _is_wanted(self, name: str) -> bool:
        shown = f"{name} {label(name)}" if is_resource(name) else name
        return all(word in shown.lower() for word in self._words)

    @property
    def status(self) -> str:
        """Say which of how many metrics is drawn."""
        names, known = self.names, len(self._values)
        found = f"{len(names):,} of {known:,} found" if self._words else f"of {known:,}"
        if self._metric not in names:
            return found if self._words else ""
        place = f"metric {names.index(self._metric) + 1:,}"
        return "" if known == 1 else f"{place}, {found}" if self._words else f"{place} {found}"

    def show(self, runs: tuple[RunId, ...], values: Mapping[str, float], *, live: bool) -> None:
        """Take the runs to overlay and the last values of the first one's metrics and resources."""
        news = (runs, dict(values)) != (self._runs, dict(self._values))
        self._runs, self._values = runs, dict(values)
        if self._metric not in values:
            self._metric = next((name for name in values if not is_resource(name)), "")
        if not self._metric:
            further = ("", "The down key shows what it uses of the machine.") if values else ()
            text = tuple(line.format(yet=" yet" if live else "") for line in NO_METRICS)
            self.chart.data = ChartData(note=(*text, *further))
        self.set_class(len(values) > 1, "-several")
        self._list_names()
        if news:
            self.ask()
            self.post_message(self.Turned())

    def _list_names(self) -> None:
        self._list.show({name: self._values[name] for name in self.names}, self._metric)

    def _query(self, view: ChartView) -> CurveQuery:
        axis = "time" if is_resource(self._metric) else view.axis
        return CurveQuery(self._runs, (self._metric,), axis, view.start, view.stop, self._buckets)

    def ask(self) -> None:
        """Ask for the curves in sight; nothing while the tab is hidden, whose size is not known yet."""
        if self._metric and self._runs and self.display and self.chart.size.width:
            self.post_message(self.CurvesWanted(self._query(self.chart.view)))

    def take(self, message: CurvesRead) -> None:
        """Draw curves, unless something else was asked for meanwhile."""
        if message.query == self._query(self.chart.view):
            self.chart.data = message.data

    def take_values(self, message: ValuesRead) -> None:
        """Read out exact values, unless something else is drawn by now."""
        if message.query == self._query(self.chart.view):
            by = self.chart.data.divided_by
            self.chart.read_out(message.x, {run: (x, value / by) for run, (x, value) in message.values.items()})

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
        names = self.names
        if names:
            at = names.index(self._metric) if self._metric in names else -max(0, event.direction)
            self.choose(names[(at + event.direction) % len(names)])

    def choose(self, metric: str) -> None:
        """Draw another metric."""
        if metric == self._metric:
            return
        view = self.chart.view
        if view.axis == "step" and is_resource(metric) != is_resource(self._metric):
            # A window or a cursor in steps says nothing in seconds.
            self.chart.view = replace(view, start=None, stop=None, cursor=None, exact={})
        self._metric = metric
        self._list_names()
        self.ask()
        self.post_message(self.Turned())

    # Finding a metric by its name.

    def begin_finding(self) -> None:
        """Show the list of metrics, in place of the chart where there is no room for both."""
        self._words_before = self._words
        self.add_class("-finding")
        self.narrow("")

    def narrow(self, text: str) -> None:
        """List the metrics whose names hold all words of a text."""
        self._words = tuple(text.lower().split())
        self._list_names()
        self.post_message(self.Turned())

    def end_finding(self, *, keep: bool) -> None:
        """Draw the first metric that was found, or go back to those that were listed before."""
        if not keep:
            self._words = self._words_before
        self.remove_class("-finding")
        self._list_names()
        self.post_message(self.Turned())
        names = self.names
        if keep and names and self._metric not in names:
            self.choose(names[0])
