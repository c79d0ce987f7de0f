"""Several people and programs on one project, and two copies of it that become one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.cli.program import PROGRAM, call, environment
from tests.e2e.conftest import REPRO_TUI
from tests.e2e.terminal import wait_until

pytestmark = pytest.mark.e2e

WRITER = """
import sys, repro_tui
for step in range(2000):
    repro_tui.log(step=step, value=step * float(sys.argv[1]))
"""


def runs(project, *words: str) -> dict[str, dict]:
    done = call("ls", *words, "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    return {run["uid"]: run for run in json.loads(done.stdout)["runs"]}


def start(project, name: str, factor: int) -> subprocess.Popen:
    return subprocess.Popen(
        [*PROGRAM, "run", "--name", name, "--", sys.executable, "-c", WRITER, str(factor)],
        cwd=project, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def record(project, name: str, factor: int) -> None:
    writer = start(project, name, factor)
    _, told = writer.communicate(timeout=60)
    assert writer.returncode == 0, told


def test_two_dashboards_and_four_writers_work_side_by_side(terminal, tmp_path):
    windows = [terminal(tmp_path, 100, 30), terminal(tmp_path, 100, 30)]
    for window in windows:
        window.type(REPRO_TUI)
        window.wait_for("repro-tui run")
    writers = [start(tmp_path, f"writer-{n}", n) for n in range(1, 5)]
    for writer in writers:
        _, told = writer.communicate(timeout=60)
        assert writer.returncode == 0, told
    for window in windows:
        window.wait_for(*(rf"✓ writer-{n}\b.*{1999 * n}" for n in range(1, 5)))
    found = runs(tmp_path)
    assert {run["name"]: run["metrics"] for run in found.values()} == {
        f"writer-{n}": {"value": 1999.0 * n} for n in range(1, 5)
    }
    for window in windows:
        window.press("C-q")
        wait_until(lambda window=window: not window.alternate())
        assert not window.shows("Traceback|Error")


def test_two_copies_merged_by_rsync_are_the_union_in_either_order(need, tmp_path):
    need("rsync")
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    record(here, "before", 1)
    shutil.copytree(here, there)
    record(here, "mine", 2)
    record(there, "yours", 3)
    mine, yours = runs(here), runs(there)
    assert {run["name"] for run in mine.values()} == {"before", "mine"}
    both = {}
    for first, second in ((here, there), (there, here)):
        merged = tmp_path / f"merged-{first.name}"
        merged.mkdir()
        for source in (first, second):
            subprocess.run(["rsync", "-a", f"{source}/", f"{merged}/"], check=True)
        both[first.name] = runs(merged)
    assert set(both["here"]) == set(mine) | set(yours)
    assert {uid: run["metrics"] for uid, run in both["here"].items()} == {
        uid: run["metrics"] for uid, run in (mine | yours).items()
    }
    assert both["here"] == both["there"]
