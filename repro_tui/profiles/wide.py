"""Tables of more columns than rows of them fit into memory: a sample of lines, turned into pairs of column and value.

DuckDB keeps 2,048 rows of every column at once, which for 5,000 columns of text is more than all the memory it may
have. Lines are sampled as they are, split here, and described by one statement that groups by column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro_tui.domain.profile import ColumnProfile
from repro_tui.profiles.columns import (
    HUGE,
    MARKS,
    WHOLE,
    WORDS,
    column_of,
    exact_of,
    hash_of,
    is_whole,
    kind_of,
    moment_of,
    value_of,
)
from repro_tui.profiles.connect import Bench, Row, literal
from repro_tui.profiles.heads import Head
from repro_tui.profiles.places import Place
from repro_tui.profiles.sampling import Loaded, Source, condition, counted

WIDE = 500
"""Columns from which on a table is described in this way."""
_LONG = "long"
_LINE = 2_000_000


@dataclass(frozen=True, slots=True)
class Wide:
    """What was found in a wide table."""

    loaded: Loaded
    columns: tuple[ColumnProfile, ...]


def describe(bench: Bench, places: Sequence[Place], head: Head, size: int) -> Wide:
    """Describe the columns of a wide table. Raises what `Bench.ask` raises."""
    relation = _lines_of(bench, places, head)
    rows = f"(SELECT line, hash(line) AS h FROM {relation})"  # noqa: S608 - names and texts in it are quoted
    count, content, distinct = counted(bench, rows)
    source = Source(relation, head.names, (), size)
    limit = condition(bench, source, count, distinct, bench.clock.budget.cells // 2)
    if "number" in limit:
        rows = f"(SELECT line, hash(h, row_number() OVER ()) AS number FROM {rows})"  # noqa: S608 - the same
    lines = bench.ask(f"SELECT line FROM {rows} {limit}")  # noqa: S608 - the same
    kept = _spread(bench.folder / "long.csv", lines, head)
    bench.ask(
        f"CREATE OR REPLACE TEMP TABLE {_LONG} AS SELECT c, {value_of('v')} AS v FROM read_csv("  # noqa: S608 - the same
        f"{literal(str(bench.folder / 'long.csv'))}, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        "header = false, columns = {'c': 'INTEGER', 'v': 'VARCHAR'})"
    )
    columns = tuple(columns_of(bench, head.names, kept, _kinds(bench)))
    return Wide(Loaded(count, kept, content if len(lines) == kept else ""), columns)


def _lines_of(bench: Bench, places: Sequence[Place], head: Head) -> str:
    """Write how DuckDB reads these files line by line."""
    return (
        f"read_csv({bench.list_of(places)}, auto_detect = false, columns = {{'line': 'VARCHAR'}}, delim = '\x01', "
        f"quote = '', escape = '', header = {str(head.header).lower()}, encoding = {literal(head.encoding)}, "
        f"max_line_size = {_LINE}, ignore_errors = true)"
    )


def _spread(target: Path, lines: Sequence[Row], head: Head) -> int:
    """Write each value of each line with the number of its column; lines of another length are left out."""
    kept = 0
    numbers = range(len(head.names))
    with target.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for (line,) in lines:
            fields = next(csv.reader(io.StringIO(line or ""), delimiter=head.separator), [])
            if len(fields) == len(head.names):
                kept += 1
                writer.writerows(zip(numbers, fields, strict=True))
    return kept


def begin(bench: Bench) -> None:
    """Make room for pairs of column and value."""
    bench.ask(f"CREATE OR REPLACE TEMP TABLE {_LONG} (c INTEGER, v VARCHAR)")


def add(bench: Bench, first: int, values: Sequence[str], relation: str) -> None:
    """Add the values of a few columns, as text; the columns are numbered from `first` on."""
    numbered = ", ".join(f'({value})::VARCHAR AS "{first + i}"' for i, value in enumerate(values))
    bench.ask(
        f"INSERT INTO {_LONG} SELECT c::INTEGER, v FROM "  # noqa: S608 - all names in it are ours or quoted
        f"(UNPIVOT (SELECT {numbered} FROM {relation}) ON COLUMNS(*) INTO NAME c VALUE v)"
    )


def columns_of(bench: Bench, names: Sequence[str], rows: int, kinds: Mapping[int, str]) -> Iterator[ColumnProfile]:
    """Describe all columns by a few statements that group by column."""
    found: dict[int, Row] = {}
    for family in ("whole", "huge", "number", "time", "text", "other"):
        some = [number for number, kind in kinds.items() if _family(kind) == family]
        if some:
            found |= {int(row[0]): row[1:] for row in bench.ask(_question(family, some))}
    for number, name in enumerate(names):
        kind = kinds.get(number, "NULL")
        values = found.get(number, (0, None, None, None, 0, None, []))
        low, high = values[1], values[2]
        if kind_of(kind) == "other":
            low, high = None, None
        yield column_of(name, kind, (values[0], low, high, *values[3:]), rows)


def _kinds(bench: Bench) -> dict[int, str]:
    """Find the type of each column that has any value."""
    rows = bench.ask(
        f"SELECT c, count(v), count(*) FILTER (regexp_full_match(v, '{WHOLE}')), count(TRY_CAST(v AS BIGINT)), "  # noqa: S608 - ours
        "count(TRY_CAST(v AS DOUBLE)) FILTER (NOT regexp_matches(v, '^[+-]?0[0-9]')), "
        f"count(*) FILTER (lower(v) IN ('true', 'false')) FROM {_LONG} GROUP BY c HAVING count(v) > 0"
    )
    kinds = {}
    for column, values, whole, short, real, truths in rows:
        wide = "BIGINT" if short == values else "HUGEINT"
        name = wide if whole == values else "DOUBLE" if real == values else "BOOLEAN" if truths == values else ""
        kinds[int(column)] = name or "VARCHAR"
    texts = [column for column, kind in kinds.items() if kind == "VARCHAR"]
    if texts:
        rows = bench.ask(
            "SELECT c, count(TRY_CAST(v AS DATE)) FILTER (length(v) <= 10), "  # noqa: S608 - numbers of ours
            f"count({moment_of('v')}), count(v) "
            f"FROM {_LONG} WHERE c IN ({', '.join(map(str, texts))}) GROUP BY c"
        )
        kinds |= {int(c): "DATE" if days == n else "TIMESTAMP" for c, days, moments, n in rows if moments == n}
    return kinds


def _family(kind: str) -> str:
    """Give the family of a type, whole numbers apart: they have more digits than others keep."""
    return "huge" if kind in HUGE else "whole" if is_whole(kind) else kind_of(kind)


def _question(family: str, columns: Sequence[int]) -> str:
    """Ask what is asked of every column, of those of one family."""
    kind = "HUGEINT" if family == "huge" else "BIGINT"
    whole = exact_of("v", kind)
    values = {"whole": whole, "huge": whole, "number": "TRY_CAST(v AS DOUBLE)", "time": "TRY_CAST(v AS TIMESTAMP)"}
    value = values.get(family, "v")
    finite = "FILTER (isfinite(x))" if family == "number" else "FILTER (x IS NOT NULL)"
    known = "FILTER (NOT isnan(x))" if family == "number" else finite
    has_mean = family in {"whole", "huge", "number"}
    numeric = f"favg(x::DOUBLE) {finite}" if has_mean else "NULL"
    quartiles = f"quantile_cont(x::DOUBLE, [0.25, 0.5, 0.75]) {finite}" if has_mean else "NULL"
    return (
        f"SELECT c, n, left(low, {WORDS}), left(high, {WORDS}), mean, len(marks), quartiles, "  # noqa: S608 - all of it is ours
        f"list_sort(marks)[1:{MARKS}] FROM (SELECT c, count(*) {known} AS n, (min(x) {finite})::VARCHAR AS low, "
        f"(max(x) {finite})::VARCHAR AS high, {numeric} AS mean, {quartiles} AS quartiles, "
        f"list_distinct(list({hash_of('x', kind)}) {known}) AS marks "
        f"FROM (SELECT c, {value} AS x FROM {_LONG} WHERE c IN ({', '.join(map(str, columns))})) GROUP BY c)"
    )
