"""One line on standard error when the store has grown beyond what the project says; nothing acts on it."""

from __future__ import annotations

from repro_tui.cli.output import Output
from repro_tui.domain.snapshot import StoreUsage
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size


def hint(output: Output, project: Project, usage: StoreUsage) -> None:
    """Point to pruning where `retention.hint_above` is passed."""
    limit = project.settings.number("retention.hint_above")
    if 0 < limit < usage.size:
        output.note(
            f"The store has {size(usage.size)}, above retention.hint_above ({size(limit)}):"
            " `repro-tui prune --dry-run` says what could go."
        )
