"""The lines of the run table for a screenful of keys, in a handful of statements whatever the number of columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from repro_tui.catalog.alarms import twins_of
from repro_tui.catalog.connect import Catalog
from repro_tui.domain import alarms
from repro_tui.domain.columns import split_key
from repro_tui.domain.events import Scalar
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.run import State
from repro_tui.domain.view import RunRow

_COLUMNS = (
    "key", "uid", "name", "state", "started", "ended", "exit", "signal", "why", "user", "host", "lineage", "commit",
    "note", "pinned", "tags", "level_text", "reach", "reach_unit", "changed", "last_sign", "moved",
)  # fmt: skip
_SPARK = 8

Facts = dict[str, Any]


class _End(NamedTuple):
    """The last value of a metric; a hundred thousand of them are made for a list of 10,000 runs."""

    metric: int
    name: str
    step: float
    first_step: float
    points: int
    value: float
    seen: float
    broken: int
    nan_step: float | None


def rows(catalog: Catalog, keys: Sequence[int], columns: Sequence[ColumnKey], now: float) -> list[RunRow]:
    """Give the lines for keys, in their order; keys that are gone are left out."""
    wanted = [int(key) for key in keys]
    if not wanted:
        return []
    listed = ",".join(map(str, wanted))  # integers: in the text they let DuckDB skip blocks
    facts = _facts(catalog, listed)
    asked = [(key, *split_key(key)) for key in columns]
    params = _params(catalog, listed, [name for _, kind, name in asked if kind == "param"])
    ends = _ends(catalog, listed)
    twins = twins_of(catalog, listed)
    main = next((name for _, kind, name in asked if kind == "metric"), "")
    sparks = _sparks(catalog, {k: _main(ends.get(k, {}), main) for k, f in facts.items() if f["state"] == "running"})
    answer = []
    for key in wanted:
        if key in facts:
            cells = _cells(facts[key], asked, params.get(key, {}), ends.get(key, {}), now)
            said = _alarms(facts[key], ends.get(key, {}), twins.get(key, ()))
            answer.append(_row(facts[key], cells, ends.get(key, {}), sparks.get(key, ()), said))
    return answer


def brief(catalog: Catalog, keys: Sequence[int]) -> list[RunRow]:
    """Give the lines for keys, in their order, without what takes long of thousands: cells, alarms, progress."""
    wanted = [int(key) for key in keys]
    facts = _facts(catalog, ",".join(map(str, wanted))) if wanted else {}
    return [_row(facts[key], {}, {}) for key in wanted if key in facts]


def _facts(catalog: Catalog, listed: str) -> dict[int, Facts]:
    selected = ", ".join(f'"{name}"' for name in _COLUMNS)
    found = catalog.fetch(f"SELECT {selected} FROM runs WHERE key IN ({listed})")  # noqa: S608 - integers and our own columns
    return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in found}


def _params(catalog: Catalog, listed: str, names: Sequence[str]) -> dict[int, dict[str, Scalar]]:
    if not names:
        return {}
    marks = ",".join("?" * len(names))
    statement = f"SELECT run, name, text, number FROM params WHERE run IN ({listed}) AND name IN ({marks})"  # noqa: S608 - integers and question marks
    found: dict[int, dict[str, Scalar]] = {}
    for run, name, text, number in catalog.fetch(statement, names):
        found.setdefault(run, {})[name] = _scalar(text, number)
    return found


def _scalar(text: str, number: float | None) -> Scalar:
    """Give a parameter as it was: text that is no number, a whole number as one, anything else as it was written."""
    if number is None or text in {"true", "false"}:
        return {"true": True, "false": False, "none": None}.get(text, text)
    if not math.isfinite(number) or "_" in text:
        return text
    try:
        return int(text)
    except ValueError:
        return number


def _ends(catalog: Catalog, listed: str) -> dict[int, dict[str, _End]]:
    found: dict[int, dict[str, _End]] = {}
    statement = (
        "SELECT s.run, s.metric, m.name, s.step, s.first_step, s.points, s.value, s.seen, s.broken, s.nan_step "  # noqa: S608 - integers
        f"FROM series s JOIN metrics m ON m.id = s.metric WHERE NOT m.resource AND s.run IN ({listed})"
    )
    for run, *rest in catalog.fetch(statement):
        end = _End._make(rest)
        found.setdefault(run, {})[end.name] = end
    return found


def _main(ends: Mapping[str, _End], asked: str) -> _End | None:
    """Choose the metric that a live row shows as a spark: the first column's, else the one logged first."""
    return ends.get(asked) or min(ends.values(), key=lambda e: e.metric, default=None)


def _sparks(catalog: Catalog, ends: Mapping[int, _End | None]) -> dict[int, tuple[float, ...]]:
    """Give the last values of one metric of each live run."""
    wanted = {run: end for run, end in ends.items() if end is not None}
    if not wanted:
        return {}
    # The last values are looked for among steps near the end, so that a long run costs no more than a short one.
    parts = [
        f"(run = {run} AND metric = {end.metric} AND step >= {_near_the_end(end)!r})" for run, end in wanted.items()
    ]
    found: dict[int, list[float]] = {}
    statement = f"SELECT run, value FROM points WHERE {' OR '.join(parts)} ORDER BY run, step, rowid"  # noqa: S608 - numbers
    for run, value in catalog.fetch(statement):
        found.setdefault(run, []).append(value)
    return {run: tuple(v for v in values[-_SPARK:] if math.isfinite(v)) for run, values in found.items()}


def _near_the_end(end: _End) -> float:
    gap = (end.step - end.first_step) / max(end.points - 1, 1)
    edge = end.step - 3 * _SPARK * gap
    return edge if math.isfinite(edge) else -1.7e308


def _cells(
    facts: Facts,
    asked: Sequence[tuple[ColumnKey, str, str]],
    params: Mapping[str, Scalar],
    ends: Mapping[str, _End],
    now: float,
) -> dict[ColumnKey, Scalar]:
    cells: dict[ColumnKey, Scalar] = {}
    for key, kind, name in asked:
        if kind == "param" and name in params:
            cells[key] = params[name]
        elif kind == "metric" and name in ends:
            cells[key] = ends[name].value
        elif kind == "field":
            value = _field(name, facts, ends, now)
            if value is not None and value != "":
                cells[key] = value
    return cells


def _field(name: str, facts: Facts, ends: Mapping[str, _End], now: float) -> Scalar:
    match name:
        case "run":
            return str(facts["name"])
        case "age":
            return max(now - float(facts["started"]), 0.0)
        case "duration":
            ended = _ended(facts, ends)
            return max((now if ended is None else ended) - float(facts["started"]), 0.0)
        case "level":
            return str(facts["level_text"])
        case "tags":
            return " ".join(facts["tags"] or ())
        case "exit":
            return f"signal {facts['signal']}" if facts["signal"] is not None else _number(facts["exit"])
        case "step":
            return max((end.step for end in ends.values()), default=None)
        case "state" | "changed" | "note" | "user" | "host" | "lineage" | "commit" | "uid":
            value = facts[name]
            return None if value is None else str(value)
    return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _ended(facts: Facts, ends: Mapping[str, _End]) -> float | None:
    """Give the end; of a run that died without one, its last sign."""
    if facts["ended"] is not None or facts["state"] == "running":
        return None if facts["state"] == "running" else float(facts["ended"])
    return max([float(facts["last_sign"] or 0.0), *(end.seen for end in ends.values())])


def _row(
    facts: Facts,
    cells: Mapping[ColumnKey, Scalar],
    ends: Mapping[str, _End],
    spark: tuple[float, ...] = (),
    said: tuple[alarms.Alarm, ...] = (),
) -> RunRow:
    return RunRow(
        key=facts["key"],
        uid=RunId(facts["uid"]),
        name=facts["name"],
        state=State(facts["state"]),
        started=facts["started"],
        ended=_ended(facts, ends),
        cells=cells,
        tags=tuple(facts["tags"] or ()),
        note=facts["note"] or "",
        pinned=bool(facts["pinned"]),
        changed=facts["changed"],
        level=facts["level_text"],
        because=because(facts, ends),
        spark=spark,
        alarms=said,
    )


def _alarms(facts: Facts, ends: Mapping[str, _End], twins: Sequence[alarms.Twin]) -> tuple[alarms.Alarm, ...]:
    """Give what to look at before trusting a run."""
    endings = [
        alarms.MetricEnd(end.name, end.first_step, end.value, end.points, end.broken, end.nan_step)
        for end in sorted(ends.values(), key=lambda end: end.metric)
        if twins or end.nan_step is not None  # no other ending says anything
    ]
    return alarms.alarms_of(alarms.Facts(State(facts["state"]), endings, facts["moved"] or "", twins))


def because(facts: Facts, ends: Mapping[str, _End]) -> str:
    """Say in few words where a run stands: `epoch 3/20`, `exit 1`, `signal 9`, `not found`, `step 810`."""
    state = facts["state"]
    if state == "done":
        return ""
    if facts["why"]:
        return str(facts["why"]).replace("-", " ")
    if state in {"failed", "died"} and facts["signal"] is not None:
        return f"signal {facts['signal']}"
    if state == "failed" and facts["exit"]:
        return f"exit {facts['exit']}"
    return _progress(facts, ends)


def _progress(facts: Facts, ends: Mapping[str, _End]) -> str:
    reach = _short(facts["reach"]) if facts["reach"] else ""
    epoch = ends.get("epoch")
    if epoch is not None and math.isfinite(epoch.value):
        shown = _short(epoch.value)
        return f"epoch {shown}/{reach}" if facts["reach_unit"] == "epoch" else f"epoch {shown}"
    latest = max(ends.values(), key=lambda e: e.step, default=None)
    if latest is None or not math.isfinite(latest.step):
        return ""
    # A script that counts epochs from 0 is in its third when it has logged number 2.
    done = latest.step + (1 if latest.first_step == 0 else 0)
    if facts["reach_unit"] == "epoch" and done <= facts["reach"]:
        return f"epoch {_short(done)}/{reach}"
    if facts["reach_unit"] == "step" and latest.step <= facts["reach"]:
        return f"step {_short(latest.step)}/{reach}"
    return f"step {_short(latest.step)}"


def _short(number: float) -> str:
    return f"{int(number):,}" if float(number).is_integer() else f"{number:.4g}"
