"""The Compare place: which runs stand side by side, which rows are listed, what opens below, what keeps still."""

from __future__ import annotations

import threading

from repro_tui.domain.comparison import NOW
from repro_tui.domain.run import State
from repro_tui.domain.traits import Section
from repro_tui.domain.view import Health
from repro_tui.errors import NotFoundError, StorageError
from repro_tui.tui.screens.compare import CompareScreen
from repro_tui.tui.screens.runs import RunsScreen
from repro_tui.tui.widgets.compare_table import CompareTable, DetailLines
from tests.tui.comparing import CRANE, HERON, MOTH, OTTER, at_compare, compared, to_row
from tests.tui.driving import dashboard, lines, ready, text, until
from tests.tui.fake import FakeWorkbench, Sketch
from tests.tui.fake_compare import trait

SIZE = (100, 30)


def names(workbench: FakeWorkbench, *uids: str) -> list[str]:
    """Name runs by the first word of their names."""
    known = {s.identity: s.name.split("-")[0] for s in workbench.sketches.values()}
    return [known.get(uid, str(uid)) for uid in uids]


# Which runs.


async def test_marked_runs_are_compared_with_the_oldest_of_them():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON, CRANE)
        assert names(workbench, *screen._uids) == ["wide", "calm", "amber"]


async def test_the_baseline_is_one_of_them_and_the_first():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("j", "b", "j")
        screen = await compared(pilot)
        assert names(workbench, *screen._uids) == ["amber", "calm"]


async def test_a_single_run_is_compared_with_the_one_before_it():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("j", "c")
        screen = await at_compare(pilot)
        assert names(workbench, *screen._uids) == ["calm", "amber"]


async def test_more_than_eight_runs_are_refused_in_words():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("a", "c")
        told = pilot.app._notifications
        await until(pilot, lambda: any("too many to stand side by side" in n.message for n in told), "the reason")
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_the_place_is_kept_between_sessions_with_its_ignored_rows(tmp_path):
    state = tmp_path / "view.json"
    async with dashboard(FakeWorkbench(), state=state).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await to_row(pilot, screen, "environment/numpy", "x", "equals_sign")
        await pilot.press("ctrl+q")
    async with dashboard(FakeWorkbench(), state=state).run_test(size=SIZE) as pilot:
        screen = await at_compare(pilot)
        assert "all 188 rows" in text(pilot.app)
        assert "1 ignored (X)" in text(pilot.app)
        assert "environment/numpy" not in screen.query_one(CompareTable).keys


async def test_runs_whose_journals_are_still_to_be_read_are_not_said_to_be_gone(tmp_path):
    state, workbench = tmp_path / "view.json", FakeWorkbench(health=Health("inotify", catching_up=True))
    async with dashboard(FakeWorkbench(), state=state).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON)
        await pilot.press("ctrl+q")
    workbench.comparisons.error = NotFoundError("There is no run 5dac163a in this project (any more).")
    async with dashboard(workbench, state=state).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: workbench.comparisons.calls, "the first attempt")
        screen = await at_compare(pilot, seen="Comparing ...")
        await until(pilot, lambda: screen._is_waiting, "its answer")
        assert "There is no run" not in text(pilot.app)
        workbench.comparisons.error = None
        workbench.set_health(Health("inotify"))
        await at_compare(pilot)


async def test_without_runs_it_says_how_to_compare_some():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("2")
        await at_compare(pilot, seen="mark two to eight of them")
        assert "n next" not in lines(pilot.app)[-1], "keys that do nothing here are not named"
        keys = (
            "n",
            "enter",
            "b",
            "equals_sign",
            "v",
            "x",
            "m",
            "left",
            "tab",
            "y",
            "slash",
            "escape",
            "greater_than_sign",
        )
        await pilot.press(*keys)
        await at_compare(pilot, seen="mark two to eight of them")
        await pilot.press("w")
        await at_compare(pilot, seen="If quick-vole-41 were run again now")
        assert "n next" in lines(pilot.app)[-1]


async def test_a_run_that_is_gone_leaves_words_and_not_an_empty_screen():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON)
        del workbench.sketches[40]
        await pilot.press("R")
        await until(pilot, lambda: "There is no run" in text(pilot.app), "the reason")
        assert "0.9731" in text(pilot.app), "the last good comparison stays"


async def test_what_cannot_be_read_says_so_and_can_be_tried_again():
    workbench = FakeWorkbench()
    workbench.comparisons.error = StorageError("/scratch/ada/.repro cannot be read: Input/output error.")
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON, seen="Input/output error")
        workbench.comparisons.error = None
        await pilot.press("R")
        await at_compare(pilot)


async def test_while_other_runs_take_their_time_the_former_are_not_shown_for_them(monkeypatch):
    workbench = FakeWorkbench()
    gate, compare = threading.Event(), workbench.comparisons.compare
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON)
        monkeypatch.setattr(workbench.comparisons, "compare", lambda uids: gate.wait(30) and compare(uids))
        await pilot.press("1", "A", "g", "j", "j", "c")
        await at_compare(pilot, seen="Comparing ...")
        assert "0.9731" not in text(pilot.app)
        gate.set()
        await at_compare(pilot, seen="0.9712")


# Which rows.


async def test_only_rows_that_differ_are_listed_until_all_are_asked_for():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        table = screen.query_one(CompareTable)
        assert [key for key in table.keys if key] == [
            "outcome/acc", "outcome/loss", "parameters/seed", "data/train", "environment/numpy",
        ]  # fmt: skip
        await pilot.press("equals_sign")
        assert len([key for key in table.keys if key]) == 189


async def test_the_cursor_goes_from_difference_to_difference_among_equal_rows():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        table = screen.query_one(CompareTable)
        await pilot.press("equals_sign", "g")
        found = [table.highlighted]
        for _ in range(4):
            await pilot.press("n")
            found.append(table.highlighted)
        assert found == ["outcome/acc", "outcome/loss", "parameters/seed", "data/train", "environment/numpy"]
        await pilot.press("n")
        await until(pilot, lambda: "no further difference" in text(pilot.app), "words at the end")
        await pilot.press("N")
        assert table.highlighted == "data/train"


async def test_the_first_row_brings_the_head_of_its_section_into_sight():
    async with dashboard(FakeWorkbench()).run_test(size=(80, 24)) as pilot:
        await compared(pilot, OTTER, HERON)
        await pilot.press("equals_sign", "G", "g")
        await pilot.pause()
        assert any(line.startswith(" OUTCOME") for line in lines(pilot.app))


async def test_the_filter_lists_what_has_all_its_words_and_esc_restores():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        table = screen.query_one(CompareTable)
        await pilot.press("slash", *"env num")
        await until(pilot, lambda: [k for k in table.keys if k] == ["environment/numpy"], "the rows that match")
        await pilot.press("escape")
        await until(pilot, lambda: len([k for k in table.keys if k]) == 5, "all rows again")
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot, lambda: "No row that is listed" in text(pilot.app), "words")
        await pilot.press("equals_sign", "slash", *"layer07", "enter")
        await until(pilot, lambda: "model.layer07.width" in text(pilot.app), "an equal row")


async def test_esc_closes_what_is_open_and_then_lifts_the_filter():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        table = screen.query_one(CompareTable)
        await pilot.press("slash", *"seed", "enter", "enter")
        await until(pilot, lambda: isinstance(screen.focused, DetailLines), "what was opened")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(screen.focused, CompareTable), "the rows")
        assert [key for key in table.keys if key] == ["parameters/seed"]
        await pilot.press("escape")
        await until(pilot, lambda: len([key for key in table.keys if key]) == 5, "all rows again")


async def test_the_cursor_goes_from_section_to_section():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        table = screen.query_one(CompareTable)
        await pilot.press("equals_sign", "g", "j", "]")
        found = [table.highlighted]
        await pilot.press("J", "[")
        found.append(table.highlighted)
        await pilot.press("]", "]", "[")
        found.append(table.highlighted)
        assert [key.partition("/")[0] for key in found] == ["parameters", "parameters", "code"]
        assert found[0] == found[1]


async def test_another_comparison_begins_at_its_first_row():
    async with dashboard(FakeWorkbench()).run_test(size=(80, 24)) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await pilot.press("equals_sign", "G", "1", "A", "g", "j", "j", "c")
        await until(pilot, lambda: screen.query_one(CompareTable).highlighted == "outcome/acc", "the first row")
        await until(pilot, lambda: any(line.startswith(" OUTCOME") for line in lines(pilot.app)), "it in sight")


async def test_an_ignored_row_is_attended_to_again():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        table = screen.query_one(CompareTable)
        await to_row(pilot, screen, "data/train", "x")
        await until(pilot, lambda: "data/train" not in table.keys, "the row to go")
        await to_row(pilot, screen, "environment/numpy", "x")
        await until(pilot, lambda: "environment/numpy" not in table.keys, "the other row to go")
        await pilot.press("X", "enter")
        await until(pilot, lambda: "data/train" in table.keys, "the first row to come back")
        assert "environment/numpy" not in table.keys
        await to_row(pilot, screen, "data/train", "x")
        await pilot.press("X", "down", "down", "enter")
        await until(pilot, lambda: {"data/train", "environment/numpy"} <= set(table.keys), "all rows to come back")


# Baseline and columns.


async def test_another_baseline_turns_the_deltas_round():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON)
        assert "+0.0019" in text(pilot.app)
        await pilot.press("b")
        await until(pilot, lambda: "-0.0019" in text(pilot.app), "the delta the other way round")


async def test_the_chosen_run_is_held_against_the_baseline():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON, CRANE)
        await until(pilot, lambda: "0.9688 and 0.9712" in text(pilot.app), "the first pair")
        await pilot.press("right")
        await until(pilot, lambda: "0.9688 and 0.9731" in text(pilot.app), "the second pair")
        await pilot.press("b")
        await until(pilot, lambda: "0.9731 and 0.9688" in text(pilot.app), "turned round")
        assert names(workbench, *screen._uids) == ["amber", "calm", "wide"]


async def test_eight_runs_scroll_sideways_beside_names_and_baseline():
    async with dashboard(FakeWorkbench()).run_test(size=(80, 24)) as pilot:
        await compared(pilot, 1, 2, 3, 5, 6, 7, 8, 9)
        head = next(line for line in lines(pilot.app) if ">2 " in line)
        assert "b " in head
        await pilot.press("L")
        await pilot.pause()
        head = next(line for line in lines(pilot.app) if ">8 " in line)
        assert "b " in head
        assert ">2 " not in head


async def test_of_files_it_is_said_by_how_many_lines_they_differ():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON, CRANE)
        await until(pilot, lambda: any("77e01a  +3 -2" in line for line in lines(pilot.app)), "the lines counted")
        file = next(line for line in lines(pilot.app) if line.startswith("   train.py"))
        assert file.count("+3 -2") == 2, "both differ from the baseline"
        workbench.comparisons.calls.clear()
        await pilot.press("right", "left")
        await pilot.pause()
        assert "code" not in workbench.comparisons.calls, "they are counted once"


# What lies there now.


async def test_what_would_differ_now_is_said_and_left_again():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        before = screen._uids
        await pilot.press("w")
        await at_compare(pilot, seen="were run again now, it would differ in train, numpy")
        assert screen._uids == (before[0], NOW)
        await pilot.press("w")
        await at_compare(pilot)
        assert screen._uids == before


async def test_from_the_list_of_runs_w_compares_with_now():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("j", "w")
        await at_compare(pilot, seen="nothing that can matter would differ")


# Runs that go on.


async def test_a_run_that_goes_on_stays_live_and_nothing_jumps():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, 0, OTTER, seen="0.812")
        await to_row(pilot, screen, "outcome/loss")
        screen._read_at -= 100
        workbench.change(41, metrics={"acc": 0.8461, "loss": 0.402})
        await until(pilot, lambda: screen._read_at and _later(screen) and "0.8461" in text(pilot.app), "the new value")
        assert screen.query_one(CompareTable).highlighted == "outcome/loss"


def _later(screen: CompareScreen) -> bool:
    """Do not wait for the seconds between two readings."""
    screen._read_at -= 100
    return True


async def test_runs_that_have_ended_are_not_read_again_because_of_others():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        before = workbench.comparisons.calls.count("compare")
        workbench.change(41, metrics={"acc": 0.9, "loss": 0.3})
        screen._read_at -= 100
        screen._tick()
        await pilot.pause(0.1)
        assert workbench.comparisons.calls.count("compare") == before


async def test_runs_that_share_nothing_are_shown_with_what_each_has():
    workbench = FakeWorkbench(
        runs=[
            Sketch("odd-newt-2", 60, State.DONE, params={"b": 1}, metrics={}),
            Sketch("even-toad-1", 90, State.DONE, params={"a": float("nan")}, metrics={"acc": float("nan")}),
        ]
    )
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, 0, 1, seen="They share no metric")
        assert "NaN" in text(pilot.app) or "nan" in text(pilot.app)


async def test_five_thousand_parameters_are_listed_at_once():
    workbench = FakeWorkbench()
    workbench.comparisons.extra = lambda uid: [
        trait(Section.PARAMETERS, f"p{n:04}", f"{n}{uid[0]}") for n in range(5_000)
    ]
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, MOTH)
        await pilot.press("equals_sign", "G")
        assert len(screen.query_one(CompareTable).keys) > 5_000
