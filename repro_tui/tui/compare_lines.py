"""The lines of a comparison: names that stay, the baseline beside them, and as many runs as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.comparison import Cell, Column, Comparison, Row
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section
from repro_tui.tui.render.lines import Piece
from repro_tui.tui.render.text import clean, fit, pad, shorten, to_ascii, width

LEAST = 17
"""Cells below which a column says too little: then fewer columns are in sight."""
MOST = 44
"""Cells above which a column is only emptier."""
_GAP = 2
_NAME_LEAST = 14
_NAME_MOST = 36
_NOTE_LEAST = 8
_MORE = 3
"""Cells in which the head says how many runs are out of sight at the right."""
_LOOSE = 6
"""Cells that a column may have more than it needs, where there is room: what is apart is read more easily."""
_MEASURED = 2_000
"""Rows whose widths decide those of the columns: more of them would be measured longer than a screen may take."""

GLYPHS = {State.RUNNING: "●", State.FAILED: "✗", State.DIED: "!", State.SILENT: "?"}
"""Beside a run's name, unless it ended well."""

_COUNTED = len("+123 -45")
"""Cells that are held for the lines by which a file differs, so that nothing moves when they are counted."""

PART_WORDS = {Part.SEED: "seed", Part.IDLE: "not seen in use", Part.PLACE: "only a place"}
"""Why a difference says nothing about the result."""


def key_of(row: Row) -> str:
    """Give the identity of a row."""
    return f"{row.section}/{row.name}"


def counted(row: Row, counts: Sequence[Mapping[str, str]]) -> Row:
    """Say beside a file's ids by how many lines it differs from the baseline's, which tells more than they do.

    Args:
        row: Any row.
        counts: For each column, by path: `+3 -1`, as far as it is known.
    """
    if row.section is not Section.CODE or not row.differs:
        return row
    base = row.cells[0].token
    cells = (
        replace(cell, delta=known.get(row.name, "")) if cell.token and cell.token != base else cell
        for cell, known in zip(row.cells, counts, strict=True)
    )
    return replace(row, cells=tuple(cells))


def is_sought(row: Row, words: Sequence[str]) -> bool:
    """Tell whether all words of a filter are in a row's section or name: `env num`, `data/train`."""
    text = key_of(row).lower()
    return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Widths:
    """How many cells each part of a line has."""

    name: int
    columns: tuple[tuple[int, int], ...]
    """(index of the column, cells), as far as they are in sight, the baseline first."""
    note: int
    """Cells left at the end."""


class ComparisonLines:
    """What the table of a comparison shows; the column at index 0 is the baseline."""

    def __init__(
        self,
        comparison: Comparison,
        rows: Sequence[Row],
        *,
        chosen: int = 1,
        first: int = 1,
        ascii_only: bool = False,
    ) -> None:
        """Make it.

        Args:
            comparison: What is shown.
            rows: Those of its rows that are listed.
            chosen: The column that is held against the baseline.
            first: The column that stood beside the baseline so far, so that no more moves than has to.
            ascii_only: Draw with ASCII signs.
        """
        self._columns = comparison.columns
        self._rows: list[Row | Section] = list(_with_heads(rows))
        self._chosen = min(chosen, len(comparison.columns) - 1)
        self.first = first
        self._ascii = ascii_only
        self._keys = ["" if isinstance(row, Section) else key_of(row) for row in self._rows]
        self._by_key = {key: row for key, row in zip(self._keys, self._rows, strict=True) if isinstance(row, Row)}
        measured = rows[:_MEASURED]
        self._labels = max((width(_label(row)) for row in measured), default=0)
        self._needed = [self._need(index, measured) for index in range(len(comparison.columns))]
        self._notes = max((width(_note(row, of_two=len(row.cells) == 2)) for row in measured), default=0)  # noqa: PLR2004 - a note is about two runs
        self._before_delta = [_value_widths(rows, index) for index in range(len(comparison.columns))]
        self._widths: tuple[int, Widths] | None = None

    @property
    def keys(self) -> Sequence[str]:
        """Give an identity for each line; the heads of sections have none."""
        return self._keys

    def row(self, key: str) -> Row | None:
        """Give the row of an identity."""
        return self._by_key.get(key)

    def differing(self) -> Iterator[int]:
        """Give the numbers of the lines that differ."""
        return (number for number, row in enumerate(self._rows) if isinstance(row, Row) and row.differs)

    # How wide everything is.

    def _need(self, index: int, rows: Sequence[Row]) -> int:
        head = width(self._title(index))
        return max([head, *(_cell_width(row, index) for row in rows)], default=head)

    def widths(self, cells: int) -> Widths:
        """Share out the cells of a line."""
        if self._widths is None or self._widths[0] != cells:
            self._widths = (cells, self._shared(cells))
        return self._widths[1]

    def _shared(self, cells: int) -> Widths:
        name = min(max(_NAME_LEAST, self._labels + 4), _NAME_MOST, max(_NAME_LEAST, cells * 3 // 10))
        room = cells - name
        wanted = [min(need, MOST) for need in self._needed]
        shown = self._in_sight(room, [min(want, LEAST) for want in wanted])
        least = [min(wanted[index], LEAST) for index in shown]
        spare = room - sum(least) - _GAP * len(shown) - (_MORE if shown and shown[-1] + 1 < len(wanted) else 0)
        for place, index in sorted(enumerate(shown), key=lambda pair: wanted[pair[1]]):
            waiting = sum(1 for p, i in enumerate(shown) if least[p] < wanted[i]) or 1
            more = max(0, min(wanted[index] - least[place], spare // waiting))
            least[place] += more
            spare -= more
        looser = max(0, min(_LOOSE, (spare - self._notes) // (len(shown) + 1)))
        least = [cells + looser for cells in least]
        return Widths(name + looser, tuple(zip(shown, least, strict=True)), max(0, spare - looser * (len(shown) + 1)))

    def _in_sight(self, room: int, least: Sequence[int]) -> list[int]:
        """Choose the columns: all, or the baseline and those around the chosen one, moved as little as possible."""
        count = len(least)
        if count < 2 or sum(least) + _GAP * count <= room:  # noqa: PLR2004 - nothing to choose from
            self.first = 1
            return list(range(count))
        most = max(1, (room - _MORE - least[0] - _GAP) // (max(least[1:]) + _GAP))
        self.first = max(self._chosen - most + 1, min(self.first, self._chosen, count - most), 1)
        return [0, *range(self.first, min(count, self.first + most))]

    # Lines.

    def head(self, cells: int) -> Sequence[Piece] | None:
        """Name the runs; the chosen one is told apart where there are several."""
        found = self.widths(cells)
        pieces: list[Piece] = [(" " * found.name, "")]
        several = len(self._columns) > 2  # noqa: PLR2004 - of two, one is chosen
        for index, room in found.columns:
            mark = "b" if index == 0 else str(index + 1)
            lit = index in {0, self._chosen}
            sign = ">" if several and index == self._chosen else ""
            text = fit(self._title(index)[len(mark) :], room - len(sign) - len(mark), ascii_only=self._ascii)
            pieces += [(sign, "accent"), (mark, f"run-{index % 8 + 1}"), (text, "title" if lit else "quiet")]
            pieces.append((" " * _GAP, ""))
        hidden = len(self._columns) - 1 - found.columns[-1][0] if found.columns else 0
        return [*pieces, (f"+{hidden}", "faint")] if hidden else pieces

    def _title(self, index: int) -> str:
        column = self._columns[index]
        return f"{'b' if index == 0 else index + 1} {title_of(column)}"

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Give one line: the head of a section, or a row."""
        row = self._rows[index]
        if isinstance(row, Section):
            return [(row.value.upper(), "quiet")]
        found = self.widths(cells)
        counts = row.differs and row.part is not Part.IDLE and row.part is not Part.PLACE
        label = fit(f"  {_label(row)}", found.name - 1, ascii_only=self._ascii)
        pieces: list[Piece] = [(label + " ", "name" if counts else "quiet")]
        shown = [self._text(row, index, room) for index, room in found.columns]
        for (column, room), text in zip(found.columns, shown, strict=True):
            pieces += self._cell(row, column, text, room)
            pieces.append((" " * _GAP, ""))
        note = self._plain(_note(row, of_two=len(row.cells) == 2))  # noqa: PLR2004 - a note is about two runs
        if note and found.note >= _NOTE_LEAST:
            pieces.append((shorten(note, found.note, ascii_only=self._ascii), "quiet"))
        return pieces

    def _text(self, row: Row, index: int, room: int) -> str:
        """Shorten a value; where it then looks like the baseline's and is another, its end is what is shown."""
        mine, base = _told_apart(row, index), _told_apart(row, 0)
        text = shorten(mine, room, ascii_only=self._ascii)
        if index and mine != base and text == shorten(base, room, ascii_only=self._ascii):
            return shorten(mine, room, keep="end", ascii_only=self._ascii)
        return text

    def _cell(self, row: Row, index: int, text: str, room: int) -> list[Piece]:
        cell = row.cells[index]
        if not text:
            return [self._absence(cell, room)]
        same = index > 0 and cell.token is not None and cell.token == row.cells[0].token
        style = "accent" if cell.best and row.differs else "quiet" if same or not row.differs else "value"
        sign = "*" if cell.best and row.differs else ""
        delta = self._plain(cell.delta)
        if width(text) + len(sign) > room:
            text = shorten(text, room - len(sign), ascii_only=self._ascii)
        left = room - width(text) - len(sign)
        pieces: list[Piece] = [(text + sign, style)]
        if delta and left >= width(delta) + 2:
            worth = "quiet" if cell.better is None else "good" if cell.better else "bad"
            aligned = self._before_delta[index].get(row.section, 0) - width(text) - len(sign)
            gap = 2 + max(0, min(aligned, left - width(delta) - 2))
            pieces += [(" " * gap, ""), (delta, worth)]
            left -= width(delta) + gap
        return [*pieces, (" " * left, "")]

    def _absence(self, cell: Cell, room: int) -> Piece:
        """Say that there is no value, or why it is not known."""
        if cell.token is None or cell.why:
            sign = "?" if cell.token is None else "-"
            return fit(f"{sign} {cell.why}".strip(), room, ascii_only=self._ascii), "faint"
        return pad("-", room), "faint"

    def _plain(self, text: str) -> str:
        return to_ascii(clean(text)) if self._ascii else clean(text)


def title_of(column: Column) -> str:
    """Name a run, with a sign when it did not end well or is going on."""
    glyph = GLYPHS.get(column.state) if column.state is not None else None
    return f"{glyph} {clean(column.name)}" if glyph else clean(column.name)


def _with_heads(rows: Sequence[Row]) -> Iterator[Row | Section]:
    section: Section | None = None
    for row in rows:
        if row.section is not section:
            section = row.section
            yield section
        yield row


def _label(row: Row) -> str:
    return f"{clean(row.name)} ({row.direction})" if row.direction else clean(row.name)


def _told_apart(row: Row, index: int) -> str:
    """Give a value without what all of them have and a name tells.

    The place of a file of data (`data/train.csv, b3:4b8bd0, ...`), and of which kind the ids of a file of code are.
    """
    text = row.cells[index].text
    if row.section is Section.CODE:
        kinds = {cell.text.rpartition(":")[0] for cell in row.cells if cell.text}
        return text.rpartition(":")[2] if len(kinds) == 1 else text
    if row.section is not Section.DATA:
        return text
    places = {cell.text.partition(", ")[0] for cell in row.cells if cell.text}
    place, comma, rest = text.partition(", ")
    return rest if comma and len(places) == 1 and ":" not in place else text


def _cell_width(row: Row, index: int) -> int:
    cell = row.cells[index]
    shown = clean(_told_apart(row, index)) or f"? {cell.why}"
    delta = width(cell.delta)
    if index and row.section is Section.CODE and row.differs and cell.text:
        delta = max(delta, _COUNTED)
    return width(shown) + (delta + 2 if delta else 0) + (1 if cell.best else 0)


def _value_widths(rows: Sequence[Row], index: int) -> dict[Section, int]:
    """Measure the values of each section that a difference stands behind, so that those stand below each other."""
    found: dict[Section, int] = {}
    for row in rows[:_MEASURED]:
        cell = row.cells[index]
        if cell.delta:
            found[row.section] = max(found.get(row.section, 0), width(clean(_told_apart(row, index))) + cell.best)
    return found


def _note(row: Row, *, of_two: bool) -> str:
    """Say what two cells do not: by how much they differ, or that it cannot matter."""
    if not row.differs:
        return ""
    words = PART_WORDS.get(row.part, "")
    return ", ".join(text for text in (row.note if of_two else "", words) if text)
