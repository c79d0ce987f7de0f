"""Driving the dashboard in a test: start it over a workbench, wait for a condition, read what is on screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from repro_tui.tui.app import ReproApp
from repro_tui.tui.options import TuiOptions
from repro_tui.tui.screens.runs import RunsScreen
from repro_tui.tui.widgets.preview import PreviewPane
from repro_tui.tui.widgets.run_table import RunTable
from tests.tui.fake import NOW, FakeWorkbench

DEADLINE = 8.0
STEP = 0.02


def dashboard(workbench: FakeWorkbench, *, state: Path | None = None, **options) -> ReproApp:
    """Make the application with the clock of the pictures."""
    return ReproApp(workbench, TuiOptions(clock=lambda: NOW, state_file=state, **options))


async def until(pilot: Pilot, holds: Callable[[], object], what: str) -> None:
    """Let the application work until something holds."""
    for _ in range(int(DEADLINE / STEP)):
        await pilot.pause()
        if holds():
            return
        await pilot.pause(STEP)
    raise AssertionError(f"in {DEADLINE} s it did not come to this: {what}")


async def ready(pilot: Pilot) -> RunTable:
    """Wait for the live list and for the pane that belongs to it."""
    app = pilot.app
    await until(pilot, lambda: not app.view.remembered or app.failure, "a live view")
    screen = app.screen_stack[0]
    assert isinstance(screen, RunsScreen)
    table, pane = screen.query_one(RunTable), screen.query_one(PreviewPane)
    if table.highlighted is not None and pane.display and not app.view.remembered:
        await until(pilot, lambda: pane.is_settled, "the pane")
    await pilot.pause()
    return table


def lines(app: ReproApp) -> list[str]:
    """Give what is on screen as text."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def text(app: ReproApp) -> str:
    """Give what is on screen as one text."""
    return "\n".join(lines(app))
