"""What was removed, as lines: until when it can be brought back, and what it frees. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.retention import Trashed
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import cut_pieces
from repro_tui.tui.render.prune import day, is_due
from repro_tui.tui.render.text import clean, fit, shorten, to_ascii, width
from repro_tui.tui.run_lines import Piece

GAP = "  "
NAME_LEAST, NAME_MOST = 12, 28
HEADS = (("parts", 9), ("removed", 7), ("frees", 6), ("until", 11))


def key_of(one: Trashed) -> str:
    """Give the identity of a line: of one snapshot several parts may have gone at several times."""
    return f"{one.digest} {' '.join(sorted(one.parts))}"


@dataclass(frozen=True, slots=True)
class TrashTable:
    """The lines as a source of a row table."""

    rows: Sequence[Trashed] = ()
    now: float = 0.0
    ascii_only: bool = False

    @property
    def keys(self) -> Sequence[str]:
        """Give the identity of each line."""
        return [key_of(one) for one in self.rows]

    def _name(self, cells: int) -> int:
        longest = max((width(one.name) for one in self.rows), default=NAME_LEAST)
        return max(NAME_LEAST, min(NAME_MOST, longest, cells // 3))

    def head(self, cells: int) -> Sequence[Piece]:
        """Write the heads."""
        pieces: list[Piece] = [(" ", ""), (fit("snapshot", self._name(cells)), "head")]
        for name, size in HEADS:
            pieces += [(GAP, ""), (fit(name, size, "right" if name in {"removed", "frees"} else "left"), "head")]
        return cut_pieces([*pieces, (GAP, ""), ("by, because", "head")], cells)

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Write one line."""
        one = self.rows[index]
        due = is_due(one, self.now)
        parts = "all" if WHOLE in one.parts else ", ".join(sorted(one.parts))
        pieces: list[Piece] = [
            (" ", ""),
            (fit(one.name, self._name(cells), ascii_only=self.ascii_only), "name"),
            (GAP, ""),
            (fit(parts, HEADS[0][1], ascii_only=self.ascii_only), "quiet"),
            (GAP, ""),
            (fit(ages.age(self.now - one.t), HEADS[1][1], "right"), "quiet"),
            (GAP, ""),
            (fit(numbers.size(one.frees), HEADS[2][1], "right"), "value"),
            (GAP, ""),
            (fit("due" if due else day(one.until, self.now), HEADS[3][1]), "warn" if due else "value"),
        ]
        room = cells - sum(width(text) for text, _ in pieces) - len(GAP)
        why = ", ".join(filter(None, (one.user, one.rule, one.why)))
        line = cut_pieces([*pieces, (GAP, ""), (shorten(clean(why), max(0, room)), "quiet")], cells)
        return [(to_ascii(text), look) for text, look in line] if self.ascii_only else line
