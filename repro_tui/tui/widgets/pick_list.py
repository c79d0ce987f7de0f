"""A list of lines to choose from, drawn line by line so that ten thousand of them cost no more than ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from repro_tui.tui.render.text import fit, pad, shorten, width


@dataclass(frozen=True, slots=True)
class Item:
    """One line."""

    id: str
    text: str
    note: str = ""
    """A grey word at the right."""
    checked: bool | None = None
    """Shown as a box when it is not None."""


class PickList(Widget):
    """Lines with a cursor; it is steered by whoever owns it, so that an input can keep the focus."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pick-list--note", "pick-list--cursor", "pick-list--check"}

    DEFAULT_CSS = """
    PickList { height: auto; width: 1fr; }
    """

    def __init__(self, items: Sequence[Item] = (), *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._items = tuple(items)
        self._ascii = ascii_only
        self._cursor = 0
        self._top = 0

    @property
    def highlighted(self) -> Item | None:
        """The line under the cursor."""
        return self._items[self._cursor] if self._cursor < len(self._items) else None

    @property
    def items(self) -> tuple[Item, ...]:
        """All lines."""
        return self._items

    def show(self, items: Sequence[Item], cursor: int | None = None) -> None:
        """Show other lines; the cursor stays where it is unless it is told where to go."""
        resized = len(items) != len(self._items)
        self._items = tuple(items)
        self._cursor = max(0, min(self._cursor if cursor is None else cursor, len(items) - 1))
        self._bound()
        self.refresh(layout=resized)

    def move(self, lines: int) -> None:
        """Move the cursor by lines; it stops at the ends."""
        self._cursor = max(0, min(self._cursor + lines, len(self._items) - 1))
        self._bound()
        self.refresh()

    def page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.move(pages * max(1, self.size.height - 1))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the number of lines; the sheet limits it."""
        return max(1, len(self._items))

    def get_content_width(self, container: object, viewport: object) -> int:  # noqa: ARG002 - Textual's
        """Give the cells of the longest line."""
        return max((width(i.text) + width(i.note) + 6 for i in self._items[:200]), default=12)

    def _bound(self) -> None:
        """Keep the cursor in sight, and no line empty at the end that another could have."""
        height = self.size.height
        if not height:
            return  # it was not laid out yet
        last = len(self._items) - height
        self._top = max(0, min(max(self._top, self._cursor - height + 1), self._cursor, last))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._bound()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        cells = self.size.width
        index = self._top + y
        if index >= len(self._items):
            text = "  nothing matches" if not self._items and y == 0 else ""
            return Strip([Segment(pad(text, cells), self.get_component_rich_style("pick-list--note"))])
        item = self._items[index]
        chosen = index == self._cursor
        under = self.get_component_rich_style("pick-list--cursor", partial=True) if chosen else Style()
        note = shorten(item.note, max(0, cells // 2), ascii_only=self._ascii)
        gap = 2 * bool(note)
        room = max(0, cells - width(note) - 3 - gap - (4 if item.checked is not None else 0))
        parts = [("> " if chosen else "  ", self.get_component_rich_style("pick-list--check"))]
        if item.checked is not None:
            parts.append(("[x] " if item.checked else "[ ] ", self.get_component_rich_style("pick-list--check")))
        parts.append((fit(item.text, room, ascii_only=self._ascii) + " " * gap, self.rich_style))
        parts.append((note + " ", self.get_component_rich_style("pick-list--note")))
        segments = [Segment(text, style + under) for text, style in parts]
        return Strip(segments).adjust_cell_length(cells, self.rich_style + under)
