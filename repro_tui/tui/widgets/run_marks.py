"""Marks of the run table. They belong to runs: a line of several is marked by marking all of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.message import Message

from repro_tui.tui.folding import Folding
from repro_tui.tui.widgets.cursor_keys import CursorKeys


class RunMarks(CursorKeys):
    """The part of the run table that marks."""

    @dataclass
    class MarksChanged(Message):
        """Other runs are marked than before."""

        keys: tuple[int, ...]

    def __init__(self) -> None:
        super().__init__()
        self._keys: Sequence[int] = ()
        self._folding = Folding()
        self._marks: dict[int, None] = {}

    @property
    def marks(self) -> tuple[int, ...]:
        """The keys of the marked runs, in the order of marking; some may be hidden by the filter."""
        return tuple(self._marks)

    @property
    def highlighted(self) -> int | None:
        """The key of the line under the cursor."""
        raise NotImplementedError

    def runs_of(self, key: int | None) -> tuple[int, ...]:
        """Give the runs that a line stands for: itself where it is one."""
        return () if key is None else self._folding.runs([key])

    def whole_lines(self, runs: Iterable[int]) -> dict[int, Sequence[int]]:
        """Give the runs of each folded line that are all among these, by the first of them."""
        wanted = frozenset(runs)
        lines = self._folding.folded.members.values()
        return {line[0]: line for line in lines if line and wanted.issuperset(line)}

    def set_marks(self, keys: Iterable[int]) -> None:
        """Mark these runs and no others."""
        self._marks = dict.fromkeys(keys)
        self._refresh_changed()
        self.post_message(self.MarksChanged(self.marks))

    def toggle_mark(self) -> None:
        """Mark the runs under the cursor or take their marks away, and go one line down."""
        runs = self.runs_of(self.highlighted)
        if not runs:
            return
        if all(run in self._marks for run in runs):
            self.set_marks(run for run in self.marks if run not in runs)
        else:
            self.set_marks([*self.marks, *runs])
        self.move(1)

    def mark_all(self) -> None:
        """Mark every run that is listed."""
        self.set_marks([*self._marks, *self._folding.runs(self._keys)])

    def _refresh_changed(self) -> None:
        """Draw the lines that look different."""
        raise NotImplementedError
