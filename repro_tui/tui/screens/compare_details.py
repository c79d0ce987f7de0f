"""What opens below a row of the comparison: asked for in a thread, kept while nothing changes, and left by esc."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from textual import on

from repro_tui.domain.comparison import NOW, Comparison, Row
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.series import CurveQuery
from repro_tui.domain.traits import Section
from repro_tui.tui import compare_pages as pages
from repro_tui.tui import comparing as reading
from repro_tui.tui.compare_lines import key_of
from repro_tui.tui.curves import CurvesRead, ValuesRead, read_curves, read_values
from repro_tui.tui.messages import Say
from repro_tui.tui.render.compare import Told, why_page
from repro_tui.tui.render.series import ChartData
from repro_tui.tui.screens.place import PlaceScreen
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.compare_table import CompareChart, CompareTable, DetailLines
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.lines import Lines, Page, PageMaker

_BEST = " best"
_WHY = "why"


class CompareDetails(PlaceScreen):
    """The part of the place that shows one row in full."""

    def __init__(self) -> None:
        super().__init__()
        self._table = CompareTable()
        self._lines = DetailLines(ascii_only=self.ascii_only)
        self._chart = CompareChart(ascii_only=self.ascii_only)
        self._find_bar = FindBar()
        self._searching = False
        """Whether what is written in the find bar is for what is open, and not for the names of rows."""
        self._opened = ""
        """Key of the row whose detail is open, or `why`."""
        self._codes: dict[reading.Pair, reading.CodeRead] = {}
        self._datas: dict[tuple[reading.Pair, str], reading.DataRead] = {}
        self._curves_of: CurveQuery | None = None

    # What the place knows.

    @property
    def comparison(self) -> Comparison | None:
        """Give the comparison that is shown."""
        raise NotImplementedError

    @property
    def pair(self) -> reading.Pair:
        """Give the baseline and the chosen run."""
        raise NotImplementedError

    @property
    def told(self) -> Told | None:
        """Give what is known of why they differ."""
        raise NotImplementedError

    @property
    def row(self) -> Row | None:
        """Give the row under the cursor."""
        raise NotImplementedError

    # Opening and closing.

    @property
    def is_open(self) -> bool:
        """Whether something is open below the rows."""
        return bool(self._opened)

    def open_row(self, row: Row, *, focus: bool = True) -> None:
        """Open a row."""
        comparison = self.comparison
        if comparison is None:
            return
        if key_of(row) != self._opened:
            self._lines.search("")
            self._lines.top = 0
            self._lines.left = 0
        self._opened = key_of(row)
        self._show_parts(curves=row.detail == "curves")
        self._fill(comparison, row)
        if focus:
            self._focus_detail()

    def _show_parts(self, *, curves: bool) -> None:
        self.update_classes({"-opened": True, "-curves": curves, "-whole": self._opened == _WHY})

    def _focus_detail(self) -> None:
        shown = self._chart if self.has_class("-curves") else self._lines
        self.call_after_refresh(shown.focus)

    def close_detail(self) -> None:
        """Close what is open, and go back to the rows."""
        self._opened = ""
        self.remove_class("-opened", "-whole")
        self._table.focus()

    def forget_details(self) -> None:
        """Ask anew when something is opened again: the runs, or what lies there, may be otherwise by now."""
        self._codes.clear()
        self._datas.clear()

    def draw_detail(self) -> None:
        """Draw what is open again, for other runs or newer facts."""
        comparison = self.comparison
        if not self._opened or comparison is None:
            return
        if self._opened == _WHY:
            self._fill_why()
            return
        row = next((row for row in comparison.rows if key_of(row) == self._opened), None)
        if row is not None:
            self._fill(comparison, row)

    def _fill(self, comparison: Comparison, row: Row) -> None:
        chosen = self._chosen_index(comparison)
        about = pages.between(comparison, chosen)
        plain = self.ascii_only
        if row.detail == "curves":
            self._ask_curves(row)
        elif row.detail == "patch":
            self._lines.show(self._code(row, about))
        elif row.detail == "data":
            self._lines.show(self._data(row, about))
        elif row.detail == "packages":
            self._lines.show(pages.packages_page(comparison, row, about, ascii_only=plain))
        else:
            self._lines.show(pages.text_page(comparison, row, self._because(row), ascii_only=plain))

    def _chosen_index(self, comparison: Comparison) -> int:
        uids = [column.uid for column in comparison.columns]
        return uids.index(self.pair[1]) if self.pair[1] in uids else 1

    def _because(self, row: Row) -> list[str]:
        """Give what the explanation says of a row."""
        found = self.told.explanation if self.told else None
        said = [
            text
            for c in (found.candidates if found else ())
            if any(change.section is row.section and change.name == row.name for change in c.changes)
            for text in (c.because, *(f"from {e.words}" for e in c.evidence))
        ]
        return ["", *said] if said else []

    # Code and data.

    def _code(self, row: Row, about: str) -> PageMaker:
        pair, known = self.pair, self._codes.get(self.pair)
        if known is None:
            self.errands.ask("code", partial(reading.read_code, self.shell.workbench, pair))
            return pages.waiting(pages.head(row.name, about))
        if isinstance(known.change, Unavailable):
            return pages.unavailable(pages.head(row.name, about), known.change.reason)
        return pages.code_page(known.change, known.rows, row, about)

    def _data(self, row: Row, about: str) -> PageMaker:
        pair, known = self.pair, self._datas.get((self.pair, row.name))
        if known is None:
            self.errands.ask("data", partial(reading.read_data, self.shell.workbench, pair, row.name))
            return pages.waiting(pages.head(row.name, about))
        return pages.data_page(known.change, row.name, about, ascii_only=self.ascii_only)

    @on(reading.CodeRead)
    def _take_code(self, message: reading.CodeRead) -> None:
        self._codes[message.pair] = message
        if message.pair == self.pair:
            self.draw_detail()

    @on(reading.DataRead)
    def _take_data(self, message: reading.DataRead) -> None:
        self._datas[message.pair, message.name] = message
        if message.pair == self.pair:
            self.draw_detail()

    # The explanation in full.

    def action_why(self) -> None:
        """Show the whole explanation, or close it."""
        if self.told is None:
            return
        if self._opened == _WHY:
            self.close_detail()
            return
        self._opened = _WHY
        self._lines.search("")
        self._lines.top = 0
        self._show_parts(curves=False)
        self._fill_why()
        self._focus_detail()

    def _fill_why(self) -> None:
        told = self.told
        if told is None:
            return
        top = pages.head("why", pages.between(told.comparison, told.chosen))
        self._lines.show(lambda cells: Page([((" ", ""), *line) for line in why_page(told, cells - 2)], top))

    # Curves.

    def _ask_curves(self, row: Row) -> None:
        comparison = self.comparison
        if comparison is None:
            return
        names = {each.name for each in comparison.rows if each.section is Section.OUTCOME}
        stem = row.name.removesuffix(_BEST)
        metric = stem if stem in names else row.name
        runs = tuple(column.uid for column in comparison.columns if column.uid != NOW)
        before = self._curves_of
        if before is None or before.metrics != (metric,):
            self._chart.data = ChartData(note=(pages.LOOKING,))
        self._fetch_curves(runs, metric, self._chart.size.width * 2)

    def _fetch_curves(self, runs: tuple[RunId, ...], metric: str, buckets: int) -> None:
        view = self._chart.view
        query = CurveQuery(runs, (metric,), view.axis, view.start, view.stop, max(16, buckets))
        self._curves_of = query
        self.errands.ask("curves", partial(read_curves, self.shell.workbench, query))

    @on(Chart.WindowChanged)
    def _widen(self, message: Chart.WindowChanged) -> None:
        if self._curves_of is not None:
            self._fetch_curves(self._curves_of.runs, self._curves_of.metrics[0], message.buckets)

    @on(CurvesRead)
    def _draw_curves(self, message: CurvesRead) -> None:
        if message.query == self._curves_of:
            self._chart.data = replace(message.data, from_first=True)

    @on(Chart.CursorMoved)
    def _ask_values(self, message: Chart.CursorMoved) -> None:
        if self._curves_of is not None:
            self.errands.ask("values", partial(read_values, self.shell.workbench, self._curves_of, message.x))

    @on(ValuesRead)
    def _read_out(self, message: ValuesRead) -> None:
        if message.query == self._curves_of:
            by = self._chart.data.divided_by
            self._chart.read_out(message.x, {run: (x, value / by) for run, (x, value) in message.values.items()})

    # Searching what is open.

    @on(Lines.SearchWanted)
    def _begin_search(self) -> None:
        self._searching = True
        self._find_bar.open()

    def search_detail(self, text: str) -> None:
        """Look for a text in what is open."""
        self._lines.focus()
        if not self._lines.search(text) and text:
            self.post_message(Say(f"not found: {text}"))
