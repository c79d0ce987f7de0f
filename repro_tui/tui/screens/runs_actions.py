"""What the keys of the Runs screen do to runs: mark, open, tag, note, pin, copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from textual import on
from textual.message import Message
from textual.screen import Screen

from repro_tui.domain.comparison import MOST_COLUMNS, NOW
from repro_tui.domain.view import RunRow
from repro_tui.tui import comparing
from repro_tui.tui.messages import AskCopy, AskKeep, AskNote, AskTag, CompareRuns, OpenRun, Refresh, TogglePin
from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.run_table import RunTable


class RunsActions(Screen[None]):
    """The part of the Runs screen that acts on runs; marked ones, or else the one under the cursor."""

    @property
    def _shell(self) -> Shell:
        return cast("Shell", self.app)

    def _chosen_rows(self) -> Sequence[RunRow]:
        """Give the marked runs, or all that the highlighted line stands for."""
        table = self.query_one(RunTable)
        return self._rows_of(table.marks or table.runs_of(table.highlighted))

    def _rows_of(self, keys: Sequence[int]) -> Sequence[RunRow]:
        """Give rows of runs; those that were not in sight lately have no cells."""
        table = self.query_one(RunTable)
        missing = [key for key in keys if table.row(key) is None]
        rows = {row.key: row for row in self._shell.workbench.brief(missing)} if missing else {}
        return [row for row in (table.row(key) or rows.get(key) for key in keys) if row]

    def _about_chosen(self, request: Callable[[Sequence[RunRow]], Message]) -> None:
        """Make a request about the chosen runs, if there are any."""
        rows = self._chosen_rows()
        if rows:
            self.post_message(request(rows))

    def _here(self) -> RunRow | None:
        table = self.query_one(RunTable)
        return table.row(table.highlighted)

    def action_mark(self) -> None:
        """Mark the run under the cursor."""
        self.query_one(RunTable).toggle_mark()

    def action_mark_all(self) -> None:
        """Mark all runs that are listed."""
        self.query_one(RunTable).mark_all()

    def action_mark_none(self) -> None:
        """Take all marks away."""
        self.query_one(RunTable).set_marks(())

    def action_baseline(self) -> None:
        """Make the run under the cursor the baseline, or none when it is; of a line of several, the newest."""
        table, row = self.query_one(RunTable), self._here()
        if row is not None:
            key = row.key if row.leader is None else row.leader
            table.set_baseline(None if table.baseline == key else key)

    @on(RunTable.Opened)
    def action_open(self) -> None:
        """Open the run under the cursor."""
        row = self._here()
        if row:
            self.post_message(OpenRun(row.uid))

    def action_compare(self) -> None:
        """Compare the chosen runs; the baseline is always one of them, and of a line of very many the newest are."""
        table = self.query_one(RunTable)
        chosen = self._chosen_rows()
        base = table.row(table.baseline) if chosen else None
        chosen = self._one_a_line(chosen) if table.marks else self._newest(chosen, base)
        uids = comparing.side_by_side(self._shell.workbench, chosen, base)
        if isinstance(uids, str):
            self.notify(uids, severity="warning", markup=False)
        else:
            self.post_message(CompareRuns(uids))

    def _one_a_line(self, chosen: Sequence[RunRow]) -> Sequence[RunRow]:
        """Give the run that each folded line is named after, where all of theirs are marked and too many, and say so.

        An explanation counts the repeats of both by itself.
        """
        lines = self.query_one(RunTable).whole_lines(row.key for row in chosen)
        others = {key for line in lines.values() for key in line} - lines.keys()
        fewer = [row for row in chosen if row.key not in others]
        if len(chosen) <= MOST_COLUMNS or not 1 < len(fewer) <= MOST_COLUMNS:
            return chosen
        self.notify("One run of each line is compared; the explanation counts its repeats.", markup=False)
        return fewer

    def _newest(self, chosen: Sequence[RunRow], base: RunRow | None) -> Sequence[RunRow]:
        """Give as many of the runs of a line as can stand side by side with the baseline, and say so."""
        most = MOST_COLUMNS - (base is not None and base.key not in {row.key for row in chosen})
        if len(chosen) <= most:
            return chosen
        self.notify(f"The newest {most} of {len(chosen):,} runs are compared: mark others with space.", markup=False)
        return sorted(chosen, key=lambda row: row.started)[-most:]

    def action_now(self) -> None:
        """Compare the run under the cursor with what lies there now."""
        row = self._here()
        if row:
            self.post_message(CompareRuns((row.uid, NOW)))

    def action_keep(self) -> None:
        """Ask whether to keep the chosen runs."""
        self._about_chosen(lambda rows: AskKeep(tuple((row.uid, row.name) for row in rows)))

    def action_tag(self) -> None:
        """Tag the chosen runs."""
        self._about_chosen(lambda rows: AskTag(tuple(row.uid for row in rows)))

    def action_note(self) -> None:
        """Write a note on the chosen runs."""
        self._about_chosen(lambda rows: AskNote(tuple(r.uid for r in rows), rows[0].note if len(rows) == 1 else ""))

    def action_pin(self) -> None:
        """Pin the chosen runs, or unpin them when all are pinned."""
        self._about_chosen(lambda rows: TogglePin(tuple(row.uid for row in rows), all(row.pinned for row in rows)))

    def action_copy(self) -> None:
        """Copy something of the run under the cursor."""
        row = self._here()
        if row:
            self.post_message(AskCopy(row.uid))

    def action_refresh(self) -> None:
        """Read the journals again."""
        self.post_message(Refresh())
