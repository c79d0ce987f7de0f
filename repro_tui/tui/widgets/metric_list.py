"""The metrics of a run beside its chart: last values, and which one is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.tui.render.lines import Line
from repro_tui.tui.render.numbers import number
from repro_tui.tui.render.text import clean, fit, width
from repro_tui.tui.widgets.scroller import Scroller


class MetricList(Scroller, can_focus=False):
    """One line a metric. The chart keeps the focus; its up and down keys choose."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(ascii_only=ascii_only, id=id)
        self._metrics: Mapping[str, float] = {}
        self._chosen = ""

    @property
    def count(self) -> int:
        """Give the number of metrics."""
        return len(self._metrics)

    def show(self, metrics: Mapping[str, float], chosen: str) -> None:
        """Show metrics with their last values."""
        if (dict(metrics), chosen) == (dict(self._metrics), self._chosen):
            return
        before, self._metrics, self._chosen = list(self._metrics.items()), metrics, chosen
        names = list(metrics)
        if [name for name, _ in before] != names:
            self.refresh()
        else:
            self.refresh()
        if chosen in names:
            self.scroll_to_line(names.index(chosen))

    def line(self, index: int) -> Line:
        """Give one metric and its value."""
        name = list(self._metrics)[index]
        value = number(self._metrics[name])
        chosen = name == self._chosen
        sign = ">" if chosen else " "
        room = max(4, self.size.width - width(value) - 4)
        style = "accent bold" if chosen else "value"
        return (
            (f"{sign} ", "accent"),
            (fit(clean(name), room), style),
            (f" {value} ", "value" if chosen else "dim"),
        )
