"""A run's output: follows as it grows, scrolls in any direction, and never holds more of it than a few pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.trouble import looks_like_error
from repro_tui.domain.view import LogChunk
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render.lines import Line, Piece, windowed
from repro_tui.tui.render.numbers import count
from repro_tui.tui.render.text import clean, cut
from repro_tui.tui.widgets.scroller import Scroller

_PAGES_READ = 3
"""Pages that are read at a time: one in sight, one before and one after."""


class LogView(Scroller):
    """Lines of output with their numbers, read a few pages at a time."""

    BINDINGS: ClassVar = bindings("log")

    live: reactive[bool] = reactive(False, repaint=False)
    """The run goes on, so that there may be more output."""
    follow: reactive[bool] = reactive(True, repaint=False)
    """Stay at the end as the output grows."""

    @dataclass
    class Wanted(Message):
        """Lines are needed: `count` from `first` on, which counts from the end when it is negative."""

        first: int
        count: int

        def can_replace(self, message: Message) -> bool:
            """Replace an older wish."""
            return isinstance(message, LogView.Wanted)

    @dataclass
    class Seeking(Message):
        """A line is looked for, from a line on."""

        text: str
        """Empty: the next line that looks like an error."""
        start: int
        backward: bool = False

    @dataclass
    class SearchWanted(Message):
        """A text to look for is wanted."""

        scroller: LogView

    @dataclass
    class StreamTurned(Message):
        """The next of several streams is wanted."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(ascii_only=ascii_only, id=id)
        self._chunk = LogChunk(0, (), 0, at_end=True)
        self._absent = "reading ..."
        self._known_at_pause = 0
        self._sought = ""
        self._found = -1

    # What is shown.

    @property
    def count(self) -> int:
        """Give the number of lines known."""
        return self._chunk.total

    @property
    def unseen(self) -> int:
        """Count the lines that came since following was paused."""
        return 0 if self.follow else max(0, self._chunk.total - self._known_at_pause)

    @property
    def status(self) -> str:
        """Say in a few words where the window is."""
        if not self.count:
            return ""
        if self.live and not self.follow:
            return f"paused, {count(self.unseen)} new (f)" if self.unseen else "paused (f follows)"
        if self.live:
            return f"{count(self.count)} lines, following"
        last = min(self.top + self.rows, self.count)
        return f"{count(self.top + 1)}-{count(last)} of {count(self.count)}"

    def take(self, chunk: LogChunk | Unavailable) -> None:
        """Show lines that were read; ask for those in sight when they are not among them."""
        before = self._chunk
        if isinstance(chunk, Unavailable):
            self._absent = f"no output: {chunk.reason}"
            chunk = LogChunk(0, (), 0, at_end=True)
        elif not chunk.total:
            self._absent = "no output yet"
        self._chunk = chunk
        if chunk.total < before.total:
            self._known_at_pause = min(self._known_at_pause, chunk.total)
            self._found = -1
        self._settle(before)
        if self.follow and chunk.total and not chunk.at_end:
            # Of gigabytes the end is known only after several readings.
            self._want()

    def _settle(self, before: LogChunk) -> None:
        """Move the window to where it belongs and repaint what differs."""
        after = self._chunk
        top = self.last_top if self.follow else self.validate_top(self.top)
        grown = len(str(after.total)) != len(str(before.total))
        if top != self.top or grown or not after.total or not before.total:
            self.set_reactive(LogView.top, top)
            self.refresh()
        else:
            for index in range(top, top + self.rows):
                if _line_of(before, index) != _line_of(after, index):
                    self.refresh_line(index)
        self.tell()
        if not self._has_window():
            self._want()

    def _has_window(self) -> bool:
        last = min(self.top + self.rows, self._chunk.total)
        return self._chunk.first <= self.top and last <= self._chunk.first + len(self._chunk.lines)

    def _want(self) -> None:
        pages = max(1, self.rows)
        if self.follow:
            self.post_message(self.Wanted(-pages * 2, pages * 2))
        else:
            self.post_message(self.Wanted(max(0, self.top - pages), pages * _PAGES_READ))

    def poll(self) -> None:
        """Ask for what is in sight again: there may be more of it."""
        self._want()

    def restart(self) -> None:
        """Forget another stream's lines."""
        self._chunk = LogChunk(0, (), 0, at_end=True)
        self._found = -1
        self.set_reactive(LogView.top, 0)
        self.refresh()
        self._want()

    def watch_top(self) -> None:
        """Paint the new window, and read it when it is not there."""
        super().watch_top()
        if not self._has_window():
            self._want()

    def on_resize(self) -> None:
        """Stay at the end when following."""
        if self.follow:
            self.top = self.last_top
        super().on_resize()
        if not self._has_window() or not self._chunk.total:
            self._want()

    def watch_live(self) -> None:
        """Read the last words of a run that has just ended."""
        self._want()
        self.tell()

    def watch_follow(self, follow: bool) -> None:  # noqa: FBT001 - Textual calls it
        """Remember what was known when following was paused, or go to the end."""
        if not follow:
            self._known_at_pause = self._chunk.total
        else:
            self.top = self.last_top
            self._want()
        self.tell()

    # Painting.

    def _digits(self) -> int:
        return max(3, len(str(self._chunk.total)))

    def paint(self, index: int) -> Strip:
        """Paint one line: its number stays while the text scrolls sideways."""
        gutter = f"{index + 1:>{self._digits()}} "
        room = max(0, self.size.width - len(gutter))
        line = _line_of(self._chunk, index)
        if line is None:
            return self._strip([(gutter, "number"), (" " * room, "")])
        pieces = windowed(self._pieces(line, index), self.left, room)
        return self._strip([(cut(gutter, self.size.width), "number"), *pieces])

    def _pieces(self, line: str, index: int) -> Line:
        """Part a line at the matches of the search."""
        shown = clean(line)
        style = "bad" if looks_like_error(line) else "value"
        if index == self._found and not self._sought:
            style = "match"
        if not self._sought:
            return ((shown, style),)
        pieces: list[Piece] = []
        lower, sought = shown.lower(), self._sought.lower()
        start = 0
        while (at := lower.find(sought, start)) >= 0 and len(lower) == len(shown):
            stop = at + len(sought)
            pieces += [(shown[start:at], style), (shown[at:stop], "match")]
            start = stop
        return (*pieces, (shown[start:], style))

    def line(self, index: int) -> Line:
        """Give one line without its number."""
        line = _line_of(self._chunk, index)
        return ((clean(line), "value"),) if line is not None else ()

    def render_line(self, y: int) -> Strip:
        """Paint one line of the window, or the reason why there is none."""
        if not self._chunk.total:
            text = f" {clean(self._absent)}" if y == 1 else ""
            return self._strip(windowed(((text, "dim"),), 0, self.size.width))
        return super().render_line(y)

    # Searching.

    def search(self, text: str) -> None:
        """Look for a text from the first line in sight on; an empty one ends the search."""
        self._sought = text
        self.refresh()
        if text:
            self.post_message(self.Seeking(text, self.top))

    def go_to(self, line: int | None) -> None:
        """Show a line that was found."""
        if line is None:
            return
        self.follow = False
        self._found = line
        self.scroll_to_line(line)
        self.refresh()

    @property
    def _here(self) -> int:
        return self._found if self.top <= self._found < self.top + self.rows else self.top - 1

    def action_search(self) -> None:
        """Ask what to look for."""
        self.post_message(self.SearchWanted(self))

    def action_next_match(self) -> None:
        """Go to the next match."""
        if self._sought:
            self.post_message(self.Seeking(self._sought, self._here + 1))

    def action_previous_match(self) -> None:
        """Go to the previous match."""
        if self._sought:
            self.post_message(self.Seeking(self._sought, self._here - 1, backward=True))

    def action_next_error(self) -> None:
        """Go to the next line that looks like an error."""
        if self._sought:
            self._sought = ""
        start = 0 if self.follow and self._found < 0 else self._here + 1
        self.post_message(self.Seeking("", start))

    # Following.

    def action_follow(self) -> None:
        """Follow, or stop."""
        self.follow = not self.follow

    def action_stream(self) -> None:
        """Show the next of several streams."""
        self.post_message(self.StreamTurned())

    def action_last(self) -> None:
        """Go to the end and follow."""
        self.follow = True

    def validate_top(self, top: int) -> int:
        """Stay within the lines; to move away from the end is to stop following."""
        top = super().validate_top(top)
        if top < self.top and top < self.last_top:
            self.follow = False
        return top


def _line_of(chunk: LogChunk, index: int) -> str | None:
    """Give a line of a chunk, None when the chunk does not hold it."""
    at = index - chunk.first
    return chunk.lines[at] if 0 <= at < len(chunk.lines) else None
