"""Choose one line of a list, narrowed down by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.render.text import to_ascii
from repro_tui.tui.widgets.field import Field
from repro_tui.tui.widgets.pick_list import Item, PickList


class PickModal(Layer[str]):
    """A title, an input that narrows the list, and the list; gives the id of the line, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list", priority=True)

    def __init__(
        self, title: str, items: Sequence[Item], hint: str, *, start: str = "", ascii_only: bool = False
    ) -> None:
        super().__init__()
        self._title = to_ascii(title) if ascii_only else title
        self._items = tuple(items)
        self._hint = hint
        self._start = start
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static(self._title, classes="panel-title", markup=False)
            yield Field(placeholder="type to narrow down")
            yield PickList(self._items, ascii_only=self._ascii)
            yield Static(self._hint, classes="panel-hint", markup=False)

    def on_mount(self) -> None:
        """Begin at the line that is in use."""
        at = next((i for i, item in enumerate(self._items) if item.id == self._start), 0)
        self.query_one(PickList).show(self._items, at)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        words = event.value.lower().split()
        found = [i for i in self._items if all(w in f"{i.text} {i.note}".lower() for w in words)]
        self.query_one(PickList).show(found, 0)

    def action_up(self) -> None:
        """One line up."""
        self.query_one(PickList).move(-1)

    def action_down(self) -> None:
        """One line down."""
        self.query_one(PickList).move(1)

    def action_page_up(self) -> None:
        """A page up."""
        self.query_one(PickList).page(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self.query_one(PickList).page(1)

    def action_choose(self) -> None:
        """Give the highlighted line."""
        item = self.query_one(PickList).highlighted
        if item:
            self.dismiss(item.id)

    def action_leave(self) -> None:
        """Leave without a choice."""
        self.dismiss(None)
