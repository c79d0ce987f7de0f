"""What comparisons ask of the catalog: outcomes, every logged value of a few runs, which runs are alike.

Each question is bounded: by a number of runs, or by a number of points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.curves import Line, points_of, series_of
from repro_tui.domain.ids import RunId
from repro_tui.domain.series import CurveQuery

MOST_POINTS = 100_000
"""Points of one curve that are given at full resolution."""
_PRINTS = ("code", "data", "parameters", "environment")


@dataclass(frozen=True, slots=True)
class Logged:
    """What one run logged of one metric."""

    step: float
    value: float
    """The last one."""
    points: int
    seen: float = 0.0
    """When it was last logged, seconds since the epoch."""
    low: float | None = None
    """The smallest value that is a number; None when there is none, or it was not asked for."""
    high: float | None = None


def logged(catalog: Catalog, uids: Sequence[RunId], *, extremes: bool = False) -> dict[RunId, dict[str, Logged]]:
    """Give the metrics of runs, without resources, those that were logged first at the beginning.

    With `extremes` the smallest and greatest values are looked for too, which reads every point of these runs.
    """
    found: dict[RunId, dict[str, Logged]] = {uid: {} for uid in uids}
    keys = keys_of(catalog, uids)
    if not keys:
        return found
    mine = f"run IN ({_listed(keys)})"
    bounds: dict[tuple[int, int], tuple[float, float]] = {}
    if extremes:
        statement = f"SELECT run, metric, min(value), max(value) FROM points WHERE {mine} AND isfinite(value) "  # noqa: S608 - integers
        rows = catalog.fetch(f"{statement} GROUP BY run, metric")
        bounds = {(run, metric): (low, high) for run, metric, low, high in rows}
    names: dict[int, str] = dict(catalog.fetch("SELECT id, name FROM metrics WHERE NOT resource"))
    statement = f"SELECT run, metric, step, value, points, coalesce(seen, 0) FROM series WHERE {mine} ORDER BY metric"  # noqa: S608 - integers
    for run, metric, *facts in catalog.fetch(statement):
        if metric in names:
            found[keys[run]][names[metric]] = Logged(*facts, *bounds.get((run, metric), (None, None)))
    return found


def keys_of(catalog: Catalog, uids: Sequence[RunId]) -> dict[int, RunId]:
    """Give the keys of runs with their uids: blocks of other tables are passed over by keys, and not by a join."""
    if not uids:
        return {}
    marks = ",".join("?" * len(uids))
    return {
        int(key): RunId(uid)
        for key, uid in catalog.fetch(f"SELECT key, uid FROM runs WHERE uid IN ({marks})", list(uids))  # noqa: S608 - question marks
    }


Steps = tuple[list[float], list[float]]
"""Steps and values of one curve, by step."""


def curves(
    catalog: Catalog, uids: Sequence[RunId], metrics: Sequence[str], most: int = MOST_POINTS
) -> dict[str, dict[RunId, Steps]]:
    """Give every point of some metrics for each run that logged them.

    Of a curve of more than `most` points those are left out that lie far from where the first two runs part.
    """
    found: dict[str, dict[RunId, Steps]] = {metric: {} for metric in metrics}
    if not metrics:
        return found
    lines = series_of(catalog, CurveQuery(tuple(uids), tuple(metrics)))
    short = [line for line in lines if line.tidy and line.points <= most]
    for line in short:
        found[line.name][line.uid] = ([], [])
    if short:
        places = {(line.run, line.metric): found[line.name][line.uid] for line in short}
        runs, names = ({line.run for line in short}, {line.metric for line in short})
        rows = catalog.fetch(
            "SELECT run, metric, step, value FROM points "  # noqa: S608 - integers
            f"WHERE run IN ({_listed(runs)}) AND metric IN ({_listed(names)}) ORDER BY step"
        )
        for run, metric, step, value in rows:
            if (run, metric) in places:
                steps, values = places[run, metric]
                steps.append(step)
                values.append(value)
    for metric in metrics:
        long = [line for line in lines if line.name == metric and line not in short]
        window = _window(catalog, [line for line in lines if line.name == metric], most) if long else ""
        for line in long:
            statement = f"SELECT x, value FROM {_source(line)} {window} ORDER BY x, place LIMIT {int(most)}"  # noqa: S608 - texts of our own
            rows = catalog.fetch(statement)
            found[metric][line.uid] = ([float(x) for x, _ in rows], [float(value) for _, value in rows])
    return found


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(str(int(number)) for number in sorted(numbers))


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
    alone = _unlike(lines)
    lines = [line for line in lines if line.uid not in alone]
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
    return {**alone, **{uid: str(sorted(series)) for uid, series in found.items()}}


def _unlike(lines: Sequence[Line]) -> dict[RunId, str]:
    """Give the runs whose series begin and end as those of no other, so that their values need not be read to tell.

    Two runs with equal values have as many of them and the same last one. Of series that were written in more than one
    piece nothing is known without reading them, so then all are read.
    """
    if not all(line.tidy for line in lines):
        return {}
    ends: dict[RunId, list[str]] = {}
    for line in lines:
        end = (line.metric, line.points, line.broken, line.first_step, line.step, line.value)
        ends.setdefault(line.uid, []).append(repr(end))
    prints = {uid: f"ends {sorted(each)}" for uid, each in ends.items()}
    counts = Counter(prints.values())
    return {uid: each for uid, each in prints.items() if counts[each] == 1}


def nearest(catalog: Catalog, uids: Sequence[RunId], most: int) -> list[RunId]:
    """Give the runs of the lineages of some runs that are most like one of them, then nearest in time.

    A run differs in as many sections as its prints are not known to be equal. The runs themselves are not among them,
    and none whose inputs equal those of one of them: `repeats` gives these.
    """
    if not uids:
        return []
    marks = ",".join("?" * len(uids))
    unlike = " + ".join(f"CASE WHEN r.{name} = a.{name} THEN 0 ELSE 1 END" for name in _PRINTS)
    statement = f"""
        WITH asked AS (
            SELECT lineage, started, inputs, {", ".join(_PRINTS)} FROM runs WHERE uid IN ({marks}) AND lineage <> ''
        )
        SELECT r.uid FROM runs r JOIN asked a ON a.lineage = r.lineage
        WHERE r.uid NOT IN ({marks})
        GROUP BY r.uid HAVING NOT bool_or(coalesce(r.inputs = a.inputs, false))
        ORDER BY min({unlike}), min(abs(r.started - a.started)), r.uid LIMIT {int(most)}
    """  # noqa: S608 - names of our own, values are bound
    return [RunId(uid) for (uid,) in catalog.fetch(statement, [*uids, *uids])]


def repeats(catalog: Catalog, uid: RunId, most: int) -> list[RunId]:
    """Give the runs whose inputs equal those of a run but for seeds and places, as far as their prints tell.

    The nearest in time come first; the run itself is not among them.
    """
    statement = f"""
        SELECT r.uid FROM runs r JOIN runs a ON a.uid = ? AND r.inputs = a.inputs AND r.uid <> a.uid
        ORDER BY abs(r.started - a.started), r.uid LIMIT {int(most)}
    """  # noqa: S608 - an integer
    return [RunId(found) for (found,) in catalog.fetch(statement, [uid])]
