"""Curves: minimum and maximum a pixel column, computed where the points are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.ids import RunId
from repro_tui.domain.series import Bucket, Curve, CurveQuery

_MOST_BUCKETS = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """One series that a query asks for."""

    run: int
    uid: RunId
    metric: int
    name: str
    tidy: bool
    started: float
    points: int
    broken: int
    first_step: float
    step: float
    value: float
    """The last one."""


def curves(catalog: Catalog, query: CurveQuery) -> list[Curve]:
    """Give the buckets of each series that has points, runs and metrics in the order of the query."""
    found = [curve for line in series_of(catalog, query) if (curve := _curve(catalog, line, query)) is not None]
    places = {uid: n for n, uid in enumerate(query.runs)}
    names = {name: n for n, name in enumerate(query.metrics)}
    return sorted(found, key=lambda c: (places[c.run], names.get(c.metric, len(names))))


def values_at(catalog: Catalog, query: CurveQuery, x: float) -> dict[tuple[RunId, str], tuple[float, float]]:
    """Give (x, value) of the last point at or before `x` of each series; a broken value counts too."""
    answer = {}
    for line in series_of(catalog, query):
        # Of points at the same x the later one counts, as in the curve.
        statement = f"SELECT x, value FROM {points_of(line, query)} WHERE x <= ? ORDER BY x DESC, place DESC LIMIT 1"  # noqa: S608 - texts of our own
        rows = catalog.fetch(statement, [float(x)])
        if rows:
            answer[line.uid, line.name] = (float(rows[0][0]), float(rows[0][1]))
    return answer


def last_metrics(catalog: Catalog, uid: RunId) -> Mapping[str, tuple[float, float]]:
    """Give each metric's last (step, value), the one that was logged first at the beginning."""
    found = catalog.fetch(
        "SELECT m.name, s.step, s.value FROM series s JOIN metrics m ON m.id = s.metric JOIN runs r ON r.key = s.run "
        "WHERE r.uid = ? AND NOT m.resource ORDER BY m.id",
        [uid],
    )
    return {name: (step, value) for name, step, value in found}


def series_of(catalog: Catalog, query: CurveQuery) -> list[Line]:
    """Find the series of a query; without names it asks for every metric, never for resources."""
    if not query.runs:
        return []
    runs = ",".join("?" * len(query.runs))
    statement = (
        "SELECT r.key, r.uid, m.id, CASE WHEN m.resource THEN 'res:' || m.name ELSE m.name END AS name, "  # noqa: S608 - question marks
        "s.tidy, r.started, s.points, s.broken, s.first_step, s.step, s.value FROM series s "
        "JOIN metrics m ON m.id = s.metric JOIN runs r ON r.key = s.run "
        f"WHERE r.uid IN ({runs})"
    )
    names: Sequence[str] = query.metrics
    if names:
        statement += (
            f" AND (CASE WHEN m.resource THEN 'res:' || m.name ELSE m.name END) IN ({','.join('?' * len(names))})"
        )
    else:
        statement += " AND NOT m.resource"
    return [Line(*row) for row in catalog.fetch(statement + " ORDER BY m.id", [*query.runs, *names])]


def points_of(line: Line, query: CurveQuery) -> str:
    """Give x, value and place of a series' points as a source; of those with the same step only the later one."""
    mine = f"p.run = {line.run} AND p.metric = {line.metric}"
    if line.tidy and query.axis == "step":
        return f"(SELECT p.step AS x, p.value, p.rowid AS place FROM points p WHERE {mine}) p"  # noqa: S608 - integers
    x = "step" if query.axis == "step" else f"(ms / 1000.0 - {line.started!r})"
    timed = f"points p JOIN ticks k ON k.id = p.tick AND k.run = {line.run}"
    if line.tidy:
        return f"(SELECT {x} AS x, p.value, p.rowid AS place FROM {timed} WHERE {mine}) p"  # noqa: S608 - integers
    # (attempt, t, writer, place) decides; the first and third are in the header that `positions` keeps.
    return f"""(
        SELECT {x} AS x, value, place FROM (
            SELECT step, arg_max(ms, o) AS ms, arg_max(value, o) AS value, arg_max(place, o) AS place FROM (
                SELECT p.step, k.ms, p.value, p.rowid AS place, row(f.attempt, k.ms, f.writer, p.rowid) AS o
                FROM {timed} LEFT JOIN (
                    SELECT id, coalesce(CAST(resume->'$[1]'->>'attempt' AS INTEGER), 1) AS attempt,
                           coalesce(resume->'$[1]'->>'writer', '') AS writer
                    FROM positions WHERE run = {line.run}
                ) f ON f.id = k.file
                WHERE {mine}
            ) GROUP BY step
        )
    ) p"""  # noqa: S608 - integers


def _curve(catalog: Catalog, line: Line, query: CurveQuery) -> Curve | None:
    source = points_of(line, query)
    window, edges = _window(query)
    low, high, count, broken = _bounds(catalog, line, query, source)
    if not count:
        return None
    left = low if query.start is None else query.start
    right = high if query.stop is None else query.stop
    buckets = max(1, min(query.buckets, _MOST_BUCKETS))
    width = (right - left) / buckets
    scale = 1 / width if width > 0 and math.isfinite(1 / width) else 0.0
    statement = f"""
        SELECT min(x), min(value), max(value), arg_max(value, x), max(x), count(*) FROM (
            SELECT x, value, CAST(least(floor((x - ?) * ?), ?) AS INTEGER) AS b FROM {source}
            WHERE isfinite(value) {window}
        ) GROUP BY b ORDER BY b
    """  # noqa: S608 - texts of our own, numbers are bound
    found = catalog.fetch(statement, [float(left), scale, float(buckets - 1), *edges])
    return Curve(line.uid, line.name, tuple(Bucket(*row) for row in found), points=count, broken=broken)


def _bounds(catalog: Catalog, line: Line, query: CurveQuery, source: str) -> tuple[float, float, int, int]:
    """Give the least and greatest x, the number of points, and how many of them are NaN or infinite."""
    if line.tidy and query.axis == "step" and query.start is None and query.stop is None:
        return line.first_step, line.step, line.points, line.broken
    window, edges = _window(query)
    statement = f"""
        SELECT min(x), max(x), count(*), count(*) FILTER (NOT isfinite(value)) FROM {source} WHERE true {window}
    """  # noqa: S608 - texts of our own, numbers are bound
    low, high, count, broken = catalog.fetch(statement, edges)[0]
    return low, high, count, broken


def _window(query: CurveQuery) -> tuple[str, list[object]]:
    """Give the condition that a zoomed chart puts on x."""
    conditions: list[str] = []
    edges: list[object] = []
    if query.start is not None:
        conditions.append("x >= ?")
        edges.append(float(query.start))
    if query.stop is not None:
        conditions.append("x <= ?")
        edges.append(float(query.stop))
    return "".join(f" AND {condition}" for condition in conditions), edges
