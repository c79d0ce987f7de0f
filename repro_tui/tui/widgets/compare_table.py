"""The parts of the Compare place that are steered by its keys: its table, the lines of a detail, its curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from repro_tui.tui.keymap import bindings
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.lines import Lines
from repro_tui.tui.widgets.row_table import RowTable


class CompareTable(RowTable, inherit_bindings=False):
    """Rows under the heads of their sections."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows", group="move")

    @dataclass
    class Turned(Message):
        """Another column is to be held against the baseline."""

        columns: int

    def _bounded(self, index: int) -> int:
        """Keep the head of a section in sight with its first row."""
        top = super()._bounded(index)
        return top - 1 if top == index > 0 and not self.keys[top - 1] and self._page > 1 else top

    def scroll_columns(self, columns: int) -> None:
        """Ask for another column."""
        self.post_message(self.Turned(columns))


class DetailLines(Lines, inherit_bindings=False):
    """What opens below a row: lines that are scrolled and searched."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("detail")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--strong"}

    @dataclass
    class StepWanted(Message):
        """No text is sought here: the next (1) or previous (-1) difference is wanted."""

        direction: int

    def action_next_match(self) -> None:
        """Go to the next match, or else to the next difference."""
        self._step(1)

    def action_previous_match(self) -> None:
        """Go to the previous match, or else to the previous difference."""
        self._step(-1)

    def _step(self, direction: int) -> None:
        if not self._sought:
            self.post_message(self.StepWanted(direction))
        elif direction > 0:
            super().action_next_match()
        else:
            super().action_previous_match()


class CompareChart(Chart, inherit_bindings=False):
    """Curves that answer to the keys of this place."""

    BINDINGS: ClassVar = bindings("curves")
