"""What the questions look like: the queue, keeping, details and progress, in every state at the sizes that matter."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from repro_tui.domain import question
from repro_tui.errors import StorageError
from repro_tui.tui.modals import progress
from repro_tui.tui.modals.making import MakingModal
from repro_tui.tui.modals.offering import Offering
from repro_tui.tui.modals.progress import ProgressModal
from repro_tui.tui.render.progress import Mark, Standing
from tests.tui.driving import dashboard, ready, text, until
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_questions import CHANGED, MOTH, QUESTIONS, FakeQuestions, FakeTaker

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
SMALL = SIZES["80x24"]
FULL = StorageError("/scratch/ada/.repro/store cannot be written: no space left on device.", "Free 43 MB there.")


@pytest.fixture(params=SIZES, ids=str)
def size(request):
    return SIZES[request.param]


def asked(*questions) -> FakeWorkbench:
    workbench = FakeWorkbench()
    workbench.questions = FakeQuestions(questions)
    workbench.snapshots = FakeTaker()
    return workbench


def opening(*keys: str, settled: bool = True):
    """Give what opens the queue and presses keys in it, each when everything before it is shown."""

    async def open_it(pilot: Pilot) -> None:
        await ready(pilot)
        await until(pilot, lambda: not pilot.app.view.remembered, "the runs")
        for key in ("exclamation_mark", *keys):
            await pilot.press(key)
            screen = pilot.app.screen
            if isinstance(screen, Offering) and settled:
                await until(pilot, lambda screen=screen: screen.is_settled and screen._empty[:3] != "loo", "the offers")
        await pilot.pause()

    return open_it


ALL = (*QUESTIONS, CHANGED)


def test_questions_that_wait(snap_compare, size):
    """The queue as it is drawn, with a sweep, a late run and a dataset."""
    assert snap_compare(dashboard(asked(*ALL)), terminal_size=size, run_before=opening())


def test_several_are_marked(snap_compare, size):
    """Two are marked, the third has changed since: what it would be is said."""
    assert snap_compare(dashboard(asked(*ALL)), terminal_size=size, run_before=opening("space", "space"))


def test_a_dataset_that_changed(snap_compare, size):
    """The other question: which rows, which classes."""
    assert snap_compare(dashboard(asked(*ALL)), terminal_size=size, run_before=opening("G"))


def test_nothing_waits(snap_compare):
    """An empty queue says what the project's runs do when they end."""
    workbench = asked()
    workbench.questions.stands = question.Standing.KEY
    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=opening())


def test_while_it_is_being_looked(snap_compare):
    """The list is there before the offers are."""
    workbench = asked(*ALL)
    workbench.questions.gate.clear()

    async def open_it(pilot: Pilot) -> None:
        await opening(settled=False)(pilot)
        await until(pilot, lambda: "looking what there is" in text(pilot.app), "the list")

    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=open_it)
    workbench.questions.gate.set()


def test_an_answer_that_failed(snap_compare):
    """One was kept, one could not be: its reason stands above its offer, and it waits still."""
    workbench = asked(*ALL)
    workbench.questions.errors[MOTH] = FULL
    keys = ("space", "down", "space", "y")

    async def fail(pilot: Pilot) -> None:
        await opening(*keys)(pilot)
        await until(pilot, lambda: "1 of 2 kept" in text(pilot.app), "the outcome")
        await opening_again(pilot)

    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=fail)


async def opening_again(pilot: Pilot) -> None:
    """Go to the third line, and wait until it is shown."""
    await pilot.press("g", "down", "down")
    await until(pilot, lambda: pilot.app.screen.is_settled, "the offers")


def test_keeping_marked_runs(snap_compare, size):
    """Three runs by the key p, with their wheels and linked data."""

    async def keep(pilot: Pilot) -> None:
        await ready(pilot)
        await pilot.press("down", "space", "down", "space", "down", "space", "p")
        await pilot.press("D", "D", "w")
        await until(pilot, lambda: pilot.app.screen.is_settled and "python" in text(pilot.app), "the offers")

    assert snap_compare(dashboard(asked()), terminal_size=size, run_before=keep)


def test_details(snap_compare):
    """Everything that is kept and left out."""

    async def open_it(pilot: Pilot) -> None:
        await opening("d")(pilot)
        await until(pilot, lambda: "Data read" in text(pilot.app), "the files")

    assert snap_compare(dashboard(asked(*ALL)), terminal_size=(120, 40), run_before=open_it)


def test_how_a_dataset_was_changed(snap_compare):
    """A command line is told from a note."""

    async def open_it(pilot: Pilot) -> None:
        await opening("G", "y", settled=True)(pilot)
        await until(pilot, lambda: isinstance(pilot.app.screen, MakingModal), "the question")
        field = pilot.app.screen.query_one(Input)
        field.value = "python add_scans.py --in raw --out data/train"
        await until(pilot, lambda: "command line" in text(pilot.app), "what it is taken for")

    assert snap_compare(dashboard(asked(*ALL)), terminal_size=SMALL, run_before=open_it)


@pytest.mark.parametrize("asking", [False, True], ids=["going", "stopping"])
def test_while_it_is_kept(snap_compare, monkeypatch, asking):
    """A bar, the file, the rate; and the question whether to stop."""
    workbench = asked(*ALL)
    workbench.questions.going.clear()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: 1004.0))

    async def begin(pilot: Pilot) -> None:
        await opening("y")(pilot)
        await until(pilot, lambda: isinstance(pilot.app.screen, ProgressModal), "the progress")
        pilot.app.screen._standing = Standing(1000.0, 1004.0, marks=(Mark(1003.0, 19_000_000),))
        if asking:
            await pilot.press("escape")
        await until(pilot, lambda: "12 MB/s" in text(pilot.app), "the bar")

    assert snap_compare(dashboard(workbench), terminal_size=SMALL, run_before=begin)
    workbench.questions.going.set()


@pytest.mark.parametrize(("name", "options"), [("ascii", {"ascii": True}), ("sixteen", {"color": "16"})])
def test_on_lesser_terminals(snap_compare, name, options):
    """Without Unicode, and with 16 colours."""
    app = dashboard(asked(*ALL), **options)
    assert snap_compare(app, terminal_size=SMALL, run_before=opening("space", "down", "down"))


def test_without_colour(snap_compare, monkeypatch):
    """The cursor, marks and trouble are told apart without colours."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(dashboard(asked(*ALL)), terminal_size=SMALL, run_before=opening("space", "down"))


def test_a_terminal_with_little_room(snap_compare):
    """At the least size there is: the question, its line, the offer's beginning and the keys."""
    assert snap_compare(dashboard(asked(*ALL)), terminal_size=(40, 8), run_before=opening())
