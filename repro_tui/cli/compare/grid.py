"""A comparison as text: a section a group, a row a line, and whole values where columns are too narrow for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.cli.output import Output
from repro_tui.domain.comparison import Cell, Column, Comparison, Row
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section
from repro_tui.domain.values import apart
from repro_tui.tui.render.text import clean, pad, shorten, to_ascii, width

GAP = "  "
INDENT = "  "
_NARROWEST = 14
_WIDEST_HEAD = 24
"""Cells of a column, at the least and for a long name, below which further runs are put under the first ones."""
_WIDEST = 40
"""Cells of a column; a longer value has a line of its own."""
_LONGEST_NAME = 36
_LEAST = 6
"""Cells of a column whose values all stand elsewhere."""
_MISSING = "-"
_PARTS = {Part.SEED: "seed", Part.IDLE: "not used, as far as was seen", Part.PLACE: "no input"}
_PAIR = 2
_MOST_UNUSED = 5
"""Rows of a section that were not used, and are listed all the same."""
_NOUNS = {Section.ENVIRONMENT: "packages", Section.CODE: "files of code"}


@dataclass(frozen=True, slots=True)
class _Said:
    """What stands in a cell."""

    text: str
    delta: str = ""
    styles: tuple[str, ...] = ()
    """Of the delta where there is one, else of the text."""

    @property
    def cells(self) -> int:
        """Count the cells that it takes."""
        return width(self.text) + (1 + width(self.delta) if self.delta else 0)

    def drawn(self, output: Output, cells: int) -> str:
        """Draw it in so many cells, which are enough."""
        fill = " " * (cells - self.cells)
        if not self.delta:
            return output.style(self.text, *self.styles) + fill
        return f"{self.text} {output.style(self.delta, *self.styles)}{fill}"


def print_comparison(
    output: Output, comparison: Comparison, rows: Sequence[Row], every: Sequence[Row], *, partly: bool = False
) -> None:
    """Print rows of a comparison; they were chosen from `every` one that was asked for.

    `partly` says that not all is known of what was asked for, so that nothing can be called equal.
    """
    names = [safe(output, column.name) for column in comparison.columns]
    title = f"{names[0]} to {names[1]}" if len(names) == _PAIR else f"{len(names) - 1} runs against {names[0]}"
    best = " (* best of its row)" if len(names) > _PAIR and any(c.best for row in rows for c in row.cells) else ""
    counted = f"{_counted(every, partly=partly)}{best}"
    if width(title) + 2 + width(counted) <= output.width:
        output.line(f"{output.style(title, 'bold')}: {counted}")
    else:
        output.line(output.style(shorten(title, output.width, ascii_only=output.ascii), "bold"))
        output.line(shorten(counted, output.width, ascii_only=output.ascii))
    if not rows:
        return
    first = min(max(width(_name(output, row)) for row in rows), _LONGEST_NAME, max(_NARROWEST, output.width // 3))
    column = min(max(_NARROWEST, 2 + max(width(name) for name in names)), _WIDEST_HEAD)
    for places in _blocks(len(names), (output.width - len(INDENT) - first) // (column + len(GAP))):
        output.line()
        _Block(output, comparison, rows, places, first).print()


def without_unused(rows: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Leave out what was not used where it is so much that it would bury what was, and say what is left out."""
    counted = Counter(row.section for row in rows if row.part is Part.IDLE)
    many = {section: number for section, number in counted.items() if number > _MOST_UNUSED}
    kept = [row for row in rows if row.part is not Part.IDLE or row.section not in many]
    said = f"differ, too, {_PARTS[Part.IDLE]}: --all"
    return kept, [f"{INDENT}{number:,} {_NOUNS.get(section, section.value)} {said}" for section, number in many.items()]


def _counted(rows: Sequence[Row], *, partly: bool) -> str:
    differing = sum(row.differs for row in rows)
    unknown = sum(is_unknown(row) for row in rows)
    total = len(rows)
    if not total:
        return "nothing is known that could be compared"
    said = "nothing is known to differ" if partly else "nothing differs"
    if differing:
        said = f"{differing:,} of {total:,} rows {'differs' if differing == 1 else 'differ'}"
    return f"{said}, {unknown:,} not known" if unknown else said


def is_unknown(row: Row) -> bool:
    """Tell whether a row is equal as far as is known, but not known of each run."""
    return not row.differs and row.section is not Section.OUTCOME and any(cell.token is None for cell in row.cells)


def _blocks(columns: int, room: int) -> list[list[int]]:
    """Put as many columns side by side as there is room for; the baseline stands in each block."""
    most = max(_PAIR, room) - 1
    others = range(1, columns)
    return [[0, *others[at : at + most]] for at in range(0, len(others), most)]


def _name(output: Output, row: Row) -> str:
    """Name a row; an outcome with the way that is better."""
    return safe(output, row.name + (f" ({row.direction})" if row.direction else ""))


class _Block:
    """Some of the columns, side by side."""

    def __init__(
        self, output: Output, comparison: Comparison, rows: Sequence[Row], places: Sequence[int], first: int
    ) -> None:
        self._output = output
        self._rows = rows
        self._places = places
        self._first = first
        """Cells of the names."""
        columns = [comparison.columns[at] for at in places]
        self._marks = ["b" if not at else str(at + 1) for at in places]
        self._heads = [
            _Said(f"{mark} {safe(output, column.name)}", styles=("bold",))
            for mark, column in zip(self._marks, columns, strict=True)
        ]
        self._states = [_Said(safe(output, _state(column)), styles=("yellow",)) for column in columns]
        self._said = [[_said(output, row.cells[at], row) for at in places] for row in rows]
        self._widths = self._fitting([self._heads, self._states, *self._said])

    def _fitting(self, lines: Sequence[Sequence[_Said]]) -> list[int]:
        """Give each column what it needs, as far as there is room: the widest give way first."""
        wanted = [max(cell.cells for cell in column) for column in zip(*lines, strict=True)]
        room = self._output.width - len(INDENT) - self._first - len(wanted) * len(GAP)
        limit = _WIDEST
        while sum(min(limit, cells) for cells in wanted) > room and limit > 1:
            limit -= 1
        fitting = [
            line for line in lines if all(cell.cells <= limit for cell in line)
        ]  # others stand on lines of their own
        return [max([_LEAST, *(cell.cells for cell in column)]) for column in zip(*fitting, strict=True)] or [
            min(limit, cells) for cells in wanted
        ]

    def print(self) -> None:
        """Print the heads and the rows, each section under its title."""
        self._line("", self._heads)
        if any(said.text for said in self._states):
            self._line("", self._states)
        section: Section | None = None
        for row, said in zip(self._rows, self._said, strict=True):
            if row.section is not section:
                section = row.section
                self._output.line(self._output.style(section.value.upper(), "dim"))
            self._row(row, said)

    def _row(self, row: Row, said: Sequence[_Said]) -> None:
        name = _name(self._output, row)
        styles = ("dim",) if row.part in {Part.IDLE, Part.PLACE} or not row.differs else ()
        note = safe(self._output, _note(row, self._places))
        if width(name) <= self._first and all(c.cells <= w for c, w in zip(said, self._widths, strict=True)):
            self._line(name, said, styles, note)
            return
        self._output.line(INDENT + self._output.style(self._shortened(name, len(INDENT)), *styles))
        for mark, cell in zip(self._marks, self._apart(said), strict=True):
            drawn = cell.drawn(self._output, cell.cells)
            self._output.line(f"{INDENT * 2}{self._output.style(mark, 'dim')} {drawn}".rstrip())
        if (
            row.section is not Section.PARAMETERS or not row.note
        ):  # a note there repeats long values from where they differ
            self._under(note)

    def _line(self, name: str, said: Sequence[_Said], styles: Sequence[str] = (), note: str = "") -> None:
        """Print a name, its cells, and a few words behind them, or below where there is no room."""
        output = self._output
        cells = [
            (cell if cell.cells <= room else _Said(shorten(cell.text, room, ascii_only=output.ascii), "", cell.styles))
            for cell, room in zip(said, self._widths, strict=True)
        ]
        drawn = GAP.join(cell.drawn(output, room) for cell, room in zip(cells, self._widths, strict=True))
        head = output.style(pad(name, self._first), *styles) if styles else pad(name, self._first)
        room = output.width - len(INDENT) - self._first - sum(len(GAP) + cells for cells in self._widths) - len(GAP)
        beside = bool(note) and width(note) <= room
        tail = GAP + output.style(note, "dim") if beside else ""
        output.line(f"{INDENT}{head}{GAP}{drawn}{tail}".rstrip())
        if not beside:
            self._under(note)

    def _under(self, note: str) -> None:
        if note:
            self._output.line(INDENT * 2 + self._output.style(self._shortened(note, 2 * len(INDENT)), "dim"))

    def _apart(self, said: Sequence[_Said]) -> list[_Said]:
        """Shorten what is wider than the terminal so that what differs can be seen to differ."""
        room = self._output.width - 2 * len(INDENT) - 2
        if all(cell.cells <= room for cell in said):
            return list(said)
        base = said[0].text
        other = next((cell.text for cell in said[1:] if cell.text != base), base)
        texts = [apart(base, other)[0], *(apart(base, cell.text)[1] for cell in said[1:])]
        return [
            _Said(shorten(safe(self._output, text), room, ascii_only=self._output.ascii), "", cell.styles)
            for text, cell in zip(texts, said, strict=True)
        ]

    def _shortened(self, text: str, taken: int) -> str:
        return shorten(text, self._output.width - taken, ascii_only=self._output.ascii)


def _state(column: Column) -> str:
    """Say of a run that did not simply end how it stands."""
    return column.problem or ("" if column.state in {None, State.DONE} else str(column.state))


def _said(output: Output, cell: Cell, row: Row) -> _Said:
    """Say what stands in a cell; `-` is there where a run has none."""
    if not cell.text:
        return _Said(safe(output, cell.why) or _MISSING, styles=("dim",))
    quiet = ("dim",) if row.part in {Part.IDLE, Part.PLACE} or not row.differs else ()
    pair = len(row.cells) == _PAIR
    text = safe(output, cell.text) + ("*" if cell.best and not pair else "")
    if not cell.delta:
        return _Said(text, styles=quiet)
    judged = {True: " better", False: " worse", None: ""}[cell.better] if pair else ""
    styles = {True: ("green",), False: ("red",), None: ("dim",)}[cell.better]
    return _Said(text, safe(output, cell.delta + judged), styles)


def _note(row: Row, places: Sequence[int]) -> str:
    """Say what part a row plays, and what is not certain of its values."""
    why = [row.cells[at].why for at in places if row.cells[at].text]
    words = [row.note, _PARTS.get(row.part, "") if row.differs else "", *why]
    return "; ".join(dict.fromkeys(word for word in words if word))


def safe(output: Output, text: str) -> str:
    """Make foreign text fit for a line of this output."""
    return to_ascii(clean(text)) if output.ascii else clean(text)
