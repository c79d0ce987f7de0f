"""Tables in Parquet files: columns with types of their own, row counts in the footer."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles.columns import Field, statistics
from repro_tui.profiles.connect import Bench, name
from repro_tui.profiles.labels import class_counts, label_of
from repro_tui.profiles.places import Place, UnfitError
from repro_tui.profiles.sampling import Source, load

_TABLE = "kept"
_EXPANDS = 3
"""How many times larger a Parquet file is about, unpacked."""
_HASHED_COLUMNS = 1000


def columns_of(bench: Bench, place: Place) -> tuple[tuple[str, str], ...]:
    """Give names and types of the columns of a file; raises UnfitError when it is no whole Parquet file."""
    try:
        rows = bench.ask(f"DESCRIBE SELECT * FROM {relation_of(bench, [place])}")  # noqa: S608 - names in it are quoted
    except ValueError as error:
        raise UnfitError(_reason(str(error))) from error
    return tuple((str(row[0]), str(row[1])) for row in rows)


def relation_of(bench: Bench, places: Sequence[Place]) -> str:
    """Write how DuckDB reads these files; folders named `x=1` are no columns here."""
    return f"read_parquet({bench.list_of(places)}, hive_partitioning = false, union_by_name = false)"


def describe(
    bench: Bench, title: str, places: Sequence[Place], columns: Sequence[tuple[str, str]], label: str
) -> TableProfile:
    """Describe a table of one or several files of the same columns. Raises what `Bench.ask` raises."""
    relation = relation_of(bench, places)
    fields = [Field(column, f"c{i}", kind, text=False) for i, (column, kind) in enumerate(columns)]
    kept = tuple(_kept(field) for field in fields)
    size = sum(place.size for place in places) * _EXPANDS
    loaded = load(bench, _TABLE, Source(relation, kept, size, hashed=len(kept) <= _HASHED_COLUMNS))
    profiles = statistics(bench, _TABLE, fields, loaded.kept)
    chosen = label_of(profiles, label, loaded.kept)
    classes = {}
    if chosen is not None and fields[chosen].family != "other":
        of_all = (relation, kept[chosen]) if loaded.sampled else (_TABLE, f"c{chosen}")
        classes = class_counts(bench, *of_all)
    return TableProfile(
        name=title,
        form="parquet",
        files=len(places),
        rows=loaded.rows,
        columns=profiles,
        label="" if chosen is None else profiles[chosen].name,
        classes=classes,
        sampled=loaded.sampled,
        content=loaded.content,
    )


def _kept(field: Field) -> str:
    """Write what is kept of a column: of lists, structures and bytes, which may be large, only the hash."""
    if field.family == "other":
        return f"CASE WHEN {name(field.name)} IS NULL THEN NULL ELSE hash({name(field.name)}) END"
    return name(field.name)


def _reason(text: str) -> str:
    first = text.splitlines()[0]
    if "magic bytes" in text or "too small" in text:
        return "is no whole Parquet file: its end is missing"
    return f"cannot be read as Parquet: {first.partition(': ')[2] or first}"
