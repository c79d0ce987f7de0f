"""The Compare place: runs side by side, why their results differ, and each difference in full below its row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from repro_tui.domain.comparison import Comparison, Row
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.tui import comparing as reading
from repro_tui.tui.compare_lines import ComparisonLines, is_sought, key_of, title_of
from repro_tui.tui.errands import Errands
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import compare as words
from repro_tui.tui.render.lines import Line, plain
from repro_tui.tui.render.text import width
from repro_tui.tui.screens.compare_keys import NOTHING, CompareKeys
from repro_tui.tui.widgets.block import Block
from repro_tui.tui.widgets.compare_table import CompareChart, DetailLines
from repro_tui.tui.widgets.row_table import RowTable

_GOING = frozenset({State.RUNNING, State.SILENT})


class CompareScreen(CompareKeys):
    """Two to eight runs, the first of them the baseline."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("compare")
    place = "compare"
    scope = "compare"
    intro = (
        "Compare: b is the baseline that the others are held against; * is the best of its row. "
        "The paragraph is about b and the run that is lit (left, right). ?: not known. -: has none."
    )

    def __init__(self) -> None:
        super().__init__()
        self._comparison: reading.ComparisonRead | None = None
        self._why: dict[reading.Pair, reading.ExplanationRead] = {}
        self._asked: tuple[reading.Pair, str] | None = None
        self._slow = Errands(self.post_message)
        self._block = Block("why")

    def above(self) -> Iterable[Widget]:
        """Give the explanation."""
        return (self._block,)

    def body(self) -> ComposeResult:
        """Lay what was opened below the rows."""
        yield self._table
        with Container(id="detail"):
            yield self._lines
            yield self._chart

    def below(self) -> Iterable[Widget]:
        """Give the line that filters and searches are typed in."""
        return (self._find_bar,)

    def on_mount(self) -> None:
        """Begin where the last session ended."""
        self._table.go_to(self.shell.kept.compare_row)
        self._table.focus()
        self.say_instead(words.READING if self._uids else words.EMPTY_WORDS)
        self._explain_in_turn()

    def on_unmount(self) -> None:
        """End the thread that explains."""
        self._slow.stop()

    @work(thread=True, group="explaining", exit_on_error=False)
    def _explain_in_turn(self) -> None:
        """Explain in a thread of its own: rows and details never wait for an explanation."""
        self._slow.run()

    # What is compared.

    def begin(self, uids: Sequence[RunId]) -> None:
        """Compare other runs, the first as the baseline."""
        self._before_now = ()
        self._filter = ""
        self.start(tuple(uids))

    def start(self, uids: tuple[RunId, ...], chosen: int = 1) -> None:
        """Compare these runs, the first as the baseline."""
        if set(uids) != set(self._uids):
            self._metric = ""
        self._uids, self._chosen, self._asked = uids, chosen, None
        self.forget_details()
        if self._opened:
            self.close_detail()
        self.keep()
        if self.is_mounted:
            self.read()

    def ask_services(self) -> Message:
        """Compare."""
        return reading.read_comparison(self.shell.workbench, self._uids)

    def read(self, *, news: bool = False) -> None:
        """Compare again; runs that have ended do not change by themselves."""
        if news and not self._is_live():
            self._revision = self.shell.view.runs.revision
            return
        if not news:
            self._asked = None
        super().read(news=news)

    def _is_live(self) -> bool:
        found = self.comparison
        return found is None or any(column.state in _GOING for column in found.columns)

    def action_refresh(self) -> None:
        """Compare and explain again."""
        self._why.clear()
        self.forget_details()
        super().action_refresh()

    @on(reading.ComparisonRead)
    def _take(self, message: reading.ComparisonRead) -> None:
        """Show what was read; when that failed, the last good comparison of the same runs stays."""
        if message.uids != self._uids:
            return
        self.say_failure(message.error)
        if message.comparison is None:
            if self._comparison is None or self._comparison.uids != message.uids:
                self._comparison = None
                self.list_rows()
            return
        same = self._comparison is not None and self._comparison.comparison == message.comparison
        self._comparison = message
        if self._asked is None or not same:
            self.ask_why(again=not same)
        if not same:
            self.list_rows()
            self.draw_detail()

    # Why.

    def ask_why(self, *, again: bool = False) -> None:
        """Ask for an explanation, unless it is known."""
        if self.comparison is None:
            return
        pair = self.pair
        known = self._why.get(pair)
        if again or known is None or known.metric != self._metric:
            self._asked = (pair, self._metric)
            bench, metric = self.shell.workbench, self._metric
            self._slow.ask("why", partial(reading.read_explanation, bench, pair, metric))
        self._draw_why()

    @on(reading.ExplanationRead)
    def _take_why(self, message: reading.ExplanationRead) -> None:
        self._why[message.pair] = message
        if self.comparison is not None and message.pair == self.pair and message.metric == self._metric:
            self._draw_why()
            self.draw_detail()

    def _draw_why(self) -> None:
        told, ascii_only = self.told, self.ascii_only

        def lines(cells: int, rows: int) -> Sequence[Line]:
            return plain(words.block(told, cells, rows), ascii_only=ascii_only) if told else ()

        self._block.show(lines)

    # What the details ask.

    @property
    def comparison(self) -> Comparison | None:
        """Give the comparison that is shown."""
        return self._comparison.comparison if self._comparison else None

    @property
    def pair(self) -> reading.Pair:
        """Give the baseline and the run that is held against it."""
        return self._uids[0], self._uids[min(self._chosen, len(self._uids) - 1)]

    @property
    def told(self) -> words.Told | None:
        """Give what is known of why the two differ."""
        found = self.comparison
        if found is None:
            return None
        known = self._why.get(self.pair)
        if known is None or known.metric != self._metric:
            return words.Told(found, self._chosen)
        return words.Told(found, self._chosen, known.explanation, known.error)

    @property
    def row(self) -> Row | None:
        """Give the row under the cursor."""
        return self._shown.row(self._table.highlighted)

    # What is shown.

    def list_rows(self) -> None:
        """Show the rows that are wanted, and the words above them."""
        found = self.comparison
        self.set_class(found is None, "-without")
        if found is None:
            self._line.show("")
            self._table.show(ComparisonLines(NOTHING, ()))
            failing = self.has_class("-failing")
            self.say_instead("R tries again." if failing else words.READING if self._uids else words.EMPTY_WORDS)
            self._draw_why()
            return
        every = [row for row in found.rows if key_of(row) not in self._ignored]
        sought = self._filter.lower().split()
        rows = [row for row in every if (self._everything or row.differs) and is_sought(row, sought)]
        first = self._shown.first
        self._shown = ComparisonLines(found, rows, chosen=self._chosen, first=first, ascii_only=self.ascii_only)
        differing, ignored = sum(row.differs for row in every), len(found.rows) - len(every)
        how = {"everything": self._everything, "sought": self._filter, "ignored": ignored}
        count = words.count_words(differing, len(every), **how)  # type: ignore[arg-type] # the keywords of both
        self._line.show(self._names(found, width(count)), count)
        self.say_instead("" if rows else words.instead_of_rows(found, **how))  # type: ignore[arg-type] # the same
        self._table.show(self._shown)
        self._draw_why()

    def _names(self, found: Comparison, taken: int) -> str:
        """Name the runs where there is room, else count them."""
        named = "   ".join(f"{'b' if i == 0 else i + 1} {title_of(c)}" for i, c in enumerate(found.columns))
        if width(named) + taken + 6 <= self.shell.size.width:
            return named
        return f"b {title_of(found.columns[0])} and {len(found.columns) - 1} more"

    def on_resize(self, event: events.Resize) -> None:
        """Name the runs anew for the room there is."""
        del event
        if self._comparison is not None:
            self.call_after_refresh(self.list_rows)

    @on(RowTable.Highlighted)
    def _follow_cursor(self) -> None:
        """Keep where the cursor is."""
        if self._table.highlighted:
            self.keep()

    @on(events.DescendantFocus)
    def _follow_focus(self) -> None:
        """Show the keys that work where the keys go."""
        focused = self.focused
        scope = "curves" if isinstance(focused, CompareChart) else "detail" if isinstance(focused, DetailLines) else ""
        self._footer.scope = scope or self.scope

    def keep(self) -> None:
        """Keep how the place looks."""
        self.shell.keep(
            replace(
                self.shell.kept,
                compare=self._uids,
                compare_all=self._everything,
                compare_ignored=tuple(sorted(self._ignored)),
                compare_row=self._table.highlighted or self.shell.kept.compare_row,
            )
        )
