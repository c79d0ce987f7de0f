"""Which column holds the class of a row, and how many rows each class has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from repro_tui.domain.profile import ColumnProfile, TableProfile
from repro_tui.profiles.connect import Bench

GUESSES = (
    "label",
    "labels",
    "target",
    "targets",
    "class",
    "classes",
    "y",
    "category",
    "outcome",
    "species",
    "diagnosis",
)
"""Names that label columns have, the surest first; compared without case."""

MOST_CLASSES = 100
_MEASURES = ("DOUBLE", "FLOAT", "DECIMAL", "float")
_MEASURED = 20
"""Rows a value from which on numbers with fractions may be classes: below, a column `y` is what a regression is for."""


def label_of(columns: Sequence[ColumnProfile], declared: str, rows: int) -> int | None:
    """Find the label column: the declared one, else one of a usual name with few different values; None without one."""
    if declared:
        return next((i for i, column in enumerate(columns) if column.name == declared), None)
    names = {column.name.strip().lower(): i for i, column in reversed(list(enumerate(columns)))}
    for guess in GUESSES:
        place = names.get(guess)
        if place is not None and _may_be_classes(columns[place], rows):
            return place
    return None


def no_label(label: str) -> str:
    """Say that the declared column is in none of the tables."""
    return f"no table has the column {label}, which was declared to hold the class"


def _may_be_classes(column: ColumnProfile, rows: int) -> bool:
    different = column.distinct or 0
    if column.type.startswith(_MEASURES) and different > rows // _MEASURED:
        return False
    return 1 <= different <= MOST_CLASSES and (different <= rows // 2 or rows < MOST_CLASSES)


def class_counts(bench: Bench, relation: str, value: str) -> dict[str, int]:
    """Count the rows of each class; nothing when there are more classes than a person can look at."""
    found = bench.ask(
        f"SELECT {value} AS v, count(*) AS n FROM {relation} WHERE {value} IS NOT NULL GROUP BY v "  # noqa: S608 - all names in it are ours or quoted
        f"ORDER BY n DESC, v LIMIT {MOST_CLASSES + 1}"
    )
    if len(found) > MOST_CLASSES:
        return {}
    counts: dict[str, int] = {}
    for text, count in found:
        word = _plain(str(text))
        counts[word] = counts.get(word, 0) + int(count)
    return counts


def _plain(value: str) -> str:
    """Name a class: `1.0` is `1`, which pandas makes the other as soon as one label is missing."""
    whole = re.fullmatch(r"([+-]?\d{1,15})\.0+", value)
    return whole[1] if whole else value[:_LONGEST]


def uncounted(tables: Sequence[TableProfile], label: str) -> list[str]:
    """Say of which tables the classes are not counted although their column was declared, because they are too many."""
    return [
        f"{table.name}: {label} has {column.distinct:,} different values; classes are counted up to {MOST_CLASSES}"
        for table in tables
        for column in table.columns
        if table.label == column.name == label and not table.classes and (column.distinct or 0) > MOST_CLASSES
    ]


_LONGEST = 200
"""Characters of a class's name."""
