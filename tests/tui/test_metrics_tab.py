"""The Metrics tab: resources beside metrics, finding one of many, and no question that nobody sees the answer of."""

from __future__ import annotations

import threading

import pytest

from repro_tui.tui.render.resources import amount, block, label
from repro_tui.tui.screens.run import RunScreen
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.metrics import Metrics
from tests.tui.driving import dashboard, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_resources import resource_curve


class Many(FakeWorkbench):
    """Knows two hundred metrics with slashes in their names."""

    names = tuple(
        f"{split}/layer{n}/{what}" for split in ("train", "val") for n in range(25) for what in ("loss", "acc")
    )

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def last_metrics(self, uid):
        return {name: (99.0, n / 7) for n, name in enumerate(self.names)}

    def curves(self, query):
        self.asked += not query.metrics[0].startswith("res:")
        return super().curves(query)


async def opened(pilot, bench, *, tab="metrics") -> RunScreen:
    await until(pilot, lambda: not pilot.app.view.remembered, "the first view")
    screen = RunScreen(bench.sketches[40].identity)
    await pilot.app.push_screen(screen)
    await until(pilot, lambda: screen._facts is not None, "the facts")
    screen._show_tab(tab)
    await pilot.pause()
    return screen


async def write(pilot, words: str) -> None:
    for key in words:
        await pilot.press({" ": "space", "/": "slash"}.get(key, key))
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (20, 6)])
async def test_a_metric_is_found_by_parts_of_its_name(size):
    """The list narrows while one writes, in place of the chart where there is no room; enter draws what was found."""
    bench = Many()
    async with dashboard(bench).run_test(size=size) as pilot:
        screen = await opened(pilot, bench)
        metrics, chart = screen.query_one(Metrics), screen.query_one(Chart)
        await pilot.press("slash")
        await write(pilot, "val r7 LOSS".lower())
        assert metrics.names == ("val/layer7/loss",)
        await pilot.press("enter")
        await until(pilot, lambda: metrics._metric == "val/layer7/loss" and chart.has_focus, "the found metric")
        assert "1 of 104 found" in metrics.status
        await pilot.press("down")
        assert metrics._metric == "val/layer7/loss"
        await pilot.press("slash")
        await write(pilot, "nothing has this name")
        assert metrics.names == ()
        await pilot.press("escape")
        await until(pilot, lambda: metrics.names == ("val/layer7/loss",) and chart.has_focus, "what was listed before")


async def test_resources_come_after_the_metrics_and_are_drawn_over_time():
    """Their unit is one that a person reads, and a window in steps is left."""
    bench = FakeWorkbench()
    async with dashboard(bench).run_test(size=(100, 30)) as pilot:
        screen = await opened(pilot, bench)
        metrics, chart = screen.query_one(Metrics), screen.query_one(Chart)
        await until(pilot, lambda: chart.data.series, "the curves")
        await pilot.press("H", "z", "k")
        await until(pilot, lambda: chart.data.metric == "gpu 0 memory, GB", "the last resource")
        assert metrics._metric == "res:gpu0.mem"
        assert (chart.view.start, chart.view.cursor, chart.data.axis) == (None, None, "time")
        assert 30 < chart.data.series[0].curve.buckets[-1].last < 32
        await pilot.press("x")
        assert chart.view.axis == "step"
        await pilot.press("j")
        await until(pilot, lambda: chart.data.axis == "step", "the first metric, by step")


async def test_the_overview_tells_what_the_machine_did():
    """Shape, highest and last value of each resource."""
    bench = FakeWorkbench()
    async with dashboard(bench).run_test(size=(120, 40)) as pilot:
        await opened(pilot, bench, tab="overview")
        shown = text(pilot.app)
        assert "Resources  highest, and last" in shown
        assert "gpu 0 memory" in shown
        assert "31 GB" in shown


async def test_hidden_charts_ask_for_nothing_and_an_opened_one_asks_once():
    """What was asked for before the tab had a size was drawn, and then drawn again: twice the bytes."""
    bench = Many()
    async with dashboard(bench).run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, bench, tab="overview")
        await pilot.pause(0.1)
        bench.asked = 0
        screen._show_tab("log")
        await pilot.pause(0.1)
        assert bench.asked == 0
        screen._show_tab("metrics")
        await until(pilot, lambda: bench.asked, "a question")
        await pilot.pause(0.2)
        assert bench.asked == 1


def test_resources_are_named_with_their_units():
    """And a run that ended before the first sample says so."""
    assert [label(name) for name in ("res:cpu", "res:rss", "res:gpu3.util", "res:gpu3.mem")] == [
        "processor", "memory", "gpu 3", "gpu 3 memory",
    ]  # fmt: skip
    assert (amount("res:cpu", 99.6), amount("res:rss", 1.9e9)) == ("100 %", "1.9 GB")
    assert "before the first sample" in str(block({}, live=False))
    uid = FakeWorkbench().sketches[40].identity
    (_, line) = block({"res:cpu": resource_curve(uid, "res:cpu")}, live=True)
    assert line[0][0] == "processor     "


class Searching(FakeWorkbench):
    """Searches without end, until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.searching = threading.Event()

    def log(self, uid, stream=""):
        source = super().log(uid, stream)
        endless, found = self, source.find

        def find(words, start, *, backward=False):
            endless.searching.set()
            endless.let_go.wait(20)
            return found(words, start, backward=backward)

        source.find = find
        return source


async def test_a_long_search_delays_no_reading():
    """One pages through the output while it is searched."""
    bench = Searching()
    async with dashboard(bench).run_test(size=(80, 12)) as pilot:
        screen = await opened(pilot, bench, tab="log")
        view = screen._log_view
        await until(pilot, lambda: view.count, "the log")
        await pilot.press("slash")
        await write(pilot, "epoch 9")
        await pilot.press("enter")
        await until(pilot, bench.searching.is_set, "the search")
        await pilot.press("g")
        await until(pilot, lambda: view._has_window() and view.top == 0, "the first page")
        assert "loading data/train" in text(pilot.app)
        bench.let_go.set()
        await until(pilot, lambda: view._found >= 0, "the line")
