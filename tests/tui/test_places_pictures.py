"""What Snapshots and Data look like: golden pictures at three sizes in every state that they can be in."""

from __future__ import annotations

import threading

import pytest
from textual.pilot import Pilot

from repro_tui.domain.snapshot import Damage
from repro_tui.errors import StorageError, UsageError
from repro_tui.tui.modals.report import ReportModal
from tests.tui.driving import dashboard, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_keeping import FakeDatasets
from tests.tui.keeping_places import at_data, at_snapshots

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
SMALL = SIZES["80x24"]

BROKEN = StorageError("/scratch/ada/.repro/store cannot be read: Input/output error.", "Check the disk, then press R.")

DAMAGED = ("j", "j", "j", "j")
TO_V3 = ("tab", "j", "j")


LOOKS = ("ascii", "sixteen", "colourless")


def lesser(look, monkeypatch):
    """Make a dashboard for a terminal that can do less."""
    if look == "colourless":
        monkeypatch.setenv("NO_COLOR", "1")
    options = {"ascii": {"ascii": True}, "sixteen": {"color": "16"}}.get(look, {})
    return dashboard(FakeWorkbench(), **options)


@pytest.fixture(params=SIZES, ids=str)
def size(request):
    return SIZES[request.param]


async def to_snapshots(pilot: Pilot) -> None:
    await at_snapshots(pilot)
    await pilot.press(*DAMAGED)
    await until(pilot, lambda: "it is damaged" in text(pilot.app), "the pane")


async def to_data(pilot: Pilot) -> None:
    await at_data(pilot, *TO_V3)
    await until(pilot, lambda: "shared with test" in text(pilot.app), "the change")


def test_snapshots(snap_compare, size):
    """The list, with a damaged and partial snapshot under the cursor."""
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=to_snapshots)


def test_data(snap_compare, size):
    """The datasets, with what changed from v2 to v3."""
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=to_data)


@pytest.mark.parametrize("place", ["snapshots", "data"])
def test_nothing_there_yet(snap_compare, place):
    """What to type in a new project."""
    workbench = FakeWorkbench(0)
    go, seen = (at_snapshots, "No snapshot is kept") if place == "snapshots" else (at_data, "No dataset is declared")
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=lambda pilot: go(pilot, seen=seen))


def test_only_paths_to_declare(snap_compare):
    """No dataset is declared, but runs were seen reading files."""
    workbench = FakeWorkbench()
    workbench.datasets = FakeDatasets([])
    seen = "read by 12 runs"
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=lambda pilot: at_data(pilot, seen=seen))


@pytest.mark.parametrize("place", ["snapshots", "data"])
def test_what_cannot_be_read(snap_compare, place):
    """The reason stands above an empty place."""
    workbench = FakeWorkbench()
    workbench.snapshots.error = workbench.datasets.error = BROKEN
    go = at_snapshots if place == "snapshots" else at_data
    run_before = lambda pilot: go(pilot, seen="Input/output error")  # noqa: E731 - it is handed on at once
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=run_before)


def test_reading(snap_compare):
    """Until the store has answered."""
    workbench = FakeWorkbench()
    held = threading.Event()
    rows = workbench.snapshots.rows

    def slowly():
        held.wait(30)
        return rows()

    workbench.snapshots.rows = slowly

    async def go(pilot: Pilot) -> None:
        await at_snapshots(pilot, seen="Reading the store")
        pilot.app.call_later(held.set)

    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=go)


@pytest.mark.parametrize("place", ["snapshots", "data"])
def test_the_page(snap_compare, place):
    """All about one snapshot, all about one version."""

    async def open_it(pilot: Pilot) -> None:
        if place == "snapshots":
            await at_snapshots(pilot)
            await pilot.press("j", "j", "j", "enter")
            await until(pilot, lambda: "is linked" in text(pilot.app), "the page")
        else:
            await to_data(pilot)
            await pilot.press("enter")
            await until(pilot, lambda: "616d62" in text(pilot.app), "the runs")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=(100, 34), run_before=open_it)


def test_asking_where_to_restore(snap_compare):
    """The folder is proposed, and what it must be is said."""

    async def ask(pilot: Pilot) -> None:
        await at_snapshots(pilot)
        await pilot.press("r", "enter")
        await until(pilot, lambda: "into which folder?" in text(pilot.app), "the question")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=ask)


def test_the_report_of_a_restoration(snap_compare):
    """What came of it, in words."""

    async def restore(pilot: Pilot) -> None:
        await at_snapshots(pilot)
        await pilot.press("r", "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReportModal), "the report")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=restore)


async def to_the_page(pilot: Pilot, place: str) -> None:
    """Open the page of a linked snapshot, or of the newest version."""
    if place == "snapshots":
        await at_snapshots(pilot)
        await pilot.press("j", "j", "j", "enter")
        await until(pilot, lambda: "is linked" in text(pilot.app), "the page")
        await pilot.press("G")
        await until(pilot, lambda: "table.csv" in text(pilot.app), "the files")
    else:
        await to_data(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "add_scans.py" in text(pilot.app), "the page")


@pytest.mark.parametrize("place", ["snapshots", "data"])
@pytest.mark.parametrize("look", LOOKS)
def test_on_lesser_terminals(snap_compare, monkeypatch, place, look):
    """Without Unicode, with 16 colours, without any colour."""
    go = to_snapshots if place == "snapshots" else to_data
    assert snap_compare(lesser(look, monkeypatch), terminal_size=SMALL, run_before=go)


@pytest.mark.parametrize("place", ["snapshots", "data"])
@pytest.mark.parametrize("look", LOOKS)
def test_the_page_on_lesser_terminals(snap_compare, monkeypatch, place, look):
    """The same for the pages, where the room is small too."""
    run_before = lambda pilot: to_the_page(pilot, place)  # noqa: E731 - it is handed on at once
    assert snap_compare(lesser(look, monkeypatch), terminal_size=SMALL, run_before=run_before)


@pytest.mark.parametrize("look", ["full", *LOOKS])
def test_a_folder_that_does_not_do(snap_compare, monkeypatch, look):
    """The reason stands below what was typed."""
    app = lesser(look, monkeypatch)

    def refuse(*_args, **_options):
        raise UsageError("/home/ada/digits-amber-otter-40 is not empty.", "Give a new folder.")

    async def ask(pilot: Pilot) -> None:
        await at_snapshots(pilot)
        pilot.app.workbench.snapshots.restore = refuse
        await pilot.press("r", "enter", "enter")
        await until(pilot, lambda: "is not empty" in text(pilot.app), "the reason")

    assert snap_compare(app, terminal_size=SMALL, run_before=ask)


@pytest.mark.parametrize("look", ["full", *LOOKS])
@pytest.mark.parametrize("place", ["snapshots", "data"])
def test_help(snap_compare, monkeypatch, look, place):
    """What each key of a place does, and what its columns say."""

    async def ask(pilot: Pilot) -> None:
        await (to_snapshots if place == "snapshots" else to_data)(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: "arrows scroll" in text(pilot.app), "the help")

    assert snap_compare(lesser(look, monkeypatch), terminal_size=SMALL, run_before=ask)


def test_choosing_what_to_restore(snap_compare):
    """Each part with its files and bytes."""

    async def ask(pilot: Pilot) -> None:
        await at_snapshots(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "Restore what" in text(pilot.app), "the question")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=ask)


def test_damage_that_a_verification_finds(snap_compare):
    """What is damaged, and what to do about it."""
    workbench = FakeWorkbench()
    workbench.snapshots.damages = (Damage("packs/3f/3f0a91.pack", "1 blob is not what its name says"),)

    async def verify(pilot: Pilot) -> None:
        await at_snapshots(pilot)
        await pilot.press("V")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReportModal), "the report")

    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=verify)
