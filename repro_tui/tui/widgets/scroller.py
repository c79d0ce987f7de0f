"""A window onto many lines: only the lines in sight are ever made, so ten thousand scroll like ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from repro_tui.tui.render.lines import Line, windowed
from repro_tui.tui.render.text import to_ascii

_FAST = 10
_SIDEWAYS = 8
_WHEEL = 3

STYLES = ("title", "label", "value", "dim", "faint", "accent", "good", "bad", "warn", "match", "number")
"""Styles that lines may name; each is a component class `lines--…` of the sheet."""


class Scroller(Widget, can_focus=True):
    """The part that log, facts, files, packages and patches have in common: moving over lines."""

    DEFAULT_CSS = """
    Scroller { height: 1fr; width: 1fr; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{name}" for name in STYLES}

    top: reactive[int] = reactive(0, repaint=False)
    """Number of the first line in sight."""
    left: reactive[int] = reactive(0, repaint=False)
    """Cells that are scrolled away at the left."""

    @dataclass
    class Scrolled(Message):
        """Other lines are in sight, or there are more or fewer of them."""

        scroller: Scroller
        first: int
        """Number of the first line in sight, from 0."""
        shown: int
        total: int

        @property
        def control(self) -> Scroller:
            """Give the widget."""
            return self.scroller

        def can_replace(self, message: Message) -> bool:
            """Replace an older position of the same widget."""
            return isinstance(message, Scroller.Scrolled) and message.scroller is self.scroller

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.ascii_only = ascii_only
        self._by_name: dict[str, Style] = {}

    # What a kind of scroller says about its lines.

    @property
    def count(self) -> int:
        """Give the number of lines."""
        return 0

    @property
    def head(self) -> Line | None:
        """Give a line that stays on top, if there is one."""
        return None

    def line(self, index: int) -> Line:
        """Give one line."""
        raise NotImplementedError

    # Where the window is.

    @property
    def rows(self) -> int:
        """Count the lines that can be in sight."""
        return max(0, self.size.height - (1 if self.head is not None else 0))

    @property
    def last_top(self) -> int:
        """Give the greatest number that the first line in sight can have."""
        return max(0, self.count - self.rows)

    def validate_top(self, top: int) -> int:
        """Stay within the lines."""
        return min(max(0, top), self.last_top)

    def validate_left(self, left: int) -> int:
        """Stay right of the first column."""
        return max(0, left)

    def watch_top(self) -> None:
        """Paint the new window."""
        self.refresh()
        self.tell()

    def watch_left(self) -> None:
        """Paint the new window."""
        self.refresh()

    def on_resize(self) -> None:
        """Keep the window within the lines."""
        self.top = self.validate_top(self.top)
        self.tell()

    def tell(self) -> None:
        """Say which lines are in sight."""
        self.post_message(self.Scrolled(self, self.top, min(self.rows, self.count), self.count))

    def scroll_to_line(self, index: int) -> None:
        """Bring a line into sight, a third from the top if it was not."""
        if not self.top <= index < self.top + self.rows:
            self.top = index - self.rows // 3

    def refresh_line(self, index: int) -> None:
        """Paint one line, if it is in sight."""
        y = index - self.top + (1 if self.head is not None else 0)
        if index >= self.top and y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Paint one line of the window."""
        head = self.head
        if head is not None:
            if y == 0:
                return self._strip(windowed(head, self.left, self.size.width))
            y -= 1
        index = self.top + y
        if index >= self.count:
            return Strip.blank(self.size.width, self.rich_style)
        return self.paint(index)

    def paint(self, index: int) -> Strip:
        """Paint the line of a number."""
        return self._strip(windowed(self.line(index), self.left, self.size.width))

    def _strip(self, pieces: list[tuple[str, str]]) -> Strip:
        shown = [(to_ascii(text), name) for text, name in pieces] if self.ascii_only else pieces
        return Strip([Segment(text, self.style_named(name)) for text, name in shown], self.size.width)

    def style_named(self, name: str) -> Style:
        """Give a style by its name; `bold` and `reverse` may follow it."""
        style = self._by_name.get(name)
        if style is None:
            word, *modifiers = name.split() or [""]
            style = self.rich_style
            if word:
                style += self.get_component_rich_style(f"lines--{word}")
            style += Style(bold="bold" in modifiers or None, reverse="reverse" in modifiers or None)
            self._by_name[name] = style
        return style

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._by_name = {}

    # Keys and wheel.

    def action_up(self) -> None:
        """Go one line up."""
        self.top -= 1

    def action_down(self) -> None:
        """Go one line down."""
        self.top += 1

    def action_left(self) -> None:
        """Scroll to the left."""
        self.left -= _SIDEWAYS

    def action_right(self) -> None:
        """Scroll to the right."""
        self.left += _SIDEWAYS

    def action_fast_up(self) -> None:
        """Go ten lines up."""
        self.top -= _FAST

    def action_fast_down(self) -> None:
        """Go ten lines down."""
        self.top += _FAST

    def action_first(self) -> None:
        """Go to the first line."""
        self.left = 0
        self.top = 0

    def action_last(self) -> None:
        """Go to the last line."""
        self.top = self.last_top

    def action_half_up(self) -> None:
        """Go half a page up."""
        self.top -= max(1, self.rows // 2)

    def action_half_down(self) -> None:
        """Go half a page down."""
        self.top += max(1, self.rows // 2)

    def action_page_up(self) -> None:
        """Go a page up."""
        self.top -= max(1, self.rows - 1)

    def action_page_down(self) -> None:
        """Go a page down."""
        self.top += max(1, self.rows - 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.top -= _WHEEL

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.top += _WHEEL
