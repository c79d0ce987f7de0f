"""How much redrawing a chart and paging a log cost. Run: `python -m tests.benchmarks.run_screen`.

Prints milliseconds and, because machines differ, each as a ratio to sorting 100,000 numbers in the same process.
"""

from __future__ import annotations

import asyncio
import math
import random
import statistics
import time
from collections.abc import Callable

from repro_tui.tui.render.canvas import changes
from repro_tui.tui.render.figure import draw
from repro_tui.tui.render.patch import PatchLines, parse
from repro_tui.tui.render.series import ChartView
from tests.tui.curve_samples import chart, curve
from tests.tui.test_log_view import LogApp, numbered


def median_ms(work: Callable[[], object], times: int = 25) -> float:
    """Time some work, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def noisy(seed: int) -> Callable[[float], float]:
    chance = random.Random(seed)
    return lambda x: 1 - math.exp(-x / 3000) + chance.random() / 50


async def paging() -> float:
    """Time a page up in a log of a million lines, from key to painted lines."""
    app = LogApp(numbered(1_000_000))
    async with app.run_test(size=(160, 48)) as pilot:
        app.view.poll()
        await pilot.pause()
        took = []
        for _ in range(25):
            began = time.perf_counter()
            app.view.action_page_up()
            app.view.take(app.source.read(app.view.top, 141))
            app.shown()
            took.append((time.perf_counter() - began) * 1000)
        return statistics.median(took)


def main() -> None:
    """Measure and print."""
    numbers = [random.random() for _ in range(100_000)]
    unit = median_ms(lambda: sorted(numbers))
    data = chart(*(curve(str(n), points=20_000, buckets=200, value=noisy(n)) for n in range(6)))
    first = draw(data, ChartView(cursor=9_999.0), 150, 44)
    patch = "diff --git a/a.py b/a.py\n@@ -1,0 +1,10000 @@\n" + "+value = compute(x, 3)  # why\n" * 10_000
    rows = parse(patch)
    lines = PatchLines([], rows)

    def move() -> None:
        after = draw(data, ChartView(cursor=10_199.0), 150, 44, before=first)
        list(changes(first.canvas.rows, after.canvas.rows))

    figures = {
        "chart, 6 runs x 200 buckets, 150x44": median_ms(lambda: draw(data, ChartView(), 150, 44)),
        "the same, smoothed": median_ms(lambda: draw(data, ChartView(smoothing=0.9), 150, 44)),
        "cursor moved in it": median_ms(move),
        "patch of 10,000 lines taken apart": median_ms(lambda: parse(patch), 5),
        "48 lines of it coloured": median_ms(lambda: [lines[i] for i in range(5000, 5048)]),
        "page up in a log of 1,000,000 lines": asyncio.run(paging()),
    }
    print(f"{'sorting 100,000 numbers':40} {unit:8.2f} ms")
    for name, took in figures.items():
        print(f"{name:40} {took:8.2f} ms  {took / unit:6.2f} x")


if __name__ == "__main__":
    main()
