"""From thirty kept runs to the last freed byte in a terminal, and prunes beside everything else that goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import REPRO_TUI
from tests.retention.kept import OWN, make_kept

pytestmark = pytest.mark.e2e
PROGRAM = [sys.executable, "-m", "repro_tui"]
KEPT = 30
QUIET = {**os.environ, "NO_COLOR": "1"}


def document(folder: Path, *argv: str):
    """Call the program with `--json`."""
    done = subprocess.run(
        [*PROGRAM, *argv, "--json"], cwd=folder, env=QUIET, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_pruned_with_two_overrides_one_brought_back_emptied_checked_and_restored(terminal, tmp_path):
    project = tmp_path / "project"
    make_kept(project, KEPT)
    (project / "repro.yaml").write_text("retention: {keep_last: 2}\n")
    window = terminal(project, 120, 40)
    window.type(f"{REPRO_TUI}")
    window.wait_for("amber-otter-30")
    window.press("4")
    window.wait_for("30 snapshots")
    window.press("x")
    window.wait_for("moves 24 of 30", r"amber-otter-24 .*remove +beyond last 2")
    window.press(*"jjjjjj")
    for name in ("amber-otter-24", "amber-otter-23"):
        window.wait_for(rf"> +{name} ")
        window.press("Space")
        window.wait_for(rf">e +{name} .*keep +you said so")
        window.press("j")
    window.wait_for("moves 22 of 30", "2 overrides")
    window.press("Enter")
    window.wait_for("Move 22 snapshots to the trash")
    window.press("y")
    window.wait_for("22 snapshots in the trash until")
    window.press("T")
    window.wait_for(r"amber-otter-1 .*beyond last 2")
    window.wait_for(r"> *amber-otter-1 ")
    window.press("u")
    window.wait_for("brought back")
    window.press("E")
    window.wait_for("Type 21 to go on", "gone for good")
    window.press(*"21", "Enter")
    window.wait_for("21 snapshots gone for good")
    window.press("Escape")
    window.press("C-q")
    assert window.is_sane()
    kept = {one["name"] for one in document(project, "snapshots")["snapshots"]}
    assert {"amber-otter-24", "amber-otter-23", "amber-otter-1"} < kept
    assert len(kept) == 9
    assert document(project, "check")["ok"]
    assert document(project, "trash")["trash"] == []
    levels = {run["name"]: run["level"] for run in document(project, "ls")["runs"]}
    assert {levels[name] for name in kept} == {"2/6"}
    assert levels["amber-otter-2"] == "1/6"
    document(project, "restore", "amber-otter-1", "again")
    assert (project / "again" / "outputs.bin").stat().st_size == OWN


def start(folder: Path, *argv: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *argv],
        cwd=folder,
        env=QUIET,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_prunes_from_cron_beside_each_other_a_dashboard_and_a_job_that_keeps_what_it_makes(terminal, tmp_path):
    """None fails, what was kept meanwhile is whole, and the dashboard goes on."""
    project = tmp_path / "project"
    make_kept(project, 20)
    (project / "repro.yaml").write_text("retention: {keep_last: 2, grace: 0s}\n")
    (project / "train.py").write_text("import os\nopen('out.bin', 'wb').write(os.urandom(30_000))\n")
    window = terminal(project, 100, 30)
    window.type(REPRO_TUI)
    window.wait_for("amber-otter-20")
    prunes = [start(project, "prune", "--yes") for _ in range(2)]
    job = start(project, "run", "--name", "alpha", "--", sys.executable, "train.py")
    said = [process.communicate(timeout=60) for process in (*prunes, job)]
    assert [process.returncode for process in (*prunes, job)] == [0, 0, 0], said
    more = [start(project, "snapshot", "alpha"), start(project, "prune", "--yes"), start(project, "prune", "--yes")]
    said = [process.communicate(timeout=60) for process in more]
    assert [process.returncode for process in more] == [0, 0, 0], said
    names = {one["name"] for one in document(project, "snapshots")["snapshots"]}
    assert names == {"alpha", *(f"amber-otter-{n}" for n in range(15, 21))}
    assert document(project, "check")["ok"]
    window.press("4")
    window.wait_for("7 snapshots", "alpha")
    window.press("C-q")
    assert window.is_sane()


def test_a_copy_that_is_merged_back_brings_nothing_that_was_removed_into_disorder(need, tmp_path):
    """Documents that lie in both folders are kept; what the journals of both say is joined; nothing is lost."""
    need("rsync")
    project, copy = tmp_path / "project", tmp_path / "copy"
    make_kept(project, 9)
    (project / "repro.yaml").write_text("retention: {keep_last: 1}\n")
    subprocess.run(["rsync", "-a", f"{project}/", f"{copy}/"], check=True)
    assert len(document(project, "prune", "--yes")["done"]["moved"]) == 6
    document(copy, "prune", "--yes", "--policy", "keep_last=2")
    subprocess.run(["rsync", "-a", f"{copy}/.repro/", f"{project}/.repro/"], check=True)
    assert document(project, "check")["ok"]
    # The three that the copy kept are back where they lay, and their levels with them.
    names = {one["name"] for one in document(project, "snapshots")["snapshots"]}
    trashed = {one["name"] for one in document(project, "trash")["trash"]}
    assert names == {f"amber-otter-{n}" for n in range(4, 10)}
    assert trashed == {f"amber-otter-{n}" for n in range(1, 4)}
    runs = {run["name"]: run["level"] for run in document(project, "ls")["runs"]}
    assert {runs[name] for name in names} == {"2/6"}
    document(project, "trash", "empty", "--now", "--yes")
    report = document(project, "check")
    assert report["ok"], report
    document(project, "restore", "amber-otter-4", "again")
