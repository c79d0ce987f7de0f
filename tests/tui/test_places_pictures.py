"""What Snapshots and Data look like: golden pictures at three sizes in every state that they can be in."""

from __future__ import annotations

import threading

import pytest
from textual.pilot import Pilot

from repro_tui.errors import StorageError
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


@pytest.mark.parametrize("place", ["snapshots", "data"])
@pytest.mark.parametrize(("name", "options"), [("ascii", {"ascii": True}), ("sixteen", {"color": "16"})])
def test_on_lesser_terminals(snap_compare, place, name, options):
    """Without Unicode, and with 16 colours."""
    go = to_snapshots if place == "snapshots" else to_data
    assert snap_compare(dashboard(FakeWorkbench(), **options), terminal_size=SMALL, run_before=go)
