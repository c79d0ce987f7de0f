"""The setting `keys:` moves keys; what cannot be granted is said in a sentence, and nothing else is lost by it."""

from __future__ import annotations

import pytest

from repro_tui.tui.keymap import resolve
from tests.tui.driving import dashboard, ready
from tests.tui.fake import FakeWorkbench


def test_signs_and_names_of_keys_are_understood():
    keymap = resolve({"runs.sort": "O", "runs.filter": "F", "runs.columns": "ctrl+o, ;", "runs.copy": "esc"})
    assert keymap.moved["runs.sort"] == ("O",)
    assert keymap.moved["runs.columns"] == ("ctrl+o", "semicolon")
    assert keymap.problems == ("keys: runs.copy cannot be esc: that is app.back, which was not moved.",)


def test_two_commands_may_swap_their_keys():
    keymap = resolve({"runs.sort": "v", "runs.columns": "s"})
    assert not keymap.problems
    assert keymap.shown("runs.sort") == "v"


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"runs.srot": "o"}, "runs.sort is meant?"),
        ({"runs.sort": ""}, "no key is given"),
        ({"runs.sort": "ctrl+c"}, "belongs to the terminal"),
        ({"runs.sort": "v"}, "that is runs.columns"),
        ({"runs.sort": "q"}, "that is app.leave"),
        ({"app.help": "v"}, "that is runs.columns"),
    ],
)
def test_a_wish_that_cannot_be_granted_is_refused_with_the_reason(wishes, said):
    keymap = resolve(wishes)
    assert not keymap.moved
    assert said in keymap.problems[0]


async def test_a_moved_key_works_and_the_old_one_does_not():
    async with dashboard(FakeWorkbench(), keymap={"runs.mark": "m"}).run_test(size=(100, 24)) as pilot:
        table = await ready(pilot)
        await pilot.press("space")
        assert table.marks == ()
        await pilot.press("m")
        assert len(table.marks) == 1


async def test_a_refused_wish_is_told_when_the_dashboard_starts():
    async with dashboard(FakeWorkbench(), keymap={"runs.sort": "q"}).run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        assert any("app.leave" in n.message for n in pilot.app._notifications)
