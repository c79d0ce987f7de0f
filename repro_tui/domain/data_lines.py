"""The block of lines that explains a change of data, as it is drawn under the question and in the place Data."""

from __future__ import annotations

import re
from collections.abc import Sequence

from repro_tui.domain.data_words import bytes_word, moved_number, moved_share, rows_word
from repro_tui.domain.plain import clean, shorten, to_ascii, width
from repro_tui.domain.profile import ColumnChange, DataChange, TableChange, TypeCount
from repro_tui.domain.table_change import shares

_KEY = 8
"""Cells of the first column: `files   `."""
_GAP = "   "
_NAME = 24
"""Cells of a name among others."""
_MOST_NAMES = 3
_MOST_COLUMNS = 8
_MOST_TABLES = 6
_MOST_TYPES = 6
_MOST_PROBLEMS = 4
_TOLD_SHARE = 0.0005
_TOLD_SHIFT = 0.005
BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = "_.-~=+*#"


class Block:
    """A change, to be drawn in so many cells."""

    def __init__(self, change: DataChange, cells: int, *, ascii_only: bool = False) -> None:
        self.change = change
        self.cells = cells
        self.ascii = ascii_only
        self.arrow = "to" if ascii_only else "→"

    def lines(self) -> list[str]:
        """Draw it."""
        lines = [*self._files(), *self._types()]
        tables = self.change.tables
        for table in tables[:_MOST_TABLES]:
            if len(tables) > 1:
                lines += self._line("table", [self._word(table.name, self.cells - _KEY)])
            lines += self._table(table)
        if len(tables) > _MOST_TABLES:
            lines += self._line("", [f"and {len(tables) - _MOST_TABLES:,} more tables"])
        for overlap in self.change.overlaps:
            of = f" of {overlap.of:,} compared" if overlap.rows or overlap.sampled else ""
            sampled = ", a sample" if overlap.sampled else ""
            lines += self._plain(f"shared with {self._word(overlap.other)}: {rows_word(overlap.rows)}{of}{sampled}")
        for text in self.change.unknown[:_MOST_PROBLEMS]:
            lines += self._line("unknown", [self._word(text, self.cells - _KEY)])
        return [*lines, *self._faults()]

    def _faults(self) -> list[str]:
        """Name what could not be read, of which version."""
        old, new = self.change.faults_before, self.change.faults_after
        said = [(f"{'before and ' if text in old else ''}now", text) for text in new]
        said += [("before", text) for text in old if text not in new]
        lines = []
        for when, text in said[:_MOST_PROBLEMS]:
            lines += self._line("problem", [self._word(f"{when}: {text}", self.cells - _KEY)])
        if len(said) > _MOST_PROBLEMS:
            lines += self._line("", [f"and {len(said) - _MOST_PROBLEMS:,} more"])
        return lines

    def _word(self, text: str, cells: int = _NAME) -> str:
        """Make a foreign text fit to stand here."""
        plain = clean(text)
        return shorten(to_ascii(plain) if self.ascii else plain, cells, ascii_only=self.ascii) or '""'

    def _line(self, key: str, parts: Sequence[str]) -> list[str]:
        """Set a key and its parts, on as many lines as they need; a part that is too wide is cut."""
        lines, line = [], f"{shorten(key, _KEY - 1, ascii_only=self.ascii):<{_KEY}}"
        room = _KEY
        for part in parts:
            text = shorten(part, self.cells - _KEY, ascii_only=self.ascii)
            gap = _GAP if room > _KEY else ""
            if room > _KEY and room + len(gap) + width(text) > self.cells:
                lines.append(line)
                line, room, gap = " " * _KEY, _KEY, ""
            line += gap + text
            room += len(gap) + width(text)
        return [*lines, line.rstrip()]

    def _plain(self, text: str) -> list[str]:
        return [shorten(text, self.cells, ascii_only=self.ascii)]

    def _files(self) -> list[str]:
        change = self.change
        parts = []
        for paths, what in (
            ([line.path for line in change.added], "added"),
            ([new.path for _, new in change.modified], "changed"),
            ([line.path for line in change.removed], "removed"),
        ):
            names = "  ".join(map(self._word, paths)) if len(paths) <= _MOST_NAMES else ""
            parts.append(f"{len(paths):,} {what}" + (f"  {names}" if names else ""))
        if change.renamed:
            pairs = [f"{self._word(pair.before)} {self.arrow} {self._word(pair.after)}" for pair in change.renamed]
            said = "  ".join(pairs) if len(pairs) <= _MOST_NAMES else ""
            parts.append(f"{len(pairs):,} renamed" + (f"  {said}" if said else ""))
        return self._line("files", parts)

    def _types(self) -> list[str]:
        """Tell how files of each type became more or fewer, where no table says more."""
        pairs = self.change.types
        if not pairs or any(table.before and table.after and table.after.columns for table in self.change.tables):
            return []
        parts = [self._type(*pair) for pair in pairs[:_MOST_TYPES]]
        more = [f"and {len(pairs) - _MOST_TYPES:,} more"] if len(pairs) > _MOST_TYPES else []
        return self._line("types", parts + more)

    def _type(self, old: TypeCount, new: TypeCount) -> str:
        name = self._word(new.suffix) if new.suffix else "no suffix"
        count = f"{old.files:,}" if old.files == new.files else f"{old.files:,} to {new.files:,}"
        sizes = bytes_word(old.size), bytes_word(new.size)
        return f"{name} {count} ({sizes[0] if sizes[0] == sizes[1] else ' to '.join(sizes)})"

    def _table(self, table: TableChange) -> list[str]:
        if table.before is None or table.after is None:
            return self._whole(table)
        if table.after.form == "images":
            return self._classes(table)
        lines = self._line("rows", [self._rows(table), *self._columns(table), self._nulls(table)])
        if table.reordered:
            lines += self._line("", ["the same rows in another order or writing"])
        lines += self._classes(table)
        lines += self._moved(table)
        sampled = max(table.before.sampled or 0, table.after.sampled or 0)
        if sampled:
            lines += self._line("", [f"statistics rest on a sample of {sampled:,} rows"])
        return lines

    def _whole(self, table: TableChange) -> list[str]:
        """Tell of a table that came or went."""
        some = table.after or table.before
        assert some is not None
        rows = "rows not counted" if some.rows is None else rows_word(some.rows)
        what = "is new" if table.before is None else "is gone"
        return self._line("", [f"{self._word(some.name)} {what}", rows, f"{len(some.columns):,} columns"])

    @staticmethod
    def _rows(table: TableChange) -> str:
        old, new = (
            "not counted" if s is None or s.rows is None else f"{s.rows:,}" for s in (table.before, table.after)
        )
        return f"{old} to {new}" if old != new else f"same ({new})" if new != "not counted" else new

    def _columns(self, table: TableChange) -> list[str]:
        parts = []
        if table.added:
            parts.append("+" + self._names(table.added))
        if table.removed:
            parts.append("-" + self._names(table.removed))
        parts += [
            f"{self._word(p.before)} probably renamed to {self._word(p.after)}" for p in table.renamed[:_MOST_NAMES]
        ]
        parts += [
            f"{self._word(c.name)} {self._word(c.before.type)} {self.arrow} {self._word(c.after.type)}"
            for c in table.retyped[:_MOST_NAMES]
        ]
        left = max(0, len(table.renamed) - _MOST_NAMES) + max(0, len(table.retyped) - _MOST_NAMES)
        if left:
            parts.append(f"and {left:,} more")
        return parts or ["columns same"]

    def _names(self, names: Sequence[str]) -> str:
        said = ", ".join(map(self._word, names[:_MOST_NAMES]))
        rest = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        return f"{'column' if len(names) == 1 else 'columns'} {said}{rest}"

    def _nulls(self, table: TableChange) -> str:
        moved = [
            column
            for column in (*table.changed, *table.retyped)
            if abs(column.after.nulls - column.before.nulls) >= _TOLD_SHARE
        ]
        if not moved:
            return "nulls same"
        most = max(moved, key=lambda column: abs(column.after.nulls - column.before.nulls))
        rest = f" and {len(moved) - 1:,} more" if len(moved) > 1 else ""
        pair = moved_share(most.before.nulls, most.after.nulls, self.arrow)
        return f"nulls in {self._word(most.name)} {pair}{rest}"

    def _classes(self, table: TableChange) -> list[str]:
        """Draw the share of each class before and after; twice an even share is the top, unless one has more."""
        assert table.before is not None
        assert table.after is not None
        old, new = shares(table.before.classes), shares(table.after.classes)
        if not old or not new or table.distance is None:
            return []
        names = sorted(old.keys() | new.keys(), key=natural)
        room = self.cells - _KEY
        shown = names[:room]
        top = max(2 / len(names), *old.values(), *new.values())
        said = f"distance {table.distance:.2f}" if table.distance >= 0.005 or not table.distance else "distance < 0.01"  # noqa: PLR2004 - two digits
        lines = self._line(self._word(table.after.label, _KEY - 1), [self._labels(shown, names, said), said])
        bars = PLAIN_BARS if self.ascii else BARS
        for key, side in (("before", old), ("after", new)):
            drawn = "".join(bars[min(7, round(side.get(name, 0.0) / top * 8))] for name in shown)
            lines.append(f"{key:<{_KEY}}{drawn}")
        return lines

    def _labels(self, shown: Sequence[str], names: Sequence[str], said: str) -> str:
        """Name the classes in as much room as there is beside the distance."""
        room = self.cells - _KEY - len(_GAP) - len(said)
        text = " ".join(self._word(name) for name in shown)
        more = f" ({len(names):,})"
        return text if width(text) <= room else shorten(text, room - len(more), ascii_only=self.ascii) + more

    def _moved(self, table: TableChange) -> list[str]:
        told = table.after.label if table.after and table.distance is not None else ""
        columns = [column for column in table.changed if not told or column.name != told]
        lines = []
        for column in columns[:_MOST_COLUMNS]:
            name = self._word(column.name, max(_KEY - 1, min(_NAME, self.cells // 3)))
            lines += self._column(name, column)
        if len(columns) > _MOST_COLUMNS:
            lines += self._line("", [f"and {len(columns) - _MOST_COLUMNS:,} more columns"])
        return lines

    def _column(self, name: str, column: ColumnChange) -> list[str]:
        old, new = column.before, column.after
        parts = []
        if old.quartiles and new.quartiles:
            for place, what in ((1, "median"), (0, "25 %"), (2, "75 %")):
                low, high = old.quartiles[place], new.quartiles[place]
                if low != high:
                    far = place == 1 and column.shift is not None and abs(column.shift) >= _TOLD_SHIFT
                    moved = f" (shift {column.shift:+.2f})" if far else ""
                    parts.append(f"{what} {moved_number(low, high, self.arrow)}{moved}")
                    break  # one of them shows that the values moved, and how far
        if abs(old.nulls - new.nulls) >= _TOLD_SHARE:
            parts.append(f"nulls {moved_share(old.nulls, new.nulls, self.arrow)}")
        for what, a, b in (("min", old.low, new.low), ("max", old.high, new.high)):
            if a != b:
                parts.append(f"{what} {self._value(a)} {self.arrow} {self._value(b)}")
        if old.distinct != new.distinct and old.distinct is not None and new.distinct is not None:
            parts.append(f"different values {old.distinct:,} {self.arrow} {new.distinct:,}")
        return self._line("", [name, *(parts or ["other values"])])

    def _value(self, text: str) -> str:
        return self._word(text, 16)


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """Give a key that sorts `2` before `10` and both before words."""
    return tuple(
        (0, int(p)) if p.isdecimal() and p.isascii() else (1, p) for p in re.split(r"([0-9]{1,18})", text) if p
    )
