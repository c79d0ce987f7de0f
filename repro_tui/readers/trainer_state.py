"""`trainer_state.json` of Hugging Face's Trainer: rewritten whole with every checkpoint, each time in a new folder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from repro_tui.readers import loose_json
from repro_tui.readers.interface import Row
from repro_tui.readers.lines import Given
from repro_tui.readers.names import number

_SIZE_LIMIT = 64 << 20


class TrainerStateTail:
    """Reads a state again whenever it changed, and gives what its checkpoints' siblings have not given."""

    def __init__(self, path: Path, given: Given) -> None:
        self._stamp: tuple[int, int] | None = None
        self._path = path
        self._given = given

    def poll(self, now: float, deadline: float, *, final: bool = False) -> Sequence[Row]:
        """Give the rows that are new (see `interface.Tail`)."""
        del deadline, final
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp == self._stamp or stat.st_size > _SIZE_LIMIT:
                return []
            state = loose_json.read(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return []  # it is being written; the next look will find it whole
        self._stamp = stamp
        history = state.get("log_history") if isinstance(state, dict) else None
        rows = (
            [self._row(entry, now) for entry in history if isinstance(entry, dict)] if isinstance(history, list) else []
        )
        return [row for row in rows if row is not None]

    def _row(self, entry: dict[str, object], now: float) -> Row | None:
        """Read one entry of the history."""
        step = number(entry.get("step"))
        if step is None or not math.isfinite(step):
            return None
        values = {
            name: found for name, value in entry.items() if name != "step" and (found := number(value)) is not None
        }
        values = self._given.new(step, values)
        return Row(step, now, values) if values else None


class TrainerStateReader:
    """Trainer states, by their name."""

    name = "trainer state"

    def __init__(self) -> None:
        self._given: dict[Path, Given] = {}

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell by its name whether a file is a trainer's state."""
        return path.name == "trainer_state.json" and head.lstrip().startswith(b"{")

    def open(self, path: Path, begin: int = 0) -> TrainerStateTail:
        """Begin to read a file; states of the same output folder share what they have given."""
        del begin
        folder = path.parent.parent if path.parent.name.startswith("checkpoint") else path.parent
        return TrainerStateTail(path, self._given.setdefault(folder, Given()))
