"""The question about a changed dataset: its words, and a command that is run and recorded where it is asked."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.program import environment
from tests.e2e.asking import PROGRAM, events, settle

pytestmark = pytest.mark.e2e
RUN = f"{PROGRAM} run --data data/train.csv -- true"
ASKED = r"Checkpoint this version\? \[Yes / No / Always / Never\]"
DECLARED = "datasets: {train: {path: data/train.csv, watch: ask, label: label}}\nsnapshot: {ask: never}\n"


@pytest.fixture
def project(tmp_path):
    """Give a project with a dataset of 1,000 rows, 100 of each class."""
    root = tmp_path / "p"
    (root / "data").mkdir(parents=True)
    (root / "repro.yaml").write_text(DECLARED, "utf-8")
    write(root, [n % 10 for n in range(1000)])
    (root / "more.sh").write_text("for n in 1 2 3; do echo $n,3 >> data/train.csv; done\n", "utf-8")
    return root


def write(root, labels):
    rows = "".join(f"{n % 7},{label}\n" for n, label in enumerate(labels))
    (root / "data" / "train.csv").write_text(f"x,label\n{rows}", "utf-8")


def asked_of_a_change(window, project) -> str:
    """Run, change the data at once, run again, and give the question."""
    window.type(f"clear; {RUN}; cp data/train.csv old.csv; {sys.executable} change.py; clear; {RUN}; echo over")
    screen = window.wait_for(ASKED)
    settle(window)
    return " ".join(screen.split())


def versions(project) -> list[dict]:
    """Give the versions, the newest first, as the command line tells them."""
    done = subprocess.run(
        [sys.executable, "-m", "repro_tui", "data", "log", "train", "--json"],
        cwd=project, capture_output=True, env=environment(), timeout=60, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)["versions"]


def test_a_change_between_two_runs_is_asked_about_in_rows_and_classes(terminal, project):
    (project / "change.py").write_text(
        "open('data/train.csv', 'a').write(''.join(f'{n % 7},3\\n' for n in range(25)))\n", "utf-8"
    )
    window = terminal(project)
    words = asked_of_a_change(window, project)
    since = next(path for path in sorted((project / ".repro/runs").iterdir())).name[16:]
    said = f"Dataset train changed since {since}: +25 rows, label 3: 10.0 % → 12.2 %"
    assert words.partition(said)[1], words
    window.press("y")
    window.wait_for(r"^  kept: ", r"^How was it changed\?")
    window.type("!sh more.sh")
    window.wait_for(r"train is now v3, was v2: \+3 rows, label 3: 12\.2 % → 12\.5 %", "^over")
    newest, kept, first = versions(project)
    assert (newest["rows"], newest["made"]["argv"], newest["made"]["exit"]) == (1028, ["sh", "more.sh"], 0)
    assert newest["made"]["of"] == [{"name": "train", "digest": kept["digest"], "path": "data/train.csv"}]
    assert newest["made"]["run"], "it is a run of its own"
    assert (kept["rows"], kept["made"], bool(kept["snapshot"]), first["rows"]) == (1025, None, True, 1000)
    assert window.is_sane()


def test_a_command_that_makes_the_very_version_is_noted_as_what_made_it(terminal, project):
    (project / "change.py").write_text("open('data/train.csv', 'w').write('x,label\\n1,2\\n')\n", "utf-8")
    window = terminal(project)
    asked_of_a_change(window, project)
    window.press("y")
    window.wait_for(r"^How was it changed\?")
    window.type(f"!{sys.executable} change.py")
    window.wait_for("it makes this very version", "^over")
    newest, _ = versions(project)
    assert newest["made"]["argv"] == [sys.executable, "change.py"]
    assert len(events(project / ".repro/project", "made")) == 1


def test_a_whole_transformation_can_be_typed_and_ctrl_c_ends_it_alone(terminal, project):
    (project / "change.py").write_text("open('data/train.csv', 'a').write('1,2\\n')\n", "utf-8")
    (project / "slow.sh").write_text("echo 1,4 >> data/train.csv; echo begun; sleep 60\n", "utf-8")
    window = terminal(project)
    asked_of_a_change(window, project)
    window.press("y")
    window.wait_for(r"^How was it changed\?")
    window.type("repro-tui data transform --out train -- sh slow.sh")
    window.wait_for("^begun")
    window.press("C-c")
    window.wait_for("^over")
    newest, *_ = versions(project)
    assert (newest["made"]["argv"], newest["made"]["exit"]) == (["sh", "slow.sh"], 130)
    assert window.is_sane()


def test_a_note_that_begins_with_the_sign_is_a_note(terminal, project):
    (project / "change.py").write_text("open('data/train.csv', 'a').write('1,2\\n')\n", "utf-8")
    window = terminal(project)
    asked_of_a_change(window, project)
    window.press("y")
    window.wait_for(r"^How was it changed\?")
    window.type("!! one row by hand")
    window.wait_for("noted as a note", "^over")
    assert versions(project)[0]["made"]["note"] == "!! one row by hand"
