"""The dashboard at the other end of an SSH connection."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import REPRO_TUI
from tests.e2e.terminal import descendants, quoted, wait_until

pytestmark = pytest.mark.e2e


def remote_line(server, project, command: str) -> str:
    return quoted(server.command(f"cd {project} && exec env LANG=C.UTF-8 {command}"))


def dashboards(server) -> list[int]:
    return [pid for pid in descendants(server._process.pid) if is_dashboard(pid)]


def is_dashboard(pid: int) -> bool:
    return "repro_tui" in command_line(pid)


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")
    except OSError:
        return ""


def cut(window) -> None:
    """Kill the client, as a line that drops does."""
    os.kill(next(pid for pid in window.pids() if command_line(pid).startswith("ssh ")), signal.SIGKILL)


def test_live_runs_are_seen_over_ssh_and_the_terminal_is_sane_after(terminal, server, project):
    here, there = terminal(project), terminal(project)
    there.type(remote_line(server, project, REPRO_TUI))
    there.wait_for("repro-tui run")
    here.type(f"{REPRO_TUI} run --name live -- {sys.executable} train.py --hidden 8 --lr 0.02 --epochs 900")
    there.wait_for(r"● live.*0\.\d{3}")
    assert not there.mouse(), "over SSH each movement of the mouse would be a message"
    here.press("C-c")
    there.wait_for("! live.*signal 2")
    there.press("Enter")
    there.wait_for("train.py --hidden 8")
    there.press("C-q")
    wait_until(lambda: not there.alternate())
    assert there.is_sane()


def test_a_line_that_drops_ends_the_dashboard_at_the_other_end(terminal, server, project):
    window = terminal(project)
    window.type(remote_line(server, project, REPRO_TUI))
    window.wait_for("repro-tui run")
    assert wait_until(lambda: dashboards(server))
    cut(window)
    wait_until(lambda: not dashboards(server))


def test_a_run_goes_on_when_its_line_drops(terminal, server, project):
    window = terminal(project)
    run = f"{REPRO_TUI} run --name kept -- {sys.executable} train.py --hidden 8 --epochs 15"
    window.type(remote_line(server, project, f"nohup {run}"))
    wait_until(lambda: list((project / "results").glob("*/metrics.csv")))
    cut(window)
    metrics = next((project / "results").glob("*/metrics.csv"))
    wait_until(lambda: metrics.read_text().count("\n") == 16)
