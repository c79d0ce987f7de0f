"""Which run a person means: as the index finds it, but for `baseline`, which is chosen in the dashboard too."""

from __future__ import annotations

from repro_tui.cli.call import Call
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import Run
from repro_tui.errors import NotFoundError
from repro_tui.ports import Workbench

BASELINE = "baseline"


def find_run(call: Call, workbench: Workbench, name: str) -> RunId:
    """Find a run; `baseline` is one of that name, else the dashboard's, else the newest one with that tag.

    Raises NotFoundError, and UsageError for a name that means nothing or several runs.
    """
    if name != BASELINE:
        return workbench.find(name)
    try:
        found = workbench.find(name)
    except NotFoundError:
        if chosen := _chosen(call, workbench):
            return chosen
        raise
    return found if _is_called(workbench, found) else _chosen(call, workbench) or found


def _chosen(call: Call, workbench: Workbench) -> RunId | None:
    """Give the run that `b` made the baseline in the dashboard, if it is still there."""
    from repro_tui.tui.state import load, state_path

    try:
        path = state_path(workbench.root, call.environment)
    except RuntimeError:  # there is no home directory, so nothing was kept there
        return None
    uid = RunId(load(path).baseline)
    return uid if uid and isinstance(workbench.run(uid), Run) else None


def _is_called(workbench: Workbench, uid: RunId) -> bool:
    run = workbench.run(uid)
    return isinstance(run, Run) and run.name == BASELINE
