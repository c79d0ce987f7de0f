"""The view is kept between sessions, atomically, and damage to the file does nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.tui.state import ViewState, load, save, state_path
from tests.tui.driving import dashboard, ready, until
from tests.tui.fake import FakeWorkbench


@given(st.builds(ViewState, place=st.just("runs"), pane=st.integers(0, 2), marks=st.lists(st.text()).map(tuple)))
def test_what_is_kept_comes_back(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("state") / "deep" / "view.json"
    assert save(path, state)
    assert load(path) == state
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["view.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"version": 99}',
        b"[" * 100_000,
        b'{"version": 1, "marks": 3, "pane": []}',
    ],
)
def test_damage_gives_the_standard_view(tmp_path, content):
    path = tmp_path / "view.json"
    path.write_bytes(content)
    assert load(path) == ViewState()


def test_a_folder_that_cannot_be_written_disturbs_nobody(tmp_path):
    (tmp_path / "file").write_text("")
    assert not save(tmp_path / "file" / "view.json", ViewState())


def test_each_project_has_its_own_file(tmp_path):
    here = {"XDG_STATE_HOME": str(tmp_path)}
    assert state_path("/a", here) != state_path("/b", here)
    assert state_path("/a", here).parent == tmp_path / "repro-tui"
    assert state_path("/a", {"XDG_STATE_HOME": "relative", "HOME": "/h"}).is_absolute()


async def test_the_next_session_begins_as_the_last_one_ended(tmp_path):
    path = tmp_path / "view.json"
    async with dashboard(FakeWorkbench(), state=path).run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        await pilot.press("slash", *"lr>0.01", "enter")
        await until(pilot, lambda: len(pilot.app.view.runs.keys) < 41, "the filtered list")
        await pilot.press("S", "down", "down", "space", "b", "greater_than_sign")
        await until(pilot, lambda: path.exists() and json.loads(path.read_text())["pane"] == 2, "the kept view")
    kept = load(path)
    assert (kept.filter, kept.descending) == ("lr>0.01", True)
    async with dashboard(FakeWorkbench(), state=path).run_test(size=(100, 24)) as pilot:
        table = await ready(pilot)
        await until(pilot, lambda: table.marks and table.baseline, "the marks of the last session")
        assert [table.row(key).uid for key in table.marks] == list(kept.marks)
        assert table.row(table.highlighted).uid == kept.cursor
        assert table.row(table.baseline).uid == kept.baseline
        assert pilot.app.view.runs.query.sort.descending
        assert len(pilot.app.view.runs.keys) < 41


async def test_marks_of_runs_that_are_gone_are_forgotten(tmp_path):
    path = tmp_path / "view.json"
    save(path, ViewState(marks=("f" * 32,), cursor="f" * 32, baseline="f" * 32, sort="nonsense", columns=("x",)))
    async with dashboard(FakeWorkbench(), state=path).run_test(size=(100, 24)) as pilot:
        table = await ready(pilot)
        assert table.marks == ()
        assert table.cursor == 0
