"""A scroller over lines that are known as a whole: facts, files, packages, patches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message

from repro_tui.tui.keymap import bindings
from repro_tui.tui.render.lines import EMPTY, Line, line_width
from repro_tui.tui.render.patch import PatchLines
from repro_tui.tui.widgets.scroller import Scroller


@dataclass(frozen=True, slots=True)
class Page:
    """Lines for one width, and a head that stays on top."""

    lines: Sequence[Line] = ()
    head: Line | None = None


PageMaker = Callable[[int], Page]
"""From a width in cells to the lines that fit it."""


def nothing_yet(_width: int) -> Page:
    """Say that the facts are still being read."""
    return Page(((("reading ...", "dim"),),))


class Lines(Scroller):
    """Shows what a page maker gives for the width at hand, and repaints only lines that changed."""

    BINDINGS: ClassVar = bindings("lines")

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"lines--{name}"
        for name in ("added", "removed", "hunk", "file", "keyword", "text", "comment", "called", "cursor")
    }

    @dataclass
    class SearchWanted(Message):
        """A text to look for is wanted."""

        scroller: Scroller

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(ascii_only=ascii_only, id=id)
        self._maker: PageMaker = nothing_yet
        self._page = Page()
        self._made_for = -1
        self._sought = ""
        self._found = -1

    @property
    def count(self) -> int:
        """Give the number of lines."""
        return len(self._page.lines)

    @property
    def head(self) -> Line | None:
        """Give the line that stays on top."""
        return self._page.head

    @property
    def status(self) -> str:
        """Say which of how many lines are in sight, when not all of them are."""
        last = min(self.top + self.rows, self.count)
        return f"{self.top + 1}-{last} of {self.count}" if self.count > self.rows else ""

    def line(self, index: int) -> Line:
        """Give one line, lit when it was searched for."""
        line = self._page.lines[index]
        return tuple((text, "match") for text, _ in line) if index == self._found else line

    @property
    def page(self) -> Page:
        """Give what is shown."""
        return self._page

    def show(self, maker: PageMaker) -> None:
        """Show other lines and stay where they are scrolled to."""
        self._maker = maker
        self._make()

    def on_resize(self) -> None:
        """Make the lines for the new width."""
        if self.size.width != self._made_for:
            self._make()
        super().on_resize()

    def _make(self) -> None:
        width = self.size.width
        if not width:  # not in sight: made when it comes back, though it may be as wide as before
            self._made_for = -1
            return
        before, self._made_for = self._page, width
        self._page = self._maker(width)
        if before.head != self._page.head or len(before.lines) != len(self._page.lines):
            self.set_reactive(Lines.top, self.validate_top(self.top))
            self.refresh()
            self.tell()
            return
        for index in range(self.top, min(self.top + self.rows, self.count)):
            if before.lines[index] != self._page.lines[index]:
                self.refresh_line(index)

    def validate_left(self, left: int) -> int:
        """Stay where the widest line in sight still shows something."""
        seen = self._page.lines[self.top : self.top + self.rows]
        widest = max(map(line_width, seen), default=0)
        return min(max(0, left), max(0, widest - self.size.width))

    def search(self, text: str) -> bool:
        """Look for a text from the top of the window on; tell whether it was found."""
        self._sought = text
        return self._seek(self.top, 1) if text else self._light(-1)

    def action_search(self) -> None:
        """Ask what to look for."""
        self.post_message(self.SearchWanted(self))

    def action_next_match(self) -> None:
        """Go to the next line that holds the text."""
        self._seek(max(self._found, self.top - 1) + 1, 1)

    def action_previous_match(self) -> None:
        """Go to the previous line that holds the text."""
        self._seek((self._found if self._found >= 0 else self.top) - 1, -1)

    def _seek(self, start: int, step: int) -> bool:
        if not self._sought:
            return False
        wanted = self._sought.lower()
        order = range(start, self.count) if step > 0 else range(min(start, self.count - 1), -1, -1)
        for index in order:
            if wanted in self._plain(index).lower():
                return self._light(index)
        return False

    def _plain(self, index: int) -> str:
        """Give a line's text, without its colours where making them costs something."""
        lines = self._page.lines
        return lines.plain(index) if isinstance(lines, PatchLines) else "".join(text for text, _ in lines[index])

    def _light(self, index: int) -> bool:
        before, self._found = self._found, index
        for changed in (before, index):
            if changed >= 0:
                self.refresh_line(changed)
        if index >= 0:
            self.scroll_to_line(index)
        return index >= 0


__all__ = ["EMPTY", "Lines", "Page", "PageMaker", "nothing_yet"]
