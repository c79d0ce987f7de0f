"""Measure the Compare place: `python tests/benchmarks/compare_screen.py FOLDER`, a project of many runs with an index.

Prints the time from the key to the first picture with rows, of `n`, and of scrolling patches of 10 and 10,000 lines.
Keys go through Textual's own queue without a terminal, so what a terminal takes to draw comes on top of it.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from repro_tui.bootstrap import open_workbench  # noqa: E402
from repro_tui.settings import open_project  # noqa: E402
from repro_tui.tui.app import ReproApp  # noqa: E402
from repro_tui.tui.messages import CompareRuns  # noqa: E402
from repro_tui.tui.options import TuiOptions  # noqa: E402
from repro_tui.tui.screens.compare import CompareScreen  # noqa: E402
from repro_tui.tui.widgets.compare_table import CompareTable  # noqa: E402
from tests.tui.comparing import CRANE, OTTER, compared, to_row  # noqa: E402
from tests.tui.driving import dashboard, text, until  # noqa: E402
from tests.tui.fake import FakeWorkbench  # noqa: E402

SIZE = (120, 40)
TIMES = 7


def is_there(app: ReproApp, name: str) -> bool:
    """Tell whether the rows of a comparison are painted."""
    seen = text(app) if isinstance(app.screen, CompareScreen) else ""
    return name in seen and " differ" in seen and "(=)" in seen


async def opening(folder: Path) -> None:
    """Open pairs of runs, each for the first time."""
    workbench = open_workbench(open_project(folder, os.environ), read_only=True)
    app = ReproApp(workbench, TuiOptions(state_file=None))
    taken, steps = [], []
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.view.remembered and app.view.runs.total, "the runs")
        rows = workbench.rows(app.view.runs.keys[: 2 * TIMES], ())
        for first, second in zip(rows[::2], rows[1::2], strict=True):
            begun = time.perf_counter()
            app.post_message(CompareRuns((second.uid, first.uid)))
            while not is_there(app, first.name):  # noqa: ASYNC110 - what is painted sets no event
                await asyncio.sleep(0.001)
            taken.append(time.perf_counter() - begun)
            await until(pilot, lambda: "explaining" not in text(app), "the explanation")
            await pilot.press("equals_sign", "g")
            table = app.screen.query_one(CompareTable)
            for _ in range(5):
                before, begun = table.highlighted, time.thread_time()
                app.screen.action_next()
                await pilot.pause()
                if table.highlighted != before:
                    steps.append(time.thread_time() - begun)
        told("two runs, the first time", [taken[0]], 150)
        told("two runs, further ones", taken[1:], 150)
        told("n, of the thread that draws", steps, 20)
    workbench.close()


async def scrolling(count: int) -> None:
    """Scroll through a patch."""
    workbench = FakeWorkbench()
    workbench.comparisons.patch = ("@@ -1 +1 @@", *(f"+value_{n} = compute(x, {n})  # why" for n in range(count)))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, CRANE)
        begun = time.perf_counter()
        await to_row(pilot, screen, "code/train.py", "enter")
        await until(pilot, lambda: "value_3 " in text(pilot.app), "the patch")
        told(f"a patch of {count:,} lines opened", [time.perf_counter() - begun], 150)
        taken = []
        for key in ("pagedown", "pageup") * 10:
            begun = time.perf_counter()
            await pilot.press(key)
            taken.append(time.perf_counter() - begun)
        told(f"a patch of {count:,} lines, a page", taken, 50)


def told(what: str, seconds: list[float], target: float) -> None:
    """Print a median."""
    print(f"{what:<44}{statistics.median(seconds) * 1e3:9.1f} ms   target {target:g}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(opening(Path(sys.argv[1])))
    for lines in (10, 10_000):
        asyncio.run(scrolling(lines))
