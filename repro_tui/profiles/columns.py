"""Statistics of the columns of a table that lies in DuckDB's memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.column_change import MARK
from repro_tui.domain.profile import ColumnProfile
from repro_tui.profiles.connect import Bench

MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""Texts that stand for no value, as pandas reads them."""

MARKS = 16
"""Marks in a fingerprint: the least hashes of the different values, so that two fingerprints estimate how many values
two columns have in common, whatever the order and although some changed."""

EXACT_DISTINCT = 10_000
_WORDS = 48
"""Characters of a least or greatest text."""
_SLICE_VALUES = 2_000_000
_SLICE_COLUMNS = 50
_MIXED = 0.9
"""Share of numbers from which the few texts among them are worth a problem."""

NUMBERS = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
     "FLOAT", "DOUBLE", "DECIMAL")
)  # fmt: skip
_WHOLE = NUMBERS - {"FLOAT", "DOUBLE", "DECIMAL"}
_TIMES = ("DATE", "TIMESTAMP", "TIME", "INTERVAL")


@dataclass(frozen=True, slots=True)
class Field:
    """A column as it lies in memory."""

    name: str
    """As the file calls it."""
    sql: str
    """As the table in memory calls it."""
    type: str = ""
    """Of the values; empty when they are texts whose type is to be found out."""
    text: bool = True
    """Stored as text, whatever the type."""

    @property
    def family(self) -> str:
        """Say what can be computed: `number`, `time`, `text` or `other`."""
        plain = self.type.partition("(")[0]
        if plain in NUMBERS:
            return "number"
        if plain.startswith(_TIMES):
            return "time"
        return "text" if plain in {"VARCHAR", "BOOLEAN", "ENUM", "UUID", "NULL"} else "other"

    @property
    def whole(self) -> bool:
        """Tell whether it holds whole numbers."""
        return self.type in _WHOLE


def typed(bench: Bench, table: str, fields: Sequence[Field], rows: int) -> tuple[list[Field], list[str]]:
    """Find out the types of columns of text, and name those in which a few texts stand among numbers."""
    done: list[Field] = []
    problems: list[str] = []
    for part in _slices(fields, rows):
        open_fields = [field for field in part if not field.type]
        found = dict(zip((f.sql for f in open_fields), _types(bench, table, open_fields), strict=True))
        for field in part:
            kind, texts, example = found.get(field.sql, (field.type, 0, ""))
            done.append(replace(field, type=kind))
            if texts:
                problems.append(f"column {field.name}: {texts:,} values are no numbers, such as {example!r}")
    return done, problems


def _types(bench: Bench, table: str, fields: Sequence[Field]) -> Iterator[tuple[str, int, str]]:
    """Give for each column its type, and where it is nearly all numbers how many texts there are, with an example."""
    if not fields:
        return
    asked = ", ".join(
        f"count({f.sql}), count(*) FILTER (regexp_full_match({f.sql}, '\\s*[+-]?(0|[1-9][0-9]{{0,17}})\\s*')), "
        f"count(TRY_CAST({f.sql} AS DOUBLE)) FILTER (NOT regexp_matches({f.sql}, '^\\s*[+-]?0[0-9]')), "
        f"count(*) FILTER (lower({f.sql}) IN ('true', 'false')), "
        f"left(min({f.sql}) FILTER (TRY_CAST({f.sql} AS DOUBLE) IS NULL), {_WORDS})"
        for f in fields
    )
    row = bench.ask(f"SELECT {asked} FROM {table}")[0]  # noqa: S608 - all names in it are ours
    for i, field in enumerate(fields):
        values, whole, real, truths, example = row[i * 5 : i * 5 + 5]
        if not values:
            yield "NULL", 0, ""
        elif whole == values:
            yield "BIGINT", 0, ""
        elif real == values:
            yield "DOUBLE", 0, ""
        elif truths == values:
            yield "BOOLEAN", 0, ""
        elif real >= _MIXED * values and example:
            yield "VARCHAR", values - real, example
        else:
            yield ("VARCHAR" if real else _time_type(bench, table, field)), 0, ""


def _time_type(bench: Bench, table: str, field: Field) -> str:
    """Tell a column of days or moments from one of texts; most texts are ruled out by their first values."""
    column = field.sql
    for limit in (" LIMIT 100", ""):
        days, moments, values = bench.ask(
            f"SELECT count(TRY_CAST(v AS DATE)) FILTER (length(v) <= 10), count(TRY_CAST(v AS TIMESTAMP)), count(v) "  # noqa: S608 - all names in it are ours
            f"FROM (SELECT {column} AS v FROM {table} WHERE {column} IS NOT NULL{limit})"
        )[0]
        if moments != values:
            return "VARCHAR"
    return "DATE" if days == values else "TIMESTAMP"


def statistics(bench: Bench, table: str, fields: Sequence[Field], rows: int) -> tuple[ColumnProfile, ...]:
    """Describe each column of a table in memory. Raises what `Bench.ask` raises."""
    done: list[ColumnProfile] = []
    for part in _slices(fields, rows):
        asked = ", ".join(term for field in part for term in _terms(field))
        answer = bench.ask(f"SELECT {asked} FROM {table}")[0]  # noqa: S608 - all names in it are ours
        parts = [answer[i * 7 : i * 7 + 7] for i in range(len(part))]
        exact = _exact_distinct(bench, table, part, [int(values[4] or 0) for values in parts])
        done += [_column(field, values, rows, exact[field.sql]) for field, values in zip(part, parts, strict=True)]
    return tuple(done)


def _slices(fields: Sequence[Field], rows: int) -> Iterator[Sequence[Field]]:
    """Cut the columns into parts whose values fit into memory together."""
    size = max(1, min(_SLICE_COLUMNS, _SLICE_VALUES // max(rows, 1)))
    for start in range(0, len(fields), size):
        yield fields[start : start + size]


def _value(field: Field) -> str:
    """Write the value of a column in its own type."""
    if field.family == "number":
        return f"TRY_CAST({field.sql} AS DOUBLE)"
    if field.family == "time" and field.text:
        return f"TRY_CAST({field.sql} AS {field.type})"
    return field.sql


def _terms(field: Field) -> tuple[str, ...]:
    """Write what is asked of a column: values, least, greatest, mean, different ones about, quartiles, fingerprint."""
    value = _value(field)
    marks = f"list_sort(list(DISTINCT hash({value})))[1:{MARKS}]"
    if field.family == "other":
        return (f"count({field.sql})", "NULL", "NULL", "NULL", f"approx_count_distinct({field.sql})", "NULL", marks)
    if field.family == "number":
        finite = f"FILTER (isfinite({value}))"
        exact = f"TRY_CAST({field.sql} AS HUGEINT)" if field.whole else value
        return (
            f"count(*) FILTER (isfinite({value}))",
            f"(min({exact}) {finite})::VARCHAR",
            f"(max({exact}) {finite})::VARCHAR",
            f"favg({value}) {finite}",
            f"approx_count_distinct({value})",
            f"quantile_cont({value}, [0.25, 0.5, 0.75]) {finite}",
            marks,
        )
    text = f"{value}::VARCHAR" if field.family == "time" or not field.text else value
    order = value if field.family == "time" else text
    return (
        f"count({field.sql})",
        f"left(min({order})::VARCHAR, {_WORDS})",
        f"left(max({order})::VARCHAR, {_WORDS})",
        "NULL",
        f"approx_count_distinct({text})",
        "NULL",
        marks,
    )


def _exact_distinct(bench: Bench, table: str, fields: Sequence[Field], about: Sequence[int]) -> dict[str, int]:
    """Count different values exactly where there are few, and take the approximate number where there are many."""
    few = [field for field, number in zip(fields, about, strict=True) if number <= EXACT_DISTINCT * 1.2]
    counts = {field.sql: number for field, number in zip(fields, about, strict=True)}
    if few:
        asked = ", ".join(f"count(DISTINCT {_value(field)})" for field in few)
        row = bench.ask(f"SELECT {asked} FROM {table}")[0]  # noqa: S608 - all names in it are ours
        counts |= {field.sql: int(number) for field, number in zip(few, row, strict=True)}
    return counts


def _column(field: Field, values: Sequence[object], rows: int, distinct: int) -> ColumnProfile:
    count, low, high, mean, _, quartiles, marks = values
    return ColumnProfile(
        name=field.name,
        type=field.type,
        nulls=round(1 - int(str(count)) / rows, 6) if rows else 0.0,
        distinct=distinct,
        low="" if low is None else str(low),
        high="" if high is None else str(high),
        quartiles=tuple(map(_rounded, quartiles)) if isinstance(quartiles, list) else (),
        mean=_rounded(mean) if isinstance(mean, float) and math.isfinite(mean) else None,
        fingerprint=fingerprint(marks if isinstance(marks, list) else []),
    )


def fingerprint(hashes: Sequence[int]) -> str:
    """Write the least hashes of a column's different values, the first 32 bits of each."""
    return "".join(f"{number >> 32:0{MARK}x}" for number in hashes)


def _rounded(value: float) -> float:
    """Drop the digits that depend on the order in which values were added."""
    return float(f"{value:.12g}")
