"""What opens below a row of the Compare place: patches, packages, data, curves, values."""

from __future__ import annotations

import pytest

from repro_tui.domain.traits import Section
from repro_tui.tui.widgets.compare_table import CompareChart, CompareTable, DetailLines
from tests.tui.comparing import CRANE, HERON, OTTER, compared, to_row
from tests.tui.driving import dashboard, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_compare import trait

SIZE = (100, 30)


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
