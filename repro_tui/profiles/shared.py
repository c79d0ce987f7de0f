"""Counts the rows that two datasets share: a test set whose rows were trained on measures nothing.

A row is compared by its values in the columns that both have, but for a declared key and for pandas' unnamed index; a
number counts as the same however it is written. Where there are no tables in common, files are compared by digest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine, Overlap
from repro_tui.profiles.budget import Budget, Clock
from repro_tui.profiles.connect import Bench, TooLongError, bench
from repro_tui.profiles.places import Place, places_of
from repro_tui.profiles.relations import Relation, relations

_MOST_ROWS = 500_000
"""Rows of one dataset whose hashes are kept; of more, those with the least hashes, which are the same on both sides."""
_INDEX = frozenset(("index", "Unnamed: 0", "__index_level_0__"))
_WIDE = 500
_EXACT = 1 << 53


def overlap(  # noqa: PLR0913 - two datasets, each with its place and its files
    root_a: Path,
    files_a: Sequence[FileLine],
    root_b: Path,
    files_b: Sequence[FileLine],
    *,
    other: str = "",
    key: str = "",
    budget: Budget | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Overlap | None:
    """Count the rows of the first dataset that are in the second one too; None when they cannot be compared.

    Never raises for what stands in the files. Files are compared where the datasets hold no tables in common.

    Args:
        root_a: folder (or only file) of the first dataset.
        files_a: its file list.
        root_b: folder of the second one.
        files_b: its file list.
        other: name of the second dataset, for the answer.
        key: column that names a row; it is not compared, since a copy may have another number.
        budget: limits; `sampled` is true when they did not suffice for all rows.
        stopped: asked now and then; true ends the work without an answer.
    """
    clock = Clock(budget or Budget(), stopped)
    spec = Spec("", "")
    sides = places_of(root_a, files_a, spec), places_of(root_b, files_b, spec)
    if max(map(len, sides)) > clock.budget.files:
        return None
    if all(sides):
        with bench([*sides[0], *sides[1]], clock) as opened:
            try:
                found = _rows(opened, sides, key)
            except (TooLongError, ValueError):
                return None
        if found is not None:
            return Overlap(other, *found)
    return _files(files_a, files_b, other)


def _files(files_a: Sequence[FileLine], files_b: Sequence[FileLine], other: str) -> Overlap:
    """Compare files by their digests; empty ones are all alike and tell nothing."""
    theirs = {line.digest for line in files_b if line.digest and line.size}
    known = [line for line in files_a if line.size and line.digest]
    unread = any(line.digest is None for line in (*files_a, *files_b))
    return Overlap(other, sum(line.digest in theirs for line in known), len(known), sampled=unread)


def _rows(opened: Bench, sides: tuple[Sequence[Place], Sequence[Place]], key: str) -> tuple[int, int, bool] | None:
    """Count shared rows, compared rows, and tell whether these are a sample; None when nothing can be compared."""
    shared = compared = 0
    sampled = False
    theirs = relations(opened, sides[1])
    any_pair = False
    for ours in relations(opened, sides[0]):
        best = max(theirs, key=lambda table: len(_columns(ours, table, key)), default=None)
        columns = _columns(ours, best, key) if best else ()
        if best is None or not columns or len(columns) > _WIDE:
            continue
        any_pair = True
        hits, rows, part = _pair(opened, ours, [t for t in theirs if _columns(ours, t, key) == columns], columns)
        shared, compared, sampled = shared + hits, compared + rows, sampled or part
    return (shared, compared, sampled) if any_pair else None


def _columns(one: Relation, other: Relation, key: str) -> tuple[str, ...]:
    """Give the columns by which rows of two tables are compared."""
    common = (set(one.values) & set(other.values)) - {key} - _INDEX
    most = min(len(set(table.values) - {key} - _INDEX) for table in (one, other))
    return tuple(sorted(common)) if len(common) * 2 >= most else ()


def _pair(opened: Bench, ours: Relation, theirs: Sequence[Relation], columns: Sequence[str]) -> tuple[int, int, bool]:
    """Compare one table with the tables of the other side that have the same columns."""
    rows = _count(opened, [ours]), _count(opened, theirs)
    times = 0
    while max(rows) >> times > _MOST_ROWS:
        times += 1
    limit = ((1 << 64) >> times) - 1
    opened.ask(_hashes("ours", [ours], columns, limit))
    opened.ask(_hashes("theirs", theirs, columns, limit))
    compared, shared = opened.ask("SELECT count(*), count(*) FILTER (h IN (SELECT h FROM theirs)) FROM ours")[0]
    return int(shared), int(compared), bool(times)


def _count(opened: Bench, tables: Sequence[Relation]) -> int:
    return sum(int(opened.ask(f"SELECT count(*) FROM {table.relation}")[0][0]) for table in tables)  # noqa: S608 - names in it are quoted


def _hashes(table: str, relations_of: Sequence[Relation], columns: Sequence[str], limit: int) -> str:
    """Write what keeps the hashes of rows; rows without any value are left out, they are all alike."""
    numbers = range(len(columns))
    parts = []
    for relation in relations_of:
        raw = ", ".join(f"({relation.values[column]})::VARCHAR AS r{i}" for i, column in enumerate(columns))
        parts.append(f"SELECT {raw} FROM {relation.relation}")  # noqa: S608 - names in it are quoted
    # A hash is no NULL where its value is, so that `CASE` chooses between the number and the text. Of whole numbers
    # beyond 2^53, such as identifiers, several are one DOUBLE: these are compared as they are written.
    texts = ", ".join(f"nullif(trim(r{i}), '') AS v{i}, TRY_CAST(r{i} AS DOUBLE) AS n{i}" for i in numbers)
    hashes = ", ".join(
        f"CASE WHEN n{i} IS NULL OR abs(n{i}) > {_EXACT} THEN hash(v{i}) ELSE hash(n{i}) END" for i in numbers
    )
    some = " OR ".join(f"v{i} IS NOT NULL" for i in numbers)
    return (
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT h FROM (SELECT hash({hashes}) AS h FROM "  # noqa: S608 - the same
        f"(SELECT {texts} FROM ({' UNION ALL '.join(parts)})) WHERE {some}) WHERE h <= {limit}::UBIGINT"
    )
