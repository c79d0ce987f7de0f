"""What the Runs screen does when keys are pressed and when the world changes under it."""

from __future__ import annotations

import base64

import pytest
from textual.widgets import Static

from repro_tui.domain.view import Annotation, Health, Sort
from repro_tui.errors import StorageError
from repro_tui.tui.messages import OpenRun
from repro_tui.tui.modals.ask import ConfirmModal
from repro_tui.tui.modals.columns import ColumnsModal
from repro_tui.tui.modals.notice import ProblemModal, TooSmallModal
from repro_tui.tui.screens.runs import RunsScreen
from repro_tui.tui.widgets.filter_bar import FilterBar
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.run_table import RunTable
from tests.tui.driving import dashboard, lines, ready, text, until
from tests.tui.fake import FakeWorkbench

SIZE = (100, 24)


async def test_the_first_picture_is_that_of_the_last_session():
    workbench = FakeWorkbench()
    workbench.advance = lambda budget_s: False
    workbench._health = Health("still")
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "amber-otter-40" in text(pilot.app)


async def test_a_filter_lists_what_matches_while_it_is_typed_and_enter_keeps_it():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"lr>0.01 state:done,running")
        await until(pilot, lambda: "12 of 41" in text(pilot.app), "12 of 41 runs")
        await pilot.press("enter")
        assert isinstance(pilot.app.focused, RunTable)
        assert "lr>0.01 state:done,running" in lines(pilot.app)[1]


async def test_esc_puts_the_filter_back():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"state:failed")
        await until(pilot, lambda: len(pilot.app.view.runs.keys) < 41, "the filtered list")
        await pilot.press("escape")
        await until(pilot, lambda: len(pilot.app.view.runs.keys) == 41, "the whole list")
        assert "all runs" in text(pilot.app)


async def test_a_filter_that_makes_no_sense_is_explained_and_the_last_good_list_stays():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"state:failed")
        await until(pilot, lambda: len(pilot.app.view.runs.keys) < 41, "the filtered list")
        shown = len(pilot.app.view.runs.keys)
        await pilot.press(*' "open')
        trouble = pilot.app.screen.query_one("#trouble", Static)
        assert trouble.display
        assert len(pilot.app.view.runs.keys) == shown
        await pilot.press("escape")
        assert not trouble.display


async def test_a_word_that_is_only_begun_does_not_empty_the_list():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"state:fai")
        await pilot.pause(0.2)
        assert len(pilot.app.view.runs.keys) == 41 or "state:fai" not in str(pilot.app.query_in_use)


async def test_tab_takes_the_completion():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"sta", "down", "tab")
        bar = pilot.app.screen.query_one(FilterBar)
        assert bar.query_one("Input").value == "state:done "
        assert pilot.app.screen.query_one(Footer).scope == "filter"


async def test_sorting_by_a_metric_puts_the_best_on_top_and_reversing_turns_it_round():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("s", *"loss", "enter", "g")
        await until(pilot, lambda: pilot.app.view.runs.query.sort == Sort("metric:loss"), "the sorted list")
        assert "by loss" in text(pilot.app)
        await pilot.press("g")
        first = table.row(table.highlighted).cells["metric:loss"]
        await pilot.press("S")
        await until(pilot, lambda: pilot.app.view.runs.query.sort.descending, "the list turned round")
        assert "worst first" in text(pilot.app)
        await pilot.press("g")
        assert table.row(table.highlighted).cells["metric:loss"] > first


async def test_columns_are_hidden_shown_and_moved():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        before = table.shown_columns
        assert before[:2] == ("field:age", "metric:acc")
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, ColumnsModal), "the columns")
        await pilot.press("space", "down", "shift+down", "enter")
        moved = (before[2], before[1], *before[3:])
        await until(pilot, lambda: table.shown_columns == moved, "the columns as chosen")
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, ColumnsModal), "the columns again")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: table.shown_columns == before, "the columns as they were")


async def test_a_tag_goes_to_all_marked_runs_and_a_minus_takes_it_away():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("space", "space", "t", *"good -bad", "enter")
        await until(pilot, lambda: workbench.annotations, "the annotation")
        uids, annotation = workbench.annotations[0]
        assert len(uids) == 2
        assert annotation == Annotation(add_tags=("good",), remove_tags=("bad",))
        await until(pilot, lambda: "good" in lines(pilot.app)[4], "the tag in the list")


async def test_a_note_begins_with_the_one_that_is_there():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("down", "down", "i", *"!", "enter")
        await until(pilot, lambda: workbench.annotations, "the annotation")
        assert workbench.annotations[0][1] == Annotation(note="the one in table 2!")


async def test_pinning_runs_of_which_one_is_pinned_pins_all_and_then_unpins_all():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("down", "space", "space", "P")
        await until(pilot, lambda: all(table.row(key).pinned for key in table.marks), "both pinned")
        await pilot.press("P")
        await until(pilot, lambda: not any(table.row(key).pinned for key in table.marks), "both unpinned")


async def test_what_cannot_be_written_is_said_and_nothing_is_claimed():
    workbench = FakeWorkbench(health=Health("inotify", read_only=True))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("P")
        await until(pilot, lambda: pilot.app._notifications, "the message")
        assert "cannot be written" in next(iter(pilot.app._notifications)).message
        assert "read-only" in lines(pilot.app)[0]
        assert not pilot.app.screen.query_one(Footer).news


async def test_copying_asks_what_and_says_so(monkeypatch):
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        written = []
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        await pilot.press("y", "down", "down", "enter")
        command = "python train.py --lr 0.1 --depth 3 --seed 1"
        assert base64.b64encode(command.encode()).decode() in "".join(written)
        assert f"copied {command}" in pilot.app.screen.query_one(Footer).news


async def test_enter_asks_to_open_the_run_under_the_cursor():
    seen = []
    app = dashboard(FakeWorkbench())
    app._open_run = lambda message: None
    async with app.run_test(size=SIZE, message_hook=seen.append) as pilot:
        table = await ready(pilot)
        await pilot.press("down")
        uid = table.row(table.highlighted).uid
        pilot.app.screen.action_open()
        await until(pilot, lambda: any(isinstance(m, OpenRun) and m.uid == uid for m in seen), "the request")


async def test_an_error_stands_above_the_last_good_list_until_it_is_over():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        workbench.error = StorageError("/p/.repro cannot be read.", "Mount it again.")
        workbench.tell()
        await until(pilot, lambda: "Mount it again." in text(pilot.app), "the message")
        assert "amber-otter-40" in text(pilot.app)
        workbench.error = None
        await until(pilot, lambda: "Mount it again." not in text(pilot.app), "the end of the message")


async def test_a_defect_is_shown_with_a_report_and_refreshing_reads_again():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        working = workbench.advance
        workbench.advance = lambda budget_s: 1 / 0
        workbench.tell()
        await until(pilot, lambda: isinstance(pilot.app.screen, ProblemModal), "the report")
        assert "ZeroDivisionError" in text(pilot.app)
        workbench.advance = working
        await pilot.press("escape", "R")
        workbench.change(41, because="epoch 9/20")
        await until(pilot, lambda: "epoch 9/20" in text(pilot.app), "the list going on")


async def test_an_empty_project_says_what_to_type_and_fills_when_a_run_begins():
    workbench = FakeWorkbench(0)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "repro-tui demo" in text(pilot.app), "the words")
        assert "repro-tui run -- python train.py" in text(pilot.app)
        workbench.add(FakeWorkbench().sketches[41])
        await until(pilot, lambda: "quick-vole-41" in text(pilot.app), "the run")


async def test_q_at_a_place_asks_and_only_a_yes_quits():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("q")
        assert isinstance(pilot.app.screen, ConfirmModal)
        await pilot.press("n")
        assert isinstance(pilot.app.screen, RunsScreen)
        await pilot.press("q", "y")
    assert pilot.app.return_value == 0


async def test_a_terminal_made_tiny_says_so_and_comes_back_as_it_was():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("down", "space")
        await pilot.resize_terminal(20, 5)
        assert isinstance(pilot.app.screen, TooSmallModal)
        assert "Too small" in text(pilot.app)
        await pilot.press("space", "q", "x")
        await pilot.resize_terminal(*SIZE)
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the list")
        assert len(table.marks) == 1
        assert "amber-otter-40" in text(pilot.app)


@pytest.mark.parametrize("size", [(40, 8), (41, 9), (60, 15), (79, 24), (120, 16), (119, 40), (300, 80)])
async def test_every_line_fits_at_any_size(size):
    async with dashboard(FakeWorkbench()).run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("space", "down", "v", "escape", "question_mark", "escape")
        await ready(pilot)
        assert "quick-vole" in text(pilot.app)
        assert "acc" in lines(pilot.app)[2]
        assert len(lines(pilot.app)) == size[1]


async def test_every_command_of_the_palette_can_be_carried_out_by_its_name():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("colon", *"mark all")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: len(table.marks) == 41, "all runs marked")


async def test_a_filter_that_was_never_finished_is_gone_in_the_next_session(tmp_path):
    state = tmp_path / "view.json"
    async with dashboard(FakeWorkbench(), state=state).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"state:")
        await until(pilot, lambda: pilot.app.kept.filter, "the filter as it was typed so far")
    async with dashboard(FakeWorkbench(), state=state).run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert "all runs" in lines(pilot.app)[1]
