"""From snapshots to the lines of their table: order, filter, columns that fit, the text of each cell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from repro_tui.domain.ids import Digest, short
from repro_tui.domain.retention import Trashed
from repro_tui.domain.snapshot import Part, PartKind, Snapshot, SnapshotRow, StoreUsage
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import cut_pieces
from repro_tui.tui.render.text import clean, fit, shorten, to_ascii, width
from repro_tui.tui.run_lines import Piece

NAME_MOST = 28
NAME_LEAST = 12
NAME_SHORT = 16
"""Cells of a name that are not given up for a further column."""
SIZE = 6
"""Cells of a number of bytes: `640 MB`, `1.9 GB`."""
LEVEL = 8
"""Cells of a level: `2 linked`."""
GAP = "  "
PIN = 2
"""Cells before a name: the pin and a space."""

WORDS: Mapping[PartKind, str] = {
    PartKind.CODE: "code",
    PartKind.ENVIRONMENT: "env",
    PartKind.WHEELS: "wheels",
    PartKind.DATA: "data",
    PartKind.OUTPUTS: "outputs",
}
"""Kind of a part to its word in the table."""

LINKED, FREED = "linked", "freed"

SLOTS: Mapping[PartKind, int] = {kind: max(len(WORDS[kind]), 6 * (kind is PartKind.DATA)) for kind in PartKind}
"""Cells that each kind has in the table, so that the same parts stand below each other."""


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to sort by."""

    id: str
    title: str
    note: str
    key: Callable[[SnapshotRow], float | str]
    descending: bool = True
    """Whether the greatest comes first when nothing else is said."""


ORDERS: tuple[Order, ...] = (
    Order("age", "age", "newest first", lambda row: row.snapshot.t),
    Order("name", "name", "by the alphabet", lambda row: row.snapshot.name or row.snapshot.dataset, descending=False),
    Order("own", "own", "bytes that only it needs", lambda row: row.own),
    Order("shared", "shared", "bytes that other snapshots need too", lambda row: row.shared),
    Order("size", "size", "bytes when restored", lambda row: row.snapshot.size),
    Order("level", "level", "how well its run could be had again", lambda row: row.level),
    Order("checked", "checked", "damaged ones first", lambda row: {False: 2, None: 1, True: 0}[row.verified]),
)
"""What snapshots can be sorted by; the first one is the standard."""


def order_of(name: str) -> Order:
    """Give an order by its id; an unknown one is the standard."""
    return next((order for order in ORDERS if order.id == name), ORDERS[0])


def sorted_rows(rows: Sequence[SnapshotRow], order: Order, *, turned: bool) -> list[SnapshotRow]:
    """Sort rows; equal ones stay newest first."""
    newest = sorted(rows, key=lambda row: -row.snapshot.t)
    return sorted(newest, key=order.key, reverse=order.descending != turned)


def name_of(snapshot: Snapshot, versions: Mapping[Digest, str]) -> str:
    """Name a snapshot as a person would: its run, or the dataset's version that it keeps."""
    if snapshot.dataset:
        known = versions.get(snapshot.version) if snapshot.version else None
        return known or f"{snapshot.dataset} {short(snapshot.version) if snapshot.version else ''}".strip()
    return snapshot.name or short(snapshot.digest)


def part_word(part: Part) -> str:
    """Say in a word what there is of a part."""
    return LINKED if part.linked else FREED if part.dropped else WORDS[part.kind]


def age_of(snapshot: Snapshot, now: float) -> str:
    """Write a snapshot's age; one that cannot be read has none."""
    return ages.age(now - snapshot.t) if snapshot.t > 0 else numbers.MISSING


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds at one moment."""

    rows: Sequence[SnapshotRow] = ()
    usage: StoreUsage | None = None
    versions: Mapping[Digest, str] = field(default_factory=dict)
    """Version of a dataset to its name: `train v2`."""
    trashed: Sequence[Trashed] = ()
    """What was removed and still has bytes."""
    error: str = ""
    """Why the store cannot be read."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    id: str
    head: str
    cells: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class SnapshotTable:
    """The lines of the place, as a source of a row table."""

    rows: Sequence[SnapshotRow]
    now: float
    order: Order = ORDERS[0]
    versions: Mapping[Digest, str] = field(default_factory=dict)
    """Version of a dataset to its name: `train v2`."""
    ascii_only: bool = False
    name_cells: int = NAME_LEAST
    wheels: bool = False
    """Whether any snapshot keeps wheels."""
    keys: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        rows: Sequence[SnapshotRow],
        now: float,
        order: Order,
        *,
        among: Kept,
        ascii_only: bool,
    ) -> SnapshotTable:
        """Measure all rows, whichever are listed and in sight, so that columns never jump."""
        names = (width(shorten(name_of(row.snapshot, among.versions), NAME_MOST)) for row in among.rows)
        return cls(
            rows,
            now,
            order,
            among.versions,
            ascii_only,
            max(names, default=NAME_LEAST),
            any(part.kind is PartKind.WHEELS for row in among.rows for part in row.snapshot.parts),
            tuple(row.snapshot.digest for row in rows),
        )

    def columns(self, cells: int) -> tuple[Column, ...]:
        """Choose the columns that fit beside the names."""
        return _chosen(cells - min(self.name_cells, NAME_SHORT), wheels=self.wheels)

    def _name(self, cells: int) -> int:
        """Give the cells of the names."""
        return max(NAME_LEAST, min(self.name_cells, NAME_MOST, cells - _taken(self.columns(cells))))

    def head(self, cells: int) -> Sequence[Piece]:
        """Write the heads; the sorted one is lit."""
        pieces: list[Piece] = [("  ", ""), *self._headed("name", "snapshot", self._name(cells), right=False)]
        for column in self.columns(cells):
            pieces += [(GAP, ""), *self._headed(column.id, column.head, column.cells, right=column.right)]
        return pieces

    def _headed(self, name: str, head: str, cells: int, *, right: bool) -> list[Piece]:
        blank = " " * max(0, cells - width(head))
        lit = (head, "sorted" if self.order.id == name else "head")
        return [(blank, ""), lit] if right else [lit, (blank, "")]

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Write a snapshot's line."""
        row, columns, name_cells = self.rows[index], self.columns(cells), self._name(cells)
        name = name_of(row.snapshot, self.versions)
        pieces: list[Piece] = [("P" if row.pinned else " ", "accent"), (" ", "")]
        pieces.append((fit(name, name_cells, ascii_only=self.ascii_only), "name"))
        for column in columns:
            pieces += [(GAP, ""), *self._cell(row, column)]
        says_why = any(column.id == "parts" for column in columns) and not row.snapshot.parts
        tail = self._tail(row, cells - _taken(columns) - name_cells - 1, says_why=says_why)
        line = cut_pieces([*pieces, *tail], cells)
        return [(to_ascii(text), style) for text, style in line] if self.ascii_only else line

    def _cell(self, row: SnapshotRow, column: Column) -> list[Piece]:
        readable = bool(row.snapshot.parts) or not row.why
        if column.id == "parts":
            if not readable:
                return [(fit(row.why, column.cells, ascii_only=self.ascii_only), "bad")]
            return _part_pieces(row.snapshot.parts, column.cells, "." if self.ascii_only else "·")
        if column.id == "checked":
            return [_checked(row.verified, ascii_only=self.ascii_only)]
        if column.id == "level":
            style = "faint" if not row.level else "warn" if row.snapshot.partial else "value"
            return [(fit(row.level or numbers.MISSING, column.cells), style)]
        if column.id == "age":
            return [(fit(age_of(row.snapshot, self.now), column.cells, "right"), "quiet")]
        size = row.own if column.id == "own" else row.shared
        text = numbers.size(size) if readable else numbers.MISSING
        return [(fit(text, column.cells, "right"), "value" if column.id == "own" else "quiet")]

    def _tail(self, row: SnapshotRow, cells: int, *, says_why: bool) -> list[Piece]:
        """Write what is out of the ordinary, where there is room, unless a column says it."""
        words = [(row.why, "bad")] if row.why and not says_why else []
        words += [("partial", "warn")] if row.snapshot.partial else []
        pieces: list[Piece] = []
        for text, style in words:
            shown = shorten(text, cells - len(GAP), ascii_only=self.ascii_only)
            if cells < len(GAP) + 4 or not shown:
                break
            pieces += [(GAP, ""), (shown, style)]
            cells -= len(GAP) + width(shown)
        return pieces


@lru_cache(maxsize=64)
def _chosen(room: int, *, wheels: bool) -> tuple[Column, ...]:
    """Choose columns for so many cells: what tells least gives way first, long names before that."""
    age, level = Column("age", "age", 4, right=True), Column("level", "level", LEVEL)
    own, shared = Column("own", "own", SIZE, right=True), Column("shared", "shared", SIZE, right=True)
    parts = Column("parts", "parts", _cells(kind for kind in PartKind if kind is not PartKind.WHEELS))
    every = Column("parts", "parts", _cells(PartKind))
    checked = Column("checked", "ok", 2)
    for chosen in (
        *([(age, own, shared, level, every, checked)] if wheels else []),
        (age, own, shared, level, parts, checked),
        (age, own, shared, level, checked),
        (age, own, level, checked),
        (age, own),
    ):
        if _taken(chosen) <= room:
            return chosen
    return (age,)


@lru_cache(maxsize=64)
def _taken(columns: tuple[Column, ...]) -> int:
    """Count the cells of everything but the name."""
    return PIN + sum(len(GAP) + column.cells for column in columns)


def _cells(kinds: Iterable[PartKind]) -> int:
    return sum(SLOTS[kind] + 1 for kind in kinds) - 1


def _part_pieces(parts: Sequence[Part], cells: int, nothing: str) -> list[Piece]:
    """Write a word for each kind, wheels where they have room; of several datasets what is least well kept is said."""
    pieces: list[Piece] = []
    for kind in PartKind:
        if kind is PartKind.WHEELS and cells < _cells(PartKind):
            continue
        found = sorted((part_word(part) for part in parts if part.kind is kind), key=_rank)
        word = found[0] if found else ""
        style = "faint" if not word else "warn" if word in {LINKED, FREED} else "value"
        pieces += [(fit(word or nothing, SLOTS[kind]), style), (" ", "")]
    return pieces[:-1]


def _rank(word: str) -> int:
    return {FREED: 0, LINKED: 1}.get(word, 2)


def _checked(verified: bool | None, *, ascii_only: bool) -> Piece:  # noqa: FBT001 - a value of three states
    good, bad = ("+", "x") if ascii_only else ("✓", "✗")
    if verified is None:
        return "- ", "faint"
    return (f"{good} ", "good") if verified else (f"{bad} ", "bad")


def matching(rows: Sequence[SnapshotRow], text: str, versions: Mapping[Digest, str]) -> Sequence[SnapshotRow]:
    """Give the rows whose name, person or digest contains a text, ignoring case."""
    words = text.lower().split()
    if not words:
        return rows
    return [row for row in rows if all(word in _searched(row.snapshot, versions) for word in words)]


def _searched(snapshot: Snapshot, versions: Mapping[Digest, str]) -> str:
    return clean(f"{name_of(snapshot, versions)} {snapshot.user} {snapshot.digest}").lower()
