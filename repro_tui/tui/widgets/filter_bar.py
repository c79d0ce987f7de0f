"""The line that says which runs are listed, and in which order; the filter is written in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from repro_tui.domain.filter_text import token_at
from repro_tui.domain.view import Candidate
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render.text import shorten
from repro_tui.tui.widgets.field import Field
from repro_tui.tui.widgets.pick_list import Item, PickList

MOST_OFFERED = 8

_OPERATORS = frozenset(":=<>")

Complete = Callable[[str, int], Sequence[Candidate]]


class Completions(PickList):
    """What the filter can be completed with; lies over the table."""


class FilterBar(Widget):
    """Shows the filter, the count and the order; turns into an input while the filter is written."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; layout: horizontal; }
    FilterBar > #filter-text { width: 1fr; height: 1; }
    FilterBar > #filter-sign { width: 3; height: 1; display: none; }
    FilterBar > Input { width: 1fr; display: none; }
    FilterBar > #filter-count { width: 50%; height: 1; text-align: right; }
    FilterBar.-writing > #filter-text { display: none; }
    FilterBar.-writing > #filter-sign { display: block; }
    FilterBar.-writing > Input { display: block; }
    """

    @dataclass
    class Typed(Message):
        """The filter was changed; it may not make sense yet."""

        text: str
        settled: str
        """Without a word that is only the beginning of something, so that the list does not empty on the way."""

    @dataclass
    class Ended(Message):
        """Writing is over: the filter was kept, or put back as it was."""

        text: str

    def __init__(self, complete: Complete, offered: Completions, *, ascii_only: bool = False) -> None:
        """Make it.

        Args:
            complete: Gives the completions of a filter at a cursor.
            offered: Where they are shown.
            ascii_only: Draw with ASCII signs only.
        """
        super().__init__()
        self._complete = complete
        self._offered = offered
        self._ascii = ascii_only
        self._text = ""
        self._before = ""
        self._said = ""
        self._taken = ""

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Static(id="filter-text", markup=False)
        yield Static(" / ", id="filter-sign", markup=False)
        yield Field()
        yield Static(id="filter-count", markup=False)

    @property
    def is_writing(self) -> bool:
        """Whether the filter is being written."""
        return self.has_class("-writing")

    def show(self, text: str, count: str) -> None:
        """Show the filter that is in use, and how many runs it leaves in which order."""
        self._text = text
        if count != self._said:
            self._said = count
            # The sizes are fixed, so that a new count costs one line and not a new layout of the screen.
            self.query_one("#filter-count", Static).update(f" {count} ", layout=False)
        self._show_text()

    def _show_text(self) -> None:
        room = self.size.width - self.size.width // 2 - 2
        words = shorten(self._text, room, ascii_only=self._ascii) if self._text else ""
        line = Content.assemble(" ", (words, "$accent")) if words else Content(" all runs")
        field = self.query_one("#filter-text", Static)
        if field.content != line:
            field.update(line, layout=False)

    def on_resize(self) -> None:
        """Cut the filter to the room there is."""
        self._show_text()

    def write(self) -> None:
        """Begin to write the filter."""
        self._before = self._text
        self._taken = ""
        self.add_class("-writing")
        field = self.query_one(Input)
        with self.prevent(Input.Changed):
            field.value = self._text
        field.cursor_position = len(self._text)
        field.focus()
        self._offer(self._text)

    @on(Input.Changed)
    def _take_text(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_writing:
            self._offer(event.value)
            self.post_message(self.Typed(event.value, self._settled(event.value)))

    def _offer(self, text: str) -> None:
        """Offer completions, unless the last one was just taken."""
        cursor = self.query_one(Input).cursor_position
        found = self._complete(text, cursor)[:MOST_OFFERED] if text != self._taken else ()
        self._offered.show([Item(c.text, c.text, c.note) for c in found], 0)
        self._offered.display = bool(found)

    def _settled(self, text: str) -> str:
        """Leave out the word at the cursor while it can still become a key, a qualifier or a value."""
        token = token_at(text, self.query_one(Input).cursor_position)
        is_begun = self._offered.display and (_OPERATORS.isdisjoint(token.text) or token.text[-1:] in _OPERATORS)
        return text[: token.start] + text[token.stop :] if is_begun else text

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self._end(event.value)

    def action_keep(self) -> None:
        """Keep the filter."""
        self._end(self.query_one(Input).value)

    def action_restore(self) -> None:
        """Put the filter back as it was before."""
        self._end(self._before)

    def _end(self, text: str) -> None:
        self.remove_class("-writing")
        self._offered.display = False
        self.post_message(self.Ended(text.strip()))

    def action_complete(self) -> None:
        """Take the highlighted completion in place of the token at the cursor."""
        item = self._offered.highlighted
        if item is None or not self._offered.display:
            return
        field = self.query_one(Input)
        token = token_at(field.value, field.cursor_position)
        start, stop = token.start, token.stop
        open_ended = item.id.endswith((":", "=", ">", "<"))
        end = "" if open_ended or field.value[stop:].startswith(" ") else " "
        text = field.value[:start] + item.id + end + field.value[stop:]
        self._taken = "" if open_ended else text
        field.value = text
        field.cursor_position = start + len(item.id) + len(end)

    def action_next(self) -> None:
        """Go to the next completion."""
        self._offered.move(1)

    def action_previous(self) -> None:
        """Go to the completion before."""
        self._offered.move(-1)
