"""A terminal that is closed takes its dashboard with it, whatever it was doing."""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.program import environment

pytestmark = pytest.mark.e2e

DEADLINE_S = 30.0


def first_bytes(master: int) -> bytes:
    """Wait until the program writes something."""
    readable, _, _ = select.select([master], [], [], DEADLINE_S)
    return os.read(master, 1 << 16) if readable else b""


def threads(pid: int) -> int:
    """Count the threads of a process."""
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


def drain(master: int, seconds: float) -> bytes:
    """Read what the program writes for some time."""
    end = time.monotonic() + seconds
    read = b""
    while (left := end - time.monotonic()) > 0:
        if select.select([master], [], [], left)[0]:
            try:
                read += os.read(master, 1 << 16)
            except OSError:
                break  # nobody holds the other end any more
    return read


def until(master: int, met: Callable[[], bool]) -> None:
    """Read on until something is so."""
    end = time.monotonic() + DEADLINE_S
    while not met():
        assert time.monotonic() < end
        drain(master, 0.1)


@contextmanager
def dashboard(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a dashboard as the leader of a session on a terminal of its own; gives it and our end of the terminal."""
    (folder / ".repro").mkdir()
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "repro_tui"],
        cwd=folder,
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
        yield process, master
    finally:
        process.kill()
        process.wait()


def test_a_signal_to_continue_starts_nothing_twice(tmp_path: Path) -> None:
    """A closed terminal sends one too, and so does anybody else: it has nothing to resume."""
    with dashboard(tmp_path) as (process, master):
        drain(master, 2.0)
        before = threads(process.pid)
        process.send_signal(signal.SIGCONT)
        drain(master, 1.0)
        assert threads(process.pid) == before
        os.write(master, b"q")
        drain(master, 0.5)
        os.write(master, b"y")
        until(master, lambda: process.poll() is not None)
        assert process.returncode == 0


def test_what_was_suspended_comes_back_to_its_screen(tmp_path: Path) -> None:
    """Stopped by the signal of the suspend key, continued by the one of `fg`: the screen is entered once more."""
    with dashboard(tmp_path) as (process, master):
        drain(master, 2.0)
        process.send_signal(signal.SIGTSTP)
        status = Path(f"/proc/{process.pid}/stat")
        until(master, lambda: status.read_text().rpartition(")")[2].split()[0] == "T")
        process.send_signal(signal.SIGCONT)
        assert b"\x1b[?1049h" in drain(master, 2.0)
        os.write(master, b"q")
        drain(master, 0.5)
        os.write(master, b"y")
        until(master, lambda: process.poll() is not None)
        assert process.returncode == 0


@pytest.mark.parametrize("seed", range(6))
def test_closing_the_terminal_at_any_moment_ends_the_dashboard(tmp_path: Path, seed: int) -> None:
    """Also while it starts, paints and reads keys; a survivor would spin on the end of its input for ever."""
    with dashboard(tmp_path) as (process, master):
        os.write(master, b"jjj/x\x1b?")
        drain(master, random.Random(seed).uniform(0, 1.5))  # the moment is what is tried
        os.close(master)
        assert process.wait(DEADLINE_S) != -signal.SIGKILL
