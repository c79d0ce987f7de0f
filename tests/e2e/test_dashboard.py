"""The dashboard in a real terminal, with runs that go on while it is looked at."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest

from tests.cli.program import PROGRAM, environment
from tests.e2e.conftest import REPRO_TUI
from tests.e2e.terminal import wait_until

pytestmark = pytest.mark.e2e

TRAIN = (sys.executable, "train.py", "--hidden", "8", "--lr", "0.02")


@pytest.fixture
def training(project):
    """Give a function that starts a run in the project; what still trains at the end is ended."""
    started = []

    def start(*words: str, name: str = "live", epochs: int = 400) -> subprocess.Popen:
        started.append(
            subprocess.Popen(
                [*PROGRAM, "run", "--name", name, "--", *TRAIN, "--epochs", str(epochs), *words],
                cwd=project, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for run in started:
        run.terminate()
        run.wait(30)


def number_in_row(screen: str, name: str) -> str:
    """Give the first decimal number in a run's line."""
    line = next((line for line in screen.splitlines() if name in line), "")
    found = re.search(r"0\.\d{3,}", line)
    return found[0] if found else ""


def test_a_run_appears_in_an_open_dashboard_and_its_numbers_move(terminal, project, training):
    window = terminal(project)
    window.type(REPRO_TUI)
    window.wait_for("repro-tui run")
    training()
    screen = window.wait_for(r"● live.*0\.\d{3}")
    first = number_in_row(screen, "live")
    wait_until(lambda: number_in_row(window.screen(), "live") not in {"", first})


def test_a_run_that_ends_is_shown_as_done_without_a_key(terminal, project, training):
    training(epochs=3)
    window = terminal(project)
    window.type(REPRO_TUI)
    window.wait_for(r"✓ live.*0\.\d{3}")


def test_the_log_of_a_live_run_scrolls(terminal, project, training):
    training()
    window = terminal(project, 120, 40)
    window.type(REPRO_TUI)
    window.wait_for(r"● live")
    window.press("Enter")
    window.wait_for(r"\[Overview\]")
    window.press("]", "]")
    last = last_epoch(window.wait_for(r"epoch \d+/400"))
    wait_until(lambda: last_epoch(window.screen()) > last + 5, complaint=window.screen)


def last_epoch(screen: str) -> int:
    return max((int(epoch) for epoch in re.findall(r"epoch (\d+)/", screen)), default=0)


def test_the_curve_of_a_live_run_moves(terminal, project, training):
    training()
    window = terminal(project, 120, 40)
    window.type(REPRO_TUI)
    window.wait_for(r"● live")
    window.press("Enter")
    window.wait_for(r"\[Overview\]")
    window.press("]")
    window.wait_for(r"\[Metrics\]")
    screen = window.wait_for(r"[\u2801-\u28ff]{3}")
    wait_until(lambda: window.screen() != screen and window.shows(r"[\u2801-\u28ff]{3}"))


def test_a_terminal_made_tiny_and_large_again_shows_the_same(terminal, project, training):
    training(epochs=2).wait(60)
    window = terminal(project)
    window.type(REPRO_TUI)
    window.wait_for(r"✓ live")
    window.resize(20, 5)
    wait_until(lambda: all(len(line) <= 20 for line in window.screen().splitlines()))
    assert window.alternate()
    window.resize(80, 24)
    window.wait_for(r"✓ live.*0\.\d{3}")


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_dashboard_and_leaves_the_terminal_sane(terminal, project, training, sent):
    training(epochs=2).wait(60)
    window = terminal(project)
    window.type(REPRO_TUI)
    window.wait_for(r"✓ live")
    dashboard = window.pids()[1]
    os.kill(dashboard, sent)
    wait_until(lambda: not window.alternate())
    assert window.is_sane()


def test_leaving_by_a_key_leaves_the_terminal_sane(terminal, project, training):
    training(epochs=2).wait(60)
    window = terminal(project)
    window.type(REPRO_TUI)
    window.wait_for(r"✓ live")
    window.press("C-q")
    wait_until(lambda: not window.alternate())
    assert window.is_sane()


def test_a_defect_in_the_project_leaves_the_terminal_sane(terminal, project, training):
    """The records are deleted under a running dashboard, and a new run begins them again."""
    training(epochs=2).wait(60)
    window = terminal(project)
    window.type(REPRO_TUI)
    window.wait_for(r"✓ live")
    subprocess.run(["rm", "-rf", str(project / ".repro")], check=True)
    window.wait_until_gone(r"✓ live")
    training(epochs=2, name="again")
    window.wait_for(r"✓ again")


def test_ascii_is_ascii_and_no_color_is_no_colour(terminal, project, training):
    training(epochs=2).wait(60)
    window = terminal(project, NO_COLOR="1")
    window.type(f"{REPRO_TUI} --ascii")
    window.wait_for(r"\+ live")
    assert window.screen().isascii()
    colours = re.findall(r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|[34]8;)", window.tmux("capture-pane", "-p", "-e"))
    assert colours == []
