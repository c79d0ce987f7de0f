"""Lines that are made for the room there is, and painted anew only when they changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widget import Widget

from repro_tui.tui.render.lines import Line, Piece

Maker = Callable[[int, int], Sequence[Line]]
"""From cells and rows to lines that fit in them; rows are 0 while as many are had as are needed."""

STYLES = {
    "value": "$foreground",
    "label": "$quiet",
    "dim": "$quiet",
    "faint": "$faint",
    "accent": "$accent",
    "title": "bold $accent",
    "strong": "bold $foreground",
    "good": "$success",
    "warn": "$warning",
    "bad": "bold $error",
}
"""Name of a style of a piece to the theme's variables."""


class Block(Widget):
    """Shows what a maker gives; what does not fit is cut, so the maker had better know its room."""

    DEFAULT_CSS = """
    Block { height: auto; width: 1fr; }
    """

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._maker: Maker = lambda _cells, _rows: ()
        self._lines: tuple[Line, ...] = ()

    def show(self, maker: Maker) -> None:
        """Show other lines."""
        self._maker = maker
        self._make()

    def on_resize(self) -> None:
        """Make the lines for the new room."""
        self._make()

    def _make(self) -> None:
        if not self.size.width:
            return
        before, self._lines = self._lines, tuple(self._maker(self.size.width, self.size.height))
        if before != self._lines:
            self.refresh(layout=self._needs_room(len(before)))

    def _needs_room(self, before: int) -> bool:
        """Tell whether other lines need another height."""
        return before != len(self._lines)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the number of lines."""
        return max(1, len(self._maker(width, 0)))

    def render(self) -> Content:
        """Draw the lines."""
        return Content("\n").join(Content.assemble(*map(styled, line)) for line in self._lines)


class Pane(Block):
    """Lines about what is under a cursor: it grows with them and never shrinks, so that the list above stays put."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._most = 0
        self._cells = 0

    def _needs_room(self, before: int) -> bool:
        del before
        return self._wanted(self.size.width) > self._most

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the most lines that it was asked to show at this width."""
        if width != self._cells:
            self._cells, self._most = width, 0
        self._most = max(self._most, self._wanted(width))
        return max(1, self._most)

    def _wanted(self, cells: int) -> int:
        return len(self._maker(cells, 0))


def styled(piece: Piece) -> tuple[str, str]:
    """Give a piece in the theme's variables."""
    return piece[0], STYLES.get(piece[1], "")
