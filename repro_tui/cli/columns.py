"""Which columns a list has, and what stands in a cell: the same words and digits as the dashboard's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repro_tui.domain.columns import FIELDS, Column, column_key, split_key
from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.view import RunRow
from repro_tui.errors import UsageError
from repro_tui.tui.render.ages import age, duration
from repro_tui.tui.render.numbers import Digits, number, scalar, spread

METRICS = 2
PARAMETERS = 3
"""Columns of each kind that a list has when nobody chose."""

OWN_FIELDS = ("run", "state", "age", "duration", "changed", "level", "tags", "note", "uid")
"""Fields that each row carries itself; the others are asked for like a parameter."""


SPREAD = "spread:"
"""Begins the name of a column with the standard deviation of a metric over the runs of a line."""
SPREAD_HEAD = "±"
RUNS = column_key("field", "runs")
"""How many runs a line stands for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One column of a list."""

    key: ColumnKey
    title: str
    right: bool = False
    """Numbers stand at the right."""


def default_columns(known: Sequence[Column]) -> tuple[Shown, ...]:
    """Choose columns as the Runs screen does: the metrics logged last and the parameters that vary, then the facts."""
    metrics = [column for column in known if column.kind == "metric" and column.numeric][:METRICS]
    varying = [column for column in known if column.kind == "param" and column.distinct > 1][:PARAMETERS]
    middle = tuple(Shown(column.key, column.name, column.numeric) for column in (*metrics, *varying))
    return (_field("run"), _field("age"), *middle, _field("changed"), _field("level"))


def grouped_columns(known: Sequence[Column]) -> tuple[Shown, ...]:
    """Choose columns for lines of several runs: the spread stands beside each metric, the number of runs at the end."""
    found: list[Shown] = []
    for shown in default_columns(known):
        found.append(shown)
        kind, name = split_key(shown.key)
        if kind == "metric":
            found.append(Shown(column_key("field", f"{SPREAD}{name}"), SPREAD_HEAD, right=True))
    return (*found[:-2], Shown(RUNS, "n", right=True), *found[-2:])


def chosen_columns(text: str, known: Sequence[Column]) -> tuple[Shown, ...]:
    """Read `--columns`: names between commas, a field, a metric or a parameter each; raises UsageError."""
    return tuple(column_named(name.strip(), known) for name in text.split(",") if name.strip())


def column_named(name: str, known: Sequence[Column]) -> Shown:
    """Find a column by its name (`acc`), or by kind and name (`metric.acc`, `param:lr`); raises UsageError."""
    kind, found, rest = name.partition(":" if ":" in name else ".")
    if found and kind in {"param", "metric", "field"}:
        matches = [column for column in known if column.kind == kind and column.name == rest]
    elif name in FIELDS:
        return _field(name)
    else:
        matches = [column for column in known if column.name == name]
    if kind == "field" and rest in FIELDS:
        return _field(rest)
    if not matches:
        raise UsageError(f"No run has a column {name!r}.", _columns_hint(known))
    column = min(matches, key=lambda column: column.kind != "metric")
    return Shown(column.key, column.name, column.numeric)


def _columns_hint(known: Sequence[Column]) -> str:
    names = list(dict.fromkeys(column.name for column in known if column.kind != "field"))
    listed = ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")  # noqa: PLR2004 - the same 30
    return f"There are the fields {', '.join(FIELDS)}" + (f"; and {listed}." if names else ".")


def _field(name: str) -> Shown:
    return Shown(column_key("field", name), name, name in {"age", "duration"})


def cell(row: RunRow, shown: Shown, digits: Mapping[ColumnKey, Digits], now: float) -> str:
    """Give the text of one cell, not cleaned."""
    kind, name = split_key(shown.key)
    if kind == "field" and name in OWN_FIELDS:
        return _own(row, name, now)
    if kind == "field" and name.startswith(SPREAD):
        metric = column_key("metric", name.removeprefix(SPREAD))
        return spread(row.spread[metric], digits.get(metric)) if metric in row.spread else ""
    if shown.key == RUNS:
        return str(len(row.members)) if row.members else ""
    if shown.key not in row.cells:
        return "-"
    value = row.cells[shown.key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return scalar(value)
    text = number(value, digits.get(shown.key))
    # A parameter is never rounded, because two that differ must not look the same.
    return text if kind == "metric" or _is_exactly(text, value) else scalar(value)


def _is_exactly(text: str, value: float) -> bool:
    try:
        return float(text) == value
    except (ValueError, OverflowError):
        return False


def _own(row: RunRow, name: str, now: float) -> str:
    """Give a field that the row carries."""
    match name:
        case "age":
            return age(now - row.started)
        case "duration":
            return duration((row.ended or now) - row.started)
        case "tags":
            return " ".join(row.tags)
        case "run":
            return row.name or row.uid[:8]
        case "state":
            return str(row.state)
        case "uid":
            return row.uid
        case "note":
            return row.note
    return row.changed if name == "changed" else row.level
