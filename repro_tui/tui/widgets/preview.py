"""The pane of the highlighted or marked runs; what it shows is fetched by a thread and never holds up the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from repro_tui.errors import ReproError
from repro_tui.tui.feed import WorkFailed
from repro_tui.tui.preview_lines import Asked, Preview, preview_lines
from repro_tui.tui.run_lines import Piece
from repro_tui.tui.widgets.painter import Painter

STYLES = ("title", "name", "value", "quiet", "faint", "line", "trouble")

PANE_CLASSES = ("-pane-none", "-pane-normal", "-pane-large")
"""Class of the screen for each size of the pane."""


class PreviewPane(Widget):
    """Lines drawn from a `Preview`; only those that differ are sent again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"preview-pane--{name}" for name in STYLES}

    @dataclass
    class Fetched(Message):
        """The answer to a question; a later one replaces it."""

        preview: Preview

        def can_replace(self, message: Message) -> bool:
            """Replace an older answer that was not shown yet."""
            return isinstance(message, PreviewPane.Fetched)

    def __init__(self, fetch: Callable[[Asked], Preview], settle: float, *, ascii_only: bool = False) -> None:
        """Make it.

        Args:
            fetch: Finds out what a pane shows; called from a thread.
            settle: Seconds that a question must stand before it is asked, so that a held-down key asks nothing.
            ascii_only: Draw with ASCII signs only.
        """
        super().__init__()
        self._fetch = fetch
        self._settle = settle
        self._ascii = ascii_only
        self._asked: Asked | None = None
        self._timer: Timer | None = None
        self._preview: Preview | None = None
        self._lines: list[list[Piece]] = []
        self._painter = Painter(self, "preview-pane")

    @property
    def dots(self) -> int:
        """Dot columns that a curve may have."""
        return max(40, self.size.width * 2)

    @property
    def is_settled(self) -> bool:
        """Whether it shows the answer to the last question."""
        return self._asked is not None and self._preview is not None and self._preview.asked == self._asked

    def ask(self, asked: Asked | None) -> None:
        """Show other runs as soon as the question has stood for a moment; None shows nothing."""
        if asked == self._asked:
            return
        self._asked = asked
        if self._timer:
            self._timer.stop()
        if asked is None:
            self._preview = None
            self._draw()
            return
        self._timer = self.set_timer(self._settle if self._preview else 0.01, self._find_out)

    def _find_out(self) -> None:
        if self._asked and self.size.width:
            self._work(self._asked)

    @work(thread=True, exclusive=True, group="preview", exit_on_error=False)
    def _work(self, asked: Asked) -> None:
        try:
            self.post_message(self.Fetched(self._fetch(asked)))
        except ReproError as error:
            self.post_message(WorkFailed(error, asked.runs[0][0]))

    @on(Fetched)
    def _take(self, message: Fetched) -> None:
        message.stop()
        if self._asked and message.preview.asked.runs == self._asked.runs:
            self._preview = message.preview
            self._draw()

    def on_resize(self) -> None:
        """Lay out anew, and ask for curves of another width."""
        self._lines = []
        self._draw()
        self._find_out()

    def notify_style_update(self) -> None:
        """Forget styles that belonged to another theme."""
        super().notify_style_update()
        self._painter.forget()

    def _draw(self) -> None:
        """Draw in memory, and send the lines that look different."""
        cells, height = self.size.width, self.size.height
        before, self._lines = self._lines, []
        beside = self.screen.has_class("-wide")
        if self._preview is not None and cells > 0 and height > 0:
            rule: list[list[Piece]] = [] if beside else [[(("-" if self._ascii else "─") * cells, "line")]]
            inset = 1 if beside else 0
            lines = preview_lines(self._preview, cells - 1 - inset, height - len(rule), ascii_only=self._ascii)
            edge: Piece = ("|" if self._ascii else "│", "line")
            self._lines = [*rule, *([edge, *line] if beside else line for line in lines)]
        for y in range(height):
            if before[y : y + 1] != self._lines[y : y + 1]:
                self.refresh(Region(0, y, cells, 1))

    def render_line(self, y: int) -> Strip:
        """Give one line."""
        return self._painter.strip(self.size.width, self._lines[y] if y < len(self._lines) else ())
