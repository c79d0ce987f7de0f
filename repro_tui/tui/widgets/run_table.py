"""The table of runs: a line-API widget whose cost is that of the lines in sight, whatever the number of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from repro_tui.domain.columns import Column
from repro_tui.domain.events import Scalar
from repro_tui.domain.grouping import Folded
from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.view import RunRow
from repro_tui.tui import run_lines
from repro_tui.tui.feed import View
from repro_tui.tui.run_lines import Layout, Piece
from repro_tui.tui.widgets.painter import Painter
from repro_tui.tui.widgets.run_marks import RunMarks

STYLES = (
    "name", "value", "live", "quiet", "faint", "changed", "tag", "trouble", "head", "sorted", "cursor", "marked",
    "running", "done", "failed", "died", "silent",
)  # fmt: skip
"""Names of styles; each is a component class `run-table--…` of the sheet."""

MOST_ROWS = 2_000
"""Rows kept in memory; further ones are asked for again when they come into sight."""

FetchRows = Callable[[Sequence[int], Sequence[ColumnKey], Folded], Sequence[RunRow]]


class RunTable(RunMarks, can_focus=True):
    """Rows of runs with a cursor, marks and columns that scroll beside a frozen name.

    Cursor and marks belong to runs and not to line numbers, so that nothing jumps when runs come, go or change places.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"run-table--{name}" for name in STYLES}

    DEFAULT_CSS = """
    RunTable { height: 1fr; width: 1fr; }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    """Line number of the cursor, from 0."""

    @dataclass
    class Highlighted(Message):
        """The cursor came to another run, or to none."""

        key: int | None

    @dataclass
    class Opened(Message):
        """A run was asked for."""

        key: int

    @dataclass
    class Scrolled(Message):
        """Other rows came into sight."""

    def __init__(self, fetch: FetchRows, clock: Callable[[], float], *, ascii_only: bool = False) -> None:
        """Make it.

        Args:
            fetch: Gives rows for keys; asked only for rows in sight.
            clock: Tells the time, in seconds since the epoch.
            ascii_only: Draw with ASCII signs only.
        """
        super().__init__()
        self._fetch = fetch
        self._clock = clock
        self._ascii = ascii_only
        self._lines: Sequence[int] = ()
        self._rows: dict[int, RunRow] = {}
        self._columns: tuple[Column, ...] = ()
        self._chosen: tuple[ColumnKey, ...] = ()
        self._layout = Layout(ascii_only=ascii_only)
        self._sort: ColumnKey = run_lines.AGE
        self._top = 0
        self._left = 0
        self._wanted: int | None = None
        self._baseline: int | None = None
        self._drawn: dict[int, Strip] = {}
        self._painter = Painter(self, "run-table")
        self._remembered = True

    # What it shows.

    @property
    def highlighted(self) -> int | None:
        """The key of the run under the cursor."""
        return self._keys[self.cursor] if 0 <= self.cursor < len(self._keys) else None

    @property
    def baseline(self) -> int | None:
        """The key of the run that others are compared with."""
        return self._baseline

    @property
    def shown_columns(self) -> tuple[ColumnKey, ...]:
        """The columns in use."""
        return tuple(column.key for column in self._layout.shown)

    @property
    def in_sight(self) -> tuple[int, ...]:
        """The keys of the rows in sight."""
        return tuple(self._keys[self._top : self._top + self._page])

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def in_sight_and_chosen(self) -> tuple[int, ...]:
        """The keys of the rows that must be fresh: those in sight, the first marked ones and the baseline."""
        base = () if self._baseline is None else (self._baseline,)
        return tuple(dict.fromkeys((*self.in_sight, *self.marks[: run_lines.COUNTED], *base)))

    def row(self, key: int | None) -> RunRow | None:
        """Give a row by its key, if it was in sight lately."""
        return None if key is None else self._rows.get(key)

    # What comes in.

    def show(self, view: View) -> None:
        """Take a new view: only lines that look different are drawn again."""
        if self._remembered and not view.remembered:
            self._translate(view)
        scrolled = self._top > 0
        at = self.cursor - self._top
        self._remembered = view.remembered
        self._rows = {key: row for key, row in self._rows.items() if key in self._marks} | dict(view.rows)
        before, self._folding = self._folding, self._folding.of(view.runs.folded)
        self._lines = view.runs.keys
        self._keys = self._folding.expanded(self._lines)
        if self._wanted is not None and self._wanted not in self._keys:
            self._wanted = self._folding.place_of(self._wanted, before, self._keys) or self._wanted
        self._columns = view.columns
        resorted = self._sort != view.runs.query.sort.key
        self._sort = view.runs.query.sort.key
        self._place_cursor(at, scrolled=scrolled)
        self._lay_out(keep=not resorted)
        self._refresh_changed()

    def _translate(self, view: View) -> None:
        """Carry the cursor over from the remembered rows, whose keys may be others; the marks are found by the feed."""
        found = {row.uid: row.key for row in view.rows.values()} | dict(view.found)
        row = self._rows.get(self._wanted) if self._wanted is not None else None
        self._wanted = found.get(row.uid) if row else None
        marked = [self._rows[key].uid for key in self._marks if key in self._rows]
        self._marks = dict.fromkeys(found[uid] for uid in marked if uid in found)
        self._rows = {}

    def choose_columns(self, keys: tuple[ColumnKey, ...]) -> None:
        """Show these columns in this order; none of them: choose what fits."""
        self._chosen = run_lines.without_groups(keys)
        self._left = 0
        self._lay_out(keep=False)
        self._refresh_changed()

    def restore(self, cursor: int | None, marks: Iterable[int], baseline: int | None) -> None:
        """Put cursor, marks and baseline back as they were in an earlier session."""
        self._marks = dict.fromkeys(marks)
        self._baseline = baseline
        if cursor is not None and cursor not in self._keys:
            cursor = self._folding.folded.line_of(cursor)
        if cursor is not None and cursor in self._keys:
            self._wanted = cursor
            self._move_to(self._keys.index(cursor))
        self._refresh_changed()

    def set_baseline(self, key: int | None) -> None:
        """Make a run the one that others are compared with."""
        self._baseline = key
        self._refresh_changed()
        self.post_message(self.MarksChanged(self.marks))

    def tick(self) -> None:
        """Draw again the lines whose ages read differently by now."""
        self._refresh_changed()

    # Cursor and scrolling.

    def _place_cursor(self, at: int, *, scrolled: bool) -> None:
        """Find the run that the cursor was on, and keep it on the same line of the screen where that is possible."""
        if self._wanted is not None and self._wanted in self._keys:
            index = self._keys.index(self._wanted)
        else:
            index = max(0, min(self.cursor, len(self._keys) - 1))
            if self._wanted is None:
                self._wanted = self._keys[index] if self._keys else None
        if scrolled:
            self._top = index - at
        self._top = self._bounded_top(index)
        moved = self.cursor != index
        self.set_reactive(RunTable.cursor, index)
        if moved or self.highlighted is not None:
            self.post_message(self.Highlighted(self.highlighted))

    def _bounded_top(self, index: int) -> int:
        """Give the first line in sight so that the cursor is in sight and no line is wasted at the end."""
        page = self._page
        top = min(max(self._top, index - page + 1), index)
        return max(0, min(top, len(self._keys) - page))

    def _move_to(self, index: int) -> None:
        """Put the cursor on a line: two lines are drawn again, or all when that scrolls."""
        if not self._keys:
            return
        index = max(0, min(index, len(self._keys) - 1))
        old, self.cursor = self.cursor, index
        self._wanted = self._keys[index]
        top = self._bounded_top(index)
        if top != self._top:
            self._top = top
            self._lay_out(keep=True)
            self._refresh_changed()
            self.post_message(self.Scrolled())
        elif old != index:
            self._redraw_lines((old, index))
        if old != index:
            self.post_message(self.Highlighted(self.highlighted))

    def move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self.cursor + lines)

    def page(self, pages: float) -> None:
        """Move the cursor by pages, and what is in sight with it."""
        lines = int(self._page * pages) or (1 if pages > 0 else -1)
        self._top = max(0, min(self._top + lines, max(0, len(self._keys) - self._page)))
        self._move_to(self.cursor + lines)

    def jump(self, *, to_last: bool) -> None:
        """Move the cursor to the first or last run."""
        self._move_to(len(self._keys) - 1 if to_last else 0)

    def scroll_columns(self, columns: int) -> None:
        """Move the columns beside the name by so many columns."""
        left = run_lines.scrolled_to(self._layout, self._left, self.size.width, columns)
        if left != self._left:
            self._left = left
            self._refresh_changed()

    # Mouse, where there is one.

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it was clicked; a double click opens."""
        line = event.y - 1 + self._top
        if event.y >= 1 and line < len(self._keys):
            self._move_to(line)
            if event.chain > 1 and not self.unfold():
                self.post_message(self.Opened(self._keys[line]))

    # Drawing.

    def on_resize(self) -> None:
        """Lay out anew: other columns may fit."""
        self._top = self._bounded_top(self.cursor) if self._keys else 0
        self._lay_out(keep=True)
        self._refresh_changed()
        self.post_message(self.Scrolled())

    def notify_style_update(self) -> None:
        """Forget styles that belonged to another theme."""
        super().notify_style_update()
        self._painter.forget()
        self._drawn.clear()

    def _lay_out(self, *, keep: bool) -> None:
        """Choose columns, fetch the rows in sight that are missing, and measure."""
        room = self.size.width - run_lines.GUTTER - self._layout.name_width
        is_folded = bool(self._folding.folded.group)
        keys = self._chosen or run_lines.choose(self._columns, room, folded=is_folded)
        self._fetch_missing(keys)
        rows = [row for key in self.in_sight if (row := self._line(key))]
        keys = run_lines.with_groups(keys) if is_folded else keys
        before = self._layout if keep else None
        layout = run_lines.measure(keys, rows, self._clock(), ascii_only=self._ascii, before=before)
        if layout.name_width != self._layout.name_width and not self._chosen:
            keys = run_lines.choose(self._columns, self.size.width - layout.frozen, folded=is_folded)
            keys = run_lines.with_groups(keys) if is_folded else keys
            layout = run_lines.measure(keys, rows, self._clock(), ascii_only=self._ascii, before=layout)
        self._layout = layout
        self._left = min(self._left, max(0, layout.scrolled - max(1, self.size.width - layout.frozen)))

    def _fetch_missing(self, columns: Sequence[ColumnKey]) -> None:
        if self._remembered:
            return
        missing = [key for key in self.in_sight if key not in self._rows]
        if missing:
            if len(self._rows) > MOST_ROWS:
                kept = {*self.in_sight, *self._marks}
                self._rows = {k: v for k, v in self._rows.items() if k in kept}
            self._rows.update((row.key, row) for row in self._fetch(missing, columns, self._folding.folded))

    def _redraw_lines(self, indices: Iterable[int]) -> None:
        """Draw some lines again."""
        for index in indices:
            y = index - self._top + 1
            if 1 <= y < self.size.height:
                self._drawn[y] = self._draw(y)
                self.refresh(Region(0, y, self.size.width, 1))

    def _refresh_changed(self) -> None:
        """Draw all lines in memory and send only those that look different."""
        for y in range(self.size.height):
            strip = self._draw(y)
            if self._drawn.get(y) != strip:
                self._drawn[y] = strip
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Give a line as it was drawn last."""
        strip = self._drawn.get(y)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._drawn[y] = self._draw(y)
        return strip

    def _draw(self, y: int) -> Strip:
        """Draw one line; line 0 is the head."""
        room = max(0, self.size.width - self._layout.frozen)
        if y == 0:
            name = "run".ljust(self._layout.name_width)
            style = "sorted" if self._sort == "field:run" else "head"
            heads = run_lines.windowed(run_lines.head_pieces(self._layout, self._sort), self._left, room)
            return self._painter.strip(
                self.size.width, [(" " * run_lines.GUTTER, ""), (name[:3], style), (name[3:], ""), *heads]
            )
        index = self._top + y - 1
        key = self._keys[index] if index < len(self._keys) else None
        row = None if key is None else self._line(key)
        if key is None or row is None:
            return self._painter.strip(self.size.width, [(" " * self.size.width, "")])
        pieces = [
            *self._gutter(key, index),
            *run_lines.name_pieces(row, self._layout, unfolded=key in self._folding.open),
        ]
        columns = run_lines.column_pieces(row, self._layout, self._clock(), self._baseline_values(key))
        tail = run_lines.tail_pieces(row, room - self._layout.scrolled + self._left, ascii_only=self._ascii)
        pieces += run_lines.windowed([*columns, *tail], self._left, room)
        return self._painter.strip(self.size.width, pieces, cursor=index == self.cursor)

    def _baseline_values(self, key: int) -> Mapping[ColumnKey, Scalar] | None:
        base = self._rows.get(self._baseline) if self._baseline not in {None, key} else None
        return base.cells if base else None

    def _gutter(self, key: int, index: int) -> list[Piece]:
        place = run_lines.mark_of(self._folding.runs([key]), self._marks)
        line = self._folding.folded.members.get(key, ()) if key not in self._folding.open else ()
        is_base = self._baseline is not None and (key == self._baseline or self._baseline in line)
        return run_lines.gutter_pieces(cursor=index == self.cursor, place=place, baseline=is_base)

    def _line(self, key: int) -> RunRow | None:
        """Give a row as it is drawn: a run below the line that it belongs to is set in."""
        row = self._rows.get(key)
        return replace(row, name=f"  {row.name}") if row and key in self._folding.inside else row

    def unfold(self) -> bool:
        """Unfold the line under the cursor, or fold it; False where it is a single run."""
        if (key := self.highlighted) is None or not self._folding.is_line(key):
            return False
        self._folding = self._folding.toggled(key)
        self._keys = self._folding.expanded(self._lines)
        self._place_cursor(self.cursor - self._top, scrolled=self._top > 0)
        self._lay_out(keep=True)
        self._refresh_changed()
        self.post_message(self.Scrolled())
        return True
