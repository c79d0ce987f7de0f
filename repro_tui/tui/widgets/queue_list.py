"""The questions below each other: cursor, mark, title, what it is about, and what a yes costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from repro_tui.domain.profile import DataChange
from repro_tui.domain.snapshot import Offer
from repro_tui.tui.queue import Entry, Queue
from repro_tui.tui.render.lines import Piece
from repro_tui.tui.render.offers import cost
from repro_tui.tui.render.text import fit, shorten, width
from repro_tui.tui.widgets.painter import Painter

_TITLE = 20
_NOTE_SHARE = 0.45
"""What stands at the right may take so much of a line."""


def note_of(entry: Entry) -> tuple[str, str]:
    """Say at the right of a line what a yes costs, or what became of it, with its style."""
    if entry.answered and (entry.gone or not entry.answered.ok):
        return entry.answered.text, "faint" if entry.answered.ok else "trouble"
    if entry.gone:
        return "does not wait any more", "faint"
    if entry.told is None:
        return "looking ...", "faint"
    if isinstance(entry.told, Offer):
        return cost(entry.told), "value"
    if isinstance(entry.told, DataChange):
        return "checkpoint", "value"
    return "cannot be kept", "trouble"


def pieces_of(entry: Entry, cells: int, title_cells: int, *, here: bool, marked: bool) -> list[Piece]:
    """Write one line in exactly so many cells."""
    text, style = note_of(entry)
    note = shorten(text, int(cells * _NOTE_SHARE))
    name = fit(entry.question.title, title_cells)
    room = max(0, cells - 4 - title_cells - 4 - width(note))
    words = "faint" if entry.gone else "value"
    return [
        ("> " if here else "  ", "marked"),
        ("x " if marked else "  ", "marked"),
        (f"{name}  ", "faint" if entry.gone else "name"),
        (f"{fit(entry.question.detail, room)}  ", "faint" if entry.gone else "quiet"),
        (note, style if style != "value" else words),
    ]


class QueueList(Widget):
    """Draws a queue; it is steered by the panel around it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"queue-list--{name}" for name in ("name", "value", "quiet", "faint", "trouble", "marked", "cursor")
    }

    DEFAULT_CSS = """
    QueueList { height: auto; width: 1fr; }
    """

    class Uncovered(Message):
        """Other lines may be in sight than before."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._ascii = ascii_only
        self._queue = Queue()
        self._top = 0
        self._empty = ""
        self._painter = Painter(self, "queue-list")

    @property
    def top(self) -> int:
        """Number of the first line in sight, from 0."""
        return self._top

    def show(self, queue: Queue, empty: str = "") -> None:
        """Show another state of the queue; `empty` is said in place of no lines."""
        before, self._queue, self._empty = self._queue, queue, empty
        self._bound()
        self.refresh(layout=len(before.entries) != len(queue.entries))

    def in_sight(self) -> Sequence[Entry]:
        """Give the entries whose lines are in sight."""
        return self._queue.entries[self._top : self._top + max(1, self.size.height)]

    def _bound(self) -> None:
        rows = max(1, self.size.height)
        top = min(max(self._top, self._queue.cursor - rows + 1), self._queue.cursor)
        self._top = max(0, min(top, len(self._queue.entries) - rows))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._bound()
        self.post_message(self.Uncovered())

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._painter.forget()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002 - Textual's
        """Give the number of lines; the sheet limits it."""
        return max(1, len(self._queue.entries))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        cells, index = self.size.width, self._top + y
        entries = self._queue.entries
        if index >= len(entries):
            words = fit(f"  {self._empty}", cells, ascii_only=self._ascii) if not entries and y == 0 else ""
            return self._painter.strip(cells, [(words, "quiet")])
        longest = max(width(e.question.title) for e in entries[: 10 * _TITLE])
        entry, here = entries[index], index == self._queue.cursor
        pieces = pieces_of(entry, cells, min(_TITLE, longest), here=here, marked=entry.id in self._queue.marks)
        if self._ascii:
            pieces = [(fit(text, width(text), ascii_only=True), style) for text, style in pieces]
        return self._painter.strip(cells, pieces, cursor=here)
