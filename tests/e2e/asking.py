"""A project in which runs are asked about, and what was answered, read without the code under test."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.e2e.terminal import PROMPT, wait_until

PROGRAM = f"{sys.executable} -m repro_tui"
COMMAND = "sh -c 'echo 0.97 > out.txt'"
RUN = f"{PROGRAM} run --out out.txt -- {COMMAND}"
"""A run with a result, without the cost of an interpreter."""
ASKED = r"Save snapshot\? \[Yes / No\]  \(Later, Details, Always here, Never here\) *$"
WAITS = r"Save snapshot\? \[Yes / No\]"


def make_project(folder: Path, settings: str = "") -> Path:
    """Make a project with what repro.yaml says below `snapshot:`."""
    folder.mkdir()
    (folder / "repro.yaml").write_text(f"snapshot: {{{settings}}}\n", "utf-8")
    return folder


def runs(folder: Path) -> list[Path]:
    """Give the run folders, the oldest first."""
    return sorted((folder / ".repro" / "runs").glob("[0-9]*"), key=lambda path: (path.stat().st_ctime, path.name))


def events(folder: Path, kind: str) -> list[dict]:
    """Give the events of a kind in a folder that has a `journal/`, in the order of their counters."""
    found = []
    for path in (folder / "journal").glob("*.jsonl"):
        lines = path.read_bytes().rpartition(b"\n")[0].splitlines()
        found += [event for line in lines if (event := json.loads(line)).get("k") == kind]
    return sorted(found, key=lambda event: event.get("c", 0))


def said(run: Path) -> tuple[str, str]:
    """Give the answer that stands about a run and who gave it; empty when nobody was asked."""
    answers = events(run, "answer")
    return (answers[-1]["answer"], answers[-1]["by"]) if answers else ("", "")


def wait_for_said(folder: Path, answer: str, by: str, number: int = 0) -> None:
    """Wait until the answer about a run stands."""

    def stands() -> bool:
        found = runs(folder)
        return len(found) > number and said(found[number]) == (answer, by)

    wait_until(stands, complaint=lambda: f"not {answer} by {by}: {[said(run) for run in runs(folder)]}")


def ask(terminal, line: str = RUN) -> str:
    """Type a run's line and wait for its question; gives the screen, at a moment when a key counts."""
    if terminal.shows(WAITS):
        terminal.type("clear")
        terminal.wait_until_gone(WAITS)  # the question of the run before must not be taken for this one's
    terminal.type(f"clear; {line}")
    screen = terminal.wait_for(WAITS)
    settle(terminal)
    return screen


def settle(terminal) -> None:
    """Let pass the moment in which a key was surely meant for something else."""
    terminal.tmux("run-shell", "sleep 0.4")


def back(terminal) -> str:
    """Wait for the shell and give the screen."""
    return terminal.wait_for(PROMPT)
