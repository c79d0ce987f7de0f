"""That these exact inputs ran before is said while the command is going, and never where it is not known."""

from __future__ import annotations

import sys

import pexpect
import pytest

from tests.capture.conftest import Bench

SCRIPT = """
import os, random, sys, time
random.seed(int(sys.argv[1]))
open("data.csv").read()
if os.path.exists("more.csv"):
    open("more.csv").read()
print("begun", flush=True)
while not os.path.exists("go"):
    time.sleep(0.01)
"""
SAID = r"repro-tui: these exact inputs ran before: (\S+)\r\n"


@pytest.fixture
def once(bench) -> Bench:
    """Give a project in which the script ran once, to its end, and now waits to be let go."""
    (bench.root / "repro.yaml").write_text("snapshot: {ask: never}\n")
    (bench.root / "train.py").write_text(SCRIPT)
    (bench.root / "data.csv").write_text("1,2\n")
    (bench.root / "go").touch()
    assert bench.run(sys.executable, "train.py", "1", options=("--name", "first")).returncode == 0
    (bench.root / "go").unlink()
    return bench


def test_a_repetition_is_told_while_it_runs(once):
    shown = once.terminal(sys.executable, "train.py", "1")
    shown.expect("begun")
    shown.expect(SAID)
    assert shown.match[1] == b"first"
    (once.root / "go").touch()
    shown.expect("finished in")
    shown.expect(pexpect.EOF)


@pytest.mark.parametrize("change", ["seed", "data", "code", "further input"])
def test_what_differs_in_anything_is_no_repetition(once, change):
    if change == "data":
        (once.root / "data.csv").write_text("1,3\n")
    if change == "code":
        (once.root / "train.py").write_text(SCRIPT + "print()\n")
    if change == "further input":
        (once.root / "more.csv").write_text("x")
    (once.root / "go").touch()
    shown = once.terminal(sys.executable, "train.py", "2" if change == "seed" else "1")
    shown.expect("finished in")
    assert b"ran before" not in shown.before
    shown.expect(pexpect.EOF)


def test_in_a_log_it_is_one_line(once):
    (once.root / "go").touch()
    ended = once.run(sys.executable, "train.py", "1")
    assert ended.stderr.splitlines() == [b"repro-tui: these exact inputs ran before: first"]
    assert b"ran before" not in ended.stdout


def test_a_repetition_is_found_behind_many_later_runs_of_the_command(once):
    (once.root / "go").touch()
    for number in range(4):
        (once.root / "data.csv").write_text(f"{number}\n")
        assert once.run(sys.executable, "train.py", "1").stderr == b""
    (once.root / "data.csv").write_text("1,2\n")
    assert b"ran before: first" in once.run(sys.executable, "train.py", "1").stderr
