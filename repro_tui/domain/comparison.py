"""A comparison of runs: what differs, row by row, against a movable baseline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section, Trait

NOW = RunId("now")
"""Stands for the working tree, environment and data as they are at this moment, wherever a run is asked for."""

MOST_COLUMNS = 8
"""Runs side by side."""


class Kind(StrEnum):
    """How a trait of one run differs from that of another."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """It is not known on one side, or was come by in another way: nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two runs."""

    kind: Kind
    before: Trait | None
    after: Trait | None
    words: str
    """`lr 0.1 to 0.05`, `numpy 2.4.5 to 2.4.6`, `train.py: 2 hunks, +3 -1`, `train: +1,204 rows`, `torch 2.5.1+cu118
    to 2.5.1+cpu: another build`."""
    why: str = ""
    """For UNKNOWN: why nothing can be said."""
    harmless: str = ""
    """Why it can decide nothing, where its content tells: `only comments or layout differ`."""
    sets: str = ""
    """Of code: the parameter of which it changes the default and nothing else."""

    @property
    def trait(self) -> Trait:
        """Give the trait of the later side, or of the one that has it."""
        trait = self.after or self.before
        assert trait is not None, "a change has at least one side"
        return trait

    @property
    def section(self) -> Section:
        """Give the section of its trait."""
        return self.trait.section

    @property
    def name(self) -> str:
        """Give the name of its trait."""
        return self.trait.name

    @property
    def part(self) -> Part:
        """Give what part it can play in the result: the weightier of both sides; none for content that only moved."""
        if self.kind is Kind.CHANGED and self.section is Section.DATA and self._is_same():
            return Part.PLACE
        order = list(Part)
        return min((t.part for t in (self.before, self.after) if t is not None), key=order.index)

    def _is_same(self) -> bool:
        before, after = self.before, self.after
        return before is not None and after is not None and (before.token, before.basis) == (after.token, after.basis)


Direction = Literal["up", "down", ""]
"""Which way is better; empty when neither is known nor declared."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One run's value in a row."""

    text: str
    """As shown; empty when the run has none."""
    token: str | None = None
    """What is compared; None when it is not known."""
    number: float | None = None
    delta: str = ""
    """Against the baseline: `+0.0019`; empty in the baseline's own column and for what is no number."""
    better: bool | None = None
    """Of an outcome: better or worse than the baseline; None when equal, or the direction is not known."""
    best: bool = False
    """The best of its row, where there are at least two different values and a direction."""
    why: str = ""
    """Why it is not known: `not hashed yet`."""


DetailKind = Literal["", "patch", "packages", "data", "curves", "text"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison."""

    section: Section
    name: str
    cells: tuple[Cell, ...]
    """One a column."""
    differs: bool
    """At least two known cells are not equal, or one run has it and another, whose facts are known, has it not."""
    part: Part = Part.INPUT
    direction: Direction = ""
    detail: DetailKind = ""
    """What opens in place."""
    note: str = ""
    """A few words at the end of the line: `+1,204 rows`, `2 hunks`."""


@dataclass(frozen=True, slots=True)
class Column:
    """One of the runs that are compared."""

    uid: RunId
    name: str
    state: State | None = None
    """None for `now`."""
    started: float = 0.0
    problem: str = ""
    """Why little is known of it: `its journal has no beginning`."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side; the first paint needs nothing else."""

    columns: tuple[Column, ...]
    baseline: int
    """Index of the column that deltas refer to."""
    rows: tuple[Row, ...]
    """All of them, equal ones too, by section and then by name; outcomes by how recently they were logged.
    Packages that differ but were not used come last in theirs."""
    notes: tuple[str, ...] = ()
    """What could not be compared, in sentences."""
    unknown: frozenset[Section] = frozenset()
    """Sections of which not everything is known of each run: that they are equal is not known either."""

    @property
    def differing(self) -> tuple[Row, ...]:
        """Give the rows that differ."""
        return tuple(row for row in self.rows if row.differs)


@dataclass(frozen=True, slots=True)
class FilePatch:
    """How one text file differs between two runs."""

    path: str
    lines: tuple[str, ...]
    """Unified diff without the two header lines: `@@ -1,3 +1,4 @@`, ` same`, `-old`, `+new`, and git's
    `\\ No newline at end of file` behind a last line without an end; no control characters."""
    added: int = 0
    removed: int = 0
    why: str = ""
    """Why there are no lines: `binary`, `larger than 5 MB`, `its content is not kept: repro-tui snapshot vole`."""
    used: bool = True
    """It was imported or read by one of the runs, as far as was seen."""
    layout: bool = False
    """Both are the same program: only comments or layout differ."""

    @property
    def hunks(self) -> int:
        """Count the hunks."""
        return sum(line.startswith("@@") for line in self.lines)


@dataclass(frozen=True, slots=True)
class CodeChange:
    """How the code of two runs differs."""

    files: tuple[FilePatch, ...]
    """Used files first, then by path."""
    commits: tuple[str, ...] = ()
    """Commits that the later one has and the earlier one has not, newest first: `4f1c2a9b shuffle each epoch`."""
    back: tuple[str, ...] = ()
    """Commits that only the earlier one has."""
    why: str = ""
    """Why commits are not known: `git has no commit 4f1c2a9b any more`."""


@dataclass(frozen=True, slots=True)
class ExactPatch:
    """How one file differs between two runs, for `git apply`."""

    path: str
    content: bytes = b""
    """The file's share of a patch, every byte as it is: not for a terminal."""
    why: str = ""
    """Why there is none: `its content is not kept: repro-tui snapshot vole`."""
