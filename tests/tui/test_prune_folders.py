"""The folders of old runs in the prune screen: asked apart from the snapshots, with the number where something goes."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.ids import RunId
from repro_tui.domain.retention import Reason
from repro_tui.domain.tidying import COMPRESS, REMOVE_OUTPUT, FolderMove, FolderPlan, FolderPolicy
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.modals.report import ReportModal
from tests.tui.driving import text, until
from tests.tui.fake_retention import MB, FakeRetention, drawn
from tests.tui.pruning_places import RULES, at_prune, pruning, told

SMALL = (80, 24)
DAY = 86_400


def is_open(pilot, kind):
    return lambda: isinstance(pilot.app.screen, kind)


async def test_the_folders_of_old_runs_are_a_question_of_their_own():
    fake = FakeRetention(drawn(), RULES)
    reason = Reason("compress_after", "older than 30d")
    sealed = FolderMove(RunId("1" * 32), "early-finch-1", COMPRESS, reason, ("main.jsonl",), 9 * MB, 8 * MB)
    removed = replace(sealed, name="plain-wren-2", action=REMOVE_OUTPUT, files=("output.log", "output.1.log"))
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "F")
        await until(pilot, lambda: "The policy says nothing of the folders of runs" in told(pilot), "the reason")
        fake.folders = FolderPlan((sealed,), 8 * MB, "f", policy=FolderPolicy(30 * DAY))
        await pilot.press("F")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        assert "about 8 MB at once. Journals and snapshots stay." in text(pilot.app)
        await pilot.press("n")
        fake.folders = FolderPlan((sealed, removed), 16 * MB, "f", policy=FolderPolicy(30 * DAY, 90 * DAY))
        await pilot.press("F")
        await until(pilot, is_open(pilot, PromptModal), "the number")
        assert "removes 2 files of output of failed runs for good" in " ".join(text(pilot.app).split())
        await pilot.press("3", "enter")
        await until(pilot, lambda: "3 is not 2." in text(pilot.app), "the reason")
        assert fake.folders.moves
        await pilot.press("2", "enter")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "2 folders tidied, 16 MB given back" in text(pilot.app)
        assert not fake.folders.moves
        await pilot.press("escape")
        fake.folders = FolderPlan((), 0, "f", ("1 folder is left as it is: silent.",), FolderPolicy(30 * DAY))
        await pilot.press("F")
        await until(pilot, lambda: "1 folder is left as it is: silent." in told(pilot), "what stays")
