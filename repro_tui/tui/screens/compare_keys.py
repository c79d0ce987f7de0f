"""What the keys of the Compare place do: from row to row, from run to run, which rows are listed."""

from __future__ import annotations

from textual import on

from repro_tui.domain.comparison import MOST_COLUMNS, NOW, Comparison
from repro_tui.domain.ids import RunId
from repro_tui.domain.traits import Section
from repro_tui.errors import ReproError
from repro_tui.tui.compare_lines import ComparisonLines, key_of
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.render.text import clean, to_ascii
from repro_tui.tui.screens.compare_details import CompareDetails
from repro_tui.tui.widgets.compare_table import CompareChart, CompareTable, DetailLines
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.pick_list import Item

_MOST_IGNORED = 500
_ALL = "*"
"""In the list of what is ignored: no row's key, which has a `/`."""

NOTHING = Comparison((), 0, ())
"""Before anything was read."""


class CompareKeys(CompareDetails):
    """The part of the place that answers to keys."""

    def __init__(self) -> None:
        super().__init__()
        kept = self.shell.kept
        self._uids = tuple(RunId(uid) for uid in kept.compare)
        self._before_now: tuple[RunId, ...] = ()
        """What was compared before `w` asked for what lies there now."""
        self._chosen = 1
        """Index of the run that is held against the baseline."""
        self._metric = ""
        self._everything = kept.compare_all
        self._ignored = frozenset(kept.compare_ignored)
        self._filter = self._filter_before = ""
        self._shown = ComparisonLines(NOTHING, ())

    # What the place does.

    def start(self, uids: tuple[RunId, ...], chosen: int = 1) -> None:
        """Compare these runs, the first as the baseline."""
        raise NotImplementedError

    def list_rows(self) -> None:
        """Show the rows that are wanted."""
        raise NotImplementedError

    def ask_why(self, *, again: bool = False) -> None:
        """Ask for an explanation of what is chosen."""
        raise NotImplementedError

    def keep(self) -> None:
        """Keep how the place looks."""
        raise NotImplementedError

    # From row to row.

    def action_next(self) -> None:
        """Go to the next row that differs."""
        self._step(1)

    def action_previous(self) -> None:
        """Go to the previous row that differs."""
        self._step(-1)

    @on(DetailLines.StepWanted)
    def _step_from_detail(self, message: DetailLines.StepWanted) -> None:
        self._step(message.direction)

    def _step(self, direction: int) -> None:
        keys = self._shown.keys
        here = keys.index(self._table.highlighted) if self._table.highlighted in keys else -1
        places = list(self._shown.differing())
        onward = [n for n in places if n > here] if direction > 0 else [n for n in reversed(places) if n < here]
        if self.comparison is None:
            return
        if not onward:
            self.post_message(Say("no further difference" if direction > 0 else "no difference before this one"))
            return
        self._go(keys[onward[0]])

    def action_next_section(self) -> None:
        """Go to the first row of the section below."""
        self._step_section(1)

    def action_previous_section(self) -> None:
        """Go to the first row of the section, or of the one above."""
        self._step_section(-1)

    def _step_section(self, direction: int) -> None:
        keys = self._shown.keys
        firsts = [n + 1 for n, key in enumerate(keys[:-1]) if not key]
        here = keys.index(self._table.highlighted) if self._table.highlighted in keys else 0
        onward = [n for n in firsts if n > here] if direction > 0 else [n for n in reversed(firsts) if n < here]
        if onward:
            self._go(keys[onward[0]])

    @on(CompareChart.MetricTurned)
    def _turn_metric(self, message: CompareChart.MetricTurned) -> None:
        """Open the outcome in the row above or below."""
        keys = [key for key in self._shown.keys if key and key.startswith(f"{Section.OUTCOME}/")]
        here = keys.index(self._table.highlighted) if self._table.highlighted in keys else 0
        if keys:
            self._go(keys[(here + message.direction) % len(keys)])

    def _go(self, key: str) -> None:
        """Put the cursor on a row; what is open follows it."""
        self._table.go_to(key)
        row = self._shown.row(key)
        if self.is_open and row is not None:
            self.open_row(row)

    @on(CompareTable.Opened)
    def action_open(self) -> None:
        """Open the row under the cursor; from what is open, go back to the rows."""
        if self.focused in {self._lines, self._chart}:
            self.close_detail()
        elif self.row is not None:
            self.open_row(self.row)

    def action_close(self) -> None:
        """Close what is open, or else take the filter away."""
        if self.is_open:
            self.close_detail()
        elif self._filter:
            self._filter = ""
            self.list_rows()

    def action_pane(self) -> None:
        """Go to what is open, or back to the rows."""
        if self.focused is not self._table:
            self._table.focus()
        elif self.is_open:
            self._focus_detail()
        elif self.row is not None:
            self.open_row(self.row)

    # From run to run.

    @on(CompareTable.Turned)
    def _turn_column(self, message: CompareTable.Turned) -> None:
        self._choose(self._chosen + message.columns)

    def action_left(self) -> None:
        """Hold the run at the left against the baseline."""
        self._choose(self._chosen - 1)

    def action_right(self) -> None:
        """Hold the run at the right against the baseline."""
        self._choose(self._chosen + 1)

    def action_fast_left(self) -> None:
        """Hold the first run against the baseline."""
        self._choose(1)

    def action_fast_right(self) -> None:
        """Hold the last run against the baseline."""
        self._choose(MOST_COLUMNS)

    def _choose(self, index: int) -> None:
        index = max(1, min(index, len(self._uids) - 1))
        if index == self._chosen or self.comparison is None:
            return
        self._chosen = index
        self.list_rows()
        self.ask_why()
        self.draw_detail()

    def action_baseline(self) -> None:
        """Make the chosen run the baseline; the one that it was takes its place."""
        if self.comparison is None:
            return
        uids, chosen = list(self._uids), self._chosen
        uids[0], uids[chosen] = uids[chosen], uids[0]
        self.start(tuple(uids), chosen)

    def action_now(self) -> None:
        """Compare the baseline with what lies there now, or go back to the runs."""
        if NOW in self._uids and self._before_now:
            uids, self._before_now = self._before_now, ()
            self.start(uids)
        elif NOW in self._uids:
            self.post_message(Say("this is the comparison with what lies there now; R looks again"))
        elif self._uids:
            self._before_now = self._uids
            self.start((self._uids[0], NOW))
        else:
            self._begin_with_now()

    def _begin_with_now(self) -> None:
        """Where nothing is compared yet, take the run under the cursor of the list of runs."""
        try:
            uid = RunId(self.shell.kept.cursor) or self.shell.workbench.find("@1")
        except ReproError as error:
            self.warn(f"{error.message} {error.hint}".strip())
        else:
            self.start((uid, NOW))

    # Which rows.

    def action_all(self) -> None:
        """List all rows, or only those that differ."""
        if self.comparison is None:
            return
        self._everything = not self._everything
        self.list_rows()
        self.keep()

    def action_ignore(self) -> None:
        """Ignore the row under the cursor from now on."""
        row = self.row
        if row is None:
            return
        if len(self._ignored) >= _MOST_IGNORED:
            self.warn(f"{_MOST_IGNORED} rows are ignored already: X takes some off the list.")
            return
        self._ignored |= {key_of(row)}
        if self._opened == key_of(row):
            self.close_detail()
        self.list_rows()
        self.keep()
        self.post_message(Say(f"{clean(row.name)} is ignored here from now on; X takes it off the list"))

    def action_ignored(self) -> None:
        """Choose a row that is ignored no more."""
        if not self._ignored:
            self.post_message(Say("no row is ignored; x ignores the one under the cursor"))
            return
        items = [Item(key, clean(key.partition("/")[2]), key.partition("/")[0]) for key in sorted(self._ignored)]
        everything = [Item(_ALL, "all of them", f"{len(items):,} rows")] if len(items) > 1 else []
        modal = PickModal(
            "Ignored", [*items, *everything], "enter show it again   esc leave", ascii_only=self.ascii_only
        )
        self.app.push_screen(modal, self._attend)

    def _attend(self, key: str | None) -> None:
        if key is not None:
            self._ignored = frozenset() if key == _ALL else self._ignored - {key}
            self.list_rows()
            self.keep()

    def action_metric(self) -> None:
        """Explain the outcome under the cursor."""
        row = self.row
        if row is None or row.section is not Section.OUTCOME:
            self.warn("Put the cursor on an outcome: m explains that one.")
            return
        names = {each.name for each in (self.comparison.rows if self.comparison else ())}
        stem = row.name.removesuffix(" best")
        self._metric = stem if stem in names else row.name
        self.ask_why()

    def action_copy(self) -> None:
        """Ask what to copy: the row, or the command that prints the same."""
        row, found = self.row, self.comparison
        if found is None:
            return
        names = [str(NOW) if c.uid == NOW else c.name for c in found.columns]
        texts = {"command": f"repro-tui diff {' '.join(names)}"}
        if row is not None:
            shown = (f"{name}: {cell.text or '-'}" for name, cell in zip(names, row.cells, strict=True))
            texts = {"row": f"{row.name}   {'   '.join(shown)}", "name": row.name, **texts}
        self.ask_copy(texts)

    # The filter.

    def action_filter(self) -> None:
        """Write what names must contain."""
        if self.comparison is None:
            return
        self._searching = False
        self._filter_before = self._filter
        self._find_bar.open()

    @on(FindBar.Typed)
    @on(FindBar.Asked)
    def _narrow(self, message: FindBar.Typed | FindBar.Asked) -> None:
        asked = isinstance(message, FindBar.Asked)
        if self._searching:
            if asked:
                self.search_detail(message.text)
            return
        self._filter = to_ascii(message.text.strip()) if self.ascii_only else message.text.strip()
        self.list_rows()
        if asked:
            self._table.focus()

    @on(FindBar.Left)
    def _leave_find_bar(self) -> None:
        if self._searching:
            self._lines.focus()
            return
        self._filter = self._filter_before
        self.list_rows()
        self._table.focus()
