"""The first line of a place: how much there is at the left, in which order at the right."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from repro_tui.tui.render.text import clean, shorten, to_ascii, width


class PlaceLine(Widget):
    """Two texts in one line; the left one gives way last."""

    DEFAULT_CSS = """
    PlaceLine { height: 1; width: 1fr; }
    """

    texts: reactive[tuple[str, str]] = reactive(("", ""))

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._ascii = ascii_only

    def show(self, left: str, right: str = "") -> None:
        """Show other texts."""
        self.texts = (left, right)

    def render(self) -> Content:
        """Draw the line."""
        left, right = (to_ascii(clean(text)) if self._ascii else clean(text) for text in self.texts)
        cells = self.size.width - 2
        left = shorten(left, cells, ascii_only=self._ascii)
        room = cells - width(left) - 3
        right = right if width(right) <= room else ""
        return Content.assemble(
            " ", (left, "$foreground"), " " * max(0, cells - width(left) - width(right)), (right, "$quiet")
        )
