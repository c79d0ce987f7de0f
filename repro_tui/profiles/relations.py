"""The tables of some files, as something that can be asked for columns by their names, whatever the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repro_tui.profiles import delimited, json_lines, parquet
from repro_tui.profiles.connect import Bench, name
from repro_tui.profiles.heads import Head
from repro_tui.profiles.places import Place
from repro_tui.profiles.tables import Group, Tables


@dataclass(frozen=True, slots=True)
class Relation:
    """A table that can be asked."""

    relation: str
    """What comes after FROM."""
    values: Mapping[str, str]
    """Name of a column to the expression that gives its value."""


def relations(bench: Bench, places: Sequence[Place]) -> list[Relation]:
    """Give the tables among some files; what cannot be read is left out. Raises TooLongError."""
    found = [place for place in places if place.form in {"csv", "tsv", "jsonl", "parquet"}]
    return [_relation(bench, group) for group in Tables(bench, "", []).groups(found)]


def _relation(bench: Bench, group: Group) -> Relation:
    columns = group.columns
    if isinstance(columns, Head):
        values = {column: f"c{i}" for i, column in enumerate(columns.names)}
        return Relation(delimited.relation_of(bench, group.places, columns), values)
    assert isinstance(columns, tuple)
    if group.form == "parquet":
        return Relation(parquet.relation_of(bench, group.places), {column: name(column) for column, _ in columns})
    return Relation(json_lines.relation_of(bench, group.places), json_lines.values_of(columns))
