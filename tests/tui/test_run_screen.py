"""The Run screen: every side of a run by keys, live, and honest about what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.tui.app import ReproApp, TuiOptions
from repro_tui.tui.messages import AskCopy, AskNote, AskTag, TogglePin
from repro_tui.tui.screens.run import TABS, RunScreen
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.lines import Lines
from repro_tui.tui.widgets.log_view import LogView
from repro_tui.tui.widgets.metrics import Metrics
from repro_tui.tui.widgets.run_head import RunHead
from repro_tui.tui.widgets.tab_bar import TabBar
from tests.tui.fake import NOW, FakeWorkbench, Sketch


class Stage:
    """An app with a run open, and what it shows as text."""

    def __init__(
        self, bench: FakeWorkbench, key: int, *, marks: tuple[int, ...] = (), ascii_only: bool = False
    ) -> None:
        self.bench = bench
        self.app = ReproApp(bench, TuiOptions(clock=lambda: NOW, ascii=ascii_only))
        self.uid = bench.sketches[key].identity if key in bench.sketches else RunId("f" * 32)
        self.marks = tuple(bench.sketches[mark].identity for mark in marks)
        self.seen: list[object] = []

    async def open(self, pilot) -> RunScreen:
        self.pilot = pilot
        await pilot.pause()
        self.app.kept = replace(self.app.kept, marks=self.marks)
        screen = RunScreen(self.uid)
        await self.app.push_screen(screen)
        await self.until(lambda: screen._facts is not None)
        return screen

    async def until(self, holds) -> None:
        """Wait until something holds; fail loudly when it does not within a few seconds."""
        for _ in range(200):
            await self.pilot.pause(0.02)
            if holds():
                return
        raise AssertionError("it never came true; the screen shows:\n" + self.text())

    def text(self) -> str:
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text[:width].rstrip() for strip in lines[:height])

    async def press(self, *keys: str) -> str:
        await self.pilot.press(*keys)
        await self.pilot.pause()
        return self.text()


@pytest.fixture
def bench():
    return FakeWorkbench()


def shows(stage: Stage, *words: str) -> bool:
    text = stage.text()
    return all(word in text for word in words)


async def test_the_head_says_what_it_is_where_it_stands_and_its_level(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        head = stage.text().splitlines()[1]
        assert head.startswith(" amber-otter-40   ✓ done in 4m12s   python train.py --lr 0.05")
        assert head.endswith("level 2/6")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (41, "● running for 40s"),
        (37, "✗ failed with exit status 1 after 3.0s"),
        (36, "! died by signal 9 (KILL) after 2m10s"),
    ],
)
async def test_a_state_is_said_in_words_with_its_cause(bench, key, words):
    stage = Stage(bench, key)
    async with stage.app.run_test(size=(100, 24)) as pilot:
        await stage.open(pilot)
        assert words in stage.text()


async def test_brackets_go_through_the_tabs_and_round(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        for _, title in (*TABS[1:], TABS[0]):
            assert f"[{title}]" in await stage.press("right_square_bracket")
        assert "[Code]" in await stage.press("less_than_sign")
        assert stage.app.screen.query_one(Footer).scope == "lines"


async def test_the_overview_tells_every_kind_of_fact(bench):
    stage = Stage(bench, 39)
    async with stage.app.run_test(size=(120, 60)) as pilot:
        await stage.open(pilot)
        text = stage.text()
        for words in (
            "python train.py --lr 0.05", "/home/ada/digits", "exit status 0", "on gpu07", "paper", "the one in table 2",
            "5/6  agreed", "not higher: it was never replayed", "Changed since wide-crane-38", "acc   0.9712",
            "lr     0.05", "argparse", "4f1c9ab00000", "1 file not committed, +2 -1", "data/train", "100 % of bytes",
            "metadata only", "3.11.7", "AMD EPYC 7543", "NVIDIA A100", "numpy 2", "train.py:13", "torch.deterministic",
            "redacted", "HF_TOKEN", "left out", "checkpoints/ 38 GB",
        ):  # fmt: skip
            assert words in text, words


async def test_marked_runs_are_overlaid_and_read_at_the_cursor(bench):
    stage = Stage(bench, 40, marks=(39, 36))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        await stage.press("right_square_bracket")
        await stage.until(lambda: shows(stage, "1 amber-otter-40", "2 calm-heron-39", "3 late-moth-36", "last values"))
        text = await stage.press("left")
        assert "cursor at 1," in text
        assert text.count("difference") + text.count("  at 8") == 2


async def test_the_chart_zooms_asks_again_and_comes_back(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await stage.open(pilot)
        await stage.press("right_square_bracket")
        chart = screen.query_one(Chart)
        await stage.until(lambda: chart.data.series and chart.data.series[0].curve)
        await stage.press("H", "z")
        await stage.until(lambda: chart.view.start is not None and chart.data.series[0].curve.buckets[0].x > 0)
        assert " to " in stage.text().splitlines()[3]
        await stage.press("Z")
        await stage.until(lambda: chart.data.series[0].curve.buckets[0].x == 0)


async def test_keys_of_the_chart_change_what_its_head_says(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        await stage.press("right_square_bracket")
        await stage.until(lambda: shows(stage, "acc by step"))
        assert "log" in (await stage.press("y")).splitlines()[3]
        assert "smoothed 0.3, raw faint" in await stage.press("plus")
        await stage.press("x")
        await stage.until(lambda: shows(stage, "acc by time"))
        await stage.press("down")
        await stage.until(lambda: shows(stage, "loss by time", "metric 2 of 6"))


async def test_a_run_without_metrics_says_where_they_can_come_from(bench):
    stage = Stage(bench, 37)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        text = await stage.press("right_square_bracket")
        for words in ("This run has no metrics.", "TensorBoard", "CSV", "metrics: {stdout: REGEX}", "repro_tui.log("):
            assert words in text


async def test_new_points_and_the_last_values_follow_the_feed(bench):
    stage = Stage(bench, 41)
    async with stage.app.run_test(size=(120, 30)) as pilot:
        screen = await stage.open(pilot)
        await stage.press("right_square_bracket")
        await stage.until(lambda: shows(stage, "0.812"))
        bench.change(41, metrics={"acc": 0.8345, "loss": 0.4}, steps=320)
        await stage.until(lambda: shows(stage, "0.8345"))
        assert screen.query_one(Chart).data.series[0].curve.buckets[-1].x_last > 240


async def test_a_run_that_ends_says_so_by_itself(bench):
    stage = Stage(bench, 41)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        bench.change(41, state=State.DONE, took=40.0, exit=0)
        await stage.until(lambda: shows(stage, "✓ done in 40s"))


async def test_a_tag_that_is_set_elsewhere_appears(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        bench.change(40, tags=("thesis",))
        await stage.until(lambda: shows(stage, "thesis"))


async def test_the_log_opens_at_the_end_and_finds_the_error(bench):
    stage = Stage(bench, 37)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        await stage.press("right_square_bracket", "right_square_bracket")
        await stage.until(lambda: shows(stage, "FloatingPointError: loss is nan at step 3"))
        await stage.press("slash", *"rows", "enter")
        await stage.until(lambda: stage.app.screen.query_one(LogView)._found == 1)
        await stage.press("e")
        await stage.until(lambda: stage.app.screen.query_one(LogView)._found == 2)


async def test_files_packages_and_code_are_told_with_their_digests(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(100, 30)) as pilot:
        await stage.open(pilot)
        files = await stage.press(*["right_square_bracket"] * 3)
        assert "4,100" in files
        assert "b3:77e077e0  100 % of bytes" in files
        environment = await stage.press("right_square_bracket")
        assert "/home/ada/venv/bin/python" in environment
        packages = await stage.press("G")
        assert "scikit-learn  1.8.0" in packages
        assert "OMP_NUM_THREADS" in packages
        assert "git@example.org:ada/digits.git" in await stage.press("right_square_bracket")
        assert " +     for epoch in range(20):" in await stage.press("G")


async def test_a_search_in_a_tab_lights_the_line_and_says_when_there_is_none(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(100, 30)) as pilot:
        screen = await stage.open(pilot)
        await stage.press(*["left_square_bracket"], "slash", *"shuffle", "enter")
        lines = screen.query_one("#code", Lines)
        assert "shuffle" in lines._plain(lines._found)
        assert screen.focused is lines
        await stage.press("slash", *"nowhere", "enter")
        await stage.until(lambda: shows(stage, "not found:"))
        await stage.press("slash", "escape")
        assert screen.focused is lines


async def test_requests_about_the_run_carry_its_identity(bench):
    stage = Stage(bench, 39)
    seen: list[object] = []
    async with stage.app.run_test(size=(80, 24), message_hook=seen.append) as pilot:
        await stage.open(pilot)
        await stage.press("P")
        await stage.press("t", "escape")
        await stage.press("i", "escape")
        await stage.press("y", "escape")
        asked = {type(m): m for m in seen if isinstance(m, AskTag | AskNote | AskCopy | TogglePin)}
        assert asked[AskTag].uids == (stage.uid,)
        assert (asked[AskNote].uids, asked[AskNote].note) == ((stage.uid,), "the one in table 2")
        assert (asked[TogglePin].uids, asked[TogglePin].pinned) == ((stage.uid,), True)
        assert asked[AskCopy].uid == stage.uid


async def test_escape_goes_back_and_ends_the_threads(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await stage.open(pilot)
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is not screen)
        await stage.until(lambda: not any(w.group in {"errands", "log"} and w.is_running for w in stage.app.workers))


async def test_a_run_that_is_gone_is_said_to_be(bench):
    stage = Stage(bench, 999)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        assert "This run cannot be shown: the run's folder is gone" in stage.text()
        for _ in TABS:
            await stage.press("right_square_bracket")


async def test_hostile_names_and_parameters_are_shown_as_text():
    hostile = Sketch("\x1b[31m[/bold]\u202e", 40, params={"[red]lr": "\x1b]0;x\x07[/]"}, note="[/] \x1b[2J")
    stage = Stage(FakeWorkbench(runs=[hostile]), 1)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await stage.open(pilot)
        text = stage.text()
        assert "[/bold]" in text
        assert "[red]lr" in text
        assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 24), (200, 50)])
async def test_every_tab_is_drawn_at_any_size_in_ascii(bench, size):
    stage = Stage(bench, 41, marks=(40, 39), ascii_only=True)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await stage.open(pilot)
        await pilot.resize_terminal(*size)
        for _ in TABS:
            text = await stage.press("right_square_bracket")
            if size[0] >= 40:
                assert text.isascii(), [c for c in text if not c.isascii()]


async def test_idle_paints_nothing(bench):
    stage = Stage(bench, 40)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        screen = await stage.open(pilot)
        await stage.press("right_square_bracket")
        chart = screen.query_one(Chart)
        await stage.until(lambda: chart.data.series)
        painted: list[int] = []
        real = chart._plot.render_line
        chart._plot.render_line = lambda y: (painted.append(y), real(y))[1]  # type: ignore[method-assign]
        bench.tell()
        await stage.until(lambda: screen._seen == bench.revision)
        await pilot.pause()
        assert painted == []
        assert isinstance(screen.query_one(RunHead), RunHead)
        assert screen.query_one(TabBar).note == screen.query_one(Metrics).status
