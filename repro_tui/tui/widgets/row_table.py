"""A table of lines that are made when they come into sight: ten thousand of them cost no more than those in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from repro_tui.tui.keymap import bindings
from repro_tui.tui.run_lines import Piece
from repro_tui.tui.widgets.cursor_keys import CursorKeys
from repro_tui.tui.widgets.painter import Painter

STYLES = (
    "name", "value", "quiet", "faint", "title", "accent", "good", "warn", "bad", "head", "sorted", "cursor",
)  # fmt: skip
"""Names of styles; each is a component class `row-table--…` of the sheet."""


class RowSource(Protocol):
    """What a table shows; it is replaced as a whole."""

    @property
    def keys(self) -> Sequence[str]:
        """Give an identity for each line; an empty one is a line that the cursor passes over."""
        ...

    def head(self, cells: int) -> Sequence[Piece] | None:
        """Give the line that stays on top; None: there is none."""
        ...

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Give one line, at most so many cells wide; the table writes its cursor before it."""
        ...


@dataclass(frozen=True, slots=True)
class NoRows:
    """A table of nothing."""

    keys: Sequence[str] = ()

    def head(self, cells: int) -> Sequence[Piece] | None:
        """Give no head."""
        del cells
        return None

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Give nothing."""
        del index, cells
        return ()


GUTTER = 1
"""Cells before a line: the cursor."""


class RowTable(CursorKeys, can_focus=True, inherit_bindings=False):
    """Lines with a cursor that belongs to a line's identity, so that nothing jumps when lines come and go."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows", group="move")

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"row-table--{name}" for name in STYLES}

    DEFAULT_CSS = """
    RowTable { height: 1fr; width: 1fr; }
    """

    @dataclass
    class Highlighted(Message):
        """The cursor came to another line, or to none."""

        key: str

        def can_replace(self, message: Message) -> bool:
            """Replace a place that the cursor has left already."""
            return isinstance(message, RowTable.Highlighted)

    @dataclass
    class Opened(Message):
        """A line was asked for."""

        key: str

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._source: RowSource = NoRows()
        self._heads = 0
        """Lines that stay on top."""
        self._places: dict[str, int] = {}
        self._cursor = 0
        self._wanted = ""
        self._top = 0
        self._drawn: dict[int, Strip] = {}
        self._painter = Painter(self, "row-table")

    # What it shows.

    @property
    def highlighted(self) -> str:
        """The identity of the line under the cursor; empty when there is none."""
        return self._source.keys[self._cursor] if self._cursor < len(self._source.keys) else ""

    @property
    def keys(self) -> Sequence[str]:
        """The identities of all lines."""
        return self._source.keys

    @property
    def _page(self) -> int:
        return max(1, self.size.height - self._heads)

    def show(self, source: RowSource) -> None:
        """Show other lines; the cursor stays with its line, on the same line of the screen where that is possible."""
        scrolled, at = self._top > 0, self._cursor - self._top
        self._source = source
        self._heads = 1 if source.head(self.size.width) is not None else 0
        self._places = {key: index for index, key in enumerate(source.keys) if key}
        index = self._places.get(self._wanted)
        if index is None:
            index = self._near(min(self._cursor, len(source.keys) - 1), 1)
        self._cursor = index
        if scrolled:
            self._top = index - at
        self._top = self._bounded(index)
        if not self._wanted:
            self._wanted = self.highlighted
        self.refresh_changed()
        self.post_message(self.Highlighted(self.highlighted))

    def begin_anew(self) -> None:
        """Put the cursor on the first of the lines that are shown next."""
        self._wanted, self._cursor, self._top = "", 0, 0

    def go_to(self, key: str) -> None:
        """Put the cursor on a line, as soon as there is one of that identity."""
        self._wanted = key
        if key in self._places:
            self._move_to(self._places[key])

    # Cursor and scrolling.

    def _bounded(self, index: int) -> int:
        top = min(max(self._top, index - self._page + 1), index)
        # The first lines may be such that no cursor comes to them; they are shown with the one below them.
        if index < self._page and not any(self._source.keys[:index]):
            top = 0
        return max(0, min(top, len(self._source.keys) - self._page))

    def _near(self, index: int, step: int) -> int:
        """Find a line that a cursor may stand on, from a line on and then back."""
        keys = self._source.keys
        if not keys:
            return 0
        index = max(0, min(index, len(keys) - 1))
        onward = range(index, len(keys)) if step > 0 else range(index, -1, -1)
        backward = range(index, -1, -1) if step > 0 else range(index, len(keys))
        return next((i for order in (onward, backward) for i in order if keys[i]), 0)

    def _move_to(self, index: int, step: int = 1) -> None:
        if not self._places:
            return
        index = self._near(index, step)
        old, self._cursor = self._cursor, index
        self._wanted = self._source.keys[index]
        self._top = self._bounded(index)
        self.refresh_changed()
        if old != index:
            self.post_message(self.Highlighted(self.highlighted))

    def move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self._cursor + lines, lines)

    def page(self, pages: float) -> None:
        """Move the cursor by pages, and what is in sight with it."""
        lines = int(self._page * pages) or (1 if pages > 0 else -1)
        self._top = max(0, min(self._top + lines, max(0, len(self._source.keys) - self._page)))
        self._move_to(self._cursor + lines, lines)

    def jump(self, *, to_last: bool) -> None:
        """Move the cursor to the first or the last line."""
        self._move_to(len(self._source.keys) - 1 if to_last else 0, -1 if to_last else 1)

    def scroll_columns(self, columns: int) -> None:
        """Do nothing: the lines are made for the room there is."""

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it was clicked; a double click opens."""
        index = event.y - self._heads + self._top
        if event.y >= self._heads and index < len(self._source.keys) and self._source.keys[index]:
            self._move_to(index)
            if event.chain > 1:
                self.post_message(self.Opened(self._source.keys[index]))

    # Drawing.

    def on_resize(self) -> None:
        """Make the lines for the new room."""
        self._top = self._bounded(self._cursor)
        self.refresh_changed()

    def notify_style_update(self) -> None:
        """Forget styles that belonged to another theme."""
        super().notify_style_update()
        self._painter.forget()
        self._drawn.clear()

    def refresh_changed(self) -> None:
        """Draw the lines in sight in memory and send only those that look different."""
        for y in range(self.size.height):
            strip = self._draw(y)
            if self._drawn.get(y) != strip:
                self._drawn[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Give a line as it was drawn last."""
        strip = self._drawn.get(y)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._drawn[y] = self._draw(y)
        return strip

    def _draw(self, y: int) -> Strip:
        cells = self.size.width
        if y < self._heads:
            return self._painter.strip(cells, [(" " * GUTTER, ""), *(self._source.head(cells - GUTTER) or ())])
        index = self._top + y - self._heads
        if index >= len(self._source.keys):
            return self._painter.strip(cells, ())
        under = index == self._cursor and bool(self._source.keys[index])
        pieces = self._source.line(index, cells - GUTTER)
        return self._painter.strip(cells, [(">" if under else " ", "accent"), *pieces], cursor=under)
