"""Alarms as the index tells them: earlier runs with the same inputs, which runs have an alarm, and how many of a line.

What is an alarm is said in `domain/alarms.py`; the conditions here say the same of all runs at once, and a test holds
them to it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.alarms import ANY, Alarm, AlarmKind, Twin, alarms_of_line
from repro_tui.domain.clocks import is_clock
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State

Alike = list[tuple[float, int]]
"""Runs with the same inputs as (start, key), in the order of their starts."""

_TWINS = """
    SELECT key, state = 'done' AS done, lag(key) OVER alike AS earlier,
           last_value(CASE WHEN state = 'done' THEN key END IGNORE NULLS) OVER before AS finished
    FROM runs WHERE exact IS NOT NULL
    WINDOW alike AS (PARTITION BY exact ORDER BY started, key),
           before AS (PARTITION BY exact ORDER BY started, key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
"""
"""Runs whose inputs are known, with the latest earlier one that had the same, and the latest of these that is done."""
_DIFFERS = """
    SELECT t.key FROM {twins} t JOIN series mine ON mine.run = t.key
    JOIN series its ON its.run = t.finished AND its.metric = mine.metric
    JOIN metrics m ON m.id = mine.metric AND NOT m.resource AND m.name <> ALL(?::VARCHAR[])
    WHERE t.done AND mine.value <> its.value
"""
"""Runs that ended with another value than such a run; to DuckDB one NaN is another's equal."""
_REPEATED = f"SELECT key FROM ({_TWINS}) WHERE earlier IS NOT NULL"  # noqa: S608 - texts of our own
_OTHERWISE = _DIFFERS.format(twins=f"({_TWINS})")
_NO_NUMBER = """
    SELECT s.run FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource
    WHERE s.nan_step IS NOT NULL AND (isnan(s.value) OR (s.points <> s.broken AND s.nan_step > s.first_step))
"""
_CONDITIONS: dict[AlarmKind, str] = {
    AlarmKind.DIED: "r.state = 'died'",
    AlarmKind.NAN: f"r.key IN ({_NO_NUMBER})",
    AlarmKind.DATA: "coalesce(r.moved, '') <> ''",
    AlarmKind.RESULT: f"r.key IN ({_OTHERWISE})",
    AlarmKind.DUPLICATE: f"(r.key IN ({_REPEATED}) AND r.key NOT IN ({_OTHERWISE}))",
}
_ALL = (f"r.key IN ({_REPEATED})", *(_CONDITIONS[kind] for kind in (AlarmKind.DIED, AlarmKind.NAN, AlarmKind.DATA)))


def condition_of(catalog: Catalog, kind: str) -> tuple[str, list[object]]:
    """Give the condition on `runs r` that runs with an alarm fulfil, and the parameters for its question marks."""
    text = f"({' OR '.join(_ALL)})" if kind == ANY else _CONDITIONS[AlarmKind(kind)]
    return text, [_clocks(catalog)] * text.count("?")


def _clocks(catalog: Catalog) -> list[str]:
    """Name the metrics that measure how long something took."""
    return [name for (name,) in catalog.fetch("SELECT name FROM metrics WHERE NOT resource") if is_clock(name)]


def of_lines(catalog: Catalog, pairs: str, bound: Sequence[object]) -> Mapping[int, tuple[Alarm, ...]]:
    """Give the alarms of lines that stand for several runs.

    Args:
        catalog: what is asked.
        pairs: a table of lines and their runs.
        bound: the parameters for its question marks.
    """
    alike = "exact IN (SELECT exact FROM runs WHERE key IN (SELECT run FROM pairs))"
    statement = f"""
        WITH pairs AS MATERIALIZED (SELECT line, run FROM {pairs}),
             twins AS MATERIALIZED ({_TWINS.replace("exact IS NOT NULL", alike)}),
             differs AS MATERIALIZED ({_DIFFERS.format(twins="twins")}),
             broken AS MATERIALIZED ({_NO_NUMBER} AND s.run IN (SELECT run FROM pairs))
        SELECT p.line, count(*) FILTER (r.state = 'died'), count(*) FILTER (n.run IS NOT NULL),
               count(*) FILTER (r.moved <> ''), count(*) FILTER (d.key IS NOT NULL),
               count(*) FILTER (t.earlier IS NOT NULL AND d.key IS NULL)
        FROM pairs p JOIN runs r ON r.key = p.run LEFT JOIN twins t ON t.key = p.run
        LEFT JOIN (SELECT DISTINCT key FROM differs) d ON d.key = p.run
        LEFT JOIN (SELECT DISTINCT run FROM broken) n ON n.run = p.run
        GROUP BY p.line
    """  # noqa: S608 - texts of our own, values are bound
    found = catalog.fetch(statement, [*bound, _clocks(catalog)])
    return {line: alarms_of_line(dict(zip(AlarmKind, counts, strict=True))) for line, *counts in found}


def twins_of(catalog: Catalog, listed: str) -> dict[int, list[Twin]]:
    """Give, for each of some runs, the latest earlier run with the same inputs, and the latest that is done.

    Args:
        catalog: what is asked.
        listed: keys of runs with commas between them; there is at least one.
    """
    statement = f"SELECT key, exact, started FROM runs WHERE key IN ({listed}) AND exact IS NOT NULL"  # noqa: S608 - integers
    asked = catalog.fetch(statement)
    if not asked:
        return {}
    every, done = _alike(catalog, {exact for _, exact, _ in asked})
    pairs = {
        (key, other)
        for key, exact, started in asked
        for other in (_before(every[exact], started, key), _before(done.get(exact, []), started, key))
        if other is not None
    }
    if not pairs:
        return {}
    wanted = sorted({other for _, other in pairs})
    statement = f"SELECT key, uid, name, state FROM runs WHERE key IN ({','.join(map(str, wanted))})"  # noqa: S608 - integers
    values = _values(catalog, wanted)
    named = {
        k: Twin(RunId(uid), name, State(state), values.get(k, {})) for k, uid, name, state in catalog.fetch(statement)
    }
    twins: dict[int, list[Twin]] = {}
    for key, other in sorted(pairs):
        twins.setdefault(key, []).append(named[other])
    return twins


def _alike(catalog: Catalog, prints: set[str]) -> tuple[dict[str, Alike], dict[str, Alike]]:
    """Give all runs with some prints, and those of them that are done, by their print.

    An as-of join would say the same in one statement, and take twenty times as long as this look at one column.
    """
    every: dict[str, Alike] = {exact: [] for exact in prints}
    done: dict[str, Alike] = {}
    statement = (
        "SELECT exact, started, key, state = 'done' FROM runs WHERE exact = ANY(?::VARCHAR[]) ORDER BY started, key"
    )
    for exact, started, key, is_done in catalog.fetch(statement, [sorted(prints)]):
        every[exact].append((started, key))
        if is_done:
            done.setdefault(exact, []).append((started, key))
    return every, done


def _before(runs: Alike, started: float, key: int) -> int | None:
    """Give the key of the last run that began before another one; of two that began at once, the key decides."""
    place = bisect_left(runs, (started, key))
    return runs[place - 1][1] if place else None


def _values(catalog: Catalog, keys: list[int]) -> dict[int, dict[str, float]]:
    """Give the last value of each metric of runs."""
    found: dict[int, dict[str, float]] = {}
    if not keys:
        return found
    statement = (
        "SELECT s.run, m.name, s.value FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - integers
        f"WHERE s.run IN ({','.join(map(str, keys))})"
    )
    for run, name, value in catalog.fetch(statement):
        found.setdefault(run, {})[name] = value
    return found
