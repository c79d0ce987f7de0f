"""What comparisons ask of the catalog: outcomes, every logged value of a few runs, which runs are alike.

Each question is bounded: by a number of runs, or by a number of points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.curves import Line, points_of, series_of
from repro_tui.domain.ids import RunId
from repro_tui.domain.series import CurveQuery

MOST_POINTS = 100_000
"""Points of one curve that are given at full resolution."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What one run logged of one metric."""

    step: float
    value: float
    """The last one."""
    points: int
    low: float | None = None
    """The smallest value that is a number; None when there is none, or it was not asked for."""
    high: float | None = None


def logged(catalog: Catalog, uids: Sequence[RunId], *, extremes: bool = False) -> dict[RunId, dict[str, Logged]]:
    """Give the metrics of runs, without resources, those that were logged first at the beginning.

    With `extremes` the smallest and greatest values are looked for too, which reads every point of these runs.
    """
    found: dict[RunId, dict[str, Logged]] = {uid: {} for uid in uids}
    if not uids:
        return found
    runs = f"(SELECT key FROM runs WHERE uid IN ({','.join('?' * len(uids))}))"  # noqa: S608 - question marks
    columns, bounds = "NULL, NULL", ""
    if extremes:
        columns = "e.low, e.high"
        bounds = (
            "LEFT JOIN (SELECT run, metric, min(value) AS low, max(value) AS high FROM points "  # noqa: S608 - our own
            f"WHERE run IN {runs} AND isfinite(value) GROUP BY run, metric) e ON e.run = s.run AND e.metric = s.metric"
        )
    statement = (
        f"SELECT r.uid, m.name, s.step, s.value, s.points, {columns} FROM series s "  # noqa: S608 - texts of our own
        f"JOIN metrics m ON m.id = s.metric AND NOT m.resource JOIN runs r ON r.key = s.run {bounds} "
        f"WHERE s.run IN {runs} ORDER BY m.id"
    )
    for uid, name, *facts in catalog.fetch(statement, [*(uids if extremes else ()), *uids]):
        found[RunId(uid)][name] = Logged(*facts)
    return found


def curves(
    catalog: Catalog, uids: Sequence[RunId], metric: str, most: int = MOST_POINTS
) -> dict[RunId, tuple[list[float], list[float]]]:
    """Give steps and values of a metric for each run that logged it, every point, by step.

    Of more than `most` points those are left out that lie far from where the curves of the first two runs part.
    """
    lines = {line.uid: line for line in series_of(catalog, CurveQuery(tuple(uids), (metric,)))}
    window = _window(catalog, [lines[uid] for uid in uids if uid in lines], most)
    found: dict[RunId, tuple[list[float], list[float]]] = {}
    for uid in uids:
        if uid not in lines:
            continue
        statement = f"SELECT x, value FROM {_source(lines[uid])} {window} ORDER BY x, place LIMIT {int(most)}"  # noqa: S608 - texts of our own
        rows = catalog.fetch(statement)
        found[uid] = ([float(x) for x, _ in rows], [float(value) for _, value in rows])
    return found


def _source(line: Line) -> str:
    return points_of(line, CurveQuery((line.uid,), (line.name,)))


def _window(catalog: Catalog, lines: Sequence[Line], most: int) -> str:
    """Give the condition that bounds long curves: from a quarter of the bound before the step where they part."""
    if not lines or max(line.points for line in lines) <= most:
        return ""
    begin = float("-inf")
    if len(lines) > 1:
        parted = catalog.fetch(
            f"SELECT min(a.x) FROM {_source(lines[0]).removesuffix(' p')} a "  # noqa: S608 - texts of our own
            f"JOIN {_source(lines[1]).removesuffix(' p')} b ON a.x = b.x WHERE a.value IS DISTINCT FROM b.value"
        )[0][0]
        if parted is not None:
            before = catalog.fetch(
                f"SELECT min(x) FROM (SELECT x FROM {_source(lines[0])} WHERE x <= ? ORDER BY x DESC LIMIT ?)",  # noqa: S608 - texts of our own
                [parted, most // 4],
            )
            begin = before[0][0]
    return f"WHERE x >= {begin!r}" if begin > float("-inf") else ""


def bits(catalog: Catalog, uids: Sequence[RunId], leave_out: Sequence[str] = ()) -> Mapping[RunId, str]:
    """Give a digest of every logged (metric, step, value) of each run that logged any; equal where all are equal.

    Resources do not count, nor the metrics that are named, nor when something was logged. The order plays no part.
    """
    found: dict[RunId, list[tuple[int, str]]] = {}
    lines = [line for line in series_of(catalog, CurveQuery(tuple(uids), ())) if line.name not in leave_out]
    tidy = [line for line in lines if line.tidy]
    names = {(line.run, line.metric): line for line in tidy}
    if tidy:
        runs = ",".join(str(run) for run in sorted({line.run for line in tidy}))
        rows = catalog.fetch(
            "SELECT run, metric, count(*), bit_xor(hash(step, value)), sum(hash(step, value)) "  # noqa: S608 - integers
            f"FROM points WHERE run IN ({runs}) GROUP BY run, metric"
        )
        for run, metric, *digest in rows:
            if (run, metric) in names:
                found.setdefault(names[run, metric].uid, []).append((metric, str(digest)))
    for line in lines:
        if not line.tidy:
            statement = f"SELECT count(*), bit_xor(hash(x, value)), sum(hash(x, value)) FROM {_source(line)}"  # noqa: S608 - texts of our own
            found.setdefault(line.uid, []).append((line.metric, str(list(catalog.fetch(statement)[0]))))
    return {uid: str(sorted(series)) for uid, series in found.items()}
