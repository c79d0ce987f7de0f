"""Where a run stands, from its journal and its pulse (docs/formats/journal.md, "State")."""

from __future__ import annotations

from repro_tui.domain.run import Attempt, Liveness, Run, State

SILENCE = 60.0
"""Seconds without a sign of life, on the reader's own clock, after which a run is no longer taken for alive."""


def state_of(run: Run, liveness: Liveness) -> State:
    """Give a run's state from its fold and its pulse; the latest attempt decides."""
    if not run.attempts:
        return State.RUNNING if liveness.alive else State.SILENT
    latest = run.attempts[-1]
    ended = _ended(latest)
    if ended is not None and _all_ended(latest):
        return ended
    if liveness.alive:
        return State.RUNNING
    if ended is not None and ended is not State.DONE:
        return ended
    if latest.orderly:
        return State.FAILED if latest.error else State.DONE
    return State.DIED if liveness.local else State.SILENT


def _ended(attempt: Attempt) -> State | None:
    """Give the worst end that a supervisor saw, None while there is none."""
    if not attempt.endings:
        return None
    if any(end.signal is not None for end in attempt.endings):
        return State.DIED
    return State.FAILED if any(end.exit != 0 for end in attempt.endings) else State.DONE


def _all_ended(attempt: Attempt) -> bool:
    """Tell whether each supervisor of the attempt wrote its command's end."""
    return len(attempt.endings) >= sum(writer.role == "supervisor" for writer in attempt.writers)
