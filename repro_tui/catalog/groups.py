"""Runs folded into lines: which of them belong together, and what a line of several runs shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from repro_tui.catalog.alarms import of_lines
from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.filter_sql import condition
from repro_tui.catalog.listing import order_of
from repro_tui.catalog.rows import rows
from repro_tui.domain.columns import column_key, split_key
from repro_tui.domain.events import Scalar
from repro_tui.domain.grouping import REPEATS, Folded, split_group
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.run import State
from repro_tui.domain.view import RunQuery, RunRow, Sort

_OTHERWISE = (State.DIED, State.FAILED, State.SILENT, State.RUNNING)
"""States of which a line says how many of its runs have them, the gravest first."""
_DIGITS = 12
"""Characters of a digest or commit in a label."""


@dataclass(frozen=True, slots=True)
class _By:
    """How the value is found that the runs of one line have in common."""

    join: str
    value: str
    """Null where a run has none: then it is a line of its own."""
    bound: tuple[object, ...] = ()
    label: str = ""
    """Begins what the line is called; without it, it is called by the newest of its runs."""


def _by(group: str) -> _By:
    kind, name = split_group(group)
    if kind == REPEATS:
        return _By("", "r.inputs")
    if kind == "param":
        values = "SELECT run, any_value(text) AS value FROM params WHERE name = ? GROUP BY run"
        join = f"LEFT JOIN ({values}) g ON g.run = r.key"
        return _By(join, "g.value", (name,), f"{name} ")
    if kind == "field":
        found = {"tags": "nullif(array_to_string(r.tags, ' #'), '')"}.get(name, f"nullif(r.{name}, '')")
        return _By("", found, (), "#" if name == "tags" else f"{name} ")
    if not name:
        return _By("", "CASE WHEN starts_with(r.data, 'full:') THEN substr(r.data, 6) END", (), "data ")
    join = (
        "LEFT JOIN (SELECT run, any_value(digest) AS value FROM inputs WHERE path = ? AND coverage <> 'pending' "
        "GROUP BY run) g ON g.run = r.key"
    )
    return _By(join, "g.value", (name,), f"{name} ")


def folded(catalog: Catalog, query: RunQuery, now: float) -> tuple[list[int], Folded]:
    """Give the lines of a list in order, and which of them stand for several runs.

    A line stands where its first run would stand alone, or by the mean of a metric that is sorted by. Its key is below
    zero, and the same as long as the project has these runs, whatever the filter, so that a cursor stays on it.
    Raises UsageError for a value, column or grouping that means nothing.
    """
    by = _by(query.group)
    where, parameters = condition(catalog, query.where, now)
    joins, order, more = order_of(query.sort, now)
    measured = query.sort.key.startswith("metric:")
    columns = f"r.key, {by.value}, {'v.value' if measured else 'NULL'}, r.state = 'done'"
    statement = f"SELECT {columns} FROM runs r {joins} {by.join} WHERE {where} ORDER BY {order}"  # noqa: S608 - texts of our own, values are bound
    found = catalog.fetch(statement, [*more, *by.bound, *parameters])
    groups: dict[object, list[int]] = {}
    outcomes: dict[object, list[tuple[float | None, bool]]] = {}
    for key, value, outcome, done in found:
        name = ("", key) if value is None else str(value)
        groups.setdefault(name, []).append(key)
        outcomes.setdefault(name, []).append((outcome, done))
    names = list(groups)
    if measured:
        names.sort(key=lambda name: _place(_mean(outcomes[name]), query.sort))
    first = _first(catalog, by)
    lines = [-first[str(name)] if len(groups[name]) > 1 else groups[name][0] for name in names]
    several = {line: tuple(groups[name]) for line, name in zip(lines, names, strict=True) if len(groups[name]) > 1}
    labels = {line: _label(by, str(name)) for line, name in zip(lines, names, strict=True) if line in several}
    return lines, Folded(query.group, several, {line: label for line, label in labels.items() if label})


def _first(catalog: Catalog, by: _By) -> dict[str, int]:
    """Give the least key of all runs with each value, matching or not."""
    statement = f"SELECT {by.value}, min(r.key) FROM runs r {by.join} WHERE {by.value} IS NOT NULL GROUP BY 1"  # noqa: S608 - texts of our own
    return {str(value): int(key) for value, key in catalog.fetch(statement, by.bound)}


def _label(by: _By, value: str) -> str:
    if not by.label:
        return ""
    shown = value.partition(":")[2][:_DIGITS] if value.startswith("b3:") else value
    if by.label in {"data ", "commit "}:
        shown = f"{shown[:_DIGITS]}{'+' if shown.endswith('+') else ''}"
    return f"{by.label}{shown}"


def _mean(outcomes: Sequence[tuple[float | None, bool]]) -> float | None:
    """Give the mean of what ended well, else of everything that is a number."""
    numbers = [(value, done) for value, done in outcomes if value is not None and math.isfinite(value)]
    ended = [value for value, done in numbers if done] or [value for value, _ in numbers]
    return sum(ended) / len(ended) if ended else None


def _place(mean: float | None, sort: Sort) -> tuple[bool, float]:
    """Order by the mean; what has none comes last either way."""
    return (True, 0.0) if mean is None else (False, -mean if sort.descending else mean)


# What a line shows


def line_rows(
    catalog: Catalog, lines: Sequence[int], columns: Sequence[ColumnKey], lists: Folded, now: float
) -> list[RunRow]:
    """Give the rows of lines, of single runs as of several; a line whose runs are gone is left out."""
    several = [line for line in lines if line in lists.members]
    single = [line for line in lines if line not in lists.members]
    found = {row.key: row for row in rows(catalog, single, columns, now)}
    if several:
        found |= {row.key: row for row in _several(catalog, several, columns, lists, now)}
    return [found[line] for line in lines if line in found]


def _several(
    catalog: Catalog, lines: Sequence[int], columns: Sequence[ColumnKey], lists: Folded, now: float
) -> list[RunRow]:
    pairs = [(line, run) for line in lines for run in lists.members[line]]
    bound: list[object] = [[line for line, _ in pairs], [run for _, run in pairs]]
    standing = catalog.fetch(
        f"SELECT p.line, arg_max(r.key, r.started), list(r.uid ORDER BY r.started DESC, r.key), "  # noqa: S608 - our own text
        f"list(r.state), arg_min(r.level_text, r.level) FROM {_PAIRS} p JOIN runs r ON r.key = p.run GROUP BY p.line",
        bound,
    )
    newest = {line: key for line, key, *_ in standing}
    bases = {row.key: row for row in rows(catalog, list(newest.values()), columns, now)}
    means = _means(catalog, bound, columns)
    main = next((key for key in columns if split_key(key)[0] == "metric"), None)
    params = _params(catalog, bound, columns)
    alarmed = of_lines(catalog, _PAIRS, bound)
    answer = []
    for line, key, uids, states, level in standing:
        base = bases[key]
        mine = means.get(line, {})
        cells = {name: value for name, value in base.cells.items() if split_key(name)[0] == "field"}
        cells |= {name: params[line, name] or base.cells[name] for name in base.cells if (line, name) in params}
        cells |= {name: found.mean for name, found in mine.items()}
        answer.append(
            replace(
                base,
                key=line,
                name=lists.labels.get(line, base.name),
                state=_state(states),
                cells=cells,
                tags=(),
                note="",
                pinned=False,
                changed="····" if lists.group == REPEATS else "    ",
                level=level,
                because=_because(states, main, mine),
                spark=(),
                alarms=alarmed.get(line, ()),
                members=tuple(RunId(uid) for uid in uids),
                leader=key,
                spread={name: found.spread for name, found in mine.items() if found.spread is not None},
            )
        )
    return answer


@dataclass(frozen=True, slots=True)
class _Mean:
    """A metric over the runs of a line."""

    mean: float
    spread: float | None
    """Standard deviation (n-1); None of one run."""
    count: int


_PAIRS = "(SELECT unnest(?::INTEGER[]) AS line, unnest(?::INTEGER[]) AS run)"


def _means(
    catalog: Catalog, bound: Sequence[object], columns: Sequence[ColumnKey]
) -> dict[int, dict[ColumnKey, _Mean]]:
    """Give mean and standard deviation of each metric over the runs that are done, else over all of a line."""
    names = [split_key(key)[1] for key in columns if split_key(key)[0] == "metric"]
    if not names:
        return {}
    statement = f"""
        SELECT p.line, m.name, avg(s.value) FILTER (r.state = 'done'), stddev_samp(s.value) FILTER (r.state = 'done'),
               count(*) FILTER (r.state = 'done'), avg(s.value), stddev_samp(s.value), count(*)
        FROM {_PAIRS} p JOIN runs r ON r.key = p.run JOIN series s ON s.run = p.run
        JOIN metrics m ON m.id = s.metric AND NOT m.resource
        WHERE isfinite(s.value) AND abs(s.value) < 1e150 AND m.name = ANY(?::VARCHAR[]) GROUP BY p.line, m.name
    """  # noqa: S608 - texts of our own, values are bound
    found: dict[int, dict[ColumnKey, _Mean]] = {}
    for line, name, *facts in catalog.fetch(statement, [*bound, names]):
        found.setdefault(line, {})[column_key("metric", name)] = _Mean(*(facts[:3] if facts[2] else facts[3:]))
    return found


def _params(
    catalog: Catalog, bound: Sequence[object], columns: Sequence[ColumnKey]
) -> Mapping[tuple[int, ColumnKey], Scalar]:
    """Say of each parameter how many values it has in a line; None where all runs of the line have the same one."""
    names = [split_key(key)[1] for key in columns if split_key(key)[0] == "param"]
    if not names:
        return {}
    statement = f"""
        SELECT p.line, q.name, count(DISTINCT q.text) FROM {_PAIRS} p JOIN params q ON q.run = p.run
        WHERE q.name = ANY(?::VARCHAR[]) GROUP BY p.line, q.name
    """  # noqa: S608 - texts of our own, values are bound
    return {
        (line, column_key("param", name)): None if count == 1 else f"{count} values"
        for line, name, count in catalog.fetch(statement, [*bound, names])
    }


def _state(states: Sequence[str]) -> State:
    """Give the state that a line of several runs has: that of all, running while one of them is, else that of most."""
    if State.RUNNING in states:
        return State.RUNNING
    return State(max(sorted(set(states)), key=states.count))


def _because(states: Sequence[str], main: ColumnKey | None, means: Mapping[ColumnKey, _Mean]) -> str:
    """Say how many stand otherwise than well, and of how many the mean is where these are fewer: `1 died, acc of 3`."""
    done = states.count(State.DONE)
    said = [f"{count:,} {state}" for state in _OTHERWISE if (count := states.count(state))]
    if main is not None and main in means and means[main].count != (done or len(states)):
        said.append(f"{split_key(main)[1]} of {means[main].count}")
    return ", ".join(said)
