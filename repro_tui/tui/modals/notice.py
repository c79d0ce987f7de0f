"""What is shown when there is nothing better to show: a terminal that is too small, and a defect of ours."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from repro_tui.tui.modals.layer import Layer

LEAST_WIDTH = 40
LEAST_HEIGHT = 8


def is_too_small(columns: int, rows: int) -> bool:
    """Tell whether a terminal has no room for a screen."""
    return columns < LEAST_WIDTH or rows < LEAST_HEIGHT


class TooSmallModal(Layer[None]):
    """Covers everything until the terminal has room again; keys do nothing meanwhile, except quitting."""

    def compose(self) -> ComposeResult:
        """Say what is needed."""
        yield Static(f"Too small: {LEAST_WIDTH}x{LEAST_HEIGHT} is the least.", markup=False)

    def on_screen_resume(self) -> None:
        """Go away where the room came back while something else lay on top."""
        if not is_too_small(*self.app.size):
            self.dismiss(None)


class ProblemModal(Layer[None]):
    """A defect of ours, with what a report needs; recording is not concerned."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "leave"),
        Binding("y", "copy", "copy"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("up,k", "scroll(-1)", "up"),
    ]

    def __init__(self, title: str, report: str) -> None:
        super().__init__()
        self._title = title
        self._report = report

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel -tall"):
            yield Static(self._title, classes="panel-title", markup=False)
            yield Static("Recording is not concerned: runs go on and are written down.", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._report, markup=False)
            yield Static("y copy the report   esc leave", classes="panel-hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copy the report."""
        self.app.copy_to_clipboard(self._report)
        self.query_one(".panel-hint", Static).update("copied   esc leave")

    def action_leave(self) -> None:
        """Go back to the screen."""
        self.dismiss(None)
