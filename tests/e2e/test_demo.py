"""The demonstration, as somebody sees it who has just installed it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from importlib.resources import as_file, files

import pytest
from blake3 import blake3

from tests.cli.program import call
from tests.e2e.conftest import REPRO_TUI
from tests.e2e.terminal import wait_until
from tests.snapshots.projects import tree

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "digits"
    done = call("demo", "--once", str(folder), timeout=240)
    return folder, done


def test_without_a_terminal_it_trains_prints_a_summary_and_ends(once):
    folder, done = once
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert {"run", "acc", "loss", "changed"} <= set(head.split())
    assert len(lines) == 12
    assert str(folder) in done.stderr


def test_its_runs_have_become_what_can_become_of_runs(once):
    folder, _ = once
    runs = json.loads(call("ls", "--json", cwd=folder).stdout)["runs"]
    states = [run["state"] for run in runs]
    assert states.count("failed") == 1
    assert states.count("died") == 1
    assert states.count("done") == 10
    assert max(run["metrics"].get("acc", 0) for run in runs) > 0.9
    assert {letter for run in runs for letter in run["changed"]} >= set("CDP")


def asked(folder, *words):
    done = call(*words, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_run_is_kept_and_the_way_of_its_data_is_known(once):
    folder, _ = once
    (kept,) = asked(folder, "snapshots")["snapshots"]
    assert (kept["level"], kept["partial"]) == ("2/6", [])
    assert [part["name"] for part in kept["parts"]] == ["code", "environment", "data:test", "data:train", "outputs"]
    baseline = next(run for run in asked(folder, "ls", "tag:baseline")["runs"])
    assert kept["run"] == baseline["uid"]
    newest, first = asked(folder, "data", "log", "train")["versions"]
    assert newest["made"]["argv"] == ["python", "add_shifted.py", "--digits", "3", "8"]
    assert [source["digest"] for source in newest["made"]["of"]] == [first["digest"]]
    assert (first["snapshot"], newest["snapshot"]) == (kept["digest"], None)
    assert baseline["uid"] in {run["uid"] for run in first["runs"]}
    change = call("data", "diff", "train", "v1", "v2", cwd=folder).stdout
    assert "+258 rows" in change.splitlines()[0]
    assert "shared with test: 0 rows" in change


def test_what_waits_is_the_changed_data_and_the_runs_since(once):
    folder, _ = once
    waiting = asked(folder, "questions")["questions"]
    (data,) = [each for each in waiting if each["kind"] == "dataset"]
    assert data["title"] == "train"
    assert "+258 rows" in data["detail"]
    about = {uid for each in waiting if each["kind"] == "snapshot" for uid in each["runs"]}
    runs = asked(folder, "ls")["runs"]
    assert max(runs, key=lambda run: run["metrics"].get("acc", 0))["uid"] in about
    assert not about & {run["uid"] for run in runs if "repeat" in run["tags"]}, "what came before was answered"


OUTPUTS = "results/lr0.05-hidden24-seed0"


def test_its_snapshot_gives_the_same_bytes_and_the_same_results_when_the_project_is_gone(once, tmp_path):
    """Code and data as they were before both changed, outputs as they were recorded, and again when it is trained."""
    folder, _ = once
    (kept,) = asked(folder, "snapshots")["snapshots"]
    recorded = {
        each["path"]: each["digest"] for each in asked(folder, "show", kept["name"])["files"] if each["mode"] == "w"
    }
    gone, elsewhere = folder.with_name("gone"), tmp_path / "elsewhere"
    folder.rename(gone)
    try:
        shutil.copytree(gone / ".repro", elsewhere / ".repro")
        done = call("restore", kept["name"], str(tmp_path / "again"), cwd=elsewhere)
        assert done.returncode == 0, done.stderr
    finally:
        gone.rename(folder)
    again = tree(tmp_path / "again")
    outputs = {name: again.pop(name) for name in list(again) if name.startswith("results/")}
    with as_file(files("repro_tui.demo") / "project") as project:
        assert again == tree(project), "code and data are those of the first commit"
    assert {name: f"b3:{blake3(content).hexdigest()}" for name, content in outputs.items()} == recorded
    assert len(outputs) == 3
    shutil.rmtree(tmp_path / "again" / "results")
    subprocess.run([sys.executable, "train.py"], cwd=tmp_path / "again", check=True, capture_output=True, timeout=60)
    assert {name: content for name, content in tree(tmp_path / "again").items() if name in recorded} == outputs


def test_a_yes_keeps_what_waits_in_full_and_the_best_run_comes_back_as_the_project_is_now(once, tmp_path):
    folder, _ = once
    best = max(asked(folder, "ls")["runs"], key=lambda run: run["metrics"].get("acc", 0))
    answered = asked(folder, "questions", "--answer", "yes", "--all")
    assert all(each["ok"] for each in answered["answered"])
    assert answered["questions"] == []
    kept = {each["run"]: each for each in asked(folder, "snapshots")["snapshots"] if not each["dataset"]}
    assert {uid for uid, each in kept.items() if each["partial"] or each["level"] != "2/6"} == set()
    assert best["uid"] in kept
    gone = folder.with_name("gone")
    folder.rename(gone)
    try:
        done = call("restore", best["name"], str(tmp_path / "again"), cwd=gone)
    finally:
        gone.rename(folder)
    assert done.returncode == 0, done.stderr
    expected = {name: content for name, content in tree(folder).items() if name in tree(tmp_path / "again")}
    assert tree(tmp_path / "again") == expected
    assert {"train.py", "data/train.csv", "data/test.csv", "results/lr0.05-hidden48-seed0/model.json"} <= set(expected)


def test_interrupted_it_says_where_it_lies_and_what_ran_is_there(terminal, tmp_path):
    window = terminal(tmp_path)
    window.type(f"clear; {REPRO_TUI} demo --once {tmp_path}/digits; echo ended=$?")
    window.wait_for("--lr 0.2")
    wait_until(lambda: any((tmp_path / "digits" / "results").glob("*/metrics.csv")))
    window.press("C-c")
    window.wait_for("^ended=130", "Open it again: repro-tui")
    runs = asked(tmp_path / "digits", "ls")["runs"]
    assert runs
    assert {run["state"] for run in runs} <= {"done", "died", "failed"}


def test_with_a_terminal_runs_appear_while_one_looks(terminal, tmp_path):
    window = terminal(tmp_path)
    began = time.monotonic()
    window.type(f"{REPRO_TUI} demo {tmp_path}/digits")
    window.wait_for(r"^ digits")
    first_screen = time.monotonic() - began
    window.wait_for(r"● \w+-\w+-\d+")
    window.wait_for(r"[✓●] \w+-\w+-1\b.*0\.\d{3}")
    window.press("C-q")
    wait_until(lambda: not window.alternate())
    window.wait_for(re.escape("repro-tui"))
    print(f"first screen after {first_screen:.1f} s")
