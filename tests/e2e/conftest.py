"""Terminals, servers and projects that end with their test."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from tests.e2e.sshd import Server
from tests.e2e.terminal import Terminal

REPRO_TUI = f"{sys.executable} -m repro_tui"


@pytest.fixture
def terminal(need):
    """Give a function that opens terminals."""
    need("tmux")
    opened: list[Terminal] = []

    def open_terminal(cwd: Path, columns: int = 80, lines: int = 24, **environment: str) -> Terminal:
        opened.append(Terminal(columns, lines, cwd, environment))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


@pytest.fixture
def server(need, tmp_path):
    """Start a private SSH server."""
    need("sshd", "ssh")
    running = Server(tmp_path / "sshd")
    yield running
    running.close()


@pytest.fixture
def project(tmp_path):
    """Make a project with a small data set and a script that trains for as long as it is told to."""
    with as_file(files("repro_tui.demo") / "project") as source:
        return Path(shutil.copytree(source, tmp_path / "digits"))
