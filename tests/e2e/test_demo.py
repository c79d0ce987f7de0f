"""The demonstration, as somebody sees it who has just installed it."""

from __future__ import annotations

import json
import re
import time

import pytest

from tests.cli.program import call
from tests.e2e.conftest import REPRO_TUI
from tests.e2e.terminal import wait_until

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
