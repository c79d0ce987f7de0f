"""Keeping a store within `max_size`: the least valuable go, one after the other, until the rest fits.

The order does not depend on the limit, so what a higher limit gives up is always among what a lower one gives up. Where
what may not be removed is larger than the limit, all else goes, and `missing` says how much is still too much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from repro_tui.domain.footprint import Removing, joined
from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Decision, Policy, Reason, Stock, Verdict
from repro_tui.domain.retention_lines import Ancestry, Line, given_up
from repro_tui.domain.retention_rules import reason
from repro_tui.domain.retention_value import order
from repro_tui.domain.retention_words import size_words

_ORPHAN = Reason("parents", "what was made from it goes too")


class Fitting:
    """Gives up lines of the sheet until the store is no larger than a policy allows, with the trash emptied."""

    def __init__(self, policy: Policy, stock: Stock, lines: Mapping[Digest, Line], now: float) -> None:
        self._give_up = policy.give_up
        self._limit = policy.max_size or 0
        self._said = reason("max_size", f"over max {size_words(self._limit)}")
        self._stock = stock
        self._now = now
        self._lines = lines
        self._unkept: deque[Line] = deque()
        self._left = Removing(stock.footprint)
        for trashed in stock.trashed:
            self._left.remove(trashed.digest, trashed.parts)
        for line in lines.values():
            if line.parts:
                self._left.remove(line.candidate.digest, line.parts)

    def run(self, ancestry: Ancestry | None) -> None:
        """Lessen what the policy lessens, then remove, the least valuable first."""
        if self._fits:
            return
        queue = self._least_valuable_first()
        self._lessen(queue)
        for line in self._whole(queue):
            line.against = [self._said, *_although(line)]
            line.remove()
            self._left.remove(line.candidate.digest, line.parts)
            if ancestry:
                self._follow(ancestry, line)

    @property
    def _fits(self) -> bool:
        """Tell whether what is left is small enough."""
        return self._left.left <= self._limit

    def _least_valuable_first(self) -> list[Line]:
        portions = self._stock.footprint.portions

        def key(line: Line) -> tuple[float, float, float, float, Digest]:
            candidate = line.candidate
            return *order(candidate, line.keeps, portions.get(candidate.digest, 0), self._now), candidate.digest

        return sorted((line for line in self._lines.values() if not line.fixed and line.said is None), key=key)

    def _lessen(self, queue: Iterable[Line]) -> None:
        for line in queue if self._give_up else ():
            if self._fits:
                return
            parts = given_up(line.candidate, self._give_up) if line.keeps else frozenset()
            if 0 < len(parts) < len(line.candidate.parts):
                line.verdict, line.parts, line.against = Verdict.LESSEN, parts, [self._said, *_although(line)]
                self._left.remove(line.candidate.digest, parts)

    def _whole(self, queue: Sequence[Line]) -> Iterator[Line]:
        """Give what goes as a whole while the rest does not fit: first what no rule keeps, or no longer."""
        self._unkept = deque(line for line in queue if not line.keeps)
        kept = iter([line for line in queue if line.keeps])
        while not self._fits:
            line = self._unkept.popleft() if self._unkept else next(kept, None)
            if line is None:
                return
            if line.verdict is not Verdict.REMOVE:
                yield line

    def _follow(self, ancestry: Ancestry, line: Line) -> None:
        """Give up what was kept only because something was made from it that has just gone."""
        waiting = ancestry.orphans(line)
        for orphan in waiting:
            if orphan.verdict is not Verdict.REMOVE:
                orphan.against = [_ORPHAN]
                orphan.let_go(self._give_up)
                self._left.remove(orphan.candidate.digest, orphan.parts)
                self._unkept.append(orphan)
                waiting += ancestry.orphans(orphan)


def _although(line: Line) -> list[Reason]:
    """Give the rules that would keep it."""
    return [reason(kept.rule, f"although {kept.words}") for kept in line.keeps]


def missing(policy: Policy, stock: Stock, decisions: Iterable[Decision]) -> int:
    """Count the bytes by which the store would still be larger than `max_size`, with the trash emptied; 0 if none."""
    if policy.max_size is None:
        return 0
    gone = [(trashed.digest, trashed.parts) for trashed in stock.trashed]
    gone += [(decision.digest, decision.parts) for decision in decisions]
    return max(0, stock.footprint.size - stock.footprint.freed(joined(gone)) - policy.max_size)
