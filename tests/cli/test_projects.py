"""A run begins a project where a person would look for it."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from repro_tui.cli.call import Call
from repro_tui.cli.output import Output
from repro_tui.cli.projects import named_project, project_for_recording
from repro_tui.errors import NotFoundError


def asked(cwd: Path, project: str | None = None, **environment: str) -> Call:
    output = Output(io.StringIO(), io.StringIO(), terminal=False, color=False, width=80)
    return Call(argparse.Namespace(project=project), environment, cwd, output)


def test_a_first_run_begins_a_project_in_the_working_folder(tmp_path):
    assert project_for_recording(asked(tmp_path)).root == tmp_path


def test_inside_a_repository_the_project_begins_at_its_top(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    assert project_for_recording(asked(tmp_path / "src")).root == tmp_path


def test_a_repository_of_the_whole_home_is_no_project(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".git").mkdir()
    (tmp_path / "thesis").mkdir()
    assert project_for_recording(asked(tmp_path / "thesis")).root == tmp_path / "thesis"


def test_later_runs_from_sub_folders_join_the_project(tmp_path):
    (tmp_path / ".repro").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert project_for_recording(asked(tmp_path / "a" / "b")).root == tmp_path


def test_a_run_inside_a_run_joins_the_project_of_the_outer_one(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "elsewhere").mkdir()
    call = asked(tmp_path / "elsewhere", REPRO_ROOT=str(tmp_path / "project"))
    assert project_for_recording(call).root == tmp_path / "project"


def test_a_project_is_found_from_a_file_a_folder_in_it_or_its_records(tmp_path):
    (tmp_path / ".repro" / "runs").mkdir(parents=True)
    (tmp_path / "train.py").touch()
    for path in (".", "train.py", ".repro", ".repro/runs"):
        assert named_project(asked(tmp_path, path)).root == tmp_path


def test_a_path_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="gone"):
        named_project(asked(tmp_path, "gone"))
    with pytest.raises(NotFoundError, match="gone"):
        project_for_recording(asked(tmp_path, "gone"))
