"""The Runs screen: the live list, its filter, and a pane with what the highlighted or marked runs did."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from repro_tui.domain.columns import split_key
from repro_tui.domain.filter_text import parse
from repro_tui.domain.filters import EVERYTHING, Term
from repro_tui.domain.grouping import REPEATS
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.run import State
from repro_tui.domain.view import RunQuery, Sort
from repro_tui.errors import ReproError, UsageError
from repro_tui.tui import preview_lines, run_lines, run_words
from repro_tui.tui.feed import Interest, View
from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.columns import ColumnsModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.runs_actions import RunsActions
from repro_tui.tui.state import MOST_MARKS, ViewState
from repro_tui.tui.widgets.filter_bar import Completions, FilterBar
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.header import Header
from repro_tui.tui.widgets.preview import PANE_CLASSES, PreviewPane
from repro_tui.tui.widgets.run_table import RunTable

WIDE = 120
"""Columns from which the pane lies beside the list."""

HIGH = 16
"""Rows from which there is room for a pane below the list."""


class RunsScreen(RunsActions):
    """Runs of the project, live."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("runs", group="-move")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (HIGH, "-high")]  # noqa: RUF012 - Textual declares it

    place = "runs"
    scope = "runs"
    intro = "Runs: every run of the project, live. Marked runs are what keys act on; without marks, the one under >."

    def __init__(self) -> None:
        super().__init__()
        self._filter = ""
        self._where: Term = EVERYTHING
        self._sort = Sort()
        self._group = ""
        self._columns: tuple[ColumnKey, ...] = ()
        self._restored = False
        self._pane = 1
        self._instead = self._trouble = ""

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        shell, plain = self._shell, self._shell.options.ascii
        bench = shell.workbench
        # The classes of the breakpoints come only after a first layout, which would be drawn in vain.
        wide, high = shell.size.width >= WIDE, shell.size.height >= HIGH
        sizes = {"-wide": wide, "-narrow": not wide, "-high": high, "-short": not high}
        self._pane = shell.kept.pane
        self.update_classes(sizes | self._pane_classes(), update=False)
        offered = Completions(ascii_only=plain, id="completions")
        yield Header(bench.project, bench.host, ascii_only=plain)
        yield FilterBar(bench.complete, offered, ascii_only=plain)
        yield Static(id="trouble", markup=False)
        yield Static(id="failure", markup=False)
        with Container(id="body"):
            yield RunTable(bench.rows, shell.options.clock, ascii_only=plain)
            yield Static(id="instead", markup=False)
            yield PreviewPane(lambda asked: preview_lines.fetch(bench, asked), shell.settle, ascii_only=plain)
        yield Footer(shell.keymap, self.scope, ascii_only=plain)
        yield offered

    def on_mount(self) -> None:
        """Begin where the last session ended."""
        kept = self._shell.kept
        if (term := self._parsed(kept.filter)) is not None:  # the last session may have ended in the middle of one
            self._filter, self._where = kept.filter, term
        self._say_trouble("")
        if ":" in kept.sort:
            self._sort = Sort(ColumnKey(kept.sort), kept.descending)
        self._columns = tuple(ColumnKey(key) for key in kept.columns if ":" in key)
        self._group = run_words.known_group(kept.group)
        table = self.query_one(RunTable)
        table.choose_columns(self._columns)
        table.focus()
        self._look()
        self.watch(self.app, "view", self._show_if_seen)
        self.watch(self.app, "failure", self._fail)
        self.set_interval(self._shell.tick, lambda: table.tick() if self._is_seen else None)

    # What comes in.

    @property
    def _query(self) -> RunQuery:
        return RunQuery(self._where, self._sort, self._group)

    @property
    def _is_seen(self) -> bool:
        """Whether nothing but questions lies over this screen; another one would be painted anew with each change."""
        above = self.app.screen_stack[self.app.screen_stack.index(self) + 1 :] if self in self.app.screen_stack else ()
        return all(screen.is_modal for screen in above)

    def _show_if_seen(self, view: View) -> None:
        """Take a view from the feed, unless another screen hides this one; it is taken on the way back."""
        if self._is_seen:
            self._show(view)

    def on_screen_resume(self) -> None:
        """Catch up with what came while this screen was hidden."""
        if self._restored:
            self._show(self._shell.view)

    def _show(self, view: View) -> None:
        """Take a view from the feed."""
        table = self.query_one(RunTable)
        if not view.remembered or self._query == RunQuery():
            table.show(view)
        self._restore(view)
        self.query_one(Header).health = view.health
        self._say_instead(run_words.instead_of_list(view))
        self._changed()
        self._look()

    def _say_instead(self, text: str) -> None:
        """Show words where the list would be, or the list."""
        self.query_one("#body").set_class(bool(text), "-nothing")
        if text and text != self._instead:
            self.query_one("#instead", Static).update(text)
        self._instead = text

    def _fail(self, why: str) -> None:
        """Say that the journals cannot be read; the last good list stays."""
        if bool(why) or self.has_class("-failing"):
            self.set_class(bool(why), "-failing")
            self.query_one("#failure", Static).update(f" {clean(why)}")

    def _restore(self, view: View) -> None:
        """Put cursor, marks and baseline of the last session back, once their keys are known."""
        kept = self._shell.kept
        if self._restored:
            return
        self._restored = not view.remembered
        if kept.marks or kept.cursor or kept.baseline:
            found: dict[str, int] = {row.uid: row.key for row in view.rows.values()}
            found.update((str(uid), key) for uid, key in view.found.items())
            marks = [found[uid] for uid in kept.marks if uid in found]
            self.query_one(RunTable).restore(found.get(kept.cursor), marks, found.get(kept.baseline))

    @on(RunTable.Scrolled)
    def _look(self) -> None:
        """Tell the feed what is in sight, and until the last session is restored, which runs to find."""
        kept = self._shell.kept
        uids = () if self._restored else (*kept.marks, kept.cursor, kept.baseline)
        table = self.query_one(RunTable)
        query = self._query
        known = not self._shell.view.remembered and self._shell.view.runs.query == query
        self._shell.look_at(
            Interest(
                query,
                table.shown_columns if known else (),
                table.in_sight_and_chosen if known else (),
                tuple(RunId(uid) for uid in uids if uid),
            )
        )

    @on(RunTable.Highlighted)
    @on(RunTable.MarksChanged)
    def _changed(self) -> None:
        """Say how many runs there are, let the pane follow, and keep the view."""
        table, view = self.query_one(RunTable), self._shell.view
        self.query_one(FilterBar).show(self._filter, run_words.count_words(view.runs, self._sort, len(table.marks)))
        if self._pane and not view.remembered:
            self.query_one(PreviewPane).ask(self._question())
        if self._restored:
            self._shell.keep(self._state())

    def _question(self) -> preview_lines.Asked | None:
        """Ask for the chosen runs, the sorted metric first."""
        table = self.query_one(RunTable)
        line = table.row(table.highlighted) if not table.marks else None
        if line is None or not line.members:
            rows, band = (
                self._rows_of((table.marks or table.runs_of(table.highlighted))[: preview_lines.MOST_RUNS]),
                None,
            )
        else:  # a line's numbers are those of its runs that are done
            runs = self._rows_of(table.runs_of(line.key)[: preview_lines.MOST_OF_LINE])
            rows = [row for row in runs if row.state is State.DONE] or runs
            band = preview_lines.Band(line.name, len(line.members), line.cells, line.spread)
        if not rows:
            return None
        metrics = [c.name for c in self._shell.view.columns if c.kind == "metric"]
        if self._sort.key.startswith("metric:"):
            metrics.insert(0, split_key(self._sort.key)[1])
        base = table.row(table.baseline)
        return preview_lines.Asked(
            tuple((row.uid, row.name) for row in rows),
            tuple(dict.fromkeys(metrics)),
            self.query_one(PreviewPane).dots,
            (base.uid, base.name) if base else None,
            self._shell.view.runs.revision if any(row.ended is None for row in rows) else 0,
            band,
            line.alarms if line else (),
        )

    def _state(self) -> ViewState:
        table = self.query_one(RunTable)
        uids = [row.uid if row else "" for row in map(table.row, (table.highlighted, table.baseline))]
        marks = tuple(row.uid for row in map(table.row, table.marks[:MOST_MARKS]) if row)
        sort = "" if self._sort == Sort() else self._sort.key
        return replace(
            self._shell.kept,
            filter=self._filter,
            sort=sort,
            descending=self._sort.descending,
            columns=self._columns,
            group=self._group,
            marks=marks,
            cursor=uids[0],
            baseline=uids[1],
            pane=self._pane,
        )

    # The filter.

    def action_filter(self) -> None:
        """Write the filter."""
        self.query_one(FilterBar).write()
        self.query_one(Footer).scope = "filter"

    @on(FilterBar.Typed)
    @on(FilterBar.Ended)
    def _take_filter(self, event: FilterBar.Typed | FilterBar.Ended) -> None:
        """List what matches, or say in place what is not understood and leave the last good list."""
        ended = isinstance(event, FilterBar.Ended)
        term = self._parsed(event.settled if isinstance(event, FilterBar.Typed) else event.text)
        if term is not None:
            self._filter, self._where = event.text, term
            self._look()
        if ended:
            self._say_trouble("")
            self.query_one(Footer).scope = self.scope
            self.query_one(RunTable).focus()
        self._changed()

    def _parsed(self, text: str) -> Term | None:
        try:
            term = parse(text)
        except UsageError as error:
            self._say_trouble(f"{error.message} {error.hint}".strip())
            return None
        self._say_trouble("")
        return term

    def _say_trouble(self, text: str) -> None:
        """Say in the line below the filter what is wrong with it."""
        if text != self._trouble:
            self._trouble = text
            field = self.query_one("#trouble", Static)
            field.display = bool(text)
            field.update(f" {clean(text)}")

    # Order and columns.

    def action_sort(self) -> None:
        """Choose what to sort by."""
        items = run_words.sort_items(self._shell.view.columns)
        hint = "enter sort by it   esc leave"
        modal = PickModal("Sort by", items, hint, start=self._sort.key, ascii_only=self._shell.options.ascii)
        self.app.push_screen(modal, self._sort_by)

    def _sort_by(self, key: str | None) -> None:
        if key:
            self._sort = run_words.natural_sort(ColumnKey(key))
            self._look()
            self._changed()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._sort = Sort(self._sort.key, not self._sort.descending)
        self._look()
        self._changed()

    def action_columns(self) -> None:
        """Choose columns."""
        shown = run_lines.without_groups(self.query_one(RunTable).shown_columns)
        modal = ColumnsModal(self._shell.view.columns, shown, ascii_only=self._shell.options.ascii)
        self.app.push_screen(modal, self._show_columns)

    def _show_columns(self, keys: tuple[ColumnKey, ...] | None) -> None:
        if keys is not None:
            self._columns = keys
            self.query_one(RunTable).choose_columns(keys)
            self._look()
            self._changed()

    # Lines of several runs.

    def action_group(self) -> None:
        """Choose what runs have in common that are listed as one line."""
        try:
            datasets = [(spec.name, spec.path) for spec in self._shell.workbench.datasets.specs()]
        except ReproError:
            datasets = []  # without them everything else can still be chosen
        items = run_words.group_items(self._shell.view.columns, datasets)
        hint = "enter fold by it   esc leave"
        start = self._group or REPEATS
        self.app.push_screen(
            PickModal("Fold runs", items, hint, start=start, ascii_only=self._shell.options.ascii), self._group_by
        )

    def _group_by(self, group: str | None) -> None:
        if group is not None:
            self._group = "" if group == "none" else group
            self._look()
            self._changed()

    def action_open(self) -> None:
        """Open the run under the cursor, or unfold the line of several."""
        if not self.query_one(RunTable).unfold():
            super().action_open()

    # The pane.

    def _size_pane(self, size: int) -> None:
        self._pane = max(0, min(len(PANE_CLASSES) - 1, size))
        self.update_classes(self._pane_classes())

    def _pane_classes(self) -> dict[str, bool]:
        return {name: i == self._pane for i, name in enumerate(PANE_CLASSES)}

    def action_smaller(self) -> None:
        """Make the pane smaller, down to nothing."""
        self._size_pane(self._pane - 1)
        self._changed()

    def action_larger(self) -> None:
        """Make the pane larger."""
        self._size_pane(self._pane + 1)
        self._changed()
