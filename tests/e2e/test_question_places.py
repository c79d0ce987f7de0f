"""Where nobody is asked, where a loop is asked once, and what a terminal that goes away leaves behind."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from tests.cli.program import environment
from tests.e2e.asking import (
    PROGRAM,
    RUN,
    WAITS,
    ask,
    events,
    make_project,
    runs,
    said,
    settle,
    wait_for_said,
)
from tests.e2e.terminal import wait_until

pytestmark = pytest.mark.e2e
ARGV = shlex.split(RUN)
WITH_DATA = RUN.replace(" --out", " --data train.csv --out")
DEADLINE_S = 60


def test_without_a_terminal_nothing_is_asked_and_the_policy_decides(tmp_path):
    """`nohup`, Slurm and CI: left for later, kept, or neither; a single line at most, and never a wait."""
    for policy, answer, kept in [
        ("later", ("later", "policy"), 0),
        ("always", ("yes", "policy"), 1),
        ("never", ("", ""), 0),
    ]:
        project = make_project(tmp_path / policy, f"unattended: {policy}")
        done = subprocess.run(
            ARGV,
            cwd=project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE_S,
            env=environment(),
            check=True,
        )
        assert (done.stdout, done.stderr) == (b"", b"")
        (run,) = runs(project)
        assert said(run) == answer
        assert len(events(run, "snapshot")) == kept


def test_where_keys_cannot_come_from_the_terminal_nothing_is_asked(terminal, tmp_path):
    """A pipe on standard input, a closed one, a background job, a worker that is not the first, and a service's job."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    lines = [
        f"echo y | {RUN}",
        f"{RUN} <&-",
        f"{RUN} & wait",
        f"RANK=1 {RUN}",
        f"{RUN} > out.log 2>&1",
        f"CI=true {RUN}",
    ]
    for number, line in enumerate(lines):
        window.type(f"clear; {line}; echo over-{number}")
        screen = window.wait_for(f"^over-{number}")
        assert "Save snapshot" not in screen
    expected = [("later", "policy")] * 3 + [("", "")] + [("later", "policy")] * 2
    assert [said(run) for run in runs(project)] == expected
    assert b"Save" not in (project / "out.log").read_bytes()
    assert window.is_sane()


@pytest.mark.parametrize("redirection", ["> out.log", "2> out.log"])
def test_one_stream_on_the_terminal_is_enough_to_ask(terminal, tmp_path, redirection):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window, f"{RUN} {redirection}")
    window.press("n")
    wait_for_said(project, "no", "person")
    assert "Save" not in (project / "out.log").read_text()


@pytest.mark.skipif(shutil.which("less") is None, reason="there is no pager here")
def test_keys_that_are_meant_for_a_pager_are_not_taken(terminal, tmp_path):
    """The pager reads the keys by itself: n is its next match, and no answer."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    line = "seq 99; while [ ! -e go ]; do sleep 0.1; done; echo 1 > out.txt"
    window.type(f"clear; {PROGRAM} run --out out.txt -- sh -c '{line}' | less")
    window.wait_for("^20$", "^:")
    (project / "go").touch()
    wait_for_said(project, "later", "interrupt")
    window.press("n", "y", "G")
    window.wait_for("^99$")
    assert "Save" not in window.screen()
    window.press("q")
    assert window.is_sane()
    assert said(runs(project)[0]) == ("later", "interrupt")


def test_two_runs_that_end_beside_each_other_ask_one_question(terminal, tmp_path):
    """Both are in the foreground of one terminal; it gets its own modes back whoever ends last."""
    project = make_project(tmp_path / "p", "wait: 4s")
    (project / "list").write_text("1\n2\n3\n")
    window = terminal(project)
    window.type(f"clear; xargs -n1 -P3 -a list {PROGRAM} run --out out.txt -- sh -c 'echo $0 > out.txt'; echo over")
    screen = window.wait_for("^over")
    assert screen.count("Save snapshot?") <= 1
    assert all(said(run)[0] == "later" for run in runs(project))
    assert len(runs(project)) == 3
    assert window.is_sane()


def test_a_loop_left_alone_waits_once_and_is_one_question(terminal, tmp_path):
    """Five runs of a shell: the first waits for its answer in vain, the others do not wait at all."""
    project = make_project(tmp_path / "p", "wait: 3s")
    window = terminal(project, lines=48)
    begun = time.monotonic()
    window.type(f"clear; for i in 1 2 3 4 5; do {RUN}; done; echo over; {PROGRAM} questions")
    screen = window.wait_for("^over", "sweep of 5")
    assert time.monotonic() - begun < 5 * 3 + 20
    assert screen.count("Save snapshot?") == 1
    assert screen.count("its question waits with the others of this loop") == 4
    answers = [said(run) for run in runs(project)]
    assert sorted(answers) == [("later", "policy")] * 4 + [("later", "timeout")]
    window.type(f"clear; {PROGRAM} questions --answer yes @3; {PROGRAM} questions")
    window.wait_for("^kept 5: ", "No question waits for you")
    assert all(len(events(run, "snapshot")) == 1 for run in runs(project))


def test_a_loop_with_somebody_there_is_asked_twice_at_most(terminal, tmp_path):
    """With the second run it is known to be a loop, and the answer holds for the rest of it."""
    project = make_project(tmp_path / "p")
    window = terminal(project, lines=48)
    window.type(f"clear; for i in 1 2 3 4; do {RUN}; done; echo over")
    window.wait_for(WAITS)
    settle(window)
    window.press("n")
    window.wait_for("This answer holds for the rest of the loop.", r"Never here\) *$")
    settle(window)
    window.press("y")
    window.wait_for("^over")
    answers = [said(run) for run in runs(project)]
    assert sorted(answers) == [("no", "person"), ("yes", "person"), ("yes", "policy"), ("yes", "policy")]


def test_a_run_is_asked_about_together_with_those_that_it_started(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    (project / "sweep.sh").write_text(f"for lr in 1 2; do {RUN}; done\n")
    window = terminal(project, lines=40)
    screen = ask(window, f"{PROGRAM} run -- bash sweep.sh")
    assert screen.count("Save snapshot?") == 1
    window.press("y")
    window.wait_for("^  kept 3: ")
    assert [said(run)[0] for run in runs(project)] == ["yes"] * 3
    # The recording program's own interpreter is none of the command's.
    assert all(events(run, "python") == [] for run in runs(project))


def opened(project: Path, **changes: str) -> pexpect.spawn:
    return pexpect.spawn(
        ARGV[0],
        ARGV[1:],
        cwd=str(project),
        env=environment(**{"TERM": "xterm", **changes}),
        timeout=30,
        dimensions=(24, 80),
    )


def test_a_terminal_that_goes_away_means_later(tmp_path):
    project = make_project(tmp_path / "p")
    shown = opened(project)
    shown.expect("Save snapshot")
    shown.close(force=False)
    wait_until(lambda: not shown.isalive())
    wait_for_said(project, "later", "interrupt")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_is_told_to_end_ends_as_the_command_did(tmp_path, number):
    project = make_project(tmp_path / "p")
    shown = opened(project)
    shown.expect("Save snapshot")
    shown.kill(number)
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 0
    assert said(runs(project)[0]) == ("later", "interrupt")


def test_the_end_of_input_means_later(tmp_path):
    project = make_project(tmp_path / "p")
    shown = opened(project)
    shown.expect(r"Never here\)")
    wait_until(lambda: shown.send("\x04") and shown.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=0.2) == 0)
    assert said(runs(project)[0]) == ("later", "interrupt")


def test_what_was_asked_is_not_lost_with_the_asker(tmp_path):
    """It is noted before the question appears."""
    project = make_project(tmp_path / "p")
    shown = opened(project)
    shown.expect("Save snapshot")
    shown.kill(signal.SIGKILL)
    wait_until(lambda: not shown.isalive())
    assert said(runs(project)[0]) == ("later", "interrupt")


def test_a_stopped_terminal_holds_nobody(tmp_path):
    """Ctrl-s stops what is written; the question gives up in time all the same."""
    project = make_project(tmp_path / "p", "wait: 1s")
    shown = opened(project)
    shown.expect("recording")
    shown.send("\x13")
    wait_for_said(project, "later", "timeout")
    shown.send("\x11")
    shown.expect(pexpect.EOF)


def test_a_terminal_without_sequences_gets_none(tmp_path):
    project = make_project(tmp_path / "p", "wait: 1s")
    shown = opened(project, TERM="dumb")
    shown.expect(pexpect.EOF)
    assert b"Save snapshot? [Yes / No]" in shown.before
    assert b"\x1b" not in shown.before


def test_a_dataset_that_changed_is_asked_about_after_the_run(terminal, tmp_path):
    """Only when a person wanted it; then how it was changed, and no second time for the same version."""
    project = tmp_path / "p"
    project.mkdir()
    (project / "repro.yaml").write_text(
        "datasets: {train: {path: train.csv, watch: ask, label: y}}\nsnapshot: {ask: never, wait: 20s}\n"
    )
    table = project / "train.csv"
    table.write_text("x,y\n" + "".join(f"{n},{n % 2}\n" for n in range(100)))
    window = terminal(project)
    window.type(f"clear; {WITH_DATA}; echo over")
    window.wait_for("^over")
    with table.open("a") as stream:
        stream.write("1000,1\n")
    window.type(f"clear; {WITH_DATA}; echo status=$?")
    screen = window.wait_for(r"Checkpoint this version\? \[Yes / No / Always / Never\]")
    flat = " ".join(screen.split())
    assert f"Dataset train changed since {runs(project)[0].name[16:]}: " in flat
    assert "Save snapshot" not in screen
    settle(window)
    window.press("y")
    window.wait_for(r"^  kept: ", r"^How was it changed\?")
    window.type("by hand, one row")
    window.wait_for("noted as a note", "^status=0")
    journal = project / ".repro" / "project"
    assert [event["note"] for event in events(journal, "made")] == ["by hand, one row"]
    assert len(events(journal, "kept")) == 1
    window.type(f"clear; {WITH_DATA}; echo over")
    assert "Checkpoint" not in window.wait_for("^over")
    assert window.is_sane()


def test_a_dataset_question_that_nobody_answers_waits_and_is_asked_once(terminal, tmp_path):
    project = tmp_path / "p"
    project.mkdir()
    (project / "repro.yaml").write_text(
        "datasets: {train: {path: train.csv, watch: ask}}\nsnapshot: {ask: never, wait: 1s}\n"
    )
    window = terminal(project)
    for number in range(3):
        (project / "train.csv").write_text("x\n" + "1\n" * (10 + min(number, 1)))
        window.type(f"clear; {WITH_DATA}; echo over-{number}")
        asked = "Checkpoint" in window.wait_for(f"^over-{number}")
        assert asked == (number == 1)
    done = subprocess.run(
        [sys.executable, "-m", "repro_tui", "questions", "--json"],
        cwd=project, capture_output=True, env=environment(), timeout=DEADLINE_S, check=True,
    )  # fmt: skip
    (question,) = json.loads(done.stdout)["questions"]
    assert (question["kind"], question["title"]) == ("dataset", "train")
    assert question["detail"].startswith("changed since ")


@pytest.mark.parametrize(("gone", "answer"), [("questions", ""), ("cli/question.py", "later")])
def test_the_question_is_gone_when_the_program_was_replaced_under_it(tmp_path, gone, answer):
    """A run takes days, and meanwhile another version of us may be installed, or none; what can be noted is."""
    project = make_project(tmp_path / "p")
    copy = tmp_path / "copy"
    root = Path(__file__).resolve().parents[2]
    shutil.copytree(root / "repro_tui", copy / "repro_tui", ignore=shutil.ignore_patterns("__pycache__"))
    line = f"rm -r {copy}/repro_tui/{gone}; echo 1 > out.txt"
    shown = pexpect.spawn(
        sys.executable, ["-m", "repro_tui", "run", "--out", "out.txt", "--", "sh", "-c", line],
        cwd=str(project), env={**os.environ, "PYTHONPATH": str(copy), "TERM": "xterm"}, timeout=30,
    )  # fmt: skip
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 0
    assert b"Traceback" not in shown.before
    assert said(runs(project)[0])[0] == answer
