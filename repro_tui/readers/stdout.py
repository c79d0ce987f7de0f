"""Metrics that a script only prints: regular expressions with named groups over its output.

The expressions are the user's, and some take for ever on some lines; they are searched for in a process of their own
(`matching.py`), each with a time limit, and one that is too slow again and again is given up.
"""

from __future__ import annotations

import json
import re
import selectors
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from repro_tui.readers import matching
from repro_tui.readers.interface import MAX_ROWS, Row
from repro_tui.readers.names import STEPS, number, pick

LINE_LIMIT = 1000
"""Characters of a line that are looked at."""

_BATCH = 20
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ENDS = re.compile(rb"[\r\n]+")


def refused(pattern: str) -> str:
    """Say why an expression cannot be used, in a sentence fragment; empty when it can."""
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is no regular expression: {error}"
    return "" if compiled.groupindex else "it names no group: write (?P<loss>[0-9.]+) around the number"


@dataclass
class _Pattern:
    """One expression, and what it has found."""

    text: str
    names: tuple[str, ...]
    rows: int = 0
    last: dict[str, float] = field(default_factory=dict)


class Output:
    """Finds metrics in one stream of output that arrives in pieces."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.problems: list[tuple[str, str]] = []
        """(expression, why it is not used): grows when one turns out to be slow."""
        self._patterns: list[_Pattern] = []
        self._process: subprocess.Popen[str] | None = None
        self._rest = b""
        self._step = 0.0
        for text in patterns:
            why = refused(text)
            if why:
                self.problems.append((text, why))
            else:
                self._patterns.append(_Pattern(text, tuple(re.compile(text).groupindex)))

    def feed(self, data: bytes, now: float, *, final: bool = False) -> list[Row]:
        """Give the rows of the lines that are whole by now, at most MAX_ROWS; a carriage return ends a line too."""
        if not self._patterns:
            return []
        *lines, self._rest = _ENDS.split(self._rest + data)
        if final and self._rest:
            lines.append(self._rest)
            self._rest = b""
        self._rest = self._rest[: LINE_LIMIT * 4]
        texts = [_plain(line) for line in lines if line]
        rows: list[Row] = []
        for begin in range(0, len(texts), _BATCH):
            if len(rows) < MAX_ROWS:
                rows += self._search(texts[begin : begin + _BATCH], now)
        if final:
            self.close()
        return rows

    def close(self) -> None:
        """End the process that searches."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.communicate()

    def __del__(self) -> None:
        """End the process that searches with its asker."""
        self.close()

    def _search(self, lines: list[str], now: float) -> list[Row]:
        """Have some lines searched, and make rows of what is found."""
        reply = self._ask(lines)
        if reply is None:
            return []
        for index in reply["slow"]:
            self.problems.append((self._patterns[index].text, "it is too slow for this output, and was given up"))
        rows = [self._row(self._patterns[index], groups, now) for _, index, groups in reply["found"]]
        return [row for row in rows if row is not None]

    def _ask(self, lines: list[str]) -> dict[str, list] | None:  # type: ignore[type-arg]
        """Ask the process that searches; None when it does not answer, and then it is never asked again."""
        try:
            process = self._process = self._process or self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(lines) + "\n")
            process.stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                limit = matching.LIMIT_S * len(lines) * len(self._patterns) + 5.0
                line = process.stdout.readline() if selector.select(limit) else ""
            if line:
                reply: dict[str, list] = json.loads(line)  # type: ignore[type-arg]
                return reply
        except (OSError, ValueError):
            pass
        self.problems += [(pattern.text, "the search for it ended unexpectedly") for pattern in self._patterns]
        self._patterns = []
        self.close()
        return None

    def _start(self) -> subprocess.Popen[str]:
        """Start the process that searches, in a session of its own: an interrupt is not meant for it."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(matching.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps([pattern.text for pattern in self._patterns]) + "\n")
        return process

    def _row(self, pattern: _Pattern, groups: Mapping[str, str | None], now: float) -> Row | None:
        """Make a row of a match; without a step among the groups, matches are counted."""
        texts = {name: text.strip(",;%") for name, text in groups.items() if text}
        values = {name: found for name, text in texts.items() if (found := number(text)) is not None}
        key = pick(values, STEPS)
        step = values.pop(key) if key else None
        if not values:
            if step is not None:
                self._step = step  # an expression that finds only the step speaks for the lines that follow
            return None
        if step is None:
            step = self._step if any(pick(p.names, STEPS) for p in self._patterns) else float(pattern.rows)
        pattern.rows += 1
        if pattern.last == {**values, "": step}:
            return None  # a progress bar that was drawn again
        pattern.last = {**values, "": step}
        self._step = step
        return Row(step, now, values)


def _plain(line: bytes) -> str:
    """Give a line's text without escape sequences, cut to the limit."""
    return _ESCAPES.sub("", line[: LINE_LIMIT * 4].decode("utf-8", "replace"))[:LINE_LIMIT]
