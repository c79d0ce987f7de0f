"""Curves of several runs for one chart, gathered from the workbench into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message

from repro_tui.domain.ids import RunId
from repro_tui.domain.run import Run
from repro_tui.domain.series import CurveQuery
from repro_tui.ports import Workbench
from repro_tui.tui.render.resources import divided, is_resource, label, scaled
from repro_tui.tui.render.series import ChartData, Series

MOST_RUNS = 8
"""Runs that a chart overlays; more of them cannot be told apart."""


@dataclass
class CurvesRead(Message):
    """The curves that a chart asked for."""

    query: CurveQuery
    data: ChartData

    def can_replace(self, message: Message) -> bool:
        """Replace older curves."""
        return isinstance(message, CurvesRead)


@dataclass
class ValuesRead(Message):
    """The exact values at a place of the x axis."""

    query: CurveQuery
    x: float
    values: Mapping[RunId, tuple[float, float]]
    """As they were recorded, in the metric's own unit."""


def read_curves(workbench: Workbench, query: CurveQuery) -> CurvesRead:
    """Ask for the curves of one metric; raises ReproError."""
    metric = query.metrics[0]
    curves = [curve for curve in workbench.curves(query) if curve.metric == metric]
    unit, by = scaled(metric, curves) if is_resource(metric) else ("", 1.0)
    name = f"{label(metric)}, {unit}" if unit else metric
    found = {curve.run: divided(curve, by) for curve in curves}
    series = []
    for uid in query.runs:
        run = workbench.run(uid)
        if not isinstance(run, Run):
            continue
        breaks = tuple(a.started - run.started for a in run.attempts[1:]) if query.axis == "time" else ()
        series.append(Series(uid, run.name or uid[:12], found.get(uid), breaks))
    return CurvesRead(
        query, ChartData(name, query.axis, tuple(series), divided_by=by, only_by_time=is_resource(metric))
    )


def read_values(workbench: Workbench, query: CurveQuery, x: float) -> ValuesRead:
    """Ask for the last values at or before a place of the x axis; raises ReproError."""
    values = workbench.values_at(query, x)
    return ValuesRead(query, x, {run: value for (run, _), value in values.items()})
