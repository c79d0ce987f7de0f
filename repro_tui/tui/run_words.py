"""What the Runs screen says in words: how many runs in which order, and what stands there when there is no list."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.columns import FIELDS, Column, better_is_lower, column_key, split_key
from repro_tui.domain.grouping import DATA, MEANINGS, REPEATS, split_group
from repro_tui.domain.grouping import FIELDS as FIELDS_OF_GROUPS
from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.view import AGE, RunList, Sort
from repro_tui.errors import UsageError
from repro_tui.tui.feed import View
from repro_tui.tui.render.text import clean
from repro_tui.tui.widgets.pick_list import Item

EMPTY = """No run is recorded here yet.

  repro-tui run -- python train.py   records one, without a change to it
  repro-tui demo                     shows it all on a small real data set
"""

READING = "Reading the journals ..."

NOTHING_MATCHES = """No run matches the filter.

  /      change it
  esc    while writing, goes back to the one before
"""

FIELD_COLUMNS = tuple(column_key("field", name) for name in FIELDS if name != "run")
"""Columns that every run has; the name is always there."""


def instead_of_list(view: View) -> str:
    """Say why there is no list; empty when there is one."""
    if len(view.runs.keys):
        return ""
    if view.runs.total:
        return NOTHING_MATCHES
    return READING if view.health.catching_up or view.remembered else EMPTY


def sort_words(sort: Sort) -> str:
    """Name the order: `newest first`, `by acc`, `by loss, lowest last`."""
    if sort.key == AGE:
        return "oldest first" if sort.descending else "newest first"
    kind, name = split_key(sort.key)
    name = clean(name)
    if sort == natural_sort(sort.key):
        return f"by {name}"
    return f"by {name}, {'worst' if kind == 'metric' else 'last'} first"


def natural_sort(key: ColumnKey) -> Sort:
    """Give the order that a person means first: the best metric on top, parameters and fields ascending."""
    kind, name = split_key(key)
    return Sort(key, kind == "metric" and not better_is_lower(name))


def count_words(runs: RunList, sort: Sort, marked: int) -> str:
    """Say how many runs are listed: `12 of 41, by acc`, `41 in 9 lines, by acc`."""
    shown, total = runs.matching, runs.total
    count = f"{total:,} runs" if shown == total else f"{shown:,} of {total:,}"
    count = "1 run" if shown == total == 1 else count
    marks = f"{marked:,} marked, " if marked else ""
    folded = len(runs.keys)
    if runs.folded.group:  # marks, count and order share half of the screen
        count = count.removesuffix(" runs")
    lines = f" in {folded:,} line{'' if folded == 1 else 's'}" if runs.folded.group else ""
    return f"{marks}{count}{lines}, {sort_words(sort)}" if total else ""


def sort_items(columns: Sequence[Column]) -> list[Item]:
    """Offer every column to sort by: age first, then metrics and parameters, then what every run has."""
    known = {c.key: c for c in columns}
    metrics = [c.key for c in columns if c.kind == "metric"]
    params = [c.key for c in columns if c.kind == "param"]
    keys = (AGE, column_key("field", "run"), *metrics, *params, *(k for k in FIELD_COLUMNS if k != AGE))
    return [Item(key, split_key(key)[1], words_about(known.get(key), key)) for key in keys]


def group_items(columns: Sequence[Column], datasets: Sequence[tuple[str, str]]) -> list[Item]:
    """Offer what runs can be folded by: nothing, repeats, data, fields, then the parameters that vary.

    Args:
        columns: What there is, as a list of runs orders it.
        datasets: Name and path of each declared dataset.
    """
    params = [c for c in columns if c.kind == "param" and c.distinct > 1]
    return [
        Item("none", "nothing", "each run is a line"),
        Item(REPEATS, "repeats", MEANINGS[REPEATS]),
        Item(DATA, "data", MEANINGS[DATA]),
        *(Item(f"{DATA}:{path}", name, "read the same version of this dataset") for name, path in datasets),
        *(Item(column_key("field", name), name, MEANINGS[name]) for name in FIELDS_OF_GROUPS),
        *(Item(c.key, c.name, words_about(c, c.key)) for c in params),
    ]


def words_about(column: Column | None, key: ColumnKey) -> str:
    """Say in a few words what a column holds."""
    kind, name = split_key(key)
    if kind == "field" or column is None:
        return FIELDS.get(name, "")
    if kind == "metric":
        return f"metric, {column.runs:,} runs"
    return f"parameter, {column.distinct:,} values" if column.distinct > 1 else "parameter, always the same"


def known_group(text: str) -> str:
    """Read a grouping that an earlier session kept; one that means nothing any more is none."""
    try:
        return ":".join(part for part in split_group(text) if part)
    except UsageError:
        return ""
