"""Search lines for expressions in a process of its own: an expression that would take for ever is interrupted there.

Run as a script with the standard library only. The first line of its input is a JSON list of expressions, each further
one a list of lines; each is answered by `{"found": [[line, expression, groups], …], "slow": [expression, …]}`.
Python's matcher looks for signals while it works, but in the main thread only; hence the process.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from types import FrameType

LIMIT_S = 0.1
"""Seconds that one expression may take for one line."""

_PATIENCE = 3


class _TooSlow(BaseException):
    """The alarm went off."""


def _alarm(_number: int, _frame: FrameType | None) -> None:
    raise _TooSlow


def search(pattern: re.Pattern[str], line: str) -> dict[str, str | None] | None:
    """Give the named groups of a match, None without one; raises _TooSlow after LIMIT_S."""
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    try:
        match = pattern.search(line)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return match.groupdict() if match else None


def answer(patterns: dict[int, re.Pattern[str]], strikes: dict[int, int], lines: list[str]) -> dict[str, object]:
    """Search each line for each expression; one that was too slow several times is taken out and named."""
    found: list[tuple[int, int, dict[str, str | None]]] = []
    slow: list[int] = []
    for at, line in enumerate(lines):
        for index, pattern in list(patterns.items()):
            try:
                groups = search(pattern, line)
            except _TooSlow:
                strikes[index] = strikes.get(index, 0) + 1
                if strikes[index] >= _PATIENCE:
                    del patterns[index]
                    slow.append(index)
                continue
            if groups is not None:
                found.append((at, index, groups))
    return {"found": found, "slow": slow}


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGALRM, _alarm)
    first = sys.stdin.readline()
    patterns = {index: re.compile(text) for index, text in enumerate(json.loads(first))} if first else {}
    strikes: dict[int, int] = {}
    for request in sys.stdin:
        sys.stdout.write(json.dumps(answer(patterns, strikes, json.loads(request))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
