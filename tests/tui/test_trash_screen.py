"""The trash by its keys: what lies there and until when, bringing back, and emptying for good."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.retention import DAY_S, Trashed
from repro_tui.tui.modals.ask import PromptModal
from repro_tui.tui.modals.report import ReportModal
from repro_tui.tui.render.prune import trashed_words, when_emptied
from repro_tui.tui.screens.prune import PruneScreen
from repro_tui.tui.screens.trash import TrashScreen
from repro_tui.tui.trash_lines import TrashTable
from tests.tui.driving import text, until
from tests.tui.fake_retention import NOW, FakeRetention, digest_of, drawn
from tests.tui.keeping_places import at_snapshots
from tests.tui.pruning_places import RULES, at_trash, line_of, pruning

SMALL = (80, 24)
ONE = Trashed(
    digest_of(1),
    "wide-crane-38",
    frozenset({"*"}),
    NOW - 60,
    NOW + 7 * DAY_S,
    "ada",
    "older twin of a kept day",
    "b",
    5000,
)


async def test_one_or_all_of_a_prune_are_brought_back_and_the_list_follows():
    fake = FakeRetention(drawn(), RULES)
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_trash(pilot)
        assert "Trash   21 snapshots   3.6 GB freed when emptied (from 30 Nov, or now: E)" in text(pilot.app)
        await pilot.press("G")
        await until(pilot, lambda: "wide-crane-38: all of it, removed 0s ago by ada" in text(pilot.app), "the pane")
        await pilot.press("u")
        await until(pilot, lambda: "brought back wide-crane-38" in text(pilot.app), "the word")
        await until(pilot, lambda: "Trash   20 snapshots" in text(pilot.app), "one less")
        await pilot.press("U")
        await until(pilot, lambda: "The trash is empty." in text(pilot.app), "the words")
        assert not fake.trashed
        await pilot.press("u", "U", "enter")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, PruneScreen), "the list")
        await until(pilot, lambda: "moves 21 of 29" in text(pilot.app), "all of them")


async def test_it_is_emptied_only_when_its_number_is_typed():
    fake = FakeRetention(drawn(), RULES)
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_trash(pilot, "E")
        await until(pilot, lambda: isinstance(pilot.app.screen, PromptModal), "the question")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrashScreen), "left")
        assert len(fake.trashed) == 21
        await pilot.press("E", "2", "1", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReportModal), "the report")
        assert "21 snapshots gone for good" in text(pilot.app)


async def test_what_is_due_says_so():
    fake = FakeRetention(drawn(), RULES)
    fake.now = NOW - 9 * DAY_S
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_trash(pilot, seen="due now: E")
        assert " due " in line_of(pilot.app, "early-finch-7")
        assert "due: the next prune that is carried out frees" in " ".join(text(pilot.app).split())


async def test_the_trash_opens_from_the_snapshots():
    async with pruning().run_test(size=SMALL) as pilot:
        await at_snapshots(pilot)
        await pilot.press("T")
        await until(pilot, lambda: "The trash is empty." in text(pilot.app), "the trash")


def test_the_dates_of_a_mixed_trash_are_all_said():
    other, due = replace(ONE, until=NOW + 10 * DAY_S), replace(ONE, until=NOW - 1)
    assert when_emptied([ONE], NOW) == "from 30 Nov, or now: E"
    assert when_emptied([ONE, other], NOW) == "from 30 Nov to 3 Dec, or now: E"
    assert when_emptied([due, ONE], NOW) == "1 due, the rest from 30 Nov, or now: E"
    assert when_emptied([due], NOW) == "due now: E"
    assert "1 Mar 2027" in when_emptied([replace(ONE, until=NOW + 98 * DAY_S)], NOW)


def test_all_about_something_in_the_trash():
    assert trashed_words(ONE, NOW) == (
        "wide-crane-38: all of it, removed 1m ago by ada: older twin of a kept day; "
        "u brings it back until 30 Nov, then emptying frees 5 kB"
    )
    parts = replace(ONE, parts=frozenset({"data:train", "wheels"}), user="", why="its bytes are gone")
    assert trashed_words(parts, NOW) == (
        "wide-crane-38: data:train, wheels, removed 1m ago by somebody: older twin of a kept day; "
        "cannot be brought back: its bytes are gone"
    )


def test_lines_never_are_wider_than_the_room():
    hostile = replace(ONE, name="漢字" * 20 + "\x1b[31m", user="\n", rule="\u202e" * 3)
    for ascii_only in (False, True):
        table = TrashTable((ONE, hostile), NOW, ascii_only)
        for cells in (10, 40, 78, 200):
            for index in range(2):
                written = "".join(piece for piece, _ in table.line(index, cells))
                assert "\x1b" not in written
                assert not ascii_only or written.isascii()
                assert len(written) <= cells
