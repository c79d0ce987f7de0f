"""The keys that move a cursor over lines and columns, as actions of a widget."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget

from repro_tui.tui.keymap import bindings


class CursorKeys(Widget):
    """A widget whose cursor is moved by the keys of the Runs screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("runs", group="move")

    def move(self, lines: int) -> None:
        """Move the cursor by lines."""
        raise NotImplementedError

    def page(self, pages: float) -> None:
        """Move the cursor by pages."""
        raise NotImplementedError

    def jump(self, *, to_last: bool) -> None:
        """Move the cursor to the first or the last line."""
        raise NotImplementedError

    def scroll_columns(self, columns: int) -> None:
        """Move the columns sideways."""
        raise NotImplementedError

    def action_up(self) -> None:
        """One run up."""
        self.move(-1)

    def action_down(self) -> None:
        """One run down."""
        self.move(1)

    def action_left(self) -> None:
        """One column to the left."""
        self.scroll_columns(-1)

    def action_right(self) -> None:
        """One column to the right."""
        self.scroll_columns(1)

    def action_fast_up(self) -> None:
        """Ten runs up."""
        self.move(-10)

    def action_fast_down(self) -> None:
        """Ten runs down."""
        self.move(10)

    def action_fast_left(self) -> None:
        """To the first column."""
        self.scroll_columns(-10_000)

    def action_fast_right(self) -> None:
        """To the last column."""
        self.scroll_columns(10_000)

    def action_first(self) -> None:
        """To the first run."""
        self.jump(to_last=False)

    def action_last(self) -> None:
        """To the last run."""
        self.jump(to_last=True)

    def action_half_up(self) -> None:
        """Half a page up."""
        self.page(-0.5)

    def action_half_down(self) -> None:
        """Half a page down."""
        self.page(0.5)

    def action_page_up(self) -> None:
        """A page up."""
        self.page(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self.page(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll three lines."""
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll three lines."""
        event.stop()
        self.move(-3)
