"""Earlier runs with the same inputs, asked for a screenful of runs at once."""

from __future__ import annotations

from bisect import bisect_left

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.alarms import Twin
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State

Alike = list[tuple[float, int]]
"""Runs with the same inputs as (start, key), in the order of their starts."""


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
        for other in (_before(every[exact], started), _before(done.get(exact, []), started))
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


def _before(runs: Alike, started: float) -> int | None:
    """Give the key of the last run that began before a moment."""
    place = bisect_left(runs, (started, -1))
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
