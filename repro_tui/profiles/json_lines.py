"""Tables in JSON Lines: one object a line; its keys are the columns, and what is nested stays one value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles.columns import Field, statistics
from repro_tui.profiles.connect import Bench, literal_list
from repro_tui.profiles.excerpts import excerpt
from repro_tui.profiles.heads import HEAD, beginning, open_plain
from repro_tui.profiles.labels import class_counts, label_of
from repro_tui.profiles.places import Place, UnfitError
from repro_tui.profiles.sampling import Source, load

_RAW, _LISTS, _TABLE = "raw", "lists", "kept"
_LONGEST_LINE = 16 * 1024 * 1024
_FIT_BYTES = 2_000_000
_FIT = f"coalesce(strlen(json::VARCHAR) <= {_FIT_BYTES} AND starts_with(ltrim(json::VARCHAR), '{{'), false)"
"""Objects that are looked at; taking a larger one apart needs many times its size."""
_HEAD_ROWS = 1000
_PACKED = 6
_TOLD = 2
_MOST_KEYS = 1000
"""Keys of the objects of a file; one with more holds no table."""
_SEARCHED = 64 * 1024 * 1024
_TYPES = {
    "UBIGINT": "BIGINT",
    "BIGINT": "BIGINT",
    "DOUBLE": "DOUBLE",
    "VARCHAR": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "ARRAY": "LIST",
    "OBJECT": "STRUCT",
}


def keys_of(place: Place) -> tuple[str, ...]:
    """Give the keys of the first objects of a file, sorted; raises UnfitError when there is none."""
    raw = beginning(place)
    lines = raw.split(b"\n")
    if len(raw) == HEAD and len(lines) > 1:
        lines.pop()
    keys: set[str] = set()
    for line in lines[:_HEAD_ROWS]:
        value = _object(line)
        if value is not None:
            keys |= value.keys()
    if not keys:
        raise UnfitError("is empty" if not raw.strip() else "row 1 is no JSON object")
    if len(keys) > _MOST_KEYS:
        raise UnfitError(f"has objects of {len(keys):,} keys, more than {_MOST_KEYS:,}")
    return tuple(sorted(keys))


def _object(line: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def describe(bench: Bench, title: str, places: Sequence[Place], keys: Sequence[str], label: str) -> TableProfile:
    """Describe a table of one or several files. Raises what `Bench.ask` raises, UnfitError."""
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    if size <= bench.clock.budget.scanned:
        return _described(bench, title, places, keys, label)
    part = _described(bench, title, [excerpt(bench, places, header=False)], keys, label)
    return replace(part, files=len(places), rows=None, sampled=part.sampled or part.rows, content="")


def _described(bench: Bench, title: str, places: Sequence[Place], keys: Sequence[str], label: str) -> TableProfile:
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    relation = relation_of(bench, places)
    # What is drawn is taken apart only then: parsed JSON takes many times the memory of its text.
    loaded = load(bench, _RAW, Source(relation, ("json",), ("r0",), size * 2, width=len(keys)))
    bench.ask(f"CREATE OR REPLACE TEMP TABLE {_LISTS} AS SELECT json_extract(c0, {_pointers(keys)}) AS l FROM {_RAW}")  # noqa: S608 - quoted
    bench.ask(f"DROP TABLE {_RAW}")
    fields, problems = _fields(bench, keys)
    texts = ", ".join(f"l[{i + 1}] ->> '$' AS c{i}" for i in range(len(keys)))
    bench.ask(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT {texts} FROM {_LISTS}")  # noqa: S608 - all names are ours
    bench.ask(f"DROP TABLE {_LISTS}")
    profiles = statistics(bench, _TABLE, fields, loaded.kept)
    chosen = label_of(profiles, label, loaded.kept)
    classes = {}
    if chosen is not None:
        of_all = (relation, _value(keys[chosen])) if loaded.sampled else (_TABLE, f"c{chosen}")
        classes = class_counts(bench, *of_all)
    return TableProfile(
        name=title,
        form="jsonl",
        files=len(places),
        rows=loaded.rows,
        columns=profiles,
        label="" if chosen is None else profiles[chosen].name,
        classes=classes,
        sampled=loaded.sampled,
        problem="; ".join([*_broken(bench, places), *problems[:_TOLD]]),
        content=loaded.content,
    )


def relation_of(bench: Bench, places: Sequence[Place]) -> str:
    """Write how DuckDB reads these files: a column `json`; what is no object is no row."""
    return f"(SELECT json FROM {_objects(bench, places)} WHERE {_FIT})"  # noqa: S608 - quoted


def values_of(keys: Sequence[str]) -> dict[str, str]:
    """Give for each key the expression of its value as text."""
    return {key: _value(key) for key in keys}


def _value(key: str) -> str:
    return f"(json_extract(json, {_pointers([key])})[1] ->> '$')"


def _pointers(keys: Sequence[str]) -> str:
    """Write keys as JSON pointers (RFC 6901), which any text can be; a name of a column cannot."""
    return literal_list(["/" + key.replace("~", "~0").replace("/", "~1") for key in keys])


def _objects(bench: Bench, places: Sequence[Place]) -> str:
    return f"read_ndjson_objects({bench.list_of(places)}, ignore_errors = true, maximum_object_size = {_LONGEST_LINE})"


def _broken(bench: Bench, places: Sequence[Place]) -> list[str]:
    """Name the first row of each file that is no JSON object, when there are any."""
    found = bench.ask(
        f"SELECT count(*) FROM {_objects(bench, places)} "  # noqa: S608 - quoted
        f"WHERE ({_FIT}) IS NOT TRUE"
    )
    if not found[0][0]:
        return []
    said = [broken for place in places if (broken := _first_broken(place))]
    return said[:_TOLD] or [f"{found[0][0]:,} rows are no JSON objects, or longer than 2 MB"]


def _first_broken(place: Place) -> str:
    """Name the first row of a file that is no JSON object, and count the others; empty when there is none."""
    first, count, read, why = 0, 0, 0, ""
    try:
        with open_plain(place) as stream:
            for number, line in enumerate(stream, 1):
                read += len(line)
                if read > _SEARCHED:
                    break
                if line.strip() and (len(line) > _FIT_BYTES or _object(line) is None):
                    first, count = first or number, count + 1
                    why = why or ("no JSON object" if len(line) <= _FIT_BYTES else "longer than 2 MB")
    except (OSError, EOFError):
        return ""
    if not first:
        return ""
    rest = "" if count == 1 else ", and 1 more row" if count == 2 else f", and {count - 1:,} more rows"  # noqa: PLR2004 - one more
    return f"{place.shown} row {first}: {why}; left out{rest}"


def _fields(bench: Bench, keys: Sequence[str]) -> tuple[list[Field], list[str]]:
    """Find the type of each key, and name those that hold several."""
    fields, problems = [], []
    for start in range(0, len(keys), 200):
        part = keys[start : start + 200]
        asked = ", ".join(f"list(DISTINCT json_type(l[{start + i + 1}]))" for i in range(len(part)))
        for i, (key, kinds) in enumerate(zip(part, bench.ask(f"SELECT {asked} FROM {_LISTS}")[0], strict=True)):  # noqa: S608 - all names are ours
            found = {_TYPES.get(kind, kind) for kind in kinds or [] if kind and kind != "NULL"}
            if found == {"BIGINT", "DOUBLE"}:
                found = {"DOUBLE"}
            kind = found.pop() if len(found) == 1 else "VARCHAR" if found else "NULL"
            if found:
                problems.append(f"{key} holds values of several types")
            fields.append(Field(key, f"c{start + i}", kind))
    return fields, problems
