"""`snapshot`, `snapshots`, `restore` and `verify` as a person calls them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.cli.program import call
from tests.snapshots.projects import record, tree
from tests.snapshots.test_restoring_code import a_project

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "json.md").read_text("utf-8")


def described(title: str) -> set[str]:
    """Give the fields in the first table after a text of the page."""
    table = re.search(r"\n\|.*?(?=\n\n|\Z)", PAGE[PAGE.index(title) :], re.DOTALL)
    assert table
    rows = [line.split("|")[1] for line in table[0].strip().splitlines()[2:]]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Give a project with one run, which nobody has kept yet."""
    folder = a_project(tmp_path_factory.mktemp("cli") / "project")
    record(folder, sys.executable, "train.py", name="otter")
    return folder


def test_a_run_is_kept_listed_verified_and_restored(project, tmp_path):
    empty = call("snapshots", cwd=project)
    assert (empty.returncode, empty.stdout) == (0, "")
    assert "Nothing is kept yet" in empty.stderr
    kept = call("snapshot", cwd=project)
    assert kept.returncode == 0, kept.stderr
    assert "level 2/6" in kept.stdout
    again = json.loads(call("snapshot", "otter", "--json", cwd=project).stdout)
    assert set(again) == described("## `snapshot --json`")
    assert set(again["snapshot"]) == described("A snapshot:")
    assert again["added"] == 0
    assert call("snapshots", cwd=project).stderr.startswith("1 snapshot, store ")
    listed = json.loads(call("snapshots", "--json", cwd=project).stdout)
    assert set(listed) == described("## `snapshots --json`")
    assert [row["name"] for row in listed["snapshots"]] == ["otter"]
    assert "otter" in call("snapshots", cwd=project).stdout
    verified = json.loads(call("verify", "--json", cwd=project).stdout)
    assert verified["ok"] is True
    assert verified["snapshot"] == again["snapshot"]["digest"]
    done = call("restore", "otter", str(tmp_path / "again"), cwd=project)
    assert done.returncode == 0, done.stderr
    assert "each compared with its digest" in done.stdout
    assert tree(tmp_path / "again") == tree(project)
    data = json.loads(call("restore", "otter", str(tmp_path / "data"), "--only", "data", "--json", cwd=project).stdout)
    assert data["files"] == 1
    assert tree(tmp_path / "data") == {"data.txt": b"1\n2\n3\n"}
    shown = json.loads(call("show", "otter", "--json", cwd=project).stdout)
    assert (shown["level"], shown["level_text"]) == (2, "2/6")


def test_errors_name_the_thing_and_what_to_do(project, tmp_path):
    (tmp_path / "full").write_text("x")
    for words, status, said in (
        (["snapshot", "heron"], 3, "There is no run 'heron'"),
        (["restore", "heron", str(tmp_path / "x")], 3, "There is no snapshot of 'heron'"),
        (["restore", "@1", str(tmp_path)], 2, "is not empty"),
        (["restore", "@1", str(tmp_path / "full")], 2, "is no folder"),
        (["verify", "@9"], 3, "There is no snapshot @9"),
        (["snapshot", "--data", "perhaps"], 2, "invalid choice"),
    ):
        done = call(*words, cwd=project)
        assert done.returncode == status, done.stderr
        assert said in done.stderr
        assert "went wrong" not in done.stderr
