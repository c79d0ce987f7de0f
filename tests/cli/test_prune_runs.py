"""`prune --runs`: the folders of old runs from the command line, asked apart from the snapshots."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_schemas import check, tables
from tests.retention.old_runs import everything, old_run


def call(folder: Path, *argv: str, code: int = 0) -> tuple[str, str]:
    """Call the program; gives what it printed on standard output and on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "repro_tui", *argv],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout, done.stderr


def document(folder: Path, *argv: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(folder, *argv, "--json")[0])
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".repro" / "runs").mkdir(parents=True)
    (folder / "repro.yaml").write_text("retention: {runs: {compress_after: 30d, remove_failed_after: 60d}}\n")
    old_run(folder / ".repro", 1, end={"exit": 0})
    old_run(folder / ".repro", 2, end={"exit": 3})
    return folder


def test_from_the_plan_to_the_end(project: Path) -> None:
    before = everything(project / ".repro" / "runs")
    said, _ = call(project, "prune", "--runs", "--dry-run")
    assert "otter-2  remove output  1 file" in said
    assert "Compresses 3 files (read as before) and removes 1 file of output for good; frees about" in said
    assert "Add --yes" in call(project, "prune", "--runs", code=2)[1]
    assert everything(project / ".repro" / "runs") == before
    listed, output = document(project, "ls"), call(project, "logs", "otter-1")[0]
    assert "2 folders tidied" in call(project, "prune", "--runs", "--yes")[0]
    assert call(project, "prune", "--runs", "--yes") == ("", "")
    assert document(project, "ls") == listed
    assert call(project, "logs", "otter-1")[0] == output
    assert "output.log was removed (failed over 60d ago; by " in call(project, "logs", "otter-2", code=4)[1]
    assert "removed output.log" in call(project, "show", "otter-2")[0]
    call(project, "rebuild")
    assert document(project, "ls") == listed


def test_the_document_is_what_the_page_says(project: Path) -> None:
    described = tables("prune --runs")
    seen = check(described, "", document(project, "prune", "--runs"), frozenset())
    seen |= check(described, "", document(project, "prune", "--runs", "--yes"), frozenset())
    assert seen == described.keys()


def test_what_is_said_wrongly_is_named(project: Path) -> None:
    assert "folders of runs" in call(project, "prune", "--runs", "--policy", "keep_last=1", code=2)[1]
    assert "only reads" in call(project, "--readonly", "prune", "--runs", "--yes", code=4)[1]
    (project / "repro.yaml").write_text("")
    assert "says nothing of the folders" in call(project, "prune", "--runs")[1]
