"""Lets work be killed at a random instant, in a process of its own."""

from __future__ import annotations

import os
import random
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator

KILLS = 20
"""How often each kind of work is killed."""
_LEAST_S = 0.0005
"""Seconds after which it is killed at the earliest."""
_PATIENCE_S = 60.0

Say = Callable[[str], None]
"""Tells the parent something that is certain from now on."""


def killed(work: Callable[[Say], None], after_s: float | None) -> tuple[list[str], float | None]:
    """Fork, work, and kill the child after a time; gives the lines it said, and how long it took if it ended by itself.

    With no time it is let alone. A child that fails fails the test.
    """
    reading, writing = os.pipe()
    begun = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads: nothing of theirs is used
        pid = os.fork()
    if not pid:
        _child(work, writing, after_s)
    os.close(writing)
    said = b""
    dead = False
    while piece := _read(reading, 0.0 if dead else _left(begun, after_s)):
        if piece == b"\0":
            os.kill(pid, signal.SIGKILL)
            dead = True
        else:
            said += piece
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, -signal.SIGKILL, -signal.SIGALRM}, said.decode()
    lines = said.decode().split("\n")[:-1]
    return lines, time.monotonic() - begun if code == 0 else None


def _child(work: Callable[[Say], None], writing: int, after_s: float | None) -> None:
    try:
        if after_s is not None:
            # The kernel ends it at that instant, however late the parent is waked; nothing of ours sees the signal.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, after_s)
        work(lambda line: os.write(writing, f"{line}\n".encode()) and None)
    except BaseException:  # noqa: BLE001 - nothing may leave the child as if it were the test
        os.write(writing, traceback.format_exc().encode())
        os._exit(1)
    os._exit(0)


def _left(begun: float, after_s: float | None) -> float:
    limit = _PATIENCE_S if after_s is None else after_s
    return max(begun + limit - time.monotonic(), 0.0)


def _read(reading: int, timeout: float) -> bytes:
    """Give what was said, nothing at the end, a zero when time is up."""
    ready, _, _ = select.select([reading], [], [], timeout or None)
    return os.read(reading, 1 << 16) if ready else b"\0"


def deaths(work: Callable[[Say], None], longest_s: float, seed: int) -> Iterator[list[str]]:
    """Kill work at random instants until it has died `KILLS` times; gives what it said, after each time.

    The instants lie between nothing and what it takes when it is let alone: `longest_s`, less where it was over before
    it could be killed, more again where it died. What takes milliseconds ends before a busy machine strikes.
    """
    dice = random.Random(seed)
    died, most = 0, longest_s
    for _ in range(10 * KILLS):
        said, ended = killed(work, dice.uniform(_LEAST_S, longest_s))
        longest_s = min(most, longest_s * 1.05) if ended is None else max(_LEAST_S, min(longest_s, ended) * 0.9)
        died += ended is None
        yield said
        if died == KILLS:
            return
    raise AssertionError(f"it died only {died} times")
