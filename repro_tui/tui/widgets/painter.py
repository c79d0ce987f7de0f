"""From pieces of text with names of styles to the strips that a terminal is sent."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from repro_tui.tui.run_lines import Piece
from repro_tui.tui.theme import run_colour

UNIFORM = frozenset({"name", "value", "quiet", "faint", "tag", "live"})
"""Styles that the line under the cursor does not tell apart: each change of style costs twenty bytes a key."""


class Painter:
    """Gives a widget's component styles to pieces; they are made when first needed and kept until the theme changes."""

    def __init__(self, widget: Widget, prefix: str) -> None:
        """Make it.

        Args:
            widget: Whose component classes `prefix--name` hold the styles.
            prefix: The first part of their names.
        """
        self._widget = widget
        self._prefix = prefix
        self._styles: dict[str, Style] = {}

    def forget(self) -> None:
        """Drop styles that belonged to another theme."""
        self._styles.clear()

    def strip(self, cells: int, pieces: Sequence[Piece], *, cursor: bool = False) -> Strip:
        """Make a line of exactly so many cells, with as few segments as there are changes of style."""
        segments: list[Segment] = []
        text, style = "", self.style("")
        under = self.style("cursor") if cursor else None
        for part, name in pieces:
            wanted = self.style(name) if under is None else self.style("" if name in UNIFORM else name) + under
            # A blank shows nothing but its ground, unless that is made of the letters' colour.
            if wanted == style or (not part.strip(" ") and wanted.bgcolor == style.bgcolor and not wanted.reverse):
                text += part
                continue
            if text:
                segments.append(Segment(text, style))
            text, style = part, wanted
        segments.append(Segment(text, style))
        rest = self.style("") if under is None else self.style("") + under
        return Strip(segments).adjust_cell_length(cells, rest)

    def style(self, name: str) -> Style:
        """Give a style by its name; `run-1` to `run-8` are the colours of runs."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._made(name)
        return style

    def _made(self, name: str) -> Style:
        if not name:
            return self._widget.rich_style
        if name.startswith("run-"):
            colour = run_colour(int(name[4:]) - 1, sixteen=self._widget.app.native_ansi_color)
            return self._widget.rich_style + Style(color=colour)
        return self._widget.get_component_rich_style(f"{self._prefix}--{name}", partial=name == "cursor")
