"""The columns of a comparison: which runs, and what each of them logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.catalog.history import Logged
from repro_tui.compare.records import Known
from repro_tui.domain.comparison import MOST_COLUMNS, NOW, Cell, Column, Row
from repro_tui.domain.ids import RunId
from repro_tui.domain.rows import Outcome
from repro_tui.domain.run import State
from repro_tui.domain.traits import Section
from repro_tui.errors import UsageError

_LEAST = 2


def check_columns(uids: Sequence[RunId], baseline: int) -> None:
    """Raise UsageError for too few or too many runs, for one that is there twice, and for a baseline that is none."""
    if len(uids) < _LEAST:
        raise UsageError("A comparison needs two runs.", "Name two, or one and `now`.")
    if len(uids) > MOST_COLUMNS:
        raise UsageError(
            f"{len(uids)} runs are too many to stand side by side.",
            f"Name up to {MOST_COLUMNS}; `repro-tui varies` says what goes with the result over many.",
        )
    if len(set(uids)) < len(uids):
        twice = next(uid for uid in uids if list(uids).count(uid) > 1)
        raise UsageError(f"{twice[:8]} is named twice.", "Name each run once.")
    if not 0 <= baseline < len(uids):
        raise UsageError(f"There is no run number {baseline + 1} among them.", "The baseline is one of the runs.")


def column_of(uid: RunId, known: Known | None) -> Column:
    """Give the head of a column."""
    if known is None:
        return Column(uid, str(NOW) if uid == NOW else uid[:8])
    run = known.run
    problem = run.unreadable or ("" if run.argv else "its journal has no beginning")
    return Column(uid, run.name or uid[:8], known.state, run.started, problem)


def outcomes_of(known: Known | None, logged: Mapping[str, Logged]) -> dict[str, Outcome]:
    """Give what a run logged, the metric that was logged last at the beginning."""
    going = known is not None and known.state in {State.RUNNING, State.SILENT}
    ordered = sorted(logged.items(), key=lambda item: -item[1].seen)
    return {
        name: Outcome(each.value, each.low, each.high, f"still going, at step {each.step:g}" if going else "")
        for name, each in ordered
    }


def without_results(rows: Sequence[Row], waiting: Sequence[bool]) -> tuple[Row, ...]:
    """Say of what has not run that it has no result yet, instead of that its result is another one."""
    if not any(waiting):
        return tuple(rows)
    return tuple(_waiting(row, waiting) if row.section is Section.OUTCOME else row for row in rows)


def _waiting(row: Row, waiting: Sequence[bool]) -> Row:
    cells = tuple(Cell("", None, why="not run yet") if w else c for c, w in zip(row.cells, waiting, strict=True))
    known = {cell.token for cell in cells if cell.token is not None}
    return replace(row, cells=cells, differs=len(known) > 1)
