"""What came of something that took long, in words; it stays until a key is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.render.text import clean, to_ascii

MOST_LINES = 500
"""Lines that are shown; a report of thousands of damages is read with the command."""


class ReportModal(Layer[None]):
    """A title and sentences below each other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "leave"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("up,k", "scroll(-1)", "up"),
        Binding("pagedown,space,ctrl+d", "scroll(10)", "page down"),
        Binding("pageup,ctrl+u", "scroll(-10)", "page up"),
    ]

    def __init__(self, title: str, lines: Sequence[str], *, ascii_only: bool = False) -> None:
        super().__init__()
        self._ascii = ascii_only
        rest = len(lines) - MOST_LINES
        more = [f"and {rest:,} more lines"] if rest > 0 else []
        self._title = self._plain(title)
        self._text = "\n".join(self._plain(line) for line in (*lines[:MOST_LINES], *more))

    def _plain(self, text: str) -> str:
        return to_ascii(clean(text)) if self._ascii else clean(text)

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static(self._title, classes="panel-title", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._text, markup=False)
            yield Static("enter esc leave", classes="panel-hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Go back to the screen."""
        self.dismiss(None)
