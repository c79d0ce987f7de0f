"""Measure the Compare place over many runs: `python tests/benchmarks/compare_screen.py [FOLDER] [--runs 10000]`.

Prints the time from the key to the first picture with rows, beside that of a bare screen of Textual with one line, the
processor's time of the thread that draws, `n`, and scrolling patches of 10 and 10,000 lines.
Keys go through Textual's own queue without a terminal, so what a terminal takes to draw comes on top of it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from repro_tui.bootstrap import open_workbench, rebuild  # noqa: E402
from repro_tui.settings import open_project  # noqa: E402
from repro_tui.tui.app import ReproApp  # noqa: E402
from repro_tui.tui.messages import CompareRuns  # noqa: E402
from repro_tui.tui.options import TuiOptions  # noqa: E402
from repro_tui.tui.screens.compare import CompareScreen  # noqa: E402
from repro_tui.tui.widgets.compare_table import CompareTable  # noqa: E402
from tests.benchmarks.make_project import Size, make_project  # noqa: E402
from tests.tui.comparing import CRANE, OTTER, compared, to_row  # noqa: E402
from tests.tui.driving import dashboard, text, until  # noqa: E402
from tests.tui.fake import FakeWorkbench  # noqa: E402

SIZE = (120, 40)
TIMES = 7


class Bare(Screen[None]):
    """The floor: one line on a screen."""

    def compose(self) -> ComposeResult:
        yield Static("bare")


def is_there(app: ReproApp, name: str) -> bool:
    """Tell whether the rows of a comparison are painted."""
    seen = text(app) if isinstance(app.screen, CompareScreen) else ""
    return name in seen and " differ" in seen and "(=)" in seen


async def opening(folder: Path, times: int, quiet: float) -> None:
    """Open pairs of runs, each for the first time, after the dashboard was left alone for some seconds."""
    workbench = open_workbench(open_project(folder, os.environ), read_only=True)
    app = ReproApp(workbench, TuiOptions(state_file=None))
    taken, drawn, steps = [], [], []
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.view.remembered and app.view.runs.total, "the runs")
        await asyncio.sleep(quiet)
        begun = time.perf_counter()
        app.push_screen(Bare())
        while "bare" not in text(app):  # noqa: ASYNC110 - what is painted sets no event
            await asyncio.sleep(0.001)
        floor = time.perf_counter() - begun
        app.pop_screen()
        await pilot.pause()
        rows = workbench.rows(app.view.runs.keys[: 2 * times], ())
        for first, second in zip(rows[::2], rows[1::2], strict=True):
            begun, thread = time.perf_counter(), time.thread_time()
            app.post_message(CompareRuns((second.uid, first.uid)))
            while not is_there(app, first.name):  # noqa: ASYNC110 - what is painted sets no event
                await asyncio.sleep(0.001)
            taken.append(time.perf_counter() - begun)
            drawn.append(time.thread_time() - thread)
            await until(pilot, lambda: "explaining" not in text(app), "the explanation")
            await pilot.press("equals_sign", "g")
            table = app.screen.query_one(CompareTable)
            for _ in range(5):
                before, thread = table.highlighted, time.thread_time()
                app.screen.action_next()
                await pilot.pause()
                if table.highlighted != before:
                    steps.append(time.thread_time() - thread)
        told("two runs, the first time", [taken[0]], 150)
        print(f"{'':<44}{taken[0] / floor:9.1f} x a bare screen ({floor * 1e3:.0f} ms)")
        told("of it, the thread that draws", [drawn[0]], 100)
        told("two runs, further ones", taken[1:], 150)
        told("of it, the thread that draws", drawn[1:], 100)
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
    """Print a median, and its share of the target."""
    if not seconds:
        return
    taken = statistics.median(seconds) * 1e3
    print(f"{what:<44}{taken:9.1f} ms   target {target:g}, {taken / target:.2f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a project with an index; made when not given")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=10_000, help="lines of the long patch")
    parser.add_argument("--quiet", type=float, default=3.0, help="seconds in which what comparing needs is loaded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary) / "project"
        if not (folder / ".repro").exists():
            make_project(folder, Size(options.runs))
            rebuild(open_project(folder, os.environ))
        asyncio.run(opening(folder, min(TIMES, options.runs // 2), options.quiet))
    for lines in (10, options.lines):
        asyncio.run(scrolling(lines))


if __name__ == "__main__":
    main()
