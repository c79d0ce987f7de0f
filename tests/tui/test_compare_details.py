"""Why results differ, in the Compare place, and what opens below a row: patches, packages, data, curves, values."""

from __future__ import annotations

import threading

import pytest

from repro_tui.domain.comparison import CodeChange, FilePatch
from repro_tui.domain.traits import Section
from repro_tui.tui.modals.notice import ProblemModal
from repro_tui.tui.widgets.compare_table import CompareChart, CompareTable, DetailLines
from tests.tui.comparing import CRANE, HERON, OTTER, at_compare, compared, to_row
from tests.tui.driving import dashboard, lines, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_compare import trait

SIZE = (100, 30)


# Why.


async def test_rows_come_first_and_the_explanation_moves_nothing():
    workbench = FakeWorkbench()
    workbench.comparisons.gate = threading.Event()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON, seen="0.9731")
        before = lines(pilot.app)
        assert any("explaining" in line for line in before)
        await pilot.press("n")
        workbench.comparisons.gate.set()
        await at_compare(pilot)
        after = lines(pilot.app)
        at = next(n for n, line in enumerate(before) if "OUTCOME" in line)
        assert [line[1:] for line in after[at:-1]] == [line[1:] for line in before[at:-1]]


async def test_after_a_defect_it_can_be_explained_again(monkeypatch):
    workbench = FakeWorkbench()
    workbench.comparisons.gate = gate = threading.Event()
    explain = workbench.comparisons.explain
    monkeypatch.setattr(workbench.comparisons, "explain", lambda *_pair, metric: gate.wait(30) and [][len(metric)])
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await compared(pilot, OTTER, HERON, seen="explaining")
        gate.set()
        await until(pilot, lambda: isinstance(pilot.app.screen, ProblemModal), "the report")
        monkeypatch.setattr(workbench.comparisons, "explain", explain)
        await pilot.press("escape", "R")
        await at_compare(pilot)


async def test_another_outcome_is_explained_on_request():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await to_row(pilot, screen, "outcome/loss", "m")
        await at_compare(pilot, seen="loss 0.094 and 0.091")


async def test_all_that_an_explanation_rests_on_is_a_key_away():
    async with dashboard(FakeWorkbench()).run_test(size=(120, 40)) as pilot:
        await compared(pilot, OTTER, HERON)
        await pilot.press("v")
        await until(pilot, lambda: "wren and moth differ only in numpy" in text(pilot.app), "the evidence")
        await pilot.press("escape")
        await until(pilot, lambda: "wren and moth differ only" not in text(pilot.app), "the rows alone")


# Details.


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ("data/train", "shared with test"),
        ("environment/numpy", "package-007"),
        ("parameters/seed", "seed   parameters"),
    ],
)
async def test_a_row_opens_in_place(row, seen):
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await to_row(pilot, screen, row, "enter")
        await until(pilot, lambda: seen in text(pilot.app), seen)
        assert isinstance(screen.focused, DetailLines)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(screen.focused, CompareTable), "the rows")
        assert screen.query_one(CompareTable).highlighted == row


async def test_what_is_opened_after_something_was_closed_is_shown_and_not_the_former():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await to_row(pilot, screen, "environment/numpy", "enter")
        await until(pilot, lambda: "package-003" in text(pilot.app), "the packages")
        await pilot.press("escape")
        await until(pilot, lambda: "package-003" not in text(pilot.app), "the rows alone")
        await to_row(pilot, screen, "parameters/seed", "enter")
        await until(pilot, lambda: "seed   parameters" in text(pilot.app), "the seeds")
        assert "package-003" not in text(pilot.app)


async def test_a_patch_is_searched_and_n_goes_on_to_the_next_difference():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, CRANE)
        await to_row(pilot, screen, "code/train.py", "enter")
        await until(pilot, lambda: "rng.shuffle(order)" in text(pilot.app), "the patch")
        assert "2 commits since then" in text(pilot.app)
        await until(pilot, lambda: isinstance(screen.focused, DetailLines), "the keys to go there")
        await pilot.press("n")
        await until(pilot, lambda: "shared with test" in text(pilot.app), "the next difference")
        await pilot.press("N")
        await until(pilot, lambda: "rng.shuffle(order)" in text(pilot.app), "the patch again")
        await pilot.press("slash", *"savez", "enter", "n")
        assert screen.query_one(CompareTable).highlighted == "code/train.py", "n looks for the text now"


async def test_a_patch_of_ten_thousand_lines_makes_only_those_in_sight(monkeypatch):
    from repro_tui.tui.render.patch import PatchLines

    workbench = FakeWorkbench()
    workbench.comparisons.patch = ("@@ -1,10000 +1,10000 @@", *(f"+x = {n}" for n in range(10_000)))
    made = []
    real = PatchLines._line
    monkeypatch.setattr(PatchLines, "_line", lambda self, row: made.append(row) or real(self, row))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, CRANE)
        await to_row(pilot, screen, "code/train.py", "enter")
        await until(pilot, lambda: "x = 3" in text(pilot.app), "the patch")
        await until(pilot, lambda: isinstance(screen.focused, DetailLines), "the keys to go there")
        await pilot.press("G")
        await until(pilot, lambda: "x = 9999" in text(pilot.app), "its end")
        assert len(made) < 500


async def test_curves_have_a_cursor_and_the_next_outcome_below():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await to_row(pilot, screen, "outcome/acc", "enter")
        await until(pilot, lambda: "acc by step" in text(pilot.app), "the curves")
        await until(pilot, lambda: isinstance(screen.focused, CompareChart), "the keys to go there")
        await pilot.press("left", "left")
        await until(pilot, lambda: "cursor at" in text(pilot.app), "the cursor")
        await pilot.press("j")
        await until(pilot, lambda: "loss by step" in text(pilot.app), "the next outcome")
        assert screen.query_one(CompareTable).highlighted == "outcome/loss"


async def test_why_there_is_no_patch_is_read_without_scrolling():
    workbench = FakeWorkbench()
    why = "its content was not recorded for amber-otter-40: larger than code.limit (1000000 bytes)"
    workbench.comparisons.code_change = CodeChange((FilePatch("train.py", (), why=why),))
    async with dashboard(workbench).run_test(size=(80, 24)) as pilot:
        screen = await compared(pilot, OTTER, CRANE)
        await to_row(pilot, screen, "code/train.py", "enter")
        await until(pilot, lambda: "code.limit" in text(pilot.app) and "bytes)" in text(pilot.app), "all of it")


async def test_a_long_value_is_seen_whole_and_cannot_harm():
    workbench = FakeWorkbench()
    long = "{" + ", ".join(f"'k{n}': \x1b[31m{n}" for n in range(40)) + "}"
    workbench.comparisons.extra = lambda uid: (
        trait(Section.PARAMETERS, "config", long.replace("k39", "other") if uid.startswith("61") else long),
    )
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await compared(pilot, OTTER, HERON)
        await to_row(pilot, screen, "parameters/config", "enter")
        await until(pilot, lambda: "'other'" in text(pilot.app), "the end of the value")
        assert "\x1b" not in text(pilot.app)
