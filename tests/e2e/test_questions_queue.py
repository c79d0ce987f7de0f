"""The queue of questions in a real terminal: what runs without one left behind is answered there, several at once."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.program import environment
from tests.e2e.asking import PROGRAM, events, make_project, runs, said, settle, wait_for_said
from tests.e2e.conftest import REPRO_TUI
from tests.e2e.terminal import wait_until

pytestmark = pytest.mark.e2e


def leave_questions(folder, count: int) -> None:
    """Record runs without a terminal, each started by a shell of its own, so that they are no loop."""
    for number in range(count):
        line = f"{PROGRAM} run --name lone-{number} --out {number}.txt -- sh -c 'echo {number} > {number}.txt'; true"
        subprocess.run(
            ["sh", "-c", line], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, check=True,
        )  # fmt: skip


def snapshots(folder) -> int:
    return len(list((folder / ".repro" / "store" / "snapshots").glob("*.json")))


def test_what_was_left_without_a_terminal_is_answered_in_the_dashboard(terminal, tmp_path):
    folder = make_project(tmp_path / "lone")
    leave_questions(folder, 3)
    window = terminal(folder)
    window.type(REPRO_TUI)
    # It counts, and does not open by itself.
    assert "Save snapshot?" not in window.wait_for(r"3 questions !", r"✓ lone-0")
    window.press("!", "y", "a")
    window.wait_for(r"1 of 3", r"level  ", r"> +lone-2 .*new, 1 s")
    # Keys that were typed ahead of it answered nothing.
    assert [said(run)[0] for run in runs(folder)].count("yes") == 0
    window.press("Space", "Space")
    window.wait_for(r"2 marked: ")
    settle(window)
    window.press("y")
    window.wait_for(r"2 of 2 kept", r"lone-2 .*kept: .*2/6", r"> +lone-0 ")
    wait_for_said(folder, "yes", "person", 2)
    wait_for_said(folder, "yes", "person", 1)
    assert snapshots(folder) == 2
    window.wait_for(r"> +lone-0 .*new, 1 s")
    window.resize(20, 5)
    window.wait_for("Too small")
    window.press("y")
    window.resize(80, 24)
    window.wait_for(r"3 of 3", r"> +lone-0 ")
    window.press("Escape")
    window.wait_for(r"1 question !", r"lone-2 .*2/6")
    window.press("!")
    window.wait_for(r"1 of 1", r"> +lone-0 .*new, 1 s")
    settle(window)
    window.press("n")
    wait_for_said(folder, "no", "person", 0)
    assert snapshots(folder) == 2
    window.press("Escape")
    window.wait_for(r"✓ lone-0")
    window.wait_until_gone(r"question !")
    window.press("!")
    window.wait_for("no question waits")
    window.press("C-q")
    assert window.is_sane()


def test_a_dataset_that_changed_is_kept_and_explained_in_the_dashboard(terminal, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "repro.yaml").write_text("datasets: {train: {path: train.csv, watch: ask}}\nsnapshot: {ask: never}\n")
    line = f"{PROGRAM} run --name %s --data train.csv -- cat train.csv; true"
    for number, name in enumerate(("before", "after")):
        (folder / "train.csv").write_text("x,y\n" + "1,2\n" * (10 + number))
        subprocess.run(
            ["sh", "-c", line % name], cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, check=True,
        )  # fmt: skip
    window = terminal(folder)
    window.type(REPRO_TUI)
    window.wait_for(r"1 question !", r"✓ after")
    window.press("!")
    window.wait_for(r"Dataset train changed since before", r"Checkpoint this version\? .*1 of 1", r"^. files ")
    settle(window)
    window.press("y")
    window.wait_for(r"How was train changed\?")
    window.type("one row by hand")
    window.wait_until_gone(r"How was train changed\?")
    window.wait_for(r"> +train .*kept: ")
    journal = folder / ".repro" / "project"
    wait_until(lambda: [event["note"] for event in events(journal, "made")] == ["one row by hand"])
    assert len(events(journal, "kept")) == 1
    window.press("C-q")
    assert window.is_sane()
