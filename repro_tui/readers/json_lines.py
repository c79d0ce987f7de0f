"""Files with a JSON object a line: anybody's own logs, Ray's `result.json`, and others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from repro_tui.readers import loose_json
from repro_tui.readers.interface import MAX_ROWS, Row
from repro_tui.readers.lines import Given, GrowingLines
from repro_tui.readers.names import STEPS, TIMES, flat, may_be_metric, number, pick, seconds
from repro_tui.readers.purpose import holds_samples

_SUFFIXES = {".jsonl", ".ndjson", ".json", ".txt", ".log"}
_ALWAYS = {".jsonl", ".ndjson"}
_SHARE = 0.6


def decoded(line: str) -> Mapping[str, object] | None:
    """Read a line as a JSON object, None when it is none."""
    text = line.strip()
    if not text.startswith("{"):
        return None
    try:
        found = loose_json.read(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Mapping) else None


def is_log(record: Mapping[str, object]) -> bool:
    """Tell whether an object is a row of a log: it has a step, or most of what it says is numbers."""
    values = flat(record)
    if holds_samples(record):
        return False
    numbers = [name for name, value in values.items() if number(value) is not None and not isinstance(value, str)]
    if pick(values, STEPS):
        return len(numbers) > 1
    return bool(numbers) and len(numbers) >= _SHARE * len(values)


class JsonLinesTail:
    """Reads a file of JSON lines while it is written."""

    def __init__(self, path: Path, begin: int = 0) -> None:
        self._lines = GrowingLines(path)
        self._begin = begin
        self._given = Given()
        self._count = 0

    def poll(self, now: float, deadline: float, *, final: bool = False) -> Sequence[Row]:
        """Give the rows that are new (see `interface.Tail`)."""
        rows: list[Row] = []
        for begin, line in self._lines.read(deadline, final=final):
            if self._lines.restarted:
                self._lines.restarted = False
                self._count = 0
            record = decoded(line)
            row = None if record is None else self._row(record, now)
            if row is not None and begin >= self._begin:
                rows.append(row)
            if len(rows) >= MAX_ROWS * 50:
                break
        return rows

    def _row(self, record: Mapping[str, object], now: float) -> Row | None:
        """Read an object; without a step, rows are counted."""
        values = flat(record)
        key, moment = pick(values, STEPS), pick(values, TIMES)
        step = number(values.get(key)) if key else None
        if step is None or not math.isfinite(step):
            step = float(self._count)
        self._count += 1
        when = seconds(values.get(moment)) if moment else None
        left_out = {key, moment if when is not None else ""}
        numbers = {
            name: found
            for name, value in values.items()
            if name not in left_out
            and may_be_metric(name)
            and not isinstance(value, str)
            and (found := number(value)) is not None
        }
        numbers = self._given.new(step, numbers)
        return Row(step, now if when is None else when, numbers) if numbers else None


class JsonLinesReader:
    """JSON lines, by their first whole line."""

    name = "json lines"

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell whether the first whole line is an object that reads as a row of a log."""
        if path.suffix.lower() not in _SUFFIXES or b"\n" not in head:
            return False
        lines = [line for line in head.decode("utf-8", "replace").split("\n")[:-1] if line.strip()]
        record = decoded(lines[0]) if lines else None
        return record is not None and is_log(record)

    def open(self, path: Path, begin: int = 0) -> JsonLinesTail:
        """Begin to read a file; rows before the byte `begin` were there before the run."""
        return JsonLinesTail(path, begin)
