"""Measure the prune screen over many snapshots: `python -m tests.benchmarks.prune_screen [--snapshots 10000]`.

Prints the processor's time of the thread that draws, and of all threads, from a key until the verdicts that follow it
are painted. The snapshots are those of `deciding`. Keys go through Textual's own queue without a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable

from textual.pilot import Pilot

from repro_tui.domain.retention_text import parse_line
from repro_tui.tui.screens.prune import PruneScreen
from tests.benchmarks.deciding import made_up
from tests.tui.fake_retention import FakeRetention
from tests.tui.pruning_places import at_prune, pruning

RULES = "keep_last=5 keep_daily=7 keep_weekly=4 keep_best=acc:3 keep_cited=yes"
TIMES = 9
TARGET = 50
"""Milliseconds of the thread that draws."""


class Made(FakeRetention):
    """Gives a stock that was made once."""

    def __init__(self, number: int) -> None:
        super().__init__((), parse_line(RULES))
        self.made = made_up(number)

    def stock(self, progress=None):
        return self.made


async def measured(pilot: Pilot, key: str, done: Callable[[], object]) -> tuple[float, float]:
    """Press a key and wait until something holds; gives the time of this thread and of all."""
    drawing, all_threads = time.thread_time(), time.process_time()
    await pilot.press(key)
    while not done():  # noqa: ASYNC110 - what is painted sets no event
        await asyncio.sleep(0.002)
    await pilot.pause()
    return time.thread_time() - drawing, time.process_time() - all_threads


async def measure(number: int) -> None:
    """Change a number, override, sort and filter."""
    async with pruning(Made(number)).run_test(size=(120, 40)) as pilot:
        screen = await at_prune(pilot, "G", seen="moves")
        assert isinstance(screen, PruneScreen)

        async def decided(key: str) -> tuple[float, float]:
            before = screen._verdicts
            return await measured(pilot, key, lambda: screen._verdicts is not before)

        told("an override", [await decided("space") for _ in range(TIMES)])
        await pilot.press("tab", "j", "j")
        told("a changed number", [await decided("right") for _ in range(TIMES)])
        await pilot.press("tab")
        told("sorted the other way", [await measured(pilot, "S", lambda: True) for _ in range(TIMES)])
        told("only what goes, or all", [await measured(pilot, "v", lambda: True) for _ in range(TIMES)])
        await pilot.press("slash")
        told("a sign of the filter", [await measured(pilot, sign, lambda: True) for sign in "beyond la"])


def told(what: str, taken: list[tuple[float, float]]) -> None:
    """Print medians, and the share of the target."""
    drawing, all_threads = (statistics.median(each) * 1e3 for each in zip(*taken, strict=True))
    print(
        f"{what:<26}{drawing:8.1f} ms of the drawing thread, {drawing / TARGET:.2f} x target {all_threads:8.1f} in all"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snapshots", type=int, default=10_000)
    number = parser.parse_args().snapshots
    print(f"{number:,} snapshots")
    asyncio.run(measure(number))


if __name__ == "__main__":
    main()
