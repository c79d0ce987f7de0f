"""Keeping runs that nobody asked about: the same offer, with a choice of what becomes of data and wheels."""

from __future__ import annotations

from repro_tui.domain.snapshot import DataChoice
from repro_tui.errors import StorageError
from repro_tui.tui.modals.keep import KeepModal
from repro_tui.tui.screens.run import RunScreen
from repro_tui.tui.screens.runs import RunsScreen
from tests.tui.driving import dashboard, ready, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_questions import CRANE, MOTH, OTTER, FakeTaker

SIZE = (80, 24)


def project() -> FakeWorkbench:
    workbench = FakeWorkbench()
    workbench.snapshots = FakeTaker()
    return workbench


async def opened(pilot, *keys: str) -> KeepModal:
    """Press keys in the list of runs, then `p`, and wait until everything is known."""
    await ready(pilot)
    await pilot.press(*keys, "p")
    return await settled(pilot)


async def settled(pilot) -> KeepModal:
    await until(pilot, lambda: isinstance(pilot.app.screen, KeepModal), "the panel")
    modal = pilot.app.screen
    await until(pilot, lambda: modal.is_settled, "the offers")
    return modal


async def test_p_offers_the_run_under_the_cursor_and_y_keeps_it():
    workbench = project()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot, "down")
        assert "amber-otter-40  python train.py --lr 0.05 --depth 3" in text(pilot.app)
        assert "Save snapshot?" in text(pilot.app)
        assert "data: as repro.yaml says   wheels: not kept" in text(pilot.app)
        await pilot.press("y")
        await until(pilot, lambda: workbench.snapshots.taken, "the snapshot")
        assert workbench.snapshots.taken == [(OTTER, DataChoice.ASK, False)]
        await settled(pilot)
        assert "kept: 43 MB new" in text(pilot.app)
        await pilot.press("y", "escape")
        assert workbench.snapshots.taken == [(OTTER, DataChoice.ASK, False)]
        assert isinstance(pilot.app.screen, RunsScreen)


async def test_marked_runs_are_kept_together_and_a_mark_can_be_taken_away():
    workbench = project()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot, "down", "space", "down", "space", "down", "space")
        assert "3 marked: 235 MB new, 25 s" in text(pilot.app)
        await pilot.press("down", "space")
        await settled(pilot)
        await pilot.press("y")
        await until(pilot, lambda: len(workbench.snapshots.taken) == 2, "the snapshots")
        assert {uid for uid, *_ in workbench.snapshots.taken} == {OTTER, MOTH}


async def test_the_choice_of_data_and_wheels_is_offered_anew_and_carried_out():
    workbench = project()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot, "down")
        await pilot.press("D", "D")
        await settled(pilot)
        assert "data: only its digest and where it is" in text(pilot.app)
        assert "1.9 GB, linked" in text(pilot.app)
        await pilot.press("D", "w")
        await settled(pilot)
        assert "31 wheels" in text(pilot.app)
        assert "train 51,204 rows" not in text(pilot.app)
        await pilot.press("y")
        await until(pilot, lambda: workbench.snapshots.taken, "the snapshot")
        assert workbench.snapshots.taken == [(OTTER, DataChoice.NO, True)]


async def test_p_in_a_run_offers_this_run_and_no_other_answer_is_there():
    workbench = project()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen) and "Overview" in text(pilot.app), "the run")
        await pilot.press("p")
        modal = await settled(pilot)
        assert "y keep" in text(pilot.app)
        assert "Never here" not in text(pilot.app)
        await pilot.press("n", "a", "v", "L")
        assert pilot.app.screen is modal
        assert workbench.snapshots.taken == []
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, RunScreen)


async def test_what_cannot_be_kept_says_why():
    workbench = project()
    workbench.snapshots.errors[OTTER] = StorageError("/scratch is full.", "Free 43 MB there.")
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot, "down")
        await pilot.press("y")
        await until(pilot, lambda: "Not done: /scratch is full. Free 43 MB there." in text(pilot.app), "the reason")
        modal = await settled(pilot)
        assert not modal._queue.here.gone
        assert CRANE not in {uid for uid, *_ in workbench.snapshots.taken}
