"""From decisions to the lines of the prune table: order, filter, columns that fit, the text of each cell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Candidate, Decision, Stock, Verdict
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import cut_pieces
from repro_tui.tui.render.text import clean, fit, shorten, to_ascii, width
from repro_tui.tui.run_lines import Piece

GAP = "  "
NAME_LEAST, NAME_MOST = 12, 28
VERDICT = 7
AGE, SIZE, LEVEL = 4, 6, 8
_GIVE_WAY = (("level", 38), ("age", 22), ("own", 22))
"""Column, and the cells of the reason below which it gives way: the reason is what the list is looked at for."""
LOOKS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.KEEP: ("keep", "quiet"),
    Verdict.REMOVE: ("remove", "bad"),
    Verdict.LESSEN: ("lessen", "warn"),
}
"""Verdict to its word and style."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One line: a snapshot and what is to become of it."""

    candidate: Candidate
    decision: Decision

    @property
    def because(self) -> str:
        """Give the reasons in words, the parts that go first."""
        words = "; ".join(reason.words for reason in self.decision.reasons)
        if self.decision.verdict is Verdict.LESSEN:
            return f"loses {', '.join(sorted(self.decision.parts))}: {words}"
        return words


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to sort by."""

    id: str
    title: str
    note: str
    key: Callable[[Decided], float | str]
    descending: bool = True


_RANK = {Verdict.REMOVE: 2, Verdict.LESSEN: 1, Verdict.KEEP: 0}
ORDERS: tuple[Order, ...] = (
    Order("age", "age", "newest first", lambda row: row.candidate.t),
    Order("own", "own", "bytes that only it needs", lambda row: row.candidate.own),
    Order("verdict", "verdict", "what goes first", lambda row: _RANK[row.decision.verdict]),
    Order("name", "name", "by the alphabet", lambda row: row.candidate.name, descending=False),
    Order("because", "because", "by the rule that spoke", lambda row: row.because, descending=False),
    Order("level", "level", "how well its run could be had again", lambda row: row.candidate.level_text),
)
"""What the lines can be sorted by; the first one is the standard."""


def decided(stock: Stock, decisions: Sequence[Decision]) -> list[Decided]:
    """Put snapshots and decisions together, in the order of the stock."""
    return [Decided(c, d) for c, d in zip(stock.candidates, decisions, strict=True)]


def listed(rows: Sequence[Decided], text: str, order: Order, *, turned: bool, only: bool) -> list[Decided]:
    """Choose and sort the lines.

    Args:
        rows: all of them, newest first.
        text: words that name or reason must contain, whatever their case.
        order: what to sort by; equal ones stay newest first.
        turned: the other way round.
        only: without those that stay whole and of which nobody said so.
    """
    words = text.lower().split()
    if not words and not only:
        return _sorted(list(rows), order, turned=turned)
    found = [
        row
        for row in rows
        if (not only or row.decision.verdict is not Verdict.KEEP or row.decision.overridden)
        and all(word in f"{row.candidate.name} {row.because} {row.decision.verdict}".lower() for word in words)
    ]
    return _sorted(found, order, turned=turned)


def _sorted(found: list[Decided], order: Order, *, turned: bool) -> list[Decided]:
    if order is ORDERS[0]:
        return found[::-1] if turned else found
    return sorted(found, key=order.key, reverse=order.descending != turned)


def name_cells(rows: Sequence[Decided]) -> int:
    """Measure the names of all snapshots."""
    return max(NAME_LEAST, min(NAME_MOST, max((width(row.candidate.name) for row in rows), default=0)))


@dataclass(frozen=True, slots=True)
class PruneTable:
    """The lines as a source of a row table."""

    rows: Sequence[Decided] = ()
    now: float = 0.0
    order: Order = ORDERS[0]
    name_cells: int = NAME_LEAST
    ascii_only: bool = False
    keys: Sequence[str] = field(default=())

    @classmethod
    def of(cls, rows: Sequence[Decided], now: float, order: Order, name: int, *, ascii_only: bool) -> PruneTable:
        """Make it; `name` are the cells that the names of all snapshots take, so that columns never jump."""
        return cls(rows, now, order, name, ascii_only, tuple(row.candidate.digest for row in rows))

    def _columns(self, cells: int) -> tuple[tuple[str, int], ...]:
        """Choose columns beside the name; the reason takes what is left."""
        columns = [("age", AGE), ("own", SIZE), ("level", LEVEL), ("verdict", VERDICT)]
        for gives_way, least in _GIVE_WAY:
            used = 2 + self._name(cells) + sum(len(GAP) + size for _, size in columns) + len(GAP)
            if cells - used < least:
                columns = [column for column in columns if column[0] != gives_way]
        return tuple(columns)

    def _name(self, cells: int) -> int:
        return max(NAME_LEAST, min(self.name_cells, cells // 3))

    def head(self, cells: int) -> Sequence[Piece]:
        """Write the heads; the sorted one is lit."""
        pieces: list[Piece] = [("  ", ""), (fit("snapshot", self._name(cells)), self._lit("name"))]
        for name, size in self._columns(cells):
            pieces += [(GAP, ""), (fit(name, size, "right" if name in {"age", "own"} else "left"), self._lit(name))]
        return cut_pieces([*pieces, (GAP, ""), ("because", self._lit("because"))], cells)

    def _lit(self, name: str) -> str:
        return "sorted" if self.order.id == name else "head"

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Write a snapshot's line."""
        row = self.rows[index]
        one, said = row.candidate, row.decision
        mark = "e" if said.overridden else "P" if one.pinned else " "
        pieces: list[Piece] = [(mark, "accent"), (" ", "")]
        pieces.append((fit(one.name, self._name(cells), ascii_only=self.ascii_only), "name"))
        word, style = LOOKS[said.verdict]
        texts = {
            "age": (fit(ages.age(self.now - one.t) if one.t else numbers.MISSING, AGE, "right"), "quiet"),
            "own": (fit(numbers.size(one.own), SIZE, "right"), "value"),
            "level": (fit(one.level_text or numbers.MISSING, LEVEL), "quiet"),
            "verdict": (fit(word, VERDICT), style),
        }
        for name, _ in self._columns(cells):
            pieces += [(GAP, ""), texts[name]]
        room = cells - sum(width(text) for text, _ in pieces) - len(GAP)
        because = shorten(clean(row.because), max(0, room), ascii_only=self.ascii_only)
        quiet = "quiet" if said.verdict is Verdict.KEEP else "value"
        line = cut_pieces([*pieces, (GAP, ""), (because, "bad" if one.why else quiet)], cells)
        return [(to_ascii(text), look) for text, look in line] if self.ascii_only else line


def overridden(
    overrides: Mapping[Digest, Verdict], decision: Decision, *, lessen: bool = False
) -> dict[Digest, Verdict]:
    """Say the contrary of what is decided about a line, or take back what was said of it."""
    found = dict(overrides)
    before = found.pop(decision.digest, None)
    if lessen:
        return found if before is Verdict.LESSEN else {**found, decision.digest: Verdict.LESSEN}
    if before is None or before is Verdict.LESSEN:
        found[decision.digest] = Verdict.REMOVE if decision.verdict is Verdict.KEEP else Verdict.KEEP
    return found
