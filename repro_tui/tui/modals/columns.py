"""Choose which columns the list of runs shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from repro_tui.domain.columns import Column, split_key
from repro_tui.domain.ids import ColumnKey
from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.run_words import FIELD_COLUMNS, words_about
from repro_tui.tui.widgets.field import Field
from repro_tui.tui.widgets.pick_list import Item, PickList


class ColumnsModal(Layer[tuple[ColumnKey, ...]]):
    """All columns with a box each; gives the chosen ones in order, the empty tuple for "automatic", or None."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("list", priority=True), *bindings("columns", priority=True)]

    def __init__(self, columns: Sequence[Column], shown: Sequence[ColumnKey], *, ascii_only: bool = False) -> None:
        super().__init__()
        known = {column.key: column for column in columns}
        rest = [key for key in (*known, *FIELD_COLUMNS) if key not in shown]
        self._known = known
        self._order: list[ColumnKey] = [*shown, *rest]
        self._on = set(shown)
        self._words: list[str] = []
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield Static("Columns", classes="panel-title", markup=False)
            yield Field(placeholder="type to narrow down", leaves=" ")
            yield PickList(ascii_only=self._ascii)
            yield Static(
                "space show/hide  shift+up/down move  ctrl+r auto  enter keep  esc leave",
                classes="panel-hint",
                markup=False,
            )

    def on_mount(self) -> None:
        """Show the list."""
        self._list(0)

    def _list(self, cursor: int | None = None) -> None:
        items = [self._item(key) for key in self._order]
        shown = [i for i in items if all(w in f"{i.text} {i.note}".lower() for w in self._words)]
        self.query_one(PickList).show(shown, cursor)

    def _item(self, key: ColumnKey) -> Item:
        return Item(key, split_key(key)[1], words_about(self._known.get(key), key), key in self._on)

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        self._words = event.value.lower().split()
        self._list(0)

    def _here(self) -> ColumnKey | None:
        item = self.query_one(PickList).highlighted
        return ColumnKey(item.id) if item else None

    def action_show_or_hide(self) -> None:
        """Show or hide the column; one that is shown goes after the others that are shown."""
        key = self._here()
        if key is None:
            return
        if key in self._on:
            self._on.discard(key)
        else:
            self._on.add(key)
        self._list()

    def _shift(self, by: int) -> None:
        """Move the column among those that are listed."""
        key = self._here()
        listed = [ColumnKey(item.id) for item in self.query_one(PickList).items]
        if key is None:
            return
        at = listed.index(key)
        if 0 <= at + by < len(listed):
            a, b = self._order.index(key), self._order.index(listed[at + by])
            self._order.insert(b, self._order.pop(a))
            self._list(at + by)

    def action_raise_column(self) -> None:
        """Put the column further left."""
        self._shift(-1)

    def action_lower_column(self) -> None:
        """Put the column further right."""
        self._shift(1)

    def action_automatic(self) -> None:
        """Let the project choose."""
        self.dismiss(())

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
        """Keep the choice."""
        self.dismiss(tuple(key for key in self._order if key in self._on))

    def action_leave(self) -> None:
        """Leave without a change."""
        self.dismiss(None)
