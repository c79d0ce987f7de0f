"""What lies over a screen goes away once, however fast keys arrive, and takes nothing with it."""

from __future__ import annotations

import pytest

from repro_tui.tui.modals.ask import PromptModal
from repro_tui.tui.modals.layer import Palette
from repro_tui.tui.modals.notice import ProblemModal, TooSmallModal
from repro_tui.tui.screens.run import RunScreen
from repro_tui.tui.screens.runs import RunsScreen
from tests.tui.driving import dashboard, ready, until
from tests.tui.fake import FakeWorkbench

SIZE = (100, 24)


async def test_an_answer_that_arrives_twice_closes_the_question_only():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen), "the run")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptModal), "the question")
        question = pilot.app.screen
        question.dismiss("paper")
        question.dismiss("paper")
        await pilot.pause()
        assert isinstance(pilot.app.screen, RunScreen)


async def test_the_palette_that_is_left_twice_does_not_end_the_application():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(pilot.app.screen, Palette), "the palette")
        palette = pilot.app.screen
        palette.dismiss()
        palette.dismiss()
        await pilot.pause()
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_the_cover_of_a_small_terminal_goes_when_room_came_back_below_something_else():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmallModal), "the cover")
        pilot.app.push_screen(ProblemModal("Something went wrong", "report"))
        await until(pilot, lambda: isinstance(pilot.app.screen, ProblemModal), "the report")
        await pilot.resize_terminal(*SIZE)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the runs")


@pytest.mark.parametrize(
    "way", [["exclamation_mark"], ["question_mark"], ["colon"], ["t"], ["exclamation_mark", "question_mark"]]
)
async def test_the_key_that_quits_does_so_from_whatever_lies_over_a_screen(way):
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        for key in way:
            below = pilot.app.screen
            await pilot.press(key)
            await until(pilot, lambda below=below: pilot.app.screen is not below, "what lies over it")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app.return_code == 0, "the end")
