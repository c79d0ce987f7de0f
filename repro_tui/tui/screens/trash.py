"""The trash: what was removed, by whom and why, until when it can be brought back, and what emptying would free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from repro_tui.domain.retention import Trashed
from repro_tui.tui.keymap import bindings
from repro_tui.tui.prune_reading import StockTaken, take_stock
from repro_tui.tui.render import numbers
from repro_tui.tui.render.lines import Line, plain, wrapped
from repro_tui.tui.render.prune import READING, count, trashed_words, when_emptied
from repro_tui.tui.screens.pruning import Pruning
from repro_tui.tui.trash_lines import TrashTable, key_of
from repro_tui.tui.widgets.block import Pane
from repro_tui.tui.widgets.row_table import RowTable

EMPTY_WORDS = "The trash is empty.\n\n  x   in the list of snapshots decides what goes\n"


class TrashScreen(Pruning):
    """What can be brought back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("trash")
    over = "snapshots"
    scope = "trash"
    intro = "The trash: what was removed keeps its bytes until it is emptied, and comes back whole before that."

    def __init__(self) -> None:
        super().__init__()
        self._table = RowTable()
        self._why = Pane("reasons")

    def first_words(self) -> str:
        """Say that the list is being read."""
        return READING

    def body(self) -> ComposeResult:
        """Give the list."""
        yield self._table

    def below(self) -> Iterable[Widget]:
        """Give what is known of the line under the cursor."""
        return (self._why,)

    def on_mount(self) -> None:
        """Begin at the first line."""
        self._table.focus()

    def ask_services(self) -> Message:
        """Read the store."""
        return take_stock(self.retention)

    @on(StockTaken)
    def _take(self, message: StockTaken) -> None:
        self.say_failure(message.error)
        if message.stock is None:
            if self._stock is None:
                self.say_instead("The store cannot be read. R tries again.")
            return
        self._stock = message.stock
        self._show()

    def tick(self) -> None:
        """Let ages grow."""
        self._show()

    def _show(self) -> None:
        stock = self._stock
        if stock is None:
            return
        now = self._now
        self._table.show(TrashTable(stock.trashed, now, self.ascii_only))
        frees = numbers.size(sum(one.frees for one in stock.trashed))
        left = f"Trash   {count(len(stock.trashed))}   {frees} freed when emptied ({when_emptied(stock.trashed, now)})"
        self._line.show(left if stock.trashed else "Trash   empty", f"{numbers.size(stock.free)} free on the disk")
        self.say_instead("" if stock.trashed else EMPTY_WORDS)

    @property
    def _chosen(self) -> Trashed | None:
        rows = self._stock.trashed if self._stock else ()
        return next((one for one in rows if key_of(one) == self._table.highlighted), None)

    @on(RowTable.Highlighted)
    def _explain(self) -> None:
        """Say all about the line under the cursor."""
        one, now, ascii_only = self._chosen, self._now, self.ascii_only

        def lines(cells: int, rows: int) -> Sequence[Line]:
            del rows
            return plain(wrapped(trashed_words(one, now), cells, "label"), ascii_only=ascii_only) if one else ()

        self._why.show(lines)

    @on(RowTable.Opened)
    def action_undo(self) -> None:
        """Bring back what is under the cursor."""
        if one := self._chosen:
            self.bring_back([one])

    def action_undo_all(self) -> None:
        """Bring back what was removed together with what is under the cursor."""
        one = self._chosen
        if one is not None and self._stock is not None:
            self.bring_back([other for other in self._stock.trashed if other.batch == one.batch])

    def action_empty(self) -> None:
        """Empty the trash."""
        self.ask_empty()
