"""CSV and TSV files with a step or epoch column: Lightning's, Keras's, and anybody's own."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from repro_tui.readers.interface import MAX_ROWS, Row
from repro_tui.readers.lines import Given, GrowingLines
from repro_tui.readers.names import EPOCHS, STEPS, TIMES, number, pick, seconds
from repro_tui.readers.purpose import holds_samples, is_orderly

_DELIMITERS = (",", "\t", ";", "|")
_SUFFIXES = {".csv", ".tsv", ".txt", ".log", ".tab"}


def header_of(line: str) -> tuple[list[str], str] | None:
    """Read a line as a table's header: its columns and delimiter; None when it has no step or epoch column."""
    text = line.lstrip("\ufeff").lstrip("#").strip()
    for delimiter in _DELIMITERS:
        if delimiter not in text:
            continue
        cells = [cell.strip() for cell in _cells(text, delimiter)]
        named = [cell for cell in cells if cell]
        if pick(named, STEPS) and all(number(cell) is None for cell in named) and len(named) > 1:
            return cells, delimiter
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    """Split a line at its delimiter, quotes respected."""
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []


def _progress(lines: Sequence[str], columns: list[str], delimiter: str) -> list[tuple[float | None, float | None]]:
    """Give step and epoch of each row; no epoch where it is the step itself, or there is none."""
    step, name = columns.index(pick(columns, STEPS)), pick(columns, EPOCHS)
    epoch = columns.index(name) if name and columns.index(name) != step else -1
    rows = (_cells(line, delimiter) for line in lines if line.strip())
    return [
        (number(cells[step]), number(cells[epoch]) if epoch >= 0 else None)
        for cells in rows
        if len(cells) > max(step, epoch)
    ]


class TableTail:
    """Reads a table while it is written; a new header in a rewritten file is understood."""

    def __init__(self, path: Path, begin: int = 0) -> None:
        self._lines = GrowingLines(path)
        self._begin = begin
        self._given = Given()
        self._columns: list[str] = []
        self._delimiter = ","
        self._step = self._epoch = self._time = -1
        self._last_step, self._last_epoch, self._offset = 0.0, 0.0, 0.0

    def poll(self, now: float, deadline: float, *, final: bool = False) -> Sequence[Row]:
        """Give the rows that are new (see `interface.Tail`)."""
        rows: list[Row] = []
        for begin, line in self._lines.read(deadline, final=final):
            if self._lines.restarted:
                self._lines.restarted = False
                self._columns = []
                self._offset = self._last_step = self._last_epoch = 0.0
            if not self._columns:
                self._header(line)
                continue
            row = self._row(line, now)
            if row is not None and begin >= self._begin:
                rows.append(row)
            if len(rows) >= MAX_ROWS * 50:
                break
        return rows

    def _header(self, line: str) -> None:
        """Take the columns' names; lines before the header are passed over."""
        found = header_of(line)
        if found is None:
            return
        self._columns, self._delimiter = found
        self._step = self._columns.index(pick(self._columns, STEPS))
        epoch, moment = pick(self._columns, EPOCHS), pick(self._columns, TIMES)
        self._epoch = self._columns.index(epoch) if epoch else -1
        self._time = self._columns.index(moment) if moment else -1

    def _row(self, line: str, now: float) -> Row | None:
        """Read a line; empty cells are not values, and a header in the middle begins the columns anew."""
        cells = _cells(line, self._delimiter)
        if len(cells) < 2:  # noqa: PLR2004 - a step and a value
            return None
        if [cell.strip() for cell in cells] != self._columns and number(cells[min(self._step, len(cells) - 1)]) is None:
            self._header(line)
        step = self._step_of(cells)
        when = seconds(cells[self._time]) if 0 <= self._time < len(cells) else None
        values: dict[str, float] = {}
        for at, (name, cell) in enumerate(zip(self._columns, cells, strict=False)):
            value = number(cell) if name and at not in {self._step, self._time if when is not None else -1} else None
            if value is not None:
                values[name] = value
        values = self._given.new(step, values)
        return Row(step, now if when is None else when, values) if values else None

    def _step_of(self, cells: list[str]) -> float:
        """Give the row's step; one that begins again in every epoch is counted on."""
        step = number(cells[self._step]) if self._step < len(cells) else None
        epoch = number(cells[self._epoch]) if 0 <= self._epoch < len(cells) else None
        if step is None or step != step or step - step != 0:  # noqa: PLR0124 - an empty cell, NaN, an infinity
            step = self._last_step - self._offset
        elif self._epoch not in {-1, self._step} and epoch is not None:
            if step + self._offset < self._last_step and epoch > self._last_epoch:
                self._offset = self._last_step + 1 - step
            self._last_epoch = epoch
        self._last_step = step + self._offset
        return self._last_step


class TableReader:
    """Tables, by their first line."""

    name = "table"

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell whether the first lines hold a header with a step or epoch column."""
        if path.suffix.lower() not in _SUFFIXES:
            return False
        lines = head.decode("utf-8", "replace").split("\n")
        whole = lines[:-1] if len(lines) > 1 else []
        for at, line in enumerate(whole[:5]):
            found = header_of(line)
            if found is not None:
                return not holds_samples(found[0]) and is_orderly(_progress(whole[at + 1 :], *found))
        return False

    def open(self, path: Path, begin: int = 0) -> TableTail:
        """Begin to read a file; rows before the byte `begin` were there before the run."""
        return TableTail(path, begin)
