"""Which runs, in which order: the answer to a RunQuery."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.filter_sql import DURATION, condition
from repro_tui.domain.columns import Column, column_key, split_key
from repro_tui.domain.view import RunQuery, Sort
from repro_tui.errors import UsageError

_STATE_ORDER = (
    "CASE r.state WHEN 'running' THEN 0 WHEN 'silent' THEN 1 WHEN 'died' THEN 2 WHEN 'failed' THEN 3 ELSE 4 END"
)
_LAST_STEP = (
    "(SELECT max(s.step) FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource WHERE s.run = r.key)"
)
_FEW = 8
"""Texts of which there are so few are choices and not labels: `adam`, `sgd`."""

_FIELDS: dict[str, str] = {
    "run": "nullif(lower(r.name), '')",
    "state": _STATE_ORDER,
    "duration": DURATION,
    "changed": "nullif(nullif(r.changed, '····'), '    ')",
    "level": "r.level",
    "tags": "nullif(array_to_string(r.tags, ' '), '')",
    "note": "nullif(lower(r.note), '')",
    "user": "nullif(lower(r.user), '')",
    "host": "nullif(lower(r.host), '')",
    "lineage": "nullif(lower(r.lineage), '')",
    "commit": "r.commit",
    "exit": "coalesce(r.exit, 1000 + r.signal)",
    "step": _LAST_STEP,
    "uid": "r.uid",
}
"""Field to what it is sorted by; null stands last. `age` is the start, and `{now}` a number."""


def matching(catalog: Catalog, query: RunQuery, now: float) -> list[int]:
    """Give the keys of the matching runs in order; raises UsageError for a value or column that means nothing."""
    where, parameters = condition(catalog, query.where, now)
    joins, order, more = order_of(query.sort, now)
    statement = f"SELECT r.key FROM runs r {joins} WHERE {where} ORDER BY {order}"  # noqa: S608 - texts of our own, values are bound
    return [key for (key,) in catalog.fetch(statement, [*more, *parameters])]


def order_of(sort: Sort, now: float) -> tuple[str, str, list[object]]:
    """Give the joins, the order and the parameters of a sort."""
    kind, name = _split(sort)
    direction = "DESC" if sort.descending else "ASC"
    newest = "r.started DESC, r.key DESC"
    if kind == "field":
        if name == "age":
            return "", newest if not sort.descending else "r.started ASC, r.key ASC", []
        if name not in _FIELDS:
            raise UsageError(f"There is no column {sort.key}.", f"Fields are {', '.join(['age', *_FIELDS])}.")
        return "", f"({_FIELDS[name].format(now=float(now))}) {direction} NULLS LAST, {newest}", []
    if kind == "param":
        join = (
            "LEFT JOIN (SELECT run, any_value(number) AS number, any_value(text) AS text FROM params "
            "WHERE name = ? GROUP BY run) v ON v.run = r.key"
        )
        # Numbers before texts either way; a run without the parameter has neither.
        order = (
            "v.text IS NULL, v.number IS NULL, isnan(v.number), "
            f"v.number {direction}, lower(v.text) {direction}, {newest}"
        )
        return join, order, [name]
    join = (
        "LEFT JOIN (SELECT s.run, s.value FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "
        "WHERE m.name = ?) v ON v.run = r.key"
    )
    return join, f"v.value IS NULL, isnan(v.value), v.value {direction}, {newest}", [name]


def _split(sort: Sort) -> tuple[str, str]:
    try:
        return split_key(sort.key)
    except ValueError as error:
        raise UsageError(f"{sort.key!r} is no column.", "Write param:NAME, metric:NAME or field:NAME.") from error


def counts(catalog: Catalog) -> tuple[int, int]:
    """Give the number of runs, and of those that are running."""
    total, live = catalog.fetch("SELECT count(*), count(*) FILTER (state = 'running') FROM runs")[0]
    return int(total), int(live)


def param_columns(catalog: Catalog) -> list[Column]:
    """Give every parameter that has a name, those that a person is likely to look for first."""
    found = catalog.fetch("""
        SELECT name, count(DISTINCT text), count(*), max(started), bool_and(number IS NOT NULL)
        FROM params JOIN (SELECT key, started FROM runs) r ON r.key = run WHERE name <> '' GROUP BY name
    """)
    columns = [Column(column_key("param", name), "param", name, *facts) for name, *facts in found]
    return sorted(columns, key=_interest)


def _interest(column: Column) -> tuple[object, ...]:
    """Order parameters: those that vary, that most runs have, and that were turned most often, come first.

    Counts are compared by their size in bits, so that columns keep their places while runs come in. A seed and a text
    that is another one in every run (a folder for results) vary most and say least. A short name costs few cells.
    """
    labels = not column.numeric and column.distinct > max(_FEW, column.runs // 2)
    return (
        column.distinct < 2,  # noqa: PLR2004 - two values vary
        -column.runs.bit_length(),
        labels or "seed" in column.name.lower(),
        -column.distinct.bit_length(),
        len(column.name),
        column.name,
    )


def metric_columns(catalog: Catalog) -> list[Column]:
    """Give every metric, the latest logged first."""
    found = catalog.fetch("""
        SELECT m.name, count(*), max(r.started), max(s.seen) AS seen
        FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource AND m.name <> ''
        JOIN runs r ON r.key = s.run
        GROUP BY m.name ORDER BY max(r.started) DESC, min(m.id)
    """)
    return [
        Column(column_key("metric", name), "metric", name, 0, n, begun, numeric=True) for name, n, begun, _ in found
    ]


def all_columns(params: Sequence[Column], metrics: Sequence[Column]) -> tuple[Column, ...]:
    """Put columns in the order in which they are offered: what varies, metrics, then what is the same everywhere."""
    varying = [c for c in params if c.distinct > 1]
    constant = [c for c in params if c.distinct <= 1]
    return (*varying, *metrics, *constant)
