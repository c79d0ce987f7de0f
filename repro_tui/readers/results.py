"""One JSON object of final numbers: `metrics.json`, `scores.json`, Hugging Face's `all_results.json`, DVC's metrics.

Scripts that train in one call (scikit-learn's `fit`) have no curve; what they found out, they write down once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from repro_tui.readers import loose_json
from repro_tui.readers.interface import Row
from repro_tui.readers.names import STEPS, flat, may_be_metric, number, pick
from repro_tui.readers.purpose import holds_samples

_SIZE_LIMIT = 1 << 18
_MOST = 100
"""Numbers of one file; more of them are data."""
_NAMES = frozenset(("metrics", "metric", "scores", "score", "results", "result", "eval", "evaluation", "performance"))


class ResultsTail:
    """Reads the object again whenever the file changed; each time it says something else is one more row."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._said: dict[str, float] = {}
        self._count = 0

    def poll(self, now: float, deadline: float, *, final: bool = False) -> Sequence[Row]:
        """Give a row when there are new numbers (see `interface.Tail`)."""
        del deadline, final
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp == self._stamp or stat.st_size > _SIZE_LIMIT:
                return []
            values = numbers(self._path.read_bytes())
        except OSError:
            return []
        if values is None:
            return []  # it is being written; the next look will find it whole
        self._stamp = stamp
        if not values or repr(values) == repr(self._said):  # NaN does not equal itself
            return []
        self._said = values
        key = pick(values, STEPS)
        step = values[key] if key and math.isfinite(values[key]) else float(self._count)
        self._count += 1
        return [Row(step, now, {name: value for name, value in values.items() if name != key})]


def numbers(content: bytes) -> dict[str, float] | None:
    """Give the numbers of a JSON object, nested names joined; None when it is not whole or holds something else."""
    try:
        tree = loose_json.read(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tree, dict) or holds_samples(str(name) for name in tree):
        return None
    found = {
        name: value
        for name, said in flat(tree).items()
        if may_be_metric(name) and not isinstance(said, str) and (value := number(said)) is not None
    }
    return found if len(found) <= _MOST else None


class ResultsReader:
    """Files that are called after results, and hold one JSON object."""

    name = "results"

    def recognise(self, path: Path, head: bytes) -> bool:
        """Tell by its name whether a file holds final numbers."""
        words = path.stem.lower().replace("-", "_").replace(".", "_").split("_")
        return path.suffix == ".json" and head.lstrip().startswith(b"{") and not _NAMES.isdisjoint(words)

    def open(self, path: Path, begin: int = 0) -> ResultsTail:
        """Begin to read a file, which is always read whole."""
        del begin
        return ResultsTail(path)
