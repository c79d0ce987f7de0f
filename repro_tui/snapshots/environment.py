"""The part `environment` of a snapshot: what was installed, with what it takes to have it again."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import PartKind
from repro_tui.journal.facts import canonical
from repro_tui.settings import Project
from repro_tui.snapshots.parts import Given, PartPlan, Plan
from repro_tui.snapshots.where import ENVIRONMENT
from repro_tui.source.apply import MODE_FILE


def plan_environment(
    project: Project,
    run: Run,
    documents: Mapping[str, Mapping[str, object]],
    plan: Plan,
    *,
    wheels: bool,
    network: bool,
) -> list[PartPlan]:
    """Say what of the environment is going to be kept."""
    del project, wheels, network
    document = documents.get("environment")
    if document is None:
        plan.partial.append("the environment was not recorded, and is not in it")
        return []
    data = canonical(document)
    given = Given(ENVIRONMENT + b"/environment.json", MODE_FILE, data, size=len(data), mtime_ns=int(run.started * 1e9))
    return [PartPlan("environment", PartKind.ENVIRONMENT, "", (given,), searched=False, level=3)]
