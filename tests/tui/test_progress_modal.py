"""Something that takes long: it says how far it is, is stopped only when asked twice, and goes away exactly once."""

from __future__ import annotations

import threading

from repro_tui.errors import CancelledError, StorageError
from repro_tui.tui.modals.notice import ProblemModal, TooSmallModal
from repro_tui.tui.modals.progress import Outcome, ProgressModal
from repro_tui.tui.render.progress import Standing, lines
from repro_tui.tui.screens.runs import RunsScreen
from tests.tui.driving import dashboard, ready, text, until
from tests.tui.fake import FakeWorkbench

SIZE = (80, 24)
MB = 1_000_000


class Work:
    """Something that goes on until it is let go, and tells of its progress all the time."""

    def __init__(self) -> None:
        self.at = (31 * MB, 50 * MB, "data/train/scans_b.csv")
        self.let_go = threading.Event()
        self.stopping = threading.Event()
        self.error: Exception | None = None

    def __call__(self, progress) -> str:
        try:
            while not self.let_go.wait(0.01):
                progress(*self.at)
        except CancelledError:
            self.stopping.set()
            raise
        if self.error:
            raise self.error
        return "kept"


async def begun(pilot, work) -> list[Outcome]:
    """Open the panel over the runs; what comes of it is put into the list."""
    await ready(pilot)
    outcomes: list[Outcome] = []
    pilot.app.push_screen(ProgressModal("Keeping amber-otter-40", work), outcomes.append)
    await until(pilot, lambda: "62 %" in text(pilot.app), "the bar")
    return outcomes


async def test_it_says_what_is_done_how_far_and_how_fast():
    work = Work()
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        outcomes = await begun(pilot, work)
        shown = text(pilot.app)
        assert "Keeping amber-otter-40" in shown
        assert "data/train/scans_b.csv" in shown
        assert "31 MB of 50 MB" in shown
        work.let_go.set()
        await until(pilot, lambda: outcomes, "the outcome")
        assert outcomes == [Outcome("kept")]
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_esc_asks_and_only_a_yes_stops():
    work = Work()
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        outcomes = await begun(pilot, work)
        await pilot.press("y", "n", "enter", "q", "space")
        await pilot.press("escape")
        await until(pilot, lambda: "Stop it?" in text(pilot.app), "the question")
        await pilot.press("n")
        await until(pilot, lambda: "Stop it?" not in text(pilot.app), "the work going on")
        assert not work.stopping.is_set()
        await pilot.press("y")
        assert not outcomes
        await pilot.press("escape", "y")
        await until(pilot, lambda: outcomes, "the outcome")
        assert outcomes[0].cancelled
        assert work.stopping.is_set()


async def test_what_fails_is_given_to_whoever_asked():
    work = Work()
    work.error = StorageError("/scratch is full.", "Free 2 GB there.")
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        outcomes = await begun(pilot, work)
        work.let_go.set()
        await until(pilot, lambda: outcomes, "the outcome")
        assert outcomes[0].error is work.error
        assert not outcomes[0].cancelled


async def test_a_defect_is_reported_and_the_panel_does_not_stay():
    work = Work()
    work.error = ZeroDivisionError("three")
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        outcomes = await begun(pilot, work)
        work.let_go.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, ProblemModal), "the report")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the runs")
        assert outcomes == [Outcome()]


async def test_what_ends_while_the_terminal_has_no_room_is_gone_when_it_has():
    work = Work()
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        outcomes = await begun(pilot, work)
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmallModal), "the cover")
        work.let_go.set()
        await pilot.pause(0.1)
        await pilot.resize_terminal(*SIZE)
        await until(pilot, lambda: outcomes and isinstance(pilot.app.screen, RunsScreen), "the runs")


async def test_leaving_the_application_stops_the_work():
    work = Work()
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await begun(pilot, work)
        await pilot.press("ctrl+q")
    assert work.stopping.wait(30)


def plain(standing: Standing, cells: int = 40, **options) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in lines(standing, cells, **options)]


def test_the_rate_is_that_of_the_last_seconds_and_the_rest_follows_from_it():
    standing = Standing(0.0, 0.0)
    for second in range(21):
        slow = min(second, 10) * 10 * MB + max(0, second - 10) * MB
        standing = standing.moved(float(second), slow, 210 * MB, "a")
    assert plain(standing)[2] == "110 MB of 210 MB   1 MB/s   1m40s left   20s so far"


def test_a_second_stage_that_counts_anew_gives_no_negative_rate():
    standing = Standing(0.0, 0.0).moved(1.0, 50 * MB, 50 * MB, "reading").moved(2.0, MB, 50 * MB, "writing")
    assert standing.rate is None
    assert standing.moved(3.0, 3 * MB, 50 * MB, "writing").rate == 2 * MB


def test_without_a_known_total_there_is_no_bar_and_one_hundred_means_all():
    assert plain(Standing(0.0, 0.0).moved(1.0, MB, 0, "a"))[1] == ""
    assert plain(Standing(0.0, 0.0).moved(1.0, 999_999, MB, "a"))[1].endswith(" 99 %")
    assert plain(Standing(0.0, 0.0).moved(1.0, MB, MB, "a"))[1].endswith("100 %")


def test_ascii_is_ascii_and_a_path_keeps_its_end():
    drawn = plain(Standing(0.0, 0.0).moved(1.0, MB, 3 * MB, "data/träin/\x1b[2J" + "x" * 80 + ".csv"), ascii_only=True)
    assert all(line.isascii() for line in drawn)
    assert drawn[0].endswith(".csv")
    assert all(len(line) <= 40 for line in drawn)
