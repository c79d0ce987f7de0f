"""What the tutorial tells to type does what it says, in the order in which it says it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from repro_tui.demo.folder import make_folder
from tests.cli.program import environment

pytestmark = pytest.mark.e2e
PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
DASHBOARD = "repro-tui"
"""The line that opens the dashboard, which needs a terminal."""
BEFORE = "repro-tui data transform --in train --out train -- python add_shifted.py --digits 3 8"
"""What the demonstration has done to its data by then."""


def commands() -> list[str]:
    """Give the lines of the page's shell blocks; the question's Yes is said by the command that it names."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line != DASHBOARD]
    first = next(place for place, line in enumerate(lines) if line.startswith("repro-tui run"))
    return [lines[0], BEFORE, *lines[1 : first + 1], "repro-tui snapshot paper", *lines[first + 1 :]]


def test_every_command_of_the_tutorial_works_and_the_restored_run_gives_equal_results(tmp_path, need):
    need("git")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "repro-tui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m repro_tui "$@"\n')
    program.chmod(0o755)
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    home = environment(HOME=str(tmp_path), PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    make_folder(tmp_path / "digits", home)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands())],
        env=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "\nequal\n" in done.stdout
    text = PAGE.read_text("utf-8")
    shown = text[text.index("train  v2 to v3") :].partition("```")[0]
    assert shown in done.stdout, "the change of the data, as the page shows it"
