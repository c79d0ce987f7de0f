"""The holder: parent of the command, and leader of the session on its pseudo-terminal.

It does nothing but wait, and tells the keeper and the front what became of the command, so that neither of them is
needed for the other to know. On a terminal it stays until nobody uses the pseudo-terminal any more: when the leader of
a session ends, the kernel hangs up on everything that is left in it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from repro_tui.capture.child import Command, become, take_terminal
from repro_tui.capture.descriptors import leave_only


class Turn(StrEnum):
    """What happened to the command."""

    STARTED = "started"
    """With its process id."""
    REFUSED = "refused"
    """It could not be started; with the errno."""
    STOPPED = "stopped"
    """With the signal that stopped it."""
    CONTINUED = "continued"
    ENDED = "ended"
    """With its wait status."""


@dataclass(frozen=True, slots=True)
class Report:
    """One message of the holder."""

    turn: Turn
    value: int = 0
    t: float = 0.0
    """When it happened, seconds since the epoch."""


def read_reports(descriptor: int) -> list[Report] | None:
    """Read what the holder wrote, whole lines at a time; None when it is gone."""
    try:
        text = os.read(descriptor, 4096).decode("ascii")
    except BlockingIOError:
        return []
    if not text:
        return None
    return [Report(Turn(w), int(value), float(t)) for w, value, t in (line.split() for line in text.splitlines())]


def hold(command: Command, tell: Sequence[int], linger: int) -> None:
    """Start the command, wait for it, report. Runs in a process of its own and returns at its end.

    Args:
        command: what to start.
        tell: pipes that each get every report.
        linger: a pipe that is at its end when the pseudo-terminal is no longer used.
    """
    if command.terminal >= 0:
        os.setsid()
        take_terminal(command.terminal)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    heard, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(command, said)
    os.close(said)
    if command.terminal >= 0:
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
    else:
        os.setsid()
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    # The other side of the pseudo-terminal stays open until the command ends: only then may its end be an end.
    leave_only({*tell, linger, heard, *command.held})
    trouble = os.read(heard, 16)
    os.close(heard)
    _tell(tell, Report(Turn.REFUSED, int(trouble)) if trouble else Report(Turn.STARTED, pid))
    _wait(pid, tell, command.held)
    for descriptor in tell:
        os.close(descriptor)
    if command.terminal >= 0:
        with contextlib.suppress(OSError):
            os.read(linger, 1)


def _child(command: Command, said: int) -> None:
    """Become the command or say why not; the pipe closes by itself when it worked."""
    trouble = 1
    try:
        trouble = become(command)
    finally:
        os.write(said, str(trouble).encode("ascii"))
        os._exit(127)


def _wait(pid: int, tell: Sequence[int], held: Collection[int]) -> None:
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED | os.WCONTINUED)
        if os.WIFSTOPPED(status):
            _tell(tell, Report(Turn.STOPPED, os.WSTOPSIG(status)))
        elif os.WIFCONTINUED(status):
            _tell(tell, Report(Turn.CONTINUED))
        else:
            for descriptor in held:
                os.close(descriptor)
            _tell(tell, Report(Turn.ENDED, status))
            return


def _tell(tell: Sequence[int], report: Report) -> None:
    line = f"{report.turn} {report.value} {time.time():.4f}\n".encode("ascii")
    for descriptor in tell:
        with contextlib.suppress(OSError):  # a listener that is gone is no trouble
            os.write(descriptor, line)


def watch_end(pid: int) -> int:
    """Give a descriptor that becomes readable when a process ends, whoever its parent is; -1 when it is gone."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1
