"""What the Data place does when keys are pressed: compare, look, keep, restore, note, watch, declare."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from textual.widgets import Input

from repro_tui.domain.dataset import Dataset, Now, Proposal, Spec, Version, Watch
from repro_tui.domain.run import Coverage
from repro_tui.errors import ReproError, StorageError
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.modals.making import MakingModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.modals.progress import ProgressModal
from repro_tui.tui.modals.report import ReportModal
from repro_tui.tui.screens.data import DataScreen
from repro_tui.tui.screens.version import VersionScreen
from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.row_table import RowTable
from tests.tui.driving import dashboard, lines, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_keeping import MB, V2, V3, FakeDatasets, digest, drawn_datasets
from tests.tui.fake_runs import NOW
from tests.tui.keeping_places import at_data

SIZE = (100, 30)
TO_V3 = ("tab", "j", "j")


def told(pilot) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


def is_open(pilot, kind):
    return lambda: isinstance(pilot.app.screen, kind)


def called(workbench, word):
    return [call for call in workbench.datasets.calls if call.startswith(word)]


async def test_the_change_of_the_version_under_the_cursor_is_told():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3)
        await until(pilot, lambda: "50,000 to 51,204" in text(pilot.app), "the block of the change")
        assert "train v2 to v3   +1,204 rows, label 3: 10.1 % → 12.2 %" in text(pilot.app)
        await pilot.press("j")
        await until(pilot, lambda: "train v1 to v2" in text(pilot.app), "the change before")
        await pilot.press("j")
        await until(pilot, lambda: "train v1   1 file, 1.9 GB" in text(pilot.app), "the first version")


async def test_a_marked_version_is_what_others_are_compared_with():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3, "space", "j", "j")
        await until(pilot, lambda: "train v1 to v3" in text(pilot.app), "the change over two versions")
        await pilot.press("k", "k", "space", "j", "j")
        await until(pilot, lambda: "train v1 to v3" not in text(pilot.app), "no mark any more")


async def test_a_cursor_that_moves_on_asks_for_one_change_only(monkeypatch):
    # On a machine under load keys come slowly; the cursor rests only when it rests for long.
    monkeypatch.setattr(Shell, "settle", 2.0)
    workbench = FakeWorkbench()
    versions = tuple(
        Version(n, digest(f"{n:02x}"), NOW - 60 * (40 - n), "ada", 1, 1, Coverage.FULL, profile=digest("aa"))
        for n in range(40, 0, -1)
    )
    workbench.datasets = FakeDatasets([Dataset(Spec("train", "data"), versions)], ())
    workbench.datasets.lies = {"train": Now(versions[0].digest, 1, 1, Coverage.FULL, 40)}
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, *["j"] * 20, seen="same as v40")
        await until(pilot, lambda: called(workbench, "change"), "the change")
        await until(pilot, lambda: "1 changed" in text(pilot.app), "the block")
        assert len(called(workbench, "change")) < 6


async def test_looking_reads_what_changed_and_goes_to_the_version_that_it_is():
    workbench = FakeWorkbench()
    datasets = workbench.datasets
    v4 = replace(drawn_datasets()[1].versions[0], number=4, digest=digest("4f"), made=None, snapshot=None, t=NOW)
    datasets.lies["train"] = Now(None, 3, 2_000 * MB, Coverage.PENDING, None, "1 file not read yet")
    read = datasets.now

    def now(name, *, read_it=False, progress=None, **more):
        found = read(name, read=more.get("read", read_it), progress=progress)
        if more.get("read") and name == "train":
            found = datasets.lies["train"] = Now(v4.digest, 3, 2_000 * MB, Coverage.FULL, 4)
            versions = datasets.declared["train"].versions
            if versions[0].number == 3:
                datasets._change("train", versions=(v4, *versions))
        return found

    datasets.now = now
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await at_data(pilot, "tab", seen="w reads it")
        await until(pilot, lambda: lines(pilot.app)[7].count("not read yet"), "what lies there")
        await pilot.press("j", "enter")
        await until(pilot, lambda: screen.query_one(RowTable).highlighted == "train@v4", "the new version")
        await until(pilot, lambda: "train v3 to v4" in text(pilot.app), "its change")
        assert f"change train {V3} {v4.digest}" in datasets.calls
        await pilot.press("j", "j", "w")
        await until(
            pilot, lambda: "train v2 to v4" in text(pilot.app), "the change against the version that was chosen"
        )


async def test_a_dataset_that_is_as_it_was_is_said_to_be():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_data(pilot, "w")
        await until(pilot, lambda: "test is as v1 was" in text(pilot.app), "the word")


async def test_looking_can_be_stopped_and_nothing_looks_by_itself():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot)
        assert not [call for call in called(workbench, "now") if call.endswith("True")]
        workbench.datasets.gate = threading.Event()
        await pilot.press("w")
        await until(pilot, is_open(pilot, ProgressModal), "the progress")
        await pilot.press("escape", "y")
        await until(pilot, is_open(pilot, DataScreen), "the place")
        await until(pilot, lambda: "stopped: nothing of it stays behind" in text(pilot.app), "the word")


async def test_keeping_asks_first_and_the_version_is_kept_then():
    workbench = FakeWorkbench()
    datasets = workbench.datasets
    versions = datasets.declared["train"].versions
    datasets._change("train", versions=(replace(versions[0], snapshot=None), *versions[1:]))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3, "p")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        assert "1.9 GB are read" in text(pilot.app)
        assert not called(workbench, "checkpoint")
        await pilot.press("n")
        await pilot.press("p")
        await until(pilot, is_open(pilot, ConfirmModal), "the question again")
        await pilot.press("y")
        await until(pilot, lambda: "kept train: 31 MB new to the store" in text(pilot.app), "the word")
        assert called(workbench, "checkpoint") == ["checkpoint train"]
        await until(pilot, lambda: "kept" in lines(pilot.app)[8], "the word in the list")


async def test_a_kept_version_is_restored_and_one_that_is_not_says_so():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3, "r")
        await until(pilot, is_open(pilot, PromptModal), "the question where")
        assert "digits-train-v3" in text(pilot.app)
        await pilot.press("enter")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert any(call.endswith("digits-train-v3 data") for call in workbench.snapshots.calls)
        await pilot.press("escape", "j", "j", "r")
        await until(pilot, lambda: "train v1 is not kept" in told(pilot), "the reason")
        await pilot.press("g", "r")
        await until(pilot, lambda: "Put the cursor on a version" in told(pilot), "the reason")


async def test_how_a_version_was_made_is_noted():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3, "j", "i")
        await until(pilot, is_open(pilot, MakingModal), "the question")
        await pilot.press(*"cropped", "enter")
        await until(pilot, lambda: 'by hand: "cropped"' in text(pilot.app), "the note")
        assert called(workbench, "explain") == [f"explain train {V2} |cropped"]


async def test_watch_goes_round_however_fast_the_key_is():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, "W")
        await until(pilot, lambda: "watch ask: a change is asked about" in text(pilot.app), "the word")
        await pilot.press("W", "W")
        await until(pilot, lambda: workbench.datasets.declared["test"].spec.watch is Watch.NEVER, "the first again")
        await until(pilot, lambda: "test   1 version, 41 runs, watch: never" in text(pilot.app), "the list")


async def test_a_path_that_runs_read_is_declared_under_a_name():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, "G", "k", "enter")
        await until(pilot, is_open(pilot, PromptModal), "the question")
        await pilot.press("enter")
        await until(pilot, lambda: "video   0 versions" in text(pilot.app), "the dataset")
        assert called(workbench, "add") == ["add video /scratch/video"]


async def test_a_project_without_datasets_says_what_to_type_and_offers_what_was_read():
    workbench = FakeWorkbench()
    workbench.datasets = FakeDatasets([])
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, seen="repro-tui data add NAME PATH")
        assert "runs were seen reading:" in text(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: "Declare /scratch/video" in text(pilot.app), "the question")
    workbench.datasets = FakeDatasets([], ())
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, seen="repro-tui data add NAME PATH")
        await pilot.press("enter", "p", "w", "W", "r", "i", "space", "tab", "y", "j")
        assert isinstance(pilot.app.screen, DataScreen)


async def test_the_page_names_the_runs_and_how_it_was_made():
    async with dashboard(FakeWorkbench()).run_test(size=(100, 40)) as pilot:
        await at_data(pilot, *TO_V3, "enter")
        await until(pilot, is_open(pilot, VersionScreen), "the page")
        await until(pilot, lambda: "amber-otter-40" in text(pilot.app), "the run's name")
        await until(pilot, lambda: "50,000 to 51,204" in text(pilot.app), "the change")
        assert "made from     train b3:91ac91ac" in text(pilot.app)
        await pilot.press("i")
        await until(pilot, is_open(pilot, MakingModal), "the question")
        await pilot.press(*"again", "enter")
        await until(pilot, lambda: 'by hand: "again"' in text(pilot.app), "the note on the page")
        await pilot.press("escape", "g", "enter")
        await until(pilot, lambda: "1 version" in text(pilot.app), "the page of the dataset")


async def test_trouble_with_one_dataset_stays_with_it():
    workbench = FakeWorkbench()
    read = workbench.datasets.now

    def now(name, **more):
        if name == "test":
            raise StorageError("data/test.csv cannot be read: Permission denied.", "")
        return read(name, **more)

    workbench.datasets.now = now
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot)
        await until(pilot, lambda: "Permission denied" in lines(pilot.app)[3], "the reason in its line")
        await pilot.press("w")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, DataScreen)


async def test_a_change_that_cannot_be_explained_says_why():
    workbench = FakeWorkbench()

    def change(*_):
        raise ReproError("the list of v2 is damaged")

    workbench.datasets.change = change
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3)
        await until(pilot, lambda: "the list of v2 is damaged" in text(pilot.app), "the reason")


async def test_the_last_good_list_stays_when_nothing_can_be_read():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot)
        workbench.datasets.error = StorageError("The journal cannot be read.", "Check the disk.")
        await pilot.press("R")
        await until(pilot, lambda: "The journal cannot be read." in text(pilot.app), "the reason")
        assert "train   3 versions" in text(pilot.app)


@pytest.mark.parametrize("size", [(44, 10), (80, 24), (200, 50)])
async def test_hostile_names_do_no_harm(size):
    hostile = "\x1b[31mred\n[bold]\u202e漢字\x07"
    workbench = FakeWorkbench()
    version = Version(1, V3, NOW, hostile, 1, 2, Coverage.FULL)
    workbench.datasets = FakeDatasets([Dataset(Spec(hostile, hostile), (version,), (hostile,))], ())
    async with dashboard(workbench).run_test(size=size) as pilot:
        await at_data(pilot, seen="red")
        for keys in (("enter",), ("escape", "j", "j", "enter"), ("escape", "p"), ("escape", "i"), ("escape", "y")):
            await pilot.press(*keys)
            await pilot.pause()
            assert "\x1b" not in text(pilot.app)
        await until(pilot, is_open(pilot, PickModal), "what to copy")


async def test_looking_into_tables_explains_what_was_only_said_before():
    workbench = FakeWorkbench()
    datasets = workbench.datasets
    versions = datasets.declared["train"].versions
    datasets._change("train", versions=(replace(versions[0], profile=None), *versions[1:]))
    explain = datasets.change

    def change(name, before, after, progress=None):
        datasets._change("train", versions=versions)
        return explain(name, before, after, progress)

    datasets.change = change
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_data(pilot, *TO_V3)
        await until(pilot, lambda: "w does that now" in text(pilot.app), "the hint")
        await until(pilot, lambda: "+1,204 rows" in text(pilot.app), "a few words")
        assert not called(workbench, "change")
        await pilot.press("w")
        await until(pilot, lambda: "50,000 to 51,204" in text(pilot.app), "the block")


async def test_nothing_but_ascii_is_drawn_where_the_terminal_knows_nothing_else():
    """Titles of questions, toasts and lines round panes are drawn too, not only the list."""
    name = "漢字"
    workbench = FakeWorkbench()
    version = Version(1, V3, NOW, name, 1, 2, Coverage.FULL)
    kept = replace(version, number=2, digest=V2, snapshot=workbench.snapshots.listed[0].snapshot.digest)
    workbench.datasets = FakeDatasets(
        [Dataset(Spec(name, name), (kept, version))], [Proposal(name, f"data/{name}", 1, 2, 3)]
    )
    async with dashboard(workbench, ascii=True).run_test(size=(80, 24)) as pilot:
        await at_data(pilot, seen="????")
        for keys in (
            ("p",), ("escape", "r"), ("j", "j", "i"), ("escape", "r"), ("escape", "y"), ("escape", "G", "enter"),
            ("escape", "4"), ("r",), ("enter",), ("escape", "V"), ("escape", "question_mark"),
        ):  # fmt: skip
            await pilot.press(*keys)
            await pilot.pause()
            shown = text(pilot.app)
            for field in pilot.app.screen.query(Input):  # what a person may write is not ours to change
                shown = shown.replace(field.value, "")
            assert not sorted(set(shown) - set(map(chr, range(128)))), keys
        assert told(pilot).isascii()
