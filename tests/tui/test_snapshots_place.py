"""What the Snapshots place does when keys are pressed, when work takes long, and when the store cannot be read."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from repro_tui.domain.retention import Policy
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.snapshot import Damage, Part, PartKind
from repro_tui.errors import DamagedError, StorageError
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.modals.notice import TooSmallModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.modals.report import ReportModal
from repro_tui.tui.screens.restoring import folder_of, kept_kinds, proposed_folder
from repro_tui.tui.screens.runs import RunsScreen
from repro_tui.tui.screens.snapshot import SnapshotScreen
from repro_tui.tui.screens.snapshots import SnapshotsScreen
from repro_tui.tui.widgets.row_table import RowTable
from tests.tui.driving import dashboard, lines, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_keeping import FakeSnapshots, drawn_snapshots, snapshot_row
from tests.tui.keeping_places import at_data, at_snapshots

SIZE = (100, 30)


def told(pilot) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


def is_open(pilot, kind):
    return lambda: isinstance(pilot.app.screen, kind)


async def test_digits_lead_to_each_place_and_esc_does_not_leave_it():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, SnapshotsScreen)
        await at_data(pilot)
        await pilot.press("1")
        assert isinstance(pilot.app.screen, RunsScreen)
        await pilot.press("4")
        await pilot.press("j", "enter")
        await until(pilot, is_open(pilot, SnapshotScreen), "the page")
        await pilot.press("4")
        assert isinstance(pilot.app.screen, SnapshotsScreen)
        await pilot.press("q")
        await until(pilot, is_open(pilot, ConfirmModal), "the question whether to quit")


async def test_a_place_is_as_it_was_left_and_the_next_session_begins_there(tmp_path):
    path = tmp_path / "view.json"
    async with dashboard(FakeWorkbench(), state=path).run_test(size=SIZE) as pilot:
        screen = await at_snapshots(pilot)
        await pilot.press("j", "j", "s", *"own", "enter", "S")
        await until(pilot, lambda: "by own, the other way round" in text(pilot.app), "the order")
        kept = screen.query_one(RowTable).highlighted
        await pilot.press("1", "4")
        assert screen.query_one(RowTable).highlighted == kept
    async with dashboard(FakeWorkbench(), state=path).run_test(size=SIZE) as pilot:
        await until(pilot, is_open(pilot, SnapshotsScreen), "the place of the last session")
        await until(pilot, lambda: "by own, the other way round" in text(pilot.app), "the order of the last session")
        assert pilot.app.screen.query_one(RowTable).highlighted == kept
        await pilot.press("1")
        await until(pilot, lambda: "quick-vole-41" in text(pilot.app), "the runs")
        await pilot.press("escape", "4")
        assert isinstance(pilot.app.screen, SnapshotsScreen)


async def test_restoring_asks_what_and_where_and_says_what_it_did():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("r")
        await until(pilot, is_open(pilot, PickModal), "the question what")
        await pilot.press(*"code", "enter")
        await until(pilot, is_open(pilot, PromptModal), "the question where")
        assert "/home/ada/digits-amber-otter-40" in text(pilot.app)
        assert not [call for call in workbench.snapshots.calls if call.startswith("restore")]
        await pilot.press("enter")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "Restored amber-otter-40" in text(pilot.app)
        assert "every byte was compared" in text(pilot.app)
        digest = workbench.snapshots.listed[0].snapshot.digest
        assert f"restore {digest} /home/ada/digits-amber-otter-40 code" in workbench.snapshots.calls
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, SnapshotsScreen)


@pytest.mark.parametrize("left", [PickModal, PromptModal])
async def test_esc_restores_nothing(left):
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("r")
        await until(pilot, is_open(pilot, PickModal), "the question what")
        if left is PromptModal:
            await pilot.press("enter")
            await until(pilot, is_open(pilot, PromptModal), "the question where")
        await pilot.press("escape")
        await until(pilot, is_open(pilot, SnapshotsScreen), "the list")
        assert not [call for call in workbench.snapshots.calls if call.startswith("restore")]


async def test_a_restoration_can_be_stopped():
    workbench = FakeWorkbench()
    workbench.snapshots.gate = threading.Event()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("r")
        await until(pilot, is_open(pilot, PickModal), "the question what")
        await pilot.press("enter")
        await until(pilot, is_open(pilot, PromptModal), "the question where")
        await pilot.press("enter")
        await until(pilot, lambda: "scans_b.csv" in text(pilot.app), "the progress")
        await pilot.press("escape", "y")
        await until(pilot, is_open(pilot, SnapshotsScreen), "the list")
        await until(pilot, lambda: "stopped: nothing of it stays behind" in text(pilot.app), "the word")


async def test_a_folder_that_does_not_do_is_asked_for_again_with_the_reason():
    """What was typed stays, so that it can be mended and not typed anew."""
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("r")
        await until(pilot, is_open(pilot, PickModal), "the question what")
        await pilot.press("enter")
        await until(pilot, is_open(pilot, PromptModal), "the question where")
        await pilot.press("ctrl+u", *"~nobody-at-all/x", "enter")
        await until(pilot, lambda: "Could not determine home directory" in text(pilot.app), "the reason")
        workbench.snapshots.error = StorageError("/home/ada/full is not empty.", "Name a folder that is new.")
        await pilot.press("ctrl+u", *"/home/ada/full", "enter")
        await until(pilot, lambda: "is not empty" in text(pilot.app), "the next reason")
        assert "determine home" not in text(pilot.app)
        workbench.snapshots.error = None
        await pilot.press("2", "enter")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "in /home/ada/full2" in text(pilot.app)


async def test_what_does_not_work_is_said_with_the_hint():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        workbench.snapshots.error = DamagedError("packs/3f is cut short.", "Run `repro-tui check`.")
        await pilot.press("r")
        await until(pilot, is_open(pilot, PickModal), "the question what")
        await pilot.press("enter")
        await until(pilot, is_open(pilot, PromptModal), "the question where")
        await pilot.press("enter")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "is cut short" in text(pilot.app)
        assert "Run `repro-tui check`." in text(pilot.app)


async def test_what_is_not_kept_cannot_be_restored_and_a_single_part_is_not_asked_about():
    rows = [row for row in drawn_snapshots() if row.snapshot.dataset]
    linked = snapshot_row("plain-wren", 60, 1)
    linked = replace(linked, snapshot=replace(linked.snapshot, parts=(replace(linked.snapshot.parts[0], dropped="x"),)))
    workbench = FakeWorkbench()
    workbench.snapshots = FakeSnapshots([linked, *rows])
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot, "plain-wren")
        await pilot.press("r")
        await until(pilot, lambda: "Nothing of plain-wren can be restored" in told(pilot), "the reason")
        await pilot.press("j", "r")
        await until(pilot, is_open(pilot, PromptModal), "the question where")
        assert "train v2" in text(pilot.app)


async def test_verifying_says_what_was_found_and_the_list_knows_it():
    workbench = FakeWorkbench()
    workbench.snapshots.damages = (Damage("packs/3f/3f0a.pack", "1 blob is not what its name says"),)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("V")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "amber-otter-40 is damaged" in text(pilot.app)
        assert "repro-tui repair" in text(pilot.app)
        await pilot.press("escape")
        await until(pilot, lambda: "✗" in lines(pilot.app)[3], "the sign in the list")


async def test_the_page_says_all_of_it_and_its_keys_work():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=(100, 60)) as pilot:
        await at_snapshots(pilot)
        await pilot.press("j", "j", "j", "enter")
        await until(pilot, lambda: "data:train is linked" in text(pilot.app), "the page")
        assert "what is linked, as said above" in text(pilot.app)
        await pilot.press("V")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        await pilot.press("escape")
        await until(pilot, lambda: "every byte was read and compared" in text(pilot.app), "the page, read again")
        await pilot.press("slash", *"linked", "enter")
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, SnapshotsScreen)


async def test_a_pin_is_written_to_the_run_and_that_of_a_dataset_to_the_snapshot():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("P")
        await until(pilot, lambda: workbench.annotations, "the annotation")
        uids, annotation = workbench.annotations[0]
        assert uids == (workbench.snapshots.listed[0].snapshot.run,)
        assert annotation.pinned is True
        await pilot.press("slash", *"v2", "enter")
        await until(pilot, lambda: "train v2" in text(pilot.app), "the dataset's snapshot")
        await pilot.press("P")
        listed = workbench.snapshots
        await until(pilot, lambda: any(r.pinned and r.snapshot.dataset for r in listed.listed), "the pin")
        assert len(workbench.annotations) == 1


async def test_a_filter_narrows_while_it_is_typed_and_esc_restores():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("slash", *"heron")
        await until(pilot, lambda: "1 of 52 snapshots" in text(pilot.app), "one of them")
        await pilot.press("escape")
        await until(pilot, lambda: "52 snapshots" in text(pilot.app), "all of them")
        await pilot.press("slash", *"zzz", "enter")
        await until(pilot, lambda: "No snapshot matches" in text(pilot.app), "none of them")
        await pilot.press("slash", *["backspace"] * 3, "enter", "j")
        await until(pilot, lambda: ">P calm-heron-39" in text(pilot.app), "the cursor")


async def test_copying_goes_to_the_clipboard():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        await pilot.press("y")
        await until(pilot, is_open(pilot, PickModal), "the question what")
        await pilot.press(*"restore", "enter")
        await until(pilot, lambda: pilot.app.clipboard == "repro-tui restore b3:78f78f78 DIR", "the clipboard")


async def test_the_last_good_list_stays_when_the_store_cannot_be_read():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        workbench.snapshots.error = StorageError("/s/packs cannot be read: Input/output error.", "Check the disk.")
        await pilot.press("R")
        await until(pilot, lambda: "Input/output error" in text(pilot.app), "the reason")
        assert "amber-otter-40" in text(pilot.app)
        workbench.snapshots.error = None
        await pilot.press("R")
        await until(pilot, lambda: "Input/output error" not in text(pilot.app), "the list again")


async def test_a_new_snapshot_appears_when_the_project_changed():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        screen = await at_snapshots(pilot)
        await pilot.press("j")
        screen._read_at = -1e9
        workbench.snapshots.listed = [snapshot_row("new-gnu-42", 5, 7), *workbench.snapshots.listed]
        workbench.tell()
        await until(pilot, lambda: "new-gnu-42" in text(pilot.app), "the new one")
        assert any(line.startswith(">P calm-heron-39") for line in lines(pilot.app))


async def test_a_terminal_that_shrinks_to_nothing_and_comes_back_shows_the_same():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        before = text(pilot.app)
        await pilot.resize_terminal(20, 5)
        await until(pilot, is_open(pilot, TooSmallModal), "the cover")
        await pilot.press("5", "r", "P")
        await pilot.resize_terminal(44, 10)
        await until(pilot, is_open(pilot, SnapshotsScreen), "the list")
        await pilot.resize_terminal(*SIZE)
        await until(pilot, lambda: text(pilot.app) == before, "the same as before")


async def test_hostile_names_do_no_harm():
    hostile = "\x1b[31mred\n[bold]\u202e漢字\x07"
    rows = [snapshot_row(hostile, 60, 1, user=hostile, level=hostile, why=hostile, partial=(hostile,))]
    workbench = FakeWorkbench()
    workbench.snapshots = FakeSnapshots(rows)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot, "漢字")
        for keys in (("enter",), ("escape", "y"), ("escape", "r"), ("enter",), ("enter",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert "\x1b" not in text(pilot.app)
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "[bold]" in text(pilot.app)


def test_the_proposed_folder_is_new_and_beside_the_project(tmp_path):
    root = tmp_path / "digits"
    assert proposed_folder(str(root), "a/b\n漢") == str(tmp_path / "digits-a-b-漢")
    (tmp_path / "digits-x").mkdir()
    (tmp_path / "digits-x-2").symlink_to("nowhere")
    assert proposed_folder(str(root), "x") == str(tmp_path / "digits-x-3")
    assert proposed_folder("/", "..") == "/restored-restored"


def test_a_folder_that_makes_no_sense_is_refused_in_words(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_of("~/x") == tmp_path / "x"
    assert isinstance(folder_of("out"), Path)
    assert folder_of(" ") == "No folder was given."
    assert "control character" in str(folder_of("a\nb"))
    assert isinstance(folder_of("~nobody-of-that-name/x"), str)


def test_only_kept_parts_are_offered():
    linked = next(row for row in drawn_snapshots() if row.level == "2 linked")
    assert [kind.value for kind in kept_kinds(linked.snapshot.parts)] == ["code", "environment", "outputs"]


async def test_the_page_lists_the_largest_files_without_holding_up_its_keys():
    """Files are read in a thread that stops when the page is left."""
    workbench = FakeWorkbench()
    workbench.snapshots.gate = threading.Event()
    async with dashboard(workbench).run_test(size=(100, 60)) as pilot:
        await at_snapshots(pilot)
        await pilot.press("enter")
        await until(pilot, is_open(pilot, SnapshotScreen), "the page")
        await until(pilot, lambda: "reading ..." in text(pilot.app), "the page without its files")
        await pilot.press("q")
        await until(pilot, is_open(pilot, SnapshotsScreen), "the list")
        workbench.snapshots.gate.set()
        await pilot.press("enter")
        await until(pilot, lambda: "scans_b.csv" in text(pilot.app), "the files")
        assert "digits/model.py" in text(pilot.app)


async def test_files_that_cannot_be_listed_say_why():
    """The rest of the page stays."""
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=(100, 60)) as pilot:
        await at_snapshots(pilot)
        workbench.snapshots.error = StorageError("The store cannot be read: Input/output error.")
        await pilot.press("enter")
        await until(pilot, lambda: "They cannot be listed" in text(pilot.app), "the reason")
        assert "Get it again" in text(pilot.app)


async def test_the_pane_grows_with_what_it_shows_and_never_shrinks():
    """The list above would jump with each line otherwise."""
    parts = tuple(Part(f"data:{n}", PartKind.DATA, 1, 2, None) for n in "abcdefghi")
    rows = drawn_snapshots()
    workbench = FakeWorkbench()
    large = replace(rows[1], snapshot=replace(rows[1].snapshot, parts=parts))
    workbench.snapshots = FakeSnapshots([rows[0], large, *rows[2:]])
    async with dashboard(workbench).run_test(size=(120, 40)) as pilot:
        screen = await at_snapshots(pilot)
        pane = screen.query_one("#pane")
        small = pane.size.height
        await pilot.press("j")
        await until(pilot, lambda: pane.size.height > small, "a higher pane")
        assert "data:i" in text(pilot.app)
        high = pane.size.height
        await pilot.press("k")
        await until(pilot, lambda: "amber-otter-40  " in text(pilot.app).split("\u2500\u2500")[-1], "the first again")
        assert pane.size.height == high


async def test_pruning_is_pointed_to_where_the_store_is_large_or_something_is_due():
    """In words and with the date; nothing happens by itself."""
    workbench = FakeWorkbench()
    fake, kept = workbench.retention, workbench.snapshots
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await at_snapshots(pilot)
        assert "shows what could go" not in text(pilot.app)
        fake.prune(fake.plan(fake.stock(), decide(Policy(keep_last=2), fake.stock())))
        kept.store = replace(kept.store, trash=3 * 10**9, hint_above=30 * 10**9)
        await pilot.press("R")
        hint = "The store holds 31 GB, more than 30 GB: x shows what could go."
        await until(pilot, lambda: hint in text(pilot.app), "the hint")
        assert "trash 3 GB from 30 Nov" in text(pilot.app)
        fake.trashed = [(replace(one, until=fake.now - 1), was) for one, was in fake.trashed]
        kept.store = replace(kept.store, hint_above=0)
        await pilot.press("R")
        await until(pilot, lambda: "removed snapshots are due: T shows what emptying frees" in text(pilot.app), "due")
        assert hint not in text(pilot.app)
        assert fake.trashed
