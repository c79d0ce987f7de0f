"""Answers to statements in SQL: as a table, as CSV, or as JSON."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import itertools
import json
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from repro_tui.cli.output import Output, jsonable
from repro_tui.domain.answer import TableAnswer
from repro_tui.tui.render.text import clean, pad, shorten, to_ascii, width

GAP = "  "
_LOOKED_AT = 500
"""Rows that decide how wide columns are; later ones follow."""
_WRITTEN = 500
"""Rows that are written together."""
_NARROWEST = 10
"""Cells of a column below which a row is printed as lines instead."""
_NUMBERS = (
    "INT",
    "HUGEINT",
    "DOUBLE",
    "FLOAT",
    "DECIMAL",
    "UINT",
    "BIGINT",
    "TINYINT",
    "SMALLINT",
    "UBIGINT",
    "USMALL",
)
_PLANS = ("explain_key", "explain_value")

Texts = Sequence[str]


def print_table(output: Output, answer: TableAnswer) -> int:
    """Print an answer as a table, or where there is no room for its columns a line a value; gives the rows."""
    if answer.columns == _PLANS:
        return _print_plan(output, answer)
    rows = iter(answer.rows)
    first = [_texts(output, row) for row in itertools.islice(rows, _LOOKED_AT)]
    every = itertools.chain(first, (_texts(output, row) for row in rows))
    heads = [_safe(output, name) for name in answer.columns]
    wanted = [max(map(width, column)) for column in zip(heads, *first, strict=True)]
    room = output.width - len(GAP) * (len(wanted) - 1)
    if sum(min(cells, _NARROWEST) for cells in wanted) > room:
        return _print_lines(output, heads, every)
    return _print_columns(output, answer, heads, every, _fitting(wanted, room))


def _fitting(wanted: Sequence[int], room: int) -> list[int]:
    """Let the widest columns give way until all fit."""
    limit = max(wanted, default=0)
    while limit > _NARROWEST and sum(min(cells, limit) for cells in wanted) > room:
        limit -= 1
    return [min(cells, limit) for cells in wanted]


def _print_columns(
    output: Output, answer: TableAnswer, heads: Texts, rows: Iterable[Texts], widths: Sequence[int]
) -> int:
    right = [each.startswith(_NUMBERS) and not each.endswith("]") for each in answer.types]

    def line(texts: Texts) -> str:
        cells = (
            pad(
                shorten(text, cells, ascii_only=output.ascii) if output.terminal else text,
                cells,
                "right" if r else "left",
            )
            for text, cells, r in zip(texts, widths, right, strict=True)
        )
        return GAP.join(cells).rstrip()

    output.line(output.style(line(heads), "dim"))
    count = 0
    for count, texts in enumerate(rows, 1):  # noqa: B007 - the last number is how many there were
        output.line(line(texts))
    return count


def _print_lines(output: Output, heads: Texts, rows: Iterable[Texts]) -> int:
    """Print a value a line, each row under its number."""
    first = min(max(map(width, heads)), output.width // 2)
    count = 0
    for count, texts in enumerate(rows, 1):
        output.line(output.style(f"row {count:,}", "bold"))
        for head, text in zip(heads, texts, strict=True):
            name = pad(shorten(head, first, ascii_only=output.ascii), first)
            room = output.width - first - 2 * len(GAP)
            output.line(f"{GAP}{output.style(name, 'dim')}{GAP}{shorten(text, room, ascii_only=output.ascii)}".rstrip())
    return count


def _print_plan(output: Output, answer: TableAnswer) -> int:
    """Print how a statement would be carried out, which is a drawing of several lines."""
    count = 0
    for count, (_, plan) in enumerate(answer.rows, 1):  # noqa: B007 - the last number is how many there were
        for line in str(plan).splitlines():
            output.line(_safe(output, line))
    return count


def print_csv(output: Output, answer: TableAnswer) -> int:
    """Print an answer as CSV: a head, no value where there is none; as it is, but for a terminal made harmless."""
    count = 0
    output.line(_csv_line(output, answer.columns))
    for count, row in enumerate(answer.rows, 1):  # noqa: B007 - the last number is how many there were
        output.line(_csv_line(output, ["" if value is None else plain(value) for value in row]))
    return count


def _csv_line(output: Output, texts: Texts) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow([clean(text) for text in texts] if output.terminal else texts)
    return stream.getvalue()


def print_json(output: Output, head: Mapping[str, object], answer: TableAnswer) -> int:
    """Print an answer as one JSON document, row by row: all of them together may be larger than the memory.

    Of columns with the same name the later ones are numbered: `acc`, `acc_1`.
    """
    indent = 2 if output.terminal else None
    names = unique(answer.columns)
    columns = [{"name": name, "type": kind} for name, kind in zip(names, answer.types, strict=True)]
    document = json.dumps(jsonable({**head, "columns": columns, "rows": []}), indent=indent)
    begin, _, end = document.rpartition("[]")
    output.piece(f"{begin}[")
    rows = iter(answer.rows)
    count = 0
    joint = ",\n" if indent else ", "
    while some := list(itertools.islice(rows, _WRITTEN)):
        values = ({name: _jsonable(value) for name, value in zip(names, row, strict=True)} for row in some)
        texts = joint.join(json.dumps(each, indent=indent) for each in values)
        before = joint if count else "\n" if indent else ""
        output.piece(before + (textwrap.indent(texts, " " * 4) if indent else texts))
        count += len(some)
    output.line(("\n  " if indent and count else "") + f"]{end}")
    return count


def unique(names: Sequence[str]) -> list[str]:
    """Number names that are there already."""
    found: list[str] = []
    for name in names:
        free = (f"{name}_{number}" if number else name for number in itertools.count())
        found.append(next(each for each in free if each not in found))
    return found


def plain(value: object) -> str:
    """Write a value: numbers in full, times as ISO 8601, lists and structs as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple | dict):
        return json.dumps(_jsonable(value), ensure_ascii=False)
    return str(_jsonable(value))


def _jsonable(value: object) -> object:
    """Turn a value of the index into one that JSON has."""
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return jsonable(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return str(value)


def _texts(output: Output, row: Sequence[object]) -> list[str]:
    return [_safe(output, "-" if value is None else plain(value)) for value in row]


def _safe(output: Output, text: str) -> str:
    return to_ascii(clean(text)) if output.ascii else clean(text)
