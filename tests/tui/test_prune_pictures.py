"""What the prune screen and the trash look like: golden pictures in every state that they can be in."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot

from repro_tui.domain.retention import Best, Policy
from repro_tui.domain.retention_decide import decide
from repro_tui.tui.modals import progress
from repro_tui.tui.modals.progress import ProgressModal
from tests.tui.driving import text, until
from tests.tui.fake_retention import MB, NOW, FakeRetention, drawn
from tests.tui.pruning_places import RULES, at_prune, at_trash, line_of, pruning

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}
SMALL = SIZES["80x24"]
DAY = 86_400


@pytest.fixture(autouse=True)
def _dates_of_one_zone(monkeypatch):
    """Days that are said do not depend on where the pictures are made."""
    with monkeypatch.context() as context:
        context.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


async def mixed(pilot: Pilot) -> None:
    """Override two lines, one of them in part."""
    await at_prune(pilot, "j", "j", "space", "j", "d")
    await until(pilot, lambda: "loses data:train: you said so" in line_of(pilot.app, "plain-wren-37 "), "both")
    await until(pilot, lambda: "2 overrides (A" in text(pilot.app), "their number")


@pytest.mark.parametrize("size", SIZES)
def test_mixed(snap_compare, size):
    """Verdicts of the rules, pins, and what a person said."""
    assert snap_compare(pruning(), terminal_size=SIZES[size], run_before=mixed)


@pytest.mark.parametrize("look", ["ascii", "colourless"])
def test_on_lesser_terminals(snap_compare, monkeypatch, look):
    """Without Unicode, without any colour."""
    if look == "colourless":
        monkeypatch.setenv("NO_COLOR", "1")
    app = pruning(ascii=True) if look == "ascii" else pruning()
    assert snap_compare(app, terminal_size=SMALL, run_before=mixed)


def test_nothing_is_kept_yet(snap_compare):
    """An empty store."""
    go = lambda pilot: at_prune(pilot, seen="Nothing is kept yet")  # noqa: E731 - it is handed on at once
    assert snap_compare(pruning(FakeRetention()), terminal_size=SMALL, run_before=go)


def test_all_stay(snap_compare):
    """Every snapshot is kept by a rule."""
    go = lambda pilot: at_prune(pilot, seen="Nothing is to go")  # noqa: E731 - it is handed on at once
    fake = FakeRetention(drawn(), Policy(keep_last=99))
    assert snap_compare(pruning(fake), terminal_size=SMALL, run_before=go)


def test_nothing_to_free(snap_compare):
    """The policy is empty, and only what is due in the trash could be freed."""
    go = lambda pilot: at_prune(pilot, seen="The policy is empty")  # noqa: E731 - it is handed on at once
    fake = FakeRetention(drawn(), RULES)
    fake.now = NOW - 9 * DAY
    rows = fake.stock().candidates[-3:]
    fake.prune(fake.plan(fake.stock(), [d for d in _decided(fake) if d.digest in {row.digest for row in rows}]))
    fake.now, fake.kept_policy = NOW, Policy()
    assert snap_compare(pruning(fake), terminal_size=SMALL, run_before=go)


def _decided(fake):
    return decide(RULES, fake.stock())


def test_over_the_size(snap_compare):
    """What may not be removed is larger than the limit, and a metric was misspelt."""
    go = lambda pilot: at_prune(pilot, seen="is not reached")  # noqa: E731 - it is handed on at once
    fake = FakeRetention(drawn(), Policy(keep_last=2, keep_best=(Best("accuracy", 2),), max_size=30 * MB))
    assert snap_compare(pruning(fake), terminal_size=SMALL, run_before=go)


def test_the_rules_in_a_small_terminal(snap_compare):
    """A changed number, and its effect beside it."""

    async def change(pilot: Pilot) -> None:
        await at_prune(pilot, "tab", "j", "j", "right", "right")
        await until(pilot, lambda: "moves 19 of 29" in text(pilot.app), "its effect")

    assert snap_compare(pruning(), terminal_size=SMALL, run_before=change)


def test_the_question(snap_compare):
    """What goes, what it frees and when, and what becomes impossible."""

    async def ask(pilot: Pilot) -> None:
        await at_prune(pilot, "enter")
        await until(pilot, lambda: "y yes" in text(pilot.app), "the question")

    assert snap_compare(pruning(), terminal_size=SMALL, run_before=ask)


def test_in_progress(snap_compare, monkeypatch):
    """The panel, asked whether to stop."""
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: 1004.0))
    fake = FakeRetention(drawn(), RULES)
    fake.held = threading.Event()

    async def begin(pilot: Pilot) -> None:
        await at_prune(pilot, "enter")
        await until(pilot, lambda: "y yes" in text(pilot.app), "the question")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProgressModal), "the panel")
        await until(pilot, lambda: "2 of 3 snapshots" in text(pilot.app), "how far it is")
        await pilot.press("escape")
        await until(pilot, lambda: "stays moved" in text(pilot.app), "whether to stop")

    assert snap_compare(pruning(fake), terminal_size=SMALL, run_before=begin)


def test_the_trash(snap_compare):
    """What was removed, by whom and why, and until when it comes back."""
    assert snap_compare(pruning(), terminal_size=SMALL, run_before=at_trash)


def test_typing_the_number(snap_compare):
    """Before anything is gone for good."""

    async def ask(pilot: Pilot) -> None:
        await at_trash(pilot, "E")
        await until(pilot, lambda: "Type 21 to go on." in text(pilot.app), "the question")

    assert snap_compare(pruning(), terminal_size=SMALL, run_before=ask)
