"""Columns of the run table: what they are called in a filter, a view and a command."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from repro_tui.domain.ids import ColumnKey

Kind = Literal["param", "metric", "field"]

FIELDS: dict[str, str] = {
    "run": "name of the run",
    "state": "running, done, failed, died, silent",
    "age": "time since it began",
    "duration": "how long it ran",
    "changed": "letters: Code Data Parameters Environment against the previous run of its lineage",
    "level": "reproducibility level, 0/6 to 6/6",
    "tags": "tags",
    "note": "note",
    "user": "who started it",
    "host": "where it ran",
    "lineage": "script that it is an execution of",
    "commit": "git commit, + when there were uncommitted changes",
    "exit": "exit status or signal",
    "step": "last step logged",
    "uid": "identity",
}
"""Field to its meaning: the columns that every run has."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that can be shown, with what is known about it over all runs."""

    key: ColumnKey
    kind: Kind
    name: str
    """Without the kind: `lr`, `acc`, `age`."""
    distinct: int = 0
    """Different values over the runs; a parameter with two or more *varies*."""
    runs: int = 0
    """Runs that have a value."""
    last_seen: float = 0.0
    """When a run that has it began, the latest; orders metrics by how recently they were logged."""
    numeric: bool = False


def column_key(kind: Kind, name: str) -> ColumnKey:
    """Make the key of a column: `param:lr`."""
    return ColumnKey(f"{kind}:{name}")


@lru_cache(4096)
def split_key(key: ColumnKey) -> tuple[Kind, str]:
    """Split a column's key into kind and name; raises ValueError for a text that is no key."""
    kind, _, name = key.partition(":")
    if kind not in {"param", "metric", "field"} or not name:
        raise ValueError(f"{key!r} is no column key")
    return kind, name  # type: ignore[return-value]


_DOWN = ("loss", "error", "err", "perplexity", "ppl", "time", "mse", "mae", "rmse", "wer", "cer", "fid", "nll")


def better_is_lower(metric: str) -> bool:
    """Tell a metric's good direction by its name: loss, error, perplexity and time go down, the rest up."""
    words = metric.lower().replace("/", "_").replace("-", "_").replace(".", "_").split("_")
    return any(word in _DOWN or word.endswith("loss") for word in words)
