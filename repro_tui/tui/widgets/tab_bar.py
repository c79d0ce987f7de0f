"""The line of tabs, with a word about the open one at its right end."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from repro_tui.tui.render.text import shorten, width


class TabBar(Widget):
    """Names of tabs; the open one stands in brackets, so that it shows without colour."""

    active: reactive[str] = reactive("")
    note: reactive[str] = reactive("")
    """Where the open tab is scrolled to, or what it waits for."""

    def __init__(self, tabs: Sequence[tuple[str, str]], *, ascii_only: bool = False) -> None:
        """Make it.

        Args:
            tabs: Identity and title of each tab.
            ascii_only: Draw with ASCII signs.
        """
        super().__init__()
        self._tabs = tabs
        self._ascii = ascii_only
        self.set_reactive(TabBar.active, tabs[0][0])

    def render(self) -> Content:
        """Draw the line; where it is too narrow, only the open tab and its place among the others."""
        titles = [
            (f"[{title}]" if key == self.active else f" {title} ", key == self.active) for key, title in self._tabs
        ]
        if sum(width(text) for text, _ in titles) > self.size.width:
            place = next(index for index, (_, is_open) in enumerate(titles) if is_open)
            titles = [(f"{titles[place][0]} {place + 1} of {len(titles)}", True)]
        parts = [(text, "bold $accent" if is_open else "$quiet") for text, is_open in titles]
        room = self.size.width - sum(width(text) for text, _ in parts) - 1
        note = shorten(self.note, room - 1, ascii_only=self._ascii) if room > len("1 of 9") else ""
        gap = " " * max(0, room - width(note))
        return Content.assemble(*parts, gap, (note, "$quiet"))
