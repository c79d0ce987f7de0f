"""The Compare place: runs side by side, why their results differ, and each difference in full below its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.css.scalar import Scalar
from textual.message import Message
from textual.widget import Widget

from repro_tui.domain.comparison import NOW, Comparison, Row
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section
from repro_tui.tui import comparing as reading
from repro_tui.tui.compare_lines import ComparisonLines, counted, is_sought, key_of, title_of
from repro_tui.tui.errands import Errands
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import compare as words
from repro_tui.tui.render.lines import Line, plain
from repro_tui.tui.render.text import width
from repro_tui.tui.screens.compare_keys import NOTHING, CompareKeys
from repro_tui.tui.widgets.block import Block
from repro_tui.tui.widgets.compare_table import CompareChart, DetailLines
from repro_tui.tui.widgets.row_table import RowTable

_MOST_NOW = 6
"""Lines about what would differ now."""
_PATIENCE = 0.3
"""Seconds for which the former runs stay, so that nothing blinks when the next ones are read at once."""
_BESIDE_RANKED = {True: 5, False: 4}
"""Lines that an explanation takes besides its ranked table, when there is much room and when there is not."""

_RANKED = frozenset({Part.INPUT, Part.SEED})
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
        self._counts: dict[reading.Pair, Mapping[str, str]] = {}
        self._too_early = self._is_waiting = False
        """Whether it was asked before all journals were read, and whether to ask again when they are."""
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

    def first_words(self) -> str:
        """Say that runs are read, or how to choose some."""
        return words.READING if self._uids else words.EMPTY_WORDS

    def below(self) -> Iterable[Widget]:
        """Give the line that filters and searches are typed in."""
        return (self._find_bar,)

    def on_mount(self) -> None:
        """Begin where the last session ended."""
        self._table.go_to(self.shell.kept.compare_row)
        self._table.focus()

    def on_unmount(self) -> None:
        """End the thread that explains."""
        self._slow.stop()

    def ensure_answers(self) -> None:
        """Begin to answer and to explain, also after a defect has ended that."""
        super().ensure_answers()
        if not any(w.group == "explaining" and w.node is self and w.is_running for w in self.workers):
            self._explain_in_turn()

    @work(thread=True, group="explaining", exit_on_error=False)
    def _explain_in_turn(self) -> None:
        """Explain in a thread of its own: rows and details never wait for an explanation."""
        self._slow.run()

    # What is compared.

    def begin(self, uids: Sequence[RunId]) -> None:
        """Compare other runs, the first as the baseline."""
        self._before_now = ()
        self._filter = ""
        if set(uids) != set(self._uids):
            self._table.begin_anew()
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
            if self.comparison is None:
                self.list_rows()
            self.read()
            self.set_timer(_PATIENCE, partial(self._stop_showing_others, uids))

    def _stop_showing_others(self, uids: tuple[RunId, ...]) -> None:
        """Take away what belongs to other runs, when those that were asked for take their time."""
        shown = self._comparison
        if uids == self._uids and shown is not None and shown.uids != uids and not self.has_class("-failing"):
            self._comparison = None
            self.list_rows()

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
        self._too_early = self.shell.view.health.catching_up
        self._is_waiting = False
        super().read(news=news)

    def tick(self) -> None:
        """Look again for runs that were not found while the journals were not read to their ends."""
        if self._is_waiting and not self.shell.view.health.catching_up:
            self.read()

    def _is_live(self) -> bool:
        found = self.comparison
        return found is None or any(column.state in _GOING for column in found.columns)

    def action_refresh(self) -> None:
        """Compare and explain again."""
        self._why.clear()
        self._counts.clear()
        self.forget_details()
        super().action_refresh()

    @on(reading.ComparisonRead)
    def _take(self, message: reading.ComparisonRead) -> None:
        """Show what was read; when that failed, the last good comparison of the same runs stays."""
        if message.uids != self._uids:
            return
        if message.is_missing and self._too_early:
            self._is_waiting = True
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
            self._ask_counts(message.comparison)

    # By how many lines files differ.

    def _ask_counts(self, found: Comparison) -> None:
        """Count lines, unless they are known; what lies there now is looked at each time."""
        if not any(row.section is Section.CODE and row.differs for row in found.rows):
            return
        pairs = [(self._uids[0], uid) for uid in self._uids[1:]]
        wanted = [pair for pair in pairs if pair not in self._counts or NOW in pair]
        if wanted:
            self._slow.ask("counts", partial(reading.read_counts, self.shell.workbench, wanted))

    @on(reading.CountsRead)
    def _take_counts(self, message: reading.CountsRead) -> None:
        self._counts.update(message.counts)
        self.list_rows()

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
        is_now = NOW in self._uids

        def lines(cells: int, rows: int) -> Sequence[Line]:
            most = _MOST_NOW if is_now else rows
            return plain(words.block(told, cells, most), ascii_only=ascii_only) if told else ()

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
        if found is None:
            self._line.show("")
            self._table.show(ComparisonLines(NOTHING, ()))
            failing = self.has_class("-failing")
            self.say_instead("R tries again." if failing else self.first_words(), without=True)
            self._show_keys()
            self._draw_why()
            return
        counts = [self._counts.get((self._uids[0], column.uid), {}) for column in found.columns]
        every = [counted(row, counts) for row in found.rows if key_of(row) not in self._ignored]
        sought = self._filter.lower().split()
        rows = [row for row in every if (self._everything or row.differs) and is_sought(row, sought)]
        first = self._shown.first
        self._shown = ComparisonLines(found, rows, chosen=self._chosen, first=first, ascii_only=self.ascii_only)
        differing, ignored = sum(row.differs for row in every), len(found.rows) - len(every)
        how = {"everything": self._everything, "sought": self._filter, "ignored": ignored}
        count = words.count_words(differing, len(every), **how)  # type: ignore[arg-type] # the keywords of both
        self._line.show(self._names(found, width(count)), count)
        instead = "" if rows else words.instead_of_rows(found, **how)  # type: ignore[arg-type] # the same
        self.say_instead(instead, without=False, now=NOW in self._uids)
        self._hold_room(found)
        self._show_keys()
        self._table.show(self._shown)
        self._draw_why()

    def _hold_room(self, found: Comparison) -> None:
        """Hold as many lines for the explanation as it can need, before it comes: rows never move for it."""
        ranked = sum(r.differs and r.section is not Section.OUTCOME and r.part in _RANKED for r in found.rows)
        most = _MOST_NOW if NOW in self._uids else _BESIDE_RANKED[self.has_class("-tall")] + ranked
        if self._block.styles.max_height != Scalar.from_number(most):
            self._block.styles.max_height = most

    def _names(self, found: Comparison, taken: int) -> str:
        """Name the runs where there is room, else those two that the paragraph is about."""
        titles = [f"{'b' if i == 0 else i + 1} {title_of(c)}" for i, c in enumerate(found.columns)]
        pair = f"{titles[0]}   {titles[min(self._chosen, len(titles) - 1)]}   of {len(titles)} runs"
        for named in ("   ".join(titles), pair):
            if width(named) + taken + 6 <= self.shell.size.width:
                return named
        return f"{titles[0]} and {len(titles) - 1} more"

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
        self._show_keys()

    def _show_keys(self) -> None:
        """Show the keys that work where the keys go; with nothing to compare the words name them."""
        focused = self.focused
        scope = "curves" if isinstance(focused, CompareChart) else "detail" if isinstance(focused, DetailLines) else ""
        nothing = self.comparison is None and (not self._uids or self.has_class("-failing"))
        self._footer.scope = "app" if nothing else scope or self.scope

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
