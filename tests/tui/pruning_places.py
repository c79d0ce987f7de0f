"""Driving the prune screen and the trash: going there, and reading single lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.app import App
from textual.pilot import Pilot

from repro_tui.domain.retention import Best, Policy
from repro_tui.tui.app import ReproApp
from repro_tui.tui.screens.prune import PruneScreen
from repro_tui.tui.screens.trash import TrashScreen
from tests.tui.driving import dashboard, lines, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_retention import FakeRetention, drawn
from tests.tui.keeping_places import at_snapshots

RULES = Policy(keep_last=2, keep_daily=7, keep_best=(Best("acc", 2),), keep_cited=True, keep_failed=0)
"""The rules of the drawn screen."""


def pruning(fake: FakeRetention | None = None, **options) -> ReproApp:
    """Make a dashboard over snapshots of which some are to go."""
    workbench = FakeWorkbench()
    workbench.retention = fake or FakeRetention(drawn(), RULES)
    return dashboard(workbench, **options)


async def at_prune(pilot: Pilot, *keys: str, seen: str = "frees") -> PruneScreen:
    """Go to the prune screen, wait until it was decided, then press keys."""
    await at_snapshots(pilot)
    await pilot.press("x")
    await until(pilot, lambda: isinstance(pilot.app.screen, PruneScreen), "the screen")
    await until(pilot, lambda: seen in text(pilot.app), seen)
    screen = pilot.app.screen
    await pilot.press(*keys)
    await pilot.pause()
    return screen


async def at_trash(pilot: Pilot, *keys: str, seen: str = "freed when emptied") -> TrashScreen:
    """Prune, go to the trash, then press keys."""
    await at_prune(pilot, "enter")
    await until(pilot, lambda: "y yes" in text(pilot.app), "the question")
    await pilot.press("y")
    await until(pilot, lambda: "in the trash until" in text(pilot.app), "the end of it")
    await pilot.press("T")
    await until(pilot, lambda: isinstance(pilot.app.screen, TrashScreen), "the trash")
    await until(pilot, lambda: seen in text(pilot.app), seen)
    screen = pilot.app.screen
    await pilot.press(*keys)
    await pilot.pause()
    return screen


def line_of(app: App[None], name: str) -> str:
    """Give the line of a snapshot or of a rule; empty when there is none in sight."""
    return next((line for line in lines(app) if name in line), "")


def verdicts(app: App[None], names: Sequence[str]) -> list[str]:
    """Give the verdicts of some lines."""
    found = (re.search(r" (keep|remove|lessen) ", line_of(app, f" {name} ")) for name in names)
    return [match[1] if match else "" for match in found]


def told(pilot: Pilot) -> str:
    """Give what was said in place of an action."""
    return " ".join(notification.message for notification in pilot.app._notifications)
