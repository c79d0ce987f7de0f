"""What Compare looks like: two, three and eight runs, each detail, against now, and every state in between."""

from __future__ import annotations

import threading

import pytest
from textual.pilot import Pilot

from repro_tui.domain.comparison import CodeChange, FilePatch
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import State
from repro_tui.domain.traits import Section
from repro_tui.errors import StorageError
from tests.tui.comparing import CRANE, HERON, MOTH, OTTER, at_compare, compared, to_row
from tests.tui.driving import dashboard, ready, text, until
from tests.tui.fake import FakeWorkbench, Sketch
from tests.tui.fake_compare import trait

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
SMALL = SIZES["80x24"]
EIGHT = (0, 1, 2, 3, 5, 6, 7, 8)
LOOKS = ("ascii", "sixteen", "colourless")
DETAILS = {
    "patch": ("code/train.py", "rng.shuffle", CRANE),
    "packages": ("environment/numpy", "package-003", HERON),
    "data": ("data/train", "shared with test", HERON),
    "curves": ("outcome/acc", "acc by step", HERON),
    "text": ("parameters/seed", "seed   parameters", HERON),
}


def lesser(look, monkeypatch, workbench=None):
    """Make a dashboard for a terminal that can do less."""
    if look == "colourless":
        monkeypatch.setenv("NO_COLOR", "1")
    options = {"ascii": {"ascii": True}, "sixteen": {"color": "16"}}.get(look, {})
    return dashboard(workbench or FakeWorkbench(), **options)


@pytest.fixture(params=SIZES, ids=str)
def size(request):
    return SIZES[request.param]


def side_by_side(*lines, seen="no evidence", keys=()):
    """Compare runs by their lines in the list, then press keys."""

    async def go(pilot: Pilot) -> None:
        await compared(pilot, *lines, seen=seen)
        await pilot.press(*keys)
        await pilot.pause()

    return go


def opened(row, seen, other, *keys):
    """Compare two runs and open a row."""

    async def go(pilot: Pilot) -> None:
        screen = await compared(pilot, OTTER, other)
        await to_row(pilot, screen, row, "enter")
        await until(pilot, lambda: seen in text(pilot.app), seen)
        await until(pilot, lambda: screen.focused is not screen._table, "the keys to go there")
        await pilot.press(*keys)
        await pilot.pause(0.2)

    return go


@pytest.mark.parametrize("lines", [(OTTER, HERON), (OTTER, HERON, CRANE), EIGHT], ids=["two", "three", "eight"])
def test_differing(snap_compare, size, lines):
    """Only what differs, with the paragraph and the ranked table on top."""
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=side_by_side(*lines))


@pytest.mark.parametrize("lines", [(OTTER, HERON), (OTTER, HERON, CRANE), EIGHT], ids=["two", "three", "eight"])
def test_all(snap_compare, lines):
    """Equal rows too, in grey."""
    keys = ("equals_sign", "J", "J")
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=side_by_side(*lines, keys=keys))


def test_the_last_of_eight(snap_compare):
    """Names and the baseline stay; the others scroll sideways."""
    run_before = side_by_side(*EIGHT, keys=("L",))
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=run_before)


@pytest.mark.parametrize("detail", DETAILS)
def test_details(snap_compare, size, detail):
    """What opens below a row."""
    keys = ("left", "left", "left") if detail == "curves" else ()
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=opened(*DETAILS[detail], *keys))


def test_why(snap_compare, size):
    """The whole explanation, each statement with what it rests on."""

    async def go(pilot: Pilot) -> None:
        await compared(pilot, OTTER, HERON)
        await pilot.press("v")
        await until(pilot, lambda: "from 3 repeats" in text(pilot.app), "the evidence")
        await pilot.pause(0.1)

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=go)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("detail", ["", "patch", "curves"])
def test_on_lesser_terminals(snap_compare, monkeypatch, look, detail):
    """Without Unicode, with 16 colours, without any colour."""
    go = opened(*DETAILS[detail]) if detail else side_by_side(OTTER, HERON, CRANE)
    assert snap_compare(lesser(look, monkeypatch), terminal_size=SMALL, run_before=go)


def test_against_now(snap_compare, size):
    """What would differ if the baseline were run again."""

    async def go(pilot: Pilot) -> None:
        await compared(pilot, OTTER, HERON)
        await pilot.press("w")
        await at_compare(pilot, seen="were run again now")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=go)


def test_nothing_would_differ_now(snap_compare):
    """The most that can be said of a run and what lies there."""

    async def go(pilot: Pilot) -> None:
        await ready(pilot)
        await pilot.press("j", "w")
        await at_compare(pilot, seen="nothing that can matter would differ")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=go)


def test_nothing_differs(snap_compare):
    """Two runs that are equal in all that was recorded."""
    twins = [Sketch(f"calm-heron-{n}", 600 - n, State.DONE, params={"lr": 0.05}, metrics={"acc": 0.97}) for n in (2, 1)]
    run_before = side_by_side(0, 1)
    assert snap_compare(dashboard(FakeWorkbench(runs=twins)), terminal_size=SMALL, run_before=run_before)


def test_what_is_not_known(snap_compare):
    """A value that is not known yet, and what could not be compared."""
    workbench = FakeWorkbench()
    workbench.comparisons.notes = ("late-moth-36: data/video is not hashed yet (data cannot be told in full)",)
    workbench.comparisons.extra = lambda uid: (
        [] if uid.startswith("6c617465") else [trait(Section.DATA, "video", "", token="", basis="pending")]
    )
    run_before = side_by_side(HERON, MOTH, keys=("equals_sign", "slash", *"data/ v", "enter", "G"))
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=run_before)


def test_explaining(snap_compare):
    """The rows are there; the paragraph is being found."""
    workbench = FakeWorkbench()
    workbench.comparisons.gate = gate = threading.Event()

    async def go(pilot: Pilot) -> None:
        await compared(pilot, OTTER, HERON, seen="explaining")
        pilot.app.call_later(gate.set)

    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=go)


def test_nothing_is_compared_yet(snap_compare):
    """How to get here with runs."""

    async def go(pilot: Pilot) -> None:
        await ready(pilot)
        await pilot.press("2")
        await at_compare(pilot, seen="mark two to eight")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=go)


def test_what_cannot_be_read(snap_compare):
    """The reason stands above an empty place."""
    workbench = FakeWorkbench()
    workbench.comparisons.error = StorageError("/scratch/ada/.repro cannot be read: Input/output error.")
    run_before = side_by_side(OTTER, HERON, seen="Input/output error")
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=run_before)


def test_a_filter_that_matches_nothing(snap_compare):
    """What to do about it."""
    run_before = side_by_side(OTTER, HERON, keys=("slash", *"dropout", "enter"))
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=run_before)


def test_runs_that_share_no_metric(snap_compare):
    """One failed before it logged anything."""
    run_before = side_by_side(HERON, 4, seen="They share no metric")
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=run_before)


@pytest.mark.parametrize("kind", ["binary", "unavailable"])
def test_code_that_cannot_be_shown(snap_compare, kind):
    """Why there are no lines."""
    workbench = FakeWorkbench()
    files = (FilePatch("train.py", (), why="binary: 48,112,004 to 50,331,648 bytes"),)
    if kind == "binary":
        workbench.comparisons.code_change = CodeChange(files, why="git has no commit 4f1c2a9b any more")
        run_before = opened("code/train.py", "binary", CRANE)
    else:
        workbench.comparisons.data_change = Unavailable("v2 was recorded with its metadata only")
        run_before = opened("data/train", "was recorded with", CRANE)
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=run_before)


def test_help(snap_compare):
    """What each key of the place does."""

    async def ask(pilot: Pilot) -> None:
        await compared(pilot, OTTER, HERON)
        await pilot.press("question_mark")
        await until(pilot, lambda: "arrows scroll" in text(pilot.app), "the help")

    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=SMALL, run_before=ask)
