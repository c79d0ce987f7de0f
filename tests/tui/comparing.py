"""Driving the Compare place: marking runs, comparing them, waiting for the rows and for the explanation."""

from __future__ import annotations

from textual.pilot import Pilot

from repro_tui.tui.screens.compare import CompareScreen
from tests.tui.driving import ready, text, until

OTTER, HERON, CRANE, WREN, MOTH = 1, 2, 3, 4, 5
"""Lines of the list of runs, from the newest one on."""

TOLD = "no evidence"
"""What the explanation of most of the drawn runs says."""


async def compared(pilot: Pilot, *lines: int, seen: str = TOLD) -> CompareScreen:
    """Mark runs by their lines in the list and compare them; wait for a text."""
    await ready(pilot)
    here = 0
    for line in sorted(lines):
        await pilot.press(*["j"] * (line - here), "space")
        here = line + 1  # a mark takes the cursor one line down
    await pilot.press("c")
    return await at_compare(pilot, seen=seen)


async def at_compare(pilot: Pilot, seen: str = TOLD) -> CompareScreen:
    """Wait for the place, and for a text on it."""
    await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen), "the place")
    await until(pilot, lambda: seen in text(pilot.app), seen)
    await pilot.pause()
    assert isinstance(pilot.app.screen, CompareScreen)
    return pilot.app.screen


async def to_row(pilot: Pilot, screen: CompareScreen, key: str, *keys: str) -> None:
    """Put the cursor on a row, then press keys."""
    screen.query_one("CompareTable").go_to(key)
    await pilot.press(*keys)
    await pilot.pause()
