"""Tables in JSON Lines: one object a line; its keys are the columns, and what is nested stays one value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles.columns import Field, statistics
from repro_tui.profiles.connect import Bench, literal, name
from repro_tui.profiles.excerpts import excerpt
from repro_tui.profiles.heads import HEAD, beginning, open_plain
from repro_tui.profiles.labels import class_counts, label_of
from repro_tui.profiles.places import Place, UnfitError
from repro_tui.profiles.sampling import Source, load

_RAW, _TABLE = "raw", "kept"
_LONGEST_LINE = 16 * 1024 * 1024
_HEAD_ROWS = 1000
_PACKED = 6
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
    """Describe a table of one or several files. Raises what `Bench.ask` raises."""
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    if size > bench.clock.budget.scanned:
        part = describe(bench, title, [excerpt(bench, places, header=False)], keys, label)
        return replace(part, files=len(places), rows=None, sampled=part.sampled or part.rows, content="")
    relation = relation_of(bench, places, keys)
    raw = tuple(name(key) for key in keys)
    loaded = load(
        bench,
        _RAW,
        Source(relation, raw, tuple(f"r{i}" for i in range(len(raw))), size),
    )
    fields, problems = _fields(bench, keys)
    texts = ", ".join(f"c{i} ->> '$' AS c{i}" for i in range(len(keys)))
    bench.ask(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT {texts} FROM {_RAW}")  # noqa: S608 - all names are ours
    profiles = statistics(bench, _TABLE, fields, loaded.kept)
    chosen = label_of(profiles, label, loaded.kept)
    classes = {}
    if chosen is not None:
        of_all = (relation, f"({raw[chosen]} ->> '$')") if loaded.sampled else (_TABLE, f"c{chosen}")
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
        problem="; ".join([*_broken(bench, places, loaded.kept), *problems[:2]]),
        content=loaded.content,
    )


def relation_of(bench: Bench, places: Sequence[Place], keys: Sequence[str]) -> str:
    """Write how DuckDB reads these files: each value as JSON; what is no object gives a row of nothing."""
    columns = ", ".join(f"{literal(key)}: 'JSON'" for key in keys)
    return (
        f"read_json({bench.list_of(places)}, format = 'newline_delimited', columns = {{{columns}}}, "
        f"ignore_errors = true, maximum_object_size = {_LONGEST_LINE}, records = true)"
    )


def _fields(bench: Bench, keys: Sequence[str]) -> tuple[list[Field], list[str]]:
    """Find the type of each key, and name those that hold several."""
    fields, problems = [], []
    for start in range(0, len(keys), 200):
        part = keys[start : start + 200]
        asked = ", ".join(f"list(DISTINCT json_type(c{start + i}))" for i in range(len(part)))
        for i, (key, kinds) in enumerate(zip(part, bench.ask(f"SELECT {asked} FROM {_RAW}")[0], strict=True)):  # noqa: S608 - all names are ours
            found = {_TYPES.get(kind, kind) for kind in kinds or [] if kind and kind != "NULL"}
            if found == {"BIGINT", "DOUBLE"}:
                found = {"DOUBLE"}
            kind = found.pop() if len(found) == 1 else "VARCHAR" if found else "NULL"
            if found:
                problems.append(f"{key} holds values of several types")
            fields.append(Field(key, f"c{start + i}", kind))
    return fields, problems


def _broken(bench: Bench, places: Sequence[Place], rows: int) -> list[str]:
    """Name the first row of each file that is no JSON object, when there are any."""
    del bench, rows
    said = []
    for place in places:
        number, count = _first_broken(place)
        if number:
            rest = "" if count == 1 else ", and 1 more row" if count == 2 else f", and {count - 1:,} more rows"  # noqa: PLR2004 - one more
            said.append(f"{place.shown} row {number}: no JSON object; counted, but empty{rest}")
    return said[:3]


def _first_broken(place: Place) -> tuple[int, int]:
    """Give the number of the first row that is no JSON object, and how many are; 0 when there is none."""
    first, count = 0, 0
    with open_plain(place) as stream:
        for number, line in enumerate(stream, 1):
            if stream.tell() > _SEARCHED:
                break
            if line.strip() and _object(line) is None:
                first, count = first or number, count + 1
    return first, count
