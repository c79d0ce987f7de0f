"""Which lines of the run table stand for several runs, and which of these are unfolded: a value, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.grouping import NOT_FOLDED, Folded


@dataclass(frozen=True, slots=True)
class Folding:
    """The folded lines of a list as a person left them."""

    folded: Folded = NOT_FOLDED
    open: frozenset[int] = frozenset()
    """Lines whose runs are listed below them."""
    inside: frozenset[int] = frozenset()
    """Runs that are listed below a line."""

    def of(self, folded: Folded) -> Folding:
        """Take over another list; what was unfolded stays so."""
        stays = frozenset(self.open & folded.members.keys())
        inside = frozenset(key for line in stays for key in folded.members[line])
        return Folding(folded, stays, inside)

    def toggled(self, line: int) -> Folding:
        """Unfold a line, or fold it."""
        return replace(self, open=self.open ^ {line}).of(self.folded)

    def expanded(self, lines: Sequence[int]) -> Sequence[int]:
        """Give the lines with the runs of those that are unfolded below them."""
        if not self.open:
            return lines
        members = self.folded.members
        return [key for line in lines for key in ((line, *members[line]) if line in self.open else (line,))]

    def is_line(self, key: int | None) -> bool:
        """Tell whether a key is that of a line of several runs."""
        return key in self.folded.members

    def runs(self, keys: Iterable[int]) -> tuple[int, ...]:
        """Give the runs that lines stand for, each once."""
        return tuple(dict.fromkeys(self.folded.runs(tuple(keys))))

    def place_of(self, key: int, before: Folding, keys: Sequence[int]) -> int | None:
        """Say where a run or line is found now that it is not listed: its line, or the first of its runs."""
        line = self.folded.line_of(key)
        if line is not None:
            return line
        return next((run for run in before.folded.members.get(key, ()) if run in keys), None)
