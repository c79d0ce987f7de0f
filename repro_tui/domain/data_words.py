"""A change of data in words: a few of them for a question, and a block of lines for somebody who asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from repro_tui.domain.plain import clean, shorten, to_ascii
from repro_tui.domain.profile import (
    ColumnChange,
    DataChange,
    Overlap,
    TableChange,
)
from repro_tui.domain.table_change import shares

_LEAST_WIDTH = 40
_NAME = 24
"""Cells of a column or file name in a sentence."""
_TOLD_SHARE = 0.0005
"""A share that moved by less reads the same with one digit after the point."""
_TOLD_SHIFT = 0.01
_REORDERED = "same rows in another order or writing"

Word = Callable[[str], str]


def _speech(*, ascii_only: bool) -> Word:
    """Give what makes a foreign text fit to stand in a sentence."""

    def word(text: str) -> str:
        plain = clean(text)
        return shorten(to_ascii(plain) if ascii_only else plain, _NAME, ascii_only=ascii_only) or '""'

    return word


def phrase(change: DataChange, *, ascii_only: bool = False, most: int = 3) -> str:
    """Say a change in a few words, the most telling first: `+1,204 rows, label 3: 10.1 % → 12.2 %`.

    Args:
        change: what `compare` found.
        ascii_only: write `to` for the arrow and nothing beyond ASCII.
        most: how many things are said.
    """
    word, arrow = _speech(ascii_only=ascii_only), "to" if ascii_only else "→"
    said = list(_table_phrases(change.tables, word, arrow))[:most]
    if said == [_REORDERED] and (change.added or change.removed):
        said = []  # the tables that are in both are the same, and there is more or less beside them
    if not any(table.before and table.after and table.after.columns for table in change.tables) or not said:
        said = [*_file_phrases(change, word), *said]
    worse = [fault for fault in change.faults_after if fault not in change.faults_before]
    if worse:
        said = [*said[: most - 1], "1 problem in reading" if len(worse) == 1 else f"{len(worse):,} problems in reading"]
    leaked = [overlap for overlap in change.overlaps if overlap.rows]
    said = [*said[: most - 1], *_leaks(leaked[:1], word)] if leaked else said[:most]
    return ", ".join(said) if said else ("no change known" if change.empty else "changed")


def _table_phrases(tables: Sequence[TableChange], word: Word, arrow: str) -> Iterable[str]:
    known = [table for table in tables if table.before and table.after]
    counted = [table.after.rows - table.before.rows for table in tables if _counts(table)]  # type: ignore[union-attr, operator]  # _counts has looked
    if any(counted):
        more = sum(counted)
        yield f"{more:+,} {'row' if abs(more) == 1 else 'rows'}" if more else "rows moved between tables"
    if (classes := _class_phrase(known, word, arrow)) is not None:
        yield classes
    yield from _column_phrases(known, word, arrow)
    yield from _moved_phrases(known, word, arrow)
    if known and all(table.reordered for table in known):
        yield _REORDERED


def _counts(table: TableChange) -> bool:
    return all(
        side is not None and side.rows is not None and side.form != "images" for side in (table.before, table.after)
    )


def _class_phrase(tables: Sequence[TableChange], word: Word, arrow: str) -> str | None:
    """Tell of the class whose share moved most, in the table where the classes moved most."""
    moved = [table for table in tables if table.distance]
    if not moved:
        return None
    table = max(moved, key=lambda table: (table.distance or 0.0, table.name))
    assert table.before is not None
    assert table.after is not None
    old, new = shares(table.before.classes), shares(table.after.classes)
    name = max(sorted(old.keys() | new.keys()), key=lambda c: abs(new.get(c, 0.0) - old.get(c, 0.0)))
    pair = old.get(name, 0.0), new.get(name, 0.0)
    if abs(pair[1] - pair[0]) < _TOLD_SHARE:
        return None
    return f"{word(table.after.label)} {word(name)}: {moved_share(*pair, arrow)}"


def _column_phrases(tables: Sequence[TableChange], word: Word, arrow: str) -> Iterable[str]:
    renamed = [pair for table in tables for pair in table.renamed]
    yield from _few(
        [f"{word(pair.before)} probably renamed to {word(pair.after)}" for pair in renamed], "columns probably renamed"
    )
    for names, what in (
        ([name for table in tables for name in table.added], "added"),
        ([name for table in tables for name in table.removed], "removed"),
    ):
        if names:
            yield f"column {word(names[0])} {what}" if len(names) == 1 else f"{len(names):,} columns {what}"
    retyped = [column for table in tables for column in table.retyped]
    said = [f"{word(c.name)} {word(c.before.type)} {arrow} {word(c.after.type)}" for c in retyped]
    yield from _few(said, "columns retyped")


def _few(said: Sequence[str], what: str) -> Iterable[str]:
    if len(said) == 1:
        yield said[0]
    elif said:
        yield f"{len(said):,} {what}"


def _moved_phrases(tables: Sequence[TableChange], word: Word, arrow: str) -> Iterable[str]:
    """Tell of nulls, then of values; the column of the classes is told of by its classes."""
    columns = [
        column
        for table in tables
        for column in table.changed
        if (table.distance is None or not table.after or column.name != table.after.label)
        and not _counts_rows(table, column)
    ]
    nulls = sorted(columns, key=lambda c: -abs(c.after.nulls - c.before.nulls))[:1]
    if nulls and abs(nulls[0].after.nulls - nulls[0].before.nulls) >= _TOLD_SHARE:
        first = nulls[0]
        columns.remove(first)
        yield f"nulls in {word(first.name)}: {moved_share(first.before.nulls, first.after.nulls, arrow)}"
    shifted = [column for column in columns if abs(column.shift or 0.0) >= _TOLD_SHIFT]
    if shifted:
        yield _median(max(shifted, key=lambda c: abs(c.shift or 0.0)), word, arrow)
    elif columns and not any(_counts(table) and table.before.rows != table.after.rows for table in tables):  # type: ignore[union-attr]  # _counts has looked
        what = word(columns[0].name) if len(columns) == 1 else f"{len(columns):,} columns"
        yield f"values of {what} changed"


def _counts_rows(table: TableChange, column: ColumnChange) -> bool:
    """Tell whether a column is but a number for each row, of which the number of rows says all there is to say."""
    sides = ((table.before, column.before), (table.after, column.after))
    return all(
        whole and side.low.isdecimal() and side.nulls == 0 and side.distinct == (whole.sampled or whole.rows)
        for whole, side in sides
    )


def _median(column: ColumnChange, word: Word, arrow: str) -> str:
    old, new = column.before.quartiles[1], column.after.quartiles[1]
    return f"{word(column.name)} median {moved_number(old, new, arrow)}"


def _file_phrases(change: DataChange, word: Word) -> list[str]:
    counts = [
        (len(change.added), "added"),
        (len(change.removed), "removed"),
        (len(change.modified), "changed"),
        (len(change.renamed), "renamed"),
    ]
    said = [(count, what) for count, what in counts if count]
    if len(said) == 1 and said[0] == (1, "changed"):
        old, new = change.modified[0]
        grown = f" ({new.size - old.size:+,} bytes)" if new.size != old.size else ""
        return [f"{word(new.path)} changed{grown}"]
    return [
        f"{count:,} {'file' if count == 1 else 'files'} {what}" if not i else f"{count:,} {what}"
        for i, (count, what) in enumerate(said)
    ]


def _leaks(overlaps: Iterable[Overlap], word: Word) -> list[str]:
    return [f"{rows_word(overlap.rows)} shared with {word(overlap.other)}" for overlap in overlaps]


def moved_share(before: float, after: float, arrow: str) -> str:
    """Write two shares with as many digits as tell them apart: `10.1 % → 12.2 %`."""
    said = [(percent(before, digits), percent(after, digits)) for digits in (1, 2, 3)]
    old, new = next((pair for pair in said if pair[0] != pair[1]), said[-1])
    return f"{old} {arrow} {new}"


def moved_number(before: float | None, after: float | None, arrow: str) -> str:
    """Write two numbers with as many digits as tell them apart: `1,204 → 1,305`."""
    said = [(number(before, digits), number(after, digits)) for digits in (4, 6, 9, 12)]
    old, new = next((pair for pair in said if pair[0] != pair[1]), said[-1])
    return f"{old} {arrow} {new}"


def rows_word(rows: int) -> str:
    """Say a number of rows."""
    return "1 row" if rows == 1 else f"{rows:,} rows"


def percent(share: float, least: int = 1) -> str:
    """Write a share as per cent with one digit, more where it would read as nothing or everything: `10.1 %`."""
    if not math.isfinite(share):
        return "? %"
    value = share * 100
    for digits in range(least, 4):
        text = f"{value:.{digits}f}"
        if float(text) not in {0.0, 100.0} or value in {0.0, 100.0}:
            return f"{text} %" if value not in {0.0, 100.0} else f"{value:.0f} %"
    return "<0.001 %" if value < 1 else ">99.999 %"


def number(value: float | None, digits: int = 4) -> str:
    """Write a number with four significant digits, or more; below ten million all digits before the point."""
    if value is None or not math.isfinite(value):
        return "-" if value is None else str(value)
    size = abs(value)
    if value == int(value) and size < 1e7:  # noqa: PLR2004 - a whole number that is short enough to read
        return f"{int(value):,}"
    if 10 ** (digits - 1) <= size < 1e7:  # noqa: PLR2004 - the same
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def bytes_word(size: int) -> str:
    """Write a size: `512 B`, `31 kB`, `1.9 GB`."""
    if size < 1000:  # noqa: PLR2004 - below a kilobyte
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":  # noqa: PLR2004 - three digits
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"  # noqa: PLR2004 - one digit
    return f"{size} B"


def summary_lines(change: DataChange, columns: int, *, ascii_only: bool = False) -> list[str]:
    """Draw a change as a block of lines, none of them wider than so many cells, of which there are at least 40.

    Files, rows, columns and nulls; per class a bar before and after; columns that moved; rows shared with others.
    """
    from repro_tui.domain.data_lines import Block

    return Block(change, max(columns, _LEAST_WIDTH), ascii_only=ascii_only).lines()
