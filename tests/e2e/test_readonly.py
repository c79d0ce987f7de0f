"""A session that only reads changes nothing, whatever it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "repro_tui"]


def call(folder: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call the program in a project."""
    return subprocess.run(
        [*PROGRAM, *argv], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project with a run that is kept, and one that is not."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "train.py").write_text("open('out.txt', 'w').write('1')\n")
    for _ in range(2):
        assert call(folder, "run", "--", sys.executable, "train.py").returncode == 0
    assert call(folder, "snapshot", "@2").returncode == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Give everything that was recorded and kept, by path."""
    home = folder / ".repro"
    files = (path for path in home.rglob("*") if path.is_file() and home / "cache" not in path.parents)
    return {str(path.relative_to(home)): path.read_bytes() for path in files if path.name != "store"}


ACTS = [["snapshot", "@1"], ["data", "add", "train", "train.py"], ["repair"]]


@pytest.mark.parametrize("argv", ACTS, ids=" ".join)
def test_every_act_is_refused_and_nothing_changes(project: Path, argv: list[str]) -> None:
    before = contents(project)
    for said in (call(project, argv[0], "--readonly", *argv[1:]), call(project, *argv, REPRO_TUI_READONLY="1")):
        assert said.returncode == 4, said.stderr
        assert "only reads" in said.stderr
        assert "Traceback" not in said.stderr
    assert contents(project) == before


@pytest.mark.parametrize(
    "argv",
    [["ls"], ["show", "@1"], ["snapshots"], ["check"], ["verify", "@1"], ["data"], ["diff", "@1", "now"]],
    ids=" ".join,
)
def test_looking_works_as_ever(project: Path, argv: list[str]) -> None:
    before = contents(project)
    said = call(project, argv[0], "--readonly", *argv[1:])
    assert said.returncode == 0, said.stderr
    assert contents(project) == before
