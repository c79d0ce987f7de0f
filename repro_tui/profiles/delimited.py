"""Tables whose rows are lines of fields: CSV and TSV, packed or not."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import replace

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles import wide
from repro_tui.profiles.columns import Field, statistics, typed, value_of
from repro_tui.profiles.connect import Bench, literal
from repro_tui.profiles.excerpts import excerpt
from repro_tui.profiles.heads import Head, open_plain
from repro_tui.profiles.labels import class_counts, label_of
from repro_tui.profiles.places import Place
from repro_tui.profiles.sampling import Source, load

_BUFFER = 8_000_000
"""Bytes that DuckDB reads at once; its own choice of 32 MB leaves too little of the memory for the rest."""
_REJECTS = 1000
"""Broken rows of a file that are noted; of more it is only known that there are more."""
_PACKED = 6
"""How many times larger a packed file is about, unpacked."""
_TABLE = "kept"
_TOLD = 2
_PIECE = 1 << 20
_SEARCHED = 1 << 30
"""Bytes, unpacked, that are searched for rows without an end."""
_SEARCHED_FILES = 20


def describe(bench: Bench, name: str, places: Sequence[Place], head: Head, label: str) -> TableProfile:
    """Describe a table of one or several files of the same columns. Raises what `Bench.ask` raises, UnfitError."""
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    if size <= bench.clock.budget.scanned:
        return _described(bench, name, places, head, label)
    part = _described(bench, name, [excerpt(bench, places, header=head.header)], head, label)
    return replace(part, files=len(places), rows=None, sampled=part.sampled or part.rows, content="")


def _described(bench: Bench, name: str, places: Sequence[Place], head: Head, label: str) -> TableProfile:
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    relation = relation_of(bench, places, head)
    problems = [f"{places[0].shown} {head.problem}"] if head.problem else []
    if head.foreign:
        problems.append(f"{places[0].shown} is not UTF-8; it was read as {head.foreign}")
    if len(head.names) > wide.WIDE:
        found = wide.describe(bench, places, head, size)
        loaded, profiles = found.loaded, found.columns
        bench.ask(f"SELECT count(*) FROM {relation}")  # noqa: S608 - quoted; what is broken is noted by that
    else:
        columns = [f"c{i}" for i in range(len(head.names))]
        values = [value_of(f"r{i}") for i in range(len(head.names))]
        loaded = load(bench, _TABLE, Source(relation, tuple(columns), tuple(values), size))
        fields, mixed = typed(bench, _TABLE, [Field(name, f"c{i}") for i, name in enumerate(head.names)], loaded.kept)
        profiles = statistics(bench, _TABLE, fields, loaded.kept)
        problems += [first_text(bench, places, head, number) for number in mixed[:_TOLD]]
    problems += broken_rows(bench, places, head)
    chosen = label_of(profiles, label, loaded.kept)
    classes = {} if chosen is None else class_counts(bench, relation, value_of(f"c{chosen}"))
    return TableProfile(
        name=name,
        form=places[0].form,
        files=len(places),
        rows=loaded.rows,
        columns=profiles,
        label="" if chosen is None else profiles[chosen].name,
        classes=classes,
        sampled=loaded.sampled,
        problem="; ".join(filter(None, problems)),
        content=loaded.content,
    )


def relation_of(bench: Bench, places: Sequence[Place], head: Head) -> str:
    """Write how DuckDB reads these files: every field as text, so that no value can be refused."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(head.names)))
    relation = (
        f"read_csv({bench.list_of(places)}, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(head.separator)}, quote = '\"', escape = '\"', header = {str(head.header).lower()}, "
        f"encoding = {literal(head.encoding)}, store_rejects = true, rejects_limit = {_REJECTS}, "
        f"buffer_size = {_BUFFER}, allow_quoted_nulls = false)"
    )
    # A line without anything is no row; where there is one column, DuckDB takes it for a row without a value.
    return relation if len(head.names) > 1 else f"(SELECT * FROM {relation} WHERE c0 IS NOT NULL)"  # noqa: S608 - quoted


def broken_rows(bench: Bench, places: Sequence[Place], head: Head) -> list[str]:
    """Name the first row that could not be read in each file, and how many there were."""
    try:
        found = bench.ask(
            "SELECT file_path, count(DISTINCT line), min(line), first(error_type::VARCHAR ORDER BY line), "  # noqa: S608 - quoted
            "first(left(csv_line, 100000) ORDER BY line), bool_or(error_type = 'LINE SIZE OVER MAXIMUM') "
            "FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
            f"WHERE file_path IN (SELECT unnest({bench.list_of(places)})) "
            f"GROUP BY file_path ORDER BY file_path LIMIT {_TOLD}"
        )
    except ValueError:
        found = []  # the tables are only there once a row was refused
    said, long = [], set()
    for alias, count, line, kind, text, over in found:
        place = bench.place(alias)
        if place is not None:
            rest = "" if count == 1 else ", and 1 more row" if count == 2 else f", and {count - 1:,} more rows"  # noqa: PLR2004 - one more
            said.append(f"{place.shown} row {line}: {_reason(kind, text or '', head)}; left out{rest}")
            long |= {place.name} if over else set()
    return said + [text for place in places if place.name not in long and (text := _endless(place))][:_TOLD]


def _endless(place: Place) -> str:
    """Name a row that is longer than what DuckDB reads at once, which it passes over in silence; empty without one."""
    if place.size < _BUFFER and not place.packing:
        return ""
    rows = run = read = 0
    try:
        with open_plain(place) as stream:
            while read < _SEARCHED and (piece := stream.read(_PIECE)):
                read += len(piece)
                first = piece.find(b"\n")
                if run + (first if first >= 0 else len(piece)) > _BUFFER:
                    return f"{place.shown} row {rows + 1}: longer than 8 MB; left out"
                rows += piece.count(b"\n")
                run = run + len(piece) if first < 0 else len(piece) - piece.rfind(b"\n") - 1
    except (OSError, EOFError, zlib.error):
        return ""
    return ""


def first_text(bench: Bench, places: Sequence[Place], head: Head, column: int) -> str:
    """Say where the first text stands in a column of numbers: `data.csv row 17: unknown`; empty when not found."""
    value = value_of(f"c{column}")
    for place in places[:_SEARCHED_FILES]:
        rows = bench.ask(
            f"SELECT n, left(v, 40) FROM (SELECT row_number() OVER () AS n, {value} AS v "  # noqa: S608 - quoted
            f"FROM {relation_of(bench, [place], head)}) WHERE v IS NOT NULL AND TRY_CAST(v AS DOUBLE) IS NULL LIMIT 1"
        )
        if rows:
            return f"{place.shown} row {rows[0][0] + head.header}: {head.names[column]} is no number: {rows[0][1]!r}"
    return ""


def _reason(kind: str, text: str, head: Head) -> str:
    """Say in a few words why a row was refused."""
    match kind:
        case "TOO MANY COLUMNS" | "MISSING COLUMNS":
            found = len(next(csv.reader([text], delimiter=head.separator), []))
            return f"{found:,} {'column' if found == 1 else 'columns'}, not {len(head.names):,}"
        case "UNQUOTED VALUE" | "UNTERMINATED QUOTES":
            return "a quote that is not closed"
        case "INVALID ENCODING" | "INVALID UNICODE":
            return "bytes that are no UTF-8"
        case "LINE SIZE OVER MAXIMUM":
            return "longer than 2 MB"
    return kind.lower()
