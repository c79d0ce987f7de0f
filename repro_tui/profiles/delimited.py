"""Tables whose rows are lines of fields: CSV and TSV, packed or not."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles.columns import MISSING, Field, statistics, typed
from repro_tui.profiles.connect import Bench, literal, literal_list
from repro_tui.profiles.heads import Head
from repro_tui.profiles.labels import class_counts, label_of
from repro_tui.profiles.places import Place
from repro_tui.profiles.sampling import Source, load

_REJECTS = 1000
"""Broken rows of a file that are noted; of more it is only known that there are more."""
_PACKED = 6
"""How many times larger a packed file is about, unpacked."""
_HASHED_COLUMNS = 1000
_TABLE = "kept"
_TOLD_FILES = 3


def describe(bench: Bench, name: str, places: Sequence[Place], head: Head, label: str) -> TableProfile:
    """Describe a table of one or several files of the same columns. Raises what `Bench.ask` raises."""
    relation = relation_of(bench, places, head)
    size = sum(place.size * (_PACKED if place.packing else 1) for place in places)
    columns = tuple(value_of(f"c{i}") for i in range(len(head.names)))
    loaded = load(bench, _TABLE, Source(relation, columns, size, hashed=len(columns) <= _HASHED_COLUMNS))
    problems = [f"{places[0].shown} {head.problem}"] if head.problem else []
    if head.encoding == "latin-1":
        problems.append(f"{places[0].shown} is not UTF-8; it was read as Latin-1")
    problems += broken_rows(bench, places)
    fields = [Field(column, f"c{i}") for i, column in enumerate(head.names)]
    fields, mixed = typed(bench, _TABLE, fields, loaded.kept)
    profiles = statistics(bench, _TABLE, fields, loaded.kept)
    chosen = label_of(profiles, label, loaded.kept)
    classes = {}
    if chosen is not None:
        of_all = (relation, columns[chosen]) if loaded.sampled else (_TABLE, f"c{chosen}")
        classes = class_counts(bench, *of_all)
    return TableProfile(
        name=name,
        form=places[0].form,
        files=len(places),
        rows=loaded.rows,
        columns=profiles,
        label="" if chosen is None else profiles[chosen].name,
        classes=classes,
        sampled=loaded.sampled,
        problem="; ".join([*problems, *mixed[:2]]),
        content=loaded.content,
    )


def relation_of(bench: Bench, places: Sequence[Place], head: Head) -> str:
    """Write how DuckDB reads these files: every field as text, so that no value can be refused."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(head.names)))
    return (
        f"read_csv({bench.list_of(places)}, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {literal(head.separator)}, quote = '\"', escape = '\"', header = {str(head.header).lower()}, "
        f"encoding = {literal(head.encoding)}, store_rejects = true, rejects_limit = {_REJECTS})"
    )


def value_of(column: str) -> str:
    """Write a field without spaces around it, and NULL where it stands for no value."""
    return f"CASE WHEN trim({column}) IN {_in_list()} THEN NULL ELSE trim({column}) END"


def _in_list() -> str:
    return "(" + literal_list(MISSING).partition("]")[0].removeprefix("[") + ")"


def broken_rows(bench: Bench, places: Sequence[Place]) -> list[str]:
    """Name the first row that could not be read in each file, and how many there were."""
    try:
        found = bench.ask(
            "SELECT file_path, count(DISTINCT line), min(line), first(error_type::VARCHAR ORDER BY line), "  # noqa: S608 - quoted
            "first(error_message ORDER BY line) FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
            f"WHERE file_path IN (SELECT unnest({bench.list_of(places)})) "
            f"GROUP BY file_path ORDER BY file_path LIMIT {_TOLD_FILES}"
        )
    except ValueError:
        return []
    said = []
    for alias, count, line, kind, message in found:
        place = bench.place(alias)
        if place is not None:
            rest = f", and {count - 1:,} more rows like it" if count > 1 else ""
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
