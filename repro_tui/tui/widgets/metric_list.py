"""The metrics of a run beside its chart: last values, and which one is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.tui.render.lines import Line
from repro_tui.tui.render.numbers import number
from repro_tui.tui.render.resources import amount, is_resource, label
from repro_tui.tui.render.text import clean, fit, width
from repro_tui.tui.widgets.scroller import Scroller


class MetricList(Scroller, can_focus=False):
    """One line a metric. The chart keeps the focus; its up and down keys choose."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(ascii_only=ascii_only, id=id)
        self._values: Mapping[str, float] = {}
        self._names: tuple[str, ...] = ()
        self._chosen = ""

    @property
    def count(self) -> int:
        """Give the number of metrics, or one line that says that there is none."""
        return max(1, len(self._names))

    def show(self, values: Mapping[str, float], chosen: str) -> None:
        """Show metrics with their last values, and repaint what differs."""
        before, names = (self._values, self._names, self._chosen), tuple(values)
        self._values, self._names, self._chosen = dict(values), names, chosen
        if before[1] != names:
            self.set_reactive(MetricList.top, self.validate_top(self.top))
            self.refresh()
        else:
            for index, name in enumerate(names):
                turned = before[2] != chosen and name in {before[2], chosen}
                if turned or before[0][name] != values[name]:
                    self.refresh_line(index)
        if chosen in values and (before[1] != names or before[2] != chosen):
            self.scroll_to_line(names.index(chosen))

    def line(self, index: int) -> Line:
        """Give one metric and its value."""
        if not self._names:
            return (("  no metric has this name", "dim"),)
        name = self._names[index]
        value = amount(name, self._values[name]) if is_resource(name) else number(self._values[name])
        chosen = name == self._chosen
        shown = label(name) if is_resource(name) else clean(name)
        # The end of a long name tells more: `train/layer3/attention/loss`.
        room = max(4, self.size.width - width(value) - 4)
        return (
            ("> " if chosen else "  ", "accent"),
            (fit(shown, room, keep="end"), "accent bold" if chosen else "value"),
            (f" {value} ", "value" if chosen else "dim"),
        )
