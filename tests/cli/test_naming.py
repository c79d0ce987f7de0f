"""`baseline` on the command line is what `b` chose in the dashboard."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from repro_tui.tui.state import ViewState, save, state_path
from tests.cli.program import call, within
from tests.compare.projects import make_project, train


def shown(project):
    done = within(project, "show", "baseline", "--json")
    return json.loads(done.stdout)["name"] if done.returncode == 0 else done.stderr


@pytest.fixture
def choose(compared, tmp_path, monkeypatch):
    """Make a run the baseline of the dashboard."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def chosen(uid: str) -> None:
        assert save(state_path(str(compared), {"XDG_STATE_HOME": str(tmp_path)}), replace(ViewState(), baseline=uid))

    return chosen


def test_the_dashboard_chooses_the_baseline(compared, choose):
    assert "No run is the baseline" in shown(compared)
    uid = json.loads(within(compared, "show", "rate", "--json").stdout)["uid"]
    choose(uid)
    assert shown(compared) == "rate"
    compared_with_it = json.loads(within(compared, "diff", "baseline", "code", "--json").stdout)
    assert [run["name"] for run in compared_with_it["runs"]] == ["rate", "code"]
    choose("f" * 32)
    assert "No run is the baseline" in shown(compared), "it was deleted since"


def test_a_run_of_that_name_is_meant_before_all_others_and_a_tag_after(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = make_project(tmp_path / "digits", with_git=False)
    first = train(folder, "first")
    assert call("run", "--tag", "Baseline", "--name", "tagged", "--", "true", cwd=folder).returncode == 0
    assert shown(folder) == "tagged"
    path = state_path(str(folder), {"XDG_STATE_HOME": str(tmp_path / "state")})
    save(path, replace(ViewState(), baseline=first))
    assert shown(folder) == "first"
    train(folder, "baseline")
    assert shown(folder) == "baseline"
