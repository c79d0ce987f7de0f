"""Statistics of the columns of a table that lies in DuckDB's memory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from repro_tui.domain.column_change import MARK
from repro_tui.domain.profile import ColumnProfile
from repro_tui.profiles.connect import Bench, literal

MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""Texts that stand for no value, as pandas reads them."""

_MISSING = "MAP {" + ", ".join(f"{literal(text)}: 0" for text in MISSING) + "}"

MARKS = 16
"""Marks in a fingerprint: the least hashes of the different values, so that two fingerprints estimate how many values
two columns have in common, whatever the order and although some changed."""

WORDS = 48
"""Characters of a least or greatest text."""
_MOMENT = r"[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ][0-9:.]+(Z|[+-]00(:?00)?)?)?"
WHOLE = r"\s*[+-]?(0|[1-9][0-9]{0,36})\s*"
"""A whole number without leading zeros, of no more digits than a HUGEINT has."""
_SLICE_VALUES = 2_000_000
_SLICE_COLUMNS = 50
_MIXED = 0.9
"""Share of numbers from which the few texts among them are worth a problem."""

NUMBERS = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
     "FLOAT", "DOUBLE", "DECIMAL")
)  # fmt: skip
_WHOLE = NUMBERS - {"FLOAT", "DOUBLE", "DECIMAL"}
HUGE = frozenset({"HUGEINT", "UBIGINT", "UHUGEINT"})
"""Whole numbers that are no BIGINT."""
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
        return kind_of(self.type)

    @property
    def whole(self) -> bool:
        """Tell whether it holds whole numbers."""
        return is_whole(self.type)


def kind_of(kind: str) -> str:
    """Give the family of a type: `number`, `time`, `text` or `other`."""
    plain = kind.partition("(")[0]
    if plain in NUMBERS and not kind.endswith("]"):
        return "number"
    if plain.startswith(_TIMES) and not kind.endswith("]"):
        return "time"
    return "text" if kind.startswith("ENUM") or kind in {"VARCHAR", "BOOLEAN", "UUID", "NULL"} else "other"


def is_whole(kind: str) -> bool:
    """Tell whether a type holds whole numbers."""
    return kind in _WHOLE


def value_of(column: str) -> str:
    """Write a field without spaces around it, and NULL where it stands for no value.

    Not by `IN`: of that DuckDB makes a join for each column, which takes 2.3 MB each, before the first row is read.
    """
    return f"CASE WHEN map_contains({_MISSING}, trim({column})) THEN NULL ELSE trim({column}) END"


def typed(bench: Bench, table: str, fields: Sequence[Field], rows: int) -> tuple[list[Field], list[int]]:
    """Find out the types of columns of text, and give the numbers of those in which a few texts stand among numbers."""
    done: list[Field] = []
    mixed: list[int] = []
    for part in _slices(fields, rows):
        for field, (kind, is_mixed) in zip(part, _types(bench, table, part), strict=True):
            mixed += [len(done)] if is_mixed else []
            done.append(replace(field, type=kind))
    return done, mixed


def _types(bench: Bench, table: str, fields: Sequence[Field]) -> Iterator[tuple[str, bool]]:
    """Give for each column its type, and whether it is nearly all numbers and yet text."""
    asked = ", ".join(
        f"count({f.sql}), count(*) FILTER (regexp_full_match({f.sql}, '{WHOLE}')), "
        f"count(TRY_CAST({f.sql} AS DOUBLE)) FILTER (NOT regexp_matches({f.sql}, '^\\s*[+-]?0[0-9]')), "
        f"count(*) FILTER (lower({f.sql}) IN ('true', 'false')), count(TRY_CAST({f.sql} AS BIGINT))"
        for f in fields
    )
    row = bench.ask(f"SELECT {asked} FROM {table}")[0]  # noqa: S608 - all names in it are ours
    for i, field in enumerate(fields):
        values, whole, real, truths, short = row[i * 5 : i * 5 + 5]
        if not values:
            yield "NULL", False
        elif whole == values:
            yield ("BIGINT" if short == values else "HUGEINT"), False
        elif real == values:
            yield "DOUBLE", False
        elif truths == values:
            yield "BOOLEAN", False
        else:
            yield ("VARCHAR" if real else _time_type(bench, table, field)), real >= _MIXED * values


def _time_type(bench: Bench, table: str, field: Field) -> str:
    """Tell a column of days or moments from one of texts; most texts are ruled out by their first values."""
    column = field.sql
    for limit in (" LIMIT 100", ""):
        days, moments, values = bench.ask(
            f"SELECT count(TRY_CAST(v AS DATE)) FILTER (length(v) <= 10), count({moment_of('v')}), count(v) "  # noqa: S608 - all names in it are ours
            f"FROM (SELECT {column} AS v FROM {table} WHERE {column} IS NOT NULL{limit})"
        )[0]
        if moments != values:
            return "VARCHAR"
    return "DATE" if days == values else "TIMESTAMP"


def moment_of(text: str) -> str:
    """Write a text as a moment, and NULL where it is none or lies in a zone, which DuckDB would pass over."""
    return f"CASE WHEN regexp_full_match({text}, {literal(_MOMENT)}) THEN TRY_CAST({text} AS TIMESTAMP) END"


def statistics(bench: Bench, table: str, fields: Sequence[Field], rows: int) -> tuple[ColumnProfile, ...]:
    """Describe each column of a table in memory. Raises what `Bench.ask` raises."""
    done: list[ColumnProfile] = []
    for part in _slices(fields, rows):
        asked = ", ".join(f"{term} AS t{i}_{j}" for i, field in enumerate(part) for j, term in enumerate(_terms(field)))
        told = ", ".join(
            f"t{i}_0, t{i}_1, t{i}_2, t{i}_3, len(t{i}_5), t{i}_4, list_sort(t{i}_5)[1:{MARKS}]"
            for i in range(len(part))
        )
        answer = bench.ask(f"SELECT {told} FROM (SELECT {asked} FROM {table})")[0]  # noqa: S608 - all names in it are ours
        done += [column_of(f.name, f.type, answer[i * 7 : i * 7 + 7], rows) for i, f in enumerate(part)]
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
    """Write what is asked of a column: values, least, greatest, mean, quartiles, hashes of the different values.

    The hashes are put together in a list: an aggregate of DISTINCT values would take megabytes for each column.
    """
    value = _value(field)
    hashes = f"list_distinct(list(hash({value})) FILTER ({value} IS NOT NULL))"
    if field.family == "other":
        return (f"count({field.sql})", "NULL", "NULL", "NULL", "NULL", hashes)
    if field.family == "number":
        finite = f"FILTER (isfinite({value}))"
        exact = exact_of(field.sql, field.type) if field.whole else value
        return (
            f"count(*) FILTER (NOT isnan({value}))",
            f"(min({exact}) {finite})::VARCHAR",
            f"(max({exact}) {finite})::VARCHAR",
            f"favg({value}) {finite}",
            f"quantile_cont({value}, [0.25, 0.5, 0.75]) {finite}",
            f"list_distinct(list({hash_of(exact, field.type)}) FILTER (NOT isnan({value})))",
        )
    text = f"{value}::VARCHAR" if field.family == "text" and not field.text else value
    return (
        f"count({field.sql})",
        f"left(min({text})::VARCHAR, {WORDS})",
        f"left(max({text})::VARCHAR, {WORDS})",
        "NULL",
        "NULL",
        hashes,
    )


def exact_of(value: str, kind: str) -> str:
    """Write a whole number so that none of its digits is lost, as they are in a DOUBLE from 16 digits on."""
    return f"TRY_CAST({value} AS {'HUGEINT' if kind in HUGE else 'BIGINT'})"


def hash_of(value: str, kind: str) -> str:
    """Write the hash of a value; DuckDB gives 0 and -1 the same one where they are HUGEINT."""
    return f"hash(({value})::VARCHAR)" if kind in HUGE else f"hash({value})"


def column_of(name: str, kind: str, values: Sequence[Any], rows: int) -> ColumnProfile:
    """Describe a column by what was asked of it: values, least, greatest, mean, different, quartiles, fingerprint."""
    count, low, high, mean, distinct, quartiles, marks = values
    return ColumnProfile(
        name=name,
        type=kind,
        nulls=round(1 - count / rows, 6) if rows else 0.0,
        distinct=int(distinct or 0),
        low="" if low is None else str(low),
        high="" if high is None else str(high),
        quartiles=tuple(map(_rounded, quartiles)) if isinstance(quartiles, list) else (),
        mean=_rounded(mean) if isinstance(mean, float) and math.isfinite(mean) else None,
        fingerprint=fingerprint(marks or []),
    )


def fingerprint(hashes: Sequence[int]) -> str:
    """Write the least hashes of a column's different values, the first 32 bits of each."""
    return "".join(f"{number >> 32:0{MARK}x}" for number in hashes)


def _rounded(value: float) -> float:
    """Drop the digits that depend on the order in which values were added."""
    return float(f"{value:.12g}")
