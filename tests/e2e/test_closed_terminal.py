"""A terminal that is closed takes its dashboard with it, whatever it was doing."""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.cli.program import environment

pytestmark = pytest.mark.e2e

DEADLINE_S = 30.0


def first_bytes(master: int) -> bytes:
    """Wait until the program writes something."""
    readable, _, _ = select.select([master], [], [], DEADLINE_S)
    return os.read(master, 1 << 16) if readable else b""


@pytest.mark.parametrize("seed", range(6))
def test_closing_the_terminal_at_any_moment_ends_the_dashboard(tmp_path: Path, seed: int) -> None:
    """Also while it starts, paints and reads keys; a survivor would spin on the end of its input for ever."""
    (tmp_path / ".repro").mkdir()
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "repro_tui"],
        cwd=tmp_path,
        env=environment(TERM="xterm-256color"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads run here
    )
    os.close(slave)
    try:
        assert first_bytes(master)
        os.write(master, b"jjj/x\x1b?")
        end = time.monotonic() + random.Random(seed).uniform(0, 1.5)  # the moment is what is tried
        while (left := end - time.monotonic()) > 0:
            if select.select([master], [], [], left)[0]:
                os.read(master, 1 << 16)
        os.close(master)
        process.wait(DEADLINE_S)
    finally:
        process.kill()
        process.wait()
    assert process.returncode != -9
