"""What the Runs screen looks like: golden pictures at three sizes in every state that it can be in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from repro_tui.domain.alarms import Alarm, AlarmKind
from repro_tui.domain.view import Health
from repro_tui.errors import StorageError
from tests.tui.driving import dashboard, ready, until
from tests.tui.fake import FakeWorkbench

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}

BROKEN = StorageError("/scratch/ada/.repro/runs cannot be read: Input/output error.", "Check the disk, then press R.")

STATES = {
    "full": FakeWorkbench,
    "empty": lambda: FakeWorkbench(0),
    "loading": lambda: FakeWorkbench(catching_up=True),
    "error": lambda: FakeWorkbench(error=BROKEN),
}


@pytest.fixture(params=SIZES, ids=str)
def size(request):
    return SIZES[request.param]


@pytest.mark.parametrize("state", STATES)
def test_runs(snap_compare, size, state):
    """Runs in each state, at each size."""
    assert snap_compare(dashboard(STATES[state]()), terminal_size=size, run_before=ready)


OVERLAYS = {
    "filter": ("slash", *"lr>0.01 st"),
    "columns": ("v",),
    "sort": ("s",),
    "help": ("question_mark",),
    "palette": ("ctrl+p",),
    "tag": ("t", *"pa"),
    "quit": ("q",),
}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_over_runs(snap_compare, size, overlay):
    """What lies over Runs, at each size."""

    async def open_it(pilot: Pilot) -> None:
        await ready(pilot)
        await pilot.press(*OVERLAYS[overlay])
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False
        if overlay == "filter":
            await until(pilot, lambda: len(pilot.app.view.runs.keys) < 41, "the filtered list")
        await ready(pilot)

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=open_it)


def test_marked_runs_with_a_baseline(snap_compare, size):
    """Marked runs are numbered and drawn together, what equals the baseline is grey, the header says what is odd."""
    health = Health("polling", "/scratch is nfs4", 3, read_only=True)

    async def mark(pilot: Pilot) -> None:
        await ready(pilot)
        await pilot.press("space", "space", "space", "b")
        await ready(pilot)

    assert snap_compare(dashboard(FakeWorkbench(health=health)), terminal_size=size, run_before=mark)


@pytest.mark.parametrize(("name", "options"), [("ascii", {"ascii": True}), ("sixteen", {"color": "16"})])
def test_on_lesser_terminals(snap_compare, name, options):
    """Without Unicode, and with 16 colours."""
    assert snap_compare(dashboard(FakeWorkbench(), **options), terminal_size=(80, 24), run_before=ready)


def test_a_terminal_without_room(snap_compare):
    """Below 40x8 a sentence says so."""
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=(20, 5))


@pytest.mark.parametrize("options", [{}, {"ascii": True}], ids=["color", "ascii"])
def test_folded(snap_compare, size, options):
    """Runs that are equal but for the seed as one line, one of which is unfolded."""

    async def fold(pilot: Pilot) -> None:
        table = await ready(pilot)
        await pilot.press("o", "enter")
        await until(pilot, lambda: pilot.app.view.runs.query.group, "the folded list")
        await pilot.press("j", "j", "enter", "k", "space", "j")
        await until(pilot, lambda: len(table.marks) > 1, "marks")
        await ready(pilot)

    assert snap_compare(dashboard(FakeWorkbench(), **options), terminal_size=size, run_before=fold)


ALARMS = {
    40: Alarm(AlarmKind.NAN, "loss NaN at step 40, and 2 more", brief="NaN in loss"),
    39: Alarm(AlarmKind.DATA, "data/train.csv changed during the run", brief="data changed"),
    38: Alarm(AlarmKind.RESULT, "same inputs as bold-bear-35, other acc", brief="other acc"),
    35: Alarm(AlarmKind.DUPLICATE, "ran before: dry-ibis-34", brief="ran before"),
}


@pytest.mark.parametrize("cells", [80, 200])
def test_alarms(snap_compare, cells):
    """What to look at stands at the end of a line as far as there is room, and in full in the pane."""
    bench = FakeWorkbench()
    for key, alarm in ALARMS.items():
        bench.sketches[key] = replace(bench.sketches[key], alarms=(alarm,), tags=())

    async def choose(pilot: Pilot) -> None:
        await ready(pilot)
        await pilot.press("j")
        await ready(pilot)

    assert snap_compare(dashboard(bench), terminal_size=(cells, 24), run_before=choose)
