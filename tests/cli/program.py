"""The program as a person starts it, in a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from repro_tui.cli.main import run

PROGRAM = [sys.executable, "-m", "repro_tui"]


def environment(**changes: str | None) -> dict[str, str]:
    """Give this process's environment with changes; None takes a variable away."""
    changed = {**os.environ, **changes}
    return {key: value for key, value in changed.items() if value is not None}


def call(
    *words: str, cwd: Path | None = None, prefix: Sequence[str] = (), timeout: float = 60, **changes: str | None
) -> subprocess.CompletedProcess[str]:
    """Call `repro-tui` with words and give what it printed and how it ended."""
    return subprocess.run(
        [*prefix, *PROGRAM, *words],
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def within(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Do the same for the project in a folder inside this process: many calls then cost no start of Python each."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        status = run(["-C", str(folder), *words])
    return subprocess.CompletedProcess([*PROGRAM, *words], status, stdout.getvalue(), stderr.getvalue())


def shell(script: str, cwd: Path | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `$RT` is `repro-tui`."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        env=environment(RT=f"{sys.executable} -m repro_tui"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
