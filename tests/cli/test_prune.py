"""`prune`, `trash` and `du` on a project with kept runs, from the plan to the last byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KEPT = 4


def call(folder: Path, *argv: str, code: int = 0, narration: bool = True) -> str:
    """Call the program, and give what it printed."""
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
    return done.stdout + (done.stderr if narration else "")


def document(folder: Path, *argv: str) -> dict[str, Any]:
    """Call the program with `--json`."""
    found: dict[str, Any] = json.loads(call(folder, *argv, "--json", narration=False))
    return found


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project in which each run wrote, and keeps, 40 kB of its own."""
    folder = tmp_path_factory.mktemp("template") / "project"
    folder.mkdir()
    (folder / "train.py").write_text("import os\nopen('out.bin', 'wb').write(os.urandom(40_000))\n")
    for _ in range(KEPT):
        call(folder, "run", "--", sys.executable, "train.py")
        call(folder, "snapshot", "@1")
    return folder


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    """Give a copy of it that a test may change."""
    return Path(shutil.copytree(template, tmp_path / "project", symlinks=True))


def everything(folder: Path) -> list[tuple[str, int, int]]:
    """Give each file below `.repro` with its size and time."""
    home = folder / ".repro"
    found = [(str(path.relative_to(home)), path.lstat()) for path in home.rglob("*")]
    return sorted((name, info.st_size, info.st_mtime_ns) for name, info in found)


def test_a_dry_run_says_everything_and_changes_not_one_byte(project: Path) -> None:
    before = everything(project)
    said = call(project, "prune", "--dry-run", "--policy", "keep_last=1")
    assert "Moves 3 of 4 snapshots to the trash; frees 1" in said
    assert "beyond last 1" in said
    assert "could no longer be replayed" in said
    assert everything(project) == before


def test_without_a_policy_nothing_is_removed_and_that_is_said(project: Path) -> None:
    assert "The policy is empty, so nothing is removed" in call(project, "prune")
    assert document(project, "trash")["trash"] == []


def test_what_a_policy_does_not_do_is_said_before_it_is_carried_out(project: Path) -> None:
    policy = ("--policy", "keep_last=1 keep_tags=x keep_best=acc:1 max_size=1kB")
    name = document(project, "ls")["runs"][0]["name"]
    said = call(project, "prune", "--dry-run", "--remove", name, *policy)
    assert "No snapshot has the tag x." in said
    assert f"{name} stays: last 1; last of its lineage." in said
    doubts = document(project, "prune", *policy)["doubts"]
    assert doubts[1] == "no snapshot has the metric acc"
    assert doubts[2].startswith("max size 1 kB is not reached")


def test_nothing_is_moved_where_nobody_can_be_asked(project: Path) -> None:
    assert "Add --yes" in call(project, "prune", "--policy", "keep_last=1", code=2)
    assert document(project, "trash")["trash"] == []
    assert document(project, "prune", "--policy", "keep_last=1")["done"] is None


def test_from_the_plan_to_the_last_byte_and_back(project: Path) -> None:
    """What is removed can be brought back until it is emptied, and the rest is whole all the while."""
    names = [run["name"] for run in document(project, "ls")["runs"]]
    done = document(project, "prune", "--policy", "keep_last=1", "--keep", names[3], "--yes")
    assert [move["name"] for move in done["done"]["moved"]] == names[1:3]
    assert [s["verdict"] for s in done["snapshots"]] == ["keep", "remove", "remove", "keep"]
    runs = {run["name"]: run for run in document(project, "ls")["runs"]}
    assert runs[names[1]]["level"] == "1/6"
    assert "given up" in call(project, "show", names[1])
    trash = document(project, "trash")["trash"]
    assert {one["rule"] for one in trash} == {"beyond last 1"}
    assert call(project, "prune", "--policy", "keep_last=1 keep_tags=x", "--keep", names[3], "--yes") == ""
    back = document(project, "trash", "undo", names[1])["back"]
    assert [one["name"] for one in back] == [names[1]]
    assert {run["name"]: run for run in document(project, "ls")["runs"]}[names[1]]["level"] == "2/6"
    assert "Nothing is due before" in call(project, "trash", "empty", "--yes")
    size = document(project, "du")["size"]
    emptied = document(project, "trash", "empty", "--now", "--yes")["emptied"]
    assert [one["name"] for one in emptied["gone"]] == [names[2]]
    assert emptied["freed"] > 40_000
    assert document(project, "du")["size"] == size - emptied["freed"]
    assert document(project, "check")["ok"]
    call(project, "restore", names[1], "again")
    assert (project / "again" / "out.bin").stat().st_size == 40_000
    assert "There is no snapshot" in call(project, "restore", names[2], "never", code=3)


def test_parts_are_given_up_and_come_back(project: Path) -> None:
    policy = "keep_last=1 give_up=outputs"
    done = document(project, "prune", "--policy", policy, "--yes")
    assert {tuple(move["parts"]) for move in done["done"]["moved"]} == {("outputs",)}
    name = done["done"]["moved"][0]["name"]
    call(project, "restore", name, "code")
    assert not (project / "code" / "out.bin").exists()
    assert len(document(project, "trash", "undo")["back"]) == KEPT - 1
    call(project, "restore", name, "all")
    assert (project / "all" / "out.bin").exists()
    document(project, "prune", "--policy", policy, "--yes")
    assert document(project, "trash", "empty", "--now", "--yes")["emptied"]["freed"] > 3 * 40_000
    assert document(project, "check")["ok"]
    assert document(project, "trash")["trash"] == []


def test_what_is_said_wrongly_is_named(project: Path) -> None:
    assert "Is keep_last meant?" in call(project, "prune", "--policy", "keep_lest=1", code=2)
    assert "There is no snapshot" in call(project, "prune", "--keep", "nobody", code=3)
    assert "to be kept and to be removed" in call(project, "prune", "--keep", "@1", "--remove", "@1", code=2)
    assert "The trash is empty" in call(project, "trash", "undo", code=3)
    assert "in the trash" in call(project, "trash", "empty", "nobody", code=3)


def test_du_says_where_the_bytes_go(project: Path) -> None:
    found = document(project, "du")
    runs = [row for row in found["rows"] if row["kind"] == "run"]
    assert len(runs) == KEPT
    assert all(40_000 < row["own"] < 60_000 for row in runs)
    assert sum(row["own"] for row in found["rows"] if row["kind"] == "part") <= found["size"]


def test_a_store_that_has_grown_is_pointed_to_and_nothing_is_done_about_it(project: Path) -> None:
    assert "hint_above" not in call(project, "snapshots")
    (project / "repro.yaml").write_text("retention: {keep_last: 1, hint_above: 100kB}\n")
    for words in (("snapshots",), ("snapshot", "@1")):
        assert "above retention.hint_above (100 kB): `repro-tui prune --dry-run`" in call(project, *words)
        assert "hint_above" not in call(project, *words, narration=False)
    assert document(project, "trash")["trash"] == []
