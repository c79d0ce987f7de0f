"""Tables in Parquet files: columns with types of their own, row counts in the footer."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.profile import ColumnProfile, TableProfile
from repro_tui.profiles import wide
from repro_tui.profiles.columns import Field, statistics
from repro_tui.profiles.connect import Bench, name
from repro_tui.profiles.excerpts import windows
from repro_tui.profiles.labels import class_counts, label_of
from repro_tui.profiles.places import Place, UnfitError
from repro_tui.profiles.sampling import Loaded, Source, halvings, load

_TABLE = "kept"
_EXPANDS = 3
"""How many times larger a Parquet file is about, unpacked."""
_WIDE = 500
"""Columns from which on a few at a time are looked at, because DuckDB keeps 2,048 rows of each in memory."""
_PART = 250


def columns_of(bench: Bench, place: Place) -> tuple[tuple[str, str], ...]:
    """Give names and types of the columns of a file; raises UnfitError when it is no whole Parquet file."""
    try:
        rows = bench.ask(f"DESCRIBE SELECT * FROM {relation_of(bench, [place])}")  # noqa: S608 - names in it are quoted
    except ValueError as error:
        raise UnfitError(_reason(str(error))) from error
    return tuple((str(row[0]), str(row[1])) for row in rows)


def relation_of(bench: Bench, places: Sequence[Place], *, numbered: bool = False) -> str:
    """Write how DuckDB reads these files; folders named `x=1` are no columns here."""
    rows = ", file_row_number = true" if numbered else ""
    return f"read_parquet({bench.list_of(places)}, hive_partitioning = false{rows})"


def describe(
    bench: Bench, title: str, places: Sequence[Place], columns: Sequence[tuple[str, str]], label: str
) -> TableProfile:
    """Describe a table of one or several files of the same columns. Raises what `Bench.ask` raises."""
    fields = [Field(column, f"c{i}", kind, text=False) for i, (column, kind) in enumerate(columns)]
    size = sum(place.size for place in places) * _EXPANDS
    relation, rows = relation_of(bench, places), None
    if size > bench.clock.budget.scanned:
        relation, rows, size = _excerpt(bench, places, size)
    if len(fields) > _WIDE:
        loaded, profiles = _wide(bench, places, fields)
    else:
        values = tuple(f"r{i}" for i in range(len(fields)))
        loaded = load(bench, _TABLE, Source(relation, tuple(map(kept_of, fields)), values, size))
        profiles = statistics(bench, _TABLE, fields, loaded.kept)
    chosen = label_of(profiles, label, loaded.kept)
    classes = {}
    if chosen is not None and fields[chosen].family != "other":
        classes = class_counts(bench, relation, kept_of(fields[chosen]))
    return TableProfile(
        name=title,
        form="parquet",
        files=len(places),
        rows=rows if rows is not None else loaded.rows,
        columns=profiles,
        label="" if chosen is None else profiles[chosen].name,
        classes=classes,
        sampled=loaded.sampled if rows is None else loaded.kept,
        content=loaded.content if rows is None else "",
    )


def _excerpt(bench: Bench, places: Sequence[Place], size: int) -> tuple[str, int, int]:
    """Choose stretches of rows from everywhere; give how they are read, all rows there are, and the bytes chosen."""
    footers = f"parquet_file_metadata({bench.list_of(places)})"
    rows, longest = bench.ask(f"SELECT sum(num_rows), max(num_rows) FROM {footers}")[0]  # noqa: S608 - quoted
    share = bench.clock.budget.excerpt / size
    some = windows(int(longest), int(longest * share))
    relation = f"(SELECT * FROM {relation_of(bench, places, numbered=True)} WHERE {some})"  # noqa: S608 - quoted
    return relation, int(rows), bench.clock.budget.excerpt


def _wide(bench: Bench, places: Sequence[Place], fields: Sequence[Field]) -> tuple[Loaded, tuple[ColumnProfile, ...]]:
    """Describe a few columns at a time; rows are drawn by their number, because no row is ever seen as a whole."""
    relation = relation_of(bench, places, numbered=True)
    rows = int(bench.ask(f"SELECT count(*) FROM {relation}")[0][0])  # noqa: S608 - names in it are quoted
    budget = bench.clock.budget
    times = halvings(rows, max(1, min(budget.rows, budget.cells // len(fields))))
    chosen = f"{relation} WHERE hash(file_row_number) <= {((1 << 64) >> times) - 1}::UBIGINT"
    wide.begin(bench)
    for start in range(0, len(fields), _PART):
        wide.add(bench, start, [kept_of(field) for field in fields[start : start + _PART]], chosen)
    kept = int(bench.ask(f"SELECT count(*) FROM {chosen}")[0][0])  # noqa: S608 - the same
    kinds = {i: field.type for i, field in enumerate(fields)}
    return Loaded(rows, kept, ""), tuple(wide.columns_of(bench, [field.name for field in fields], kept, kinds))


def kept_of(field: Field) -> str:
    """Write what is kept of a column: of lists, structures and bytes, which may be large, only the hash."""
    if field.family == "other":
        return f"CASE WHEN {name(field.name)} IS NULL THEN NULL ELSE hash({name(field.name)}) END"
    return name(field.name)


def _reason(text: str) -> str:
    first = text.splitlines()[0]
    if "magic bytes" in text or "too small" in text:
        return "is no whole Parquet file: its end is missing"
    return f"cannot be read as Parquet: {first.partition(': ')[2] or first}"
