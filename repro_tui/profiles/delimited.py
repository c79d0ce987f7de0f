"""Tables whose rows are lines of fields: CSV and TSV, packed or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles import wide
from repro_tui.profiles.columns import Field, statistics, typed, value_of
from repro_tui.profiles.connect import Bench, literal
from repro_tui.profiles.excerpts import excerpt
from repro_tui.profiles.heads import Head
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
_TOLD = 3


def describe(bench: Bench, name: str, places: Sequence[Place], head: Head, label: str) -> TableProfile:
    """Describe a table of one or several files of the same columns. Raises what `Bench.ask` raises."""
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    if size > bench.clock.budget.scanned:
        part = describe(bench, name, [excerpt(bench, places, header=head.header)], head, label)
        return replace(part, files=len(places), rows=None, sampled=part.sampled or part.rows, content="")
    relation = relation_of(bench, places, head)
    problems = [f"{places[0].shown} {head.problem}"] if head.problem else []
    if head.encoding == "latin-1":
        problems.append(f"{places[0].shown} is not UTF-8; it was read as Latin-1")
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
        problems += mixed[:_TOLD]
    problems += broken_rows(bench, places)
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
        problem="; ".join(problems),
        content=loaded.content,
    )


def relation_of(bench: Bench, places: Sequence[Place], head: Head) -> str:
    """Write how DuckDB reads these files: every field as text, so that no value can be refused."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(head.names)))
    return (
        f"read_csv({bench.list_of(places)}, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(head.separator)}, quote = '\"', escape = '\"', header = {str(head.header).lower()}, "
        f"encoding = {literal(head.encoding)}, store_rejects = true, rejects_limit = {_REJECTS}, "
        f"buffer_size = {_BUFFER})"
    )


def broken_rows(bench: Bench, places: Sequence[Place]) -> list[str]:
    """Name the first row that could not be read in each file, and how many there were."""
    try:
        found = bench.ask(
            "SELECT file_path, count(DISTINCT line), min(line), first(error_type::VARCHAR ORDER BY line), "  # noqa: S608 - quoted
            "first(error_message ORDER BY line) FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
            f"WHERE file_path IN (SELECT unnest({bench.list_of(places)})) "
            f"GROUP BY file_path ORDER BY file_path LIMIT {_TOLD}"
        )
    except ValueError:
        return []
    said = []
    for alias, count, line, kind, message in found:
        place = bench.place(alias)
        if place is not None:
            rest = "" if count == 1 else ", and 1 more row" if count == 2 else f", and {count - 1:,} more rows"  # noqa: PLR2004 - one more
            said.append(f"{place.shown} row {line}: {_reason(kind, message)}; left out{rest}")
    return said


def _reason(kind: str, message: str) -> str:
    """Say in a few words why a row was refused."""
    numbers = [word for word in message.replace(".", " ").split() if word.isdigit()]
    match kind:
        case "TOO MANY COLUMNS" | "MISSING COLUMNS" if len(numbers) >= 2:  # noqa: PLR2004 - expected and found
            return f"{numbers[1]} columns, not {numbers[0]}"
        case "TOO MANY COLUMNS":
            return "more columns than the first row"
        case "MISSING COLUMNS":
            return "fewer columns than the first row"
        case "UNQUOTED VALUE" | "UNTERMINATED QUOTES":
            return "a quote that is not closed"
        case "INVALID ENCODING" | "INVALID UNICODE":
            return "bytes that are no UTF-8"
        case "LINE SIZE OVER MAXIMUM":
            return "longer than 2 MB"
    return message.splitlines()[0] if message else kind.lower()
