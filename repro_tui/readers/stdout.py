"""Metrics that a script only prints: regular expressions with named groups over its output.

The expressions are the user's, and run in the supervisor: one that could take for ever is refused when it is loaded,
one that is slow is given up, and lines are short.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.readers.interface import MAX_ROWS, Row
from repro_tui.readers.names import STEPS, number, pick

LINE_LIMIT = 1000
"""Characters of a line that are looked at."""

_SLOW = 0.05
_PATIENCE = 3
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ENDS = re.compile(rb"[\r\n]+")
_UNBOUNDED = 1000


def refused(pattern: str) -> str:
    """Say why an expression cannot be used, in a sentence fragment; empty when it can."""
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is no regular expression: {error}"
    if not compiled.groupindex:
        return "it names no group: write (?P<loss>[0-9.]+) around the number"
    if _explodes(pattern):
        return "a repetition of a repetition can take for ever: write [0-9.]+ rather than ([0-9]+)+"
    return ""


def _explodes(pattern: str) -> bool:
    """Tell whether an unbounded repetition can match the same text in many ways, because its body is one as well."""
    from re import _parser  # type: ignore[attr-defined]

    return _nested(_parser.parse(pattern))


def _nested(tree: Iterable[tuple[object, object]]) -> bool:
    """Look for such a repetition in a parsed expression."""
    for code, argument in tree:
        name = str(code)
        if name in {"MAX_REPEAT", "MIN_REPEAT"} and isinstance(argument, tuple):
            _low, high, body = argument
            parts = [part for part in body if not _optional(part)]
            if int(high) >= _UNBOUNDED and ((any(_ambiguous(p) for p in parts) and len(parts) <= 1) or not parts):
                return True
            if _nested(body):
                return True
        elif isinstance(argument, tuple) and any(_nested(part) for part in _trees(argument)):
            return True
    return False


def _trees(argument: Sequence[object]) -> list[Iterable[tuple[object, object]]]:
    """Give the sub-expressions of a group or an alternative."""
    found: list[Iterable[tuple[object, object]]] = []
    for part in argument:
        if hasattr(part, "data"):
            found.append(part)  # type: ignore[arg-type]
        elif isinstance(part, list):
            found += [inner for inner in part if hasattr(inner, "data")]
    return found


def _optional(part: tuple[object, object]) -> bool:
    """Tell whether a part may match nothing."""
    code, argument = part
    return str(code) in {"MAX_REPEAT", "MIN_REPEAT"} and isinstance(argument, tuple) and int(argument[0]) == 0


def _ambiguous(part: tuple[object, object]) -> bool:
    """Tell whether a part is an unbounded repetition, or a group or alternative around or of one."""
    code, argument = part
    name = str(code)
    if name in {"MAX_REPEAT", "MIN_REPEAT"} and isinstance(argument, tuple):
        return int(argument[1]) >= _UNBOUNDED
    if name == "BRANCH":
        return True
    if name == "SUBPATTERN" and isinstance(argument, tuple):
        inner = list(argument[-1])
        required = [p for p in inner if not _optional(p)]
        return len(required) <= 1 and any(_ambiguous(p) for p in inner)
    return False


@dataclass
class _Pattern:
    """One expression, and how it has behaved."""

    text: str
    compiled: re.Pattern[str]
    strikes: int = 0
    rows: int = 0
    last: dict[str, float] = field(default_factory=dict)


class Output:
    """Finds metrics in a stream of output that arrives in pieces."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.problems: list[tuple[str, str]] = []
        """(expression, why it is not used): grows when one turns out to be slow."""
        self._patterns: list[_Pattern] = []
        self._rest = b""
        self._step = 0.0
        for text in patterns:
            why = refused(text)
            if why:
                self.problems.append((text, why))
            else:
                self._patterns.append(_Pattern(text, re.compile(text)))

    def feed(self, data: bytes, now: float, *, final: bool = False) -> list[Row]:
        """Give the rows of the lines that are whole by now, at most MAX_ROWS; a carriage return ends a line too."""
        if not self._patterns:
            return []
        *lines, self._rest = _ENDS.split(self._rest + data)
        if final and self._rest:
            lines.append(self._rest)
            self._rest = b""
        self._rest = self._rest[: LINE_LIMIT * 4]
        rows: list[Row] = []
        for line in lines:
            if line and len(rows) < MAX_ROWS:
                rows += self._line(
                    _ESCAPES.sub("", line[: LINE_LIMIT * 4].decode("utf-8", "replace"))[:LINE_LIMIT], now
                )
        return rows

    def _line(self, line: str, now: float) -> list[Row]:
        """Give the rows that the expressions find in a line."""
        rows = []
        for pattern in list(self._patterns):
            begin = time.perf_counter()
            match = pattern.compiled.search(line)
            if time.perf_counter() - begin > _SLOW:
                self._strike(pattern)
            row = self._row(pattern, match.groupdict(), now) if match else None
            if row is not None:
                rows.append(row)
        return rows

    def _strike(self, pattern: _Pattern) -> None:
        """Give an expression up that is slow again and again."""
        pattern.strikes += 1
        if pattern.strikes >= _PATIENCE:
            self._patterns.remove(pattern)
            self.problems.append((pattern.text, "it was too slow for the output's lines and is no longer looked for"))

    def _row(self, pattern: _Pattern, groups: Mapping[str, str | None], now: float) -> Row | None:
        """Make a row of a match; without a step among the groups, matches are counted."""
        values = {
            name: found for name, text in groups.items() if text and (found := number(text.strip(",;%"))) is not None
        }
        key = pick(values, STEPS)
        step = values.pop(key) if key else None
        if not values:
            if step is not None:
                self._step = step  # an expression that finds only the step speaks for the lines that follow
            return None
        if step is None:
            step = self._step if self._speaks_of_steps() else float(pattern.rows)
        pattern.rows += 1
        if pattern.last == {**values, "": step}:
            return None  # a progress bar that was drawn again
        pattern.last = {**values, "": step}
        self._step = step
        return Row(step, now, values)

    def _speaks_of_steps(self) -> bool:
        """Tell whether some expression finds steps."""
        return any(pick(pattern.compiled.groupindex, STEPS) for pattern in self._patterns)
