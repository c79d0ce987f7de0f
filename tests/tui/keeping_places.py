"""Driving the places of snapshots and data: going there, and waiting for what they read."""

from __future__ import annotations

from textual.pilot import Pilot

from repro_tui.tui.screens.data import DataScreen
from repro_tui.tui.screens.snapshots import SnapshotsScreen
from tests.tui.driving import text, until


async def at_snapshots(pilot: Pilot, seen: str = "amber-otter-40") -> SnapshotsScreen:
    """Go to the snapshots and wait for a text."""
    await until(pilot, lambda: not pilot.app.view.remembered or pilot.app.failure, "a live view")
    await pilot.press("4")
    await until(pilot, lambda: isinstance(pilot.app.screen, SnapshotsScreen), "the place")
    await until(pilot, lambda: seen in text(pilot.app), seen)
    await pilot.pause()
    return pilot.app.screen


async def at_data(pilot: Pilot, *keys: str, seen: str = "same as v3") -> DataScreen:
    """Go to the datasets, wait for what lies there, then press keys."""
    await until(pilot, lambda: not pilot.app.view.remembered or pilot.app.failure, "a live view")
    await pilot.press("5")
    await until(pilot, lambda: isinstance(pilot.app.screen, DataScreen), "the place")
    await until(pilot, lambda: seen in text(pilot.app), seen)
    await pilot.press(*keys)
    await pilot.pause()
    return pilot.app.screen
