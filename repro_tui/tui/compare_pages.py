"""What opens below a row of a comparison: a coloured patch, packages, a summary of data, whole values."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.domain.comparison import Cell, CodeChange, Comparison, FilePatch, Row
from repro_tui.domain.data_change import summary_lines
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.traits import Part, Section
from repro_tui.tui.render import patch
from repro_tui.tui.render.lines import EMPTY, Field, Line, Piece, table, wrapped
from repro_tui.tui.render.text import clean, to_ascii
from repro_tui.tui.widgets.lines import Page, PageMaker

_COMMITS = 5
"""Commits that are named above a patch."""
_LONGEST = 20_000
"""Characters of a value that are shown: a longer one is no parameter that anybody reads."""
_TOLD = 72
"""Cells in which it is said why there is no patch: lines of code are scrolled sideways, sentences need not be."""
LOOKING = "looking ..."


def between(comparison: Comparison, chosen: int) -> str:
    """Name the two runs that a detail is about."""
    return f"{clean(comparison.columns[0].name)} to {clean(comparison.columns[chosen].name)}"


def head(what: str, about: str, note: str = "") -> Line:
    """Write the line that stays above a detail."""
    return ((f" {clean(what)}", "strong"), (f"   {about}", "dim"), (f"   {clean(note)}" if note else "", "value"))


def waiting(top: Line) -> PageMaker:
    """Say that the answer is being looked for."""
    return lambda _cells: Page((((f" {LOOKING}", "faint"),),), top)


def unavailable(top: Line, why: str) -> PageMaker:
    """Say why there is nothing to show."""
    return lambda cells: Page([((" ", ""), *line) for line in wrapped(why, cells - 2, "warn")], top)


# Code.


def code_page(change: CodeChange, parsed: Mapping[str, Sequence[patch.Row]], row: Row, about: str) -> PageMaker:
    """Show the patch of a row's file, or of all files where the row is none of them."""
    mine = [file for file in change.files if file.path == row.name]
    is_file = bool(mine) or row.name != "commit"
    files = mine if is_file else list(change.files)
    top = head(row.name, about, _size(files))
    if not files and is_file:
        return unavailable(top, change.why or f"{row.name} does not differ between these two, as far as is known.")
    before = [((" ", ""), *line) for line in _commits(change)]
    rows: list[patch.Row] = []
    for file in files:
        rows += [patch.Row("gap", "")] if rows else []
        rows += [patch.Row("file", file.path, path=file.path)] if not is_file else []
        rows += parsed.get(file.path, ())
    lines = patch.PatchLines([*before, *([EMPTY] if before and rows else [])], rows)
    return lambda _cells: Page(lines, top)


def _size(files: Sequence[FilePatch]) -> str:
    hunks = sum(file.hunks for file in files)
    if not hunks:
        return ""
    added, removed = sum(file.added for file in files), sum(file.removed for file in files)
    many = f"{len(files):,} files, " if len(files) > 1 else ""
    return f"{many}{hunks:,} {'hunk' if hunks == 1 else 'hunks'}, +{added:,} -{removed:,}"


def _commits(change: CodeChange) -> list[Line]:
    lines: list[Line] = []
    for found, what in ((change.commits, "since then"), (change.back, "only before")):
        if found:
            noun = "commit" if len(found) == 1 else "commits"
            lines.append(((f"{len(found):,} {noun} {what}", "title"),))
            lines += [((f"  {clean(text)}", "value"),) for text in found[:_COMMITS]]
            if len(found) > _COMMITS:
                lines.append(((f"  and {len(found) - _COMMITS:,} more", "dim"),))
    if change.why:
        lines.append(((clean(change.why), "warn"),))
    return lines


def rows_of(file: FilePatch) -> list[patch.Row]:
    """Take one file's patch apart; the language is chosen by its name."""
    rows = [] if file.used else [patch.Row("told", "neither run imported or read it, as far as was seen")]
    if file.why:
        return [*rows, *(patch.Row("told", line) for line in textwrap.wrap(file.why, _TOLD))]
    return [*rows, *(replace(row, path=file.path) for row in patch.parse("\n".join(file.lines)))]


# Data.


def data_page(change: DataChange | Unavailable, name: str, about: str, *, ascii_only: bool) -> PageMaker:
    """Show how a dataset differs: files, rows, columns, classes."""
    top = head(name, about)
    if isinstance(change, Unavailable):
        return unavailable(top, f"What changed is not known: {change.reason}")

    def made(cells: int) -> Page:
        return Page([((f" {text}", "value"),) for text in summary_lines(change, cells - 2, ascii_only=ascii_only)], top)

    return made


# What the rows themselves say.


def packages_page(comparison: Comparison, here: Row, about: str, *, ascii_only: bool) -> PageMaker:
    """Show every package of all runs, those that differ first."""
    rows = [row for row in comparison.rows if row.section is Section.ENVIRONMENT]
    ordered = sorted(rows, key=lambda row: (not row.differs, row.part is Part.IDLE))
    differing = sum(row.differs for row in rows)
    top = head("environment", about, f"{differing:,} of {len(rows):,} differ")

    def made(cells: int) -> Page:
        fields = [Field(" name", most=30), *(Field(clean(c.name), most=28) for c in comparison.columns), Field("")]
        lines = table(fields, [_package(row, here) for row in ordered], cells - 1)
        shown = [lines[0], *lines[1]]
        return Page(_in_ascii(shown) if ascii_only else shown, top)

    return made


def _package(row: Row, here: Row) -> list[Piece]:
    style = "value" if row.differs else "faint"
    marked = "accent" if row.name == here.name else style
    used = "not imported" if row.part is Part.IDLE else ""
    note = ", ".join(text for text in (row.note if row.differs else "", used) if text)
    return [(f" {row.name}", marked), *((_short(cell), style) for cell in row.cells), (note, "dim")]


def _short(cell: Cell) -> str:
    return cell.text or (f"? {cell.why}" if cell.token is None else "-")


def text_page(comparison: Comparison, row: Row, because: Sequence[str], *, ascii_only: bool) -> PageMaker:
    """Show what each run has, in full, and what the explanation says of it."""
    top = head(row.name, str(row.section))

    def made(cells: int) -> Page:
        lines: list[Line] = []
        for which in _alike(row):
            lines += _names(comparison, row, which, cells - 2)
            lines += _value(row.cells[which[0]], cells - 2)
        for text in because:
            lines += [((" ", ""), *line) for line in wrapped(text, cells - 2, "dim")]
        return Page(_in_ascii(lines) if ascii_only else lines, top)

    return made


def _alike(row: Row) -> list[list[int]]:
    """Put columns with the same value together, in the order of the first of each."""
    found: dict[tuple[str, str | None, str], list[int]] = {}
    for index, cell in enumerate(row.cells):
        found.setdefault((cell.text, cell.token, cell.why), []).append(index)
    return list(found.values())


def _names(comparison: Comparison, row: Row, which: Sequence[int], cells: int) -> list[Line]:
    """Name the runs that have a value; where two values look alike, the kind tells them apart."""
    cell = row.cells[which[0]]
    alike = any(other.text == cell.text and other.token != cell.token for other in row.cells)
    kind = (cell.token or "").partition(" ")[0] if alike and cell.token else ""
    notes = ", ".join(text for text in (kind, cell.delta, cell.why if cell.text else "") if text)
    names = ", ".join(f"{'b' if i == 0 else i + 1} {clean(comparison.columns[i].name)}" for i in which)
    return wrapped(f"{names}   {clean(notes)}".rstrip(), cells, "accent" if which[0] == 0 else "label", indent=1)


def _value(cell: Cell, cells: int) -> list[Line]:
    """Give a value, broken where it is long."""
    text = _short(cell)
    lines = wrapped(text[:_LONGEST], cells, "value" if cell.text else "faint", indent=5)
    if len(text) > _LONGEST:
        lines.append(((f"     and {len(text) - _LONGEST:,} more characters", "dim"),))
    return lines


def _in_ascii(lines: Sequence[Line]) -> list[Line]:
    return [tuple((to_ascii(text), style) for text, style in line) for line in lines]
