"""Earlier runs with the same inputs, asked for a screenful of runs at once."""

from __future__ import annotations

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.alarms import Twin
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State


def twins_of(catalog: Catalog, listed: str) -> dict[int, list[Twin]]:
    """Give, for each of some runs, the latest earlier run with the same inputs, and the latest that is done.

    Args:
        catalog: what is asked.
        listed: keys of runs with commas between them; there is at least one.
    """
    statement = f"""
        WITH asked AS (SELECT key, exact, started FROM runs WHERE key IN ({listed}) AND exact IS NOT NULL),
        alike AS (
            SELECT key, uid, name, state, exact, started FROM runs WHERE exact IN (SELECT exact FROM asked)
        ), done AS (SELECT * FROM alike WHERE state = 'done')
        SELECT a.key, b.key, b.uid, b.name, b.state
        FROM asked a ASOF JOIN alike b ON a.exact = b.exact AND a.started > b.started
        UNION
        SELECT a.key, b.key, b.uid, b.name, b.state
        FROM asked a ASOF JOIN done b ON a.exact = b.exact AND a.started > b.started
        ORDER BY 1, 2
    """  # noqa: S608 - integers
    found = catalog.fetch(statement)
    values = _values(catalog, sorted({other for _, other, *_ in found}))
    twins: dict[int, list[Twin]] = {}
    for run, other, uid, name, state in found:
        twin = Twin(RunId(uid), name, State(state), values.get(other, {}))
        twins.setdefault(run, []).append(twin)
    return twins


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
