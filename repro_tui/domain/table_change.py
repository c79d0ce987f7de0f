"""How tables differ: which belongs to which, their rows, columns, statistics and classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from repro_tui.domain.column_change import column_changes, renamed_columns, stays
from repro_tui.domain.profile import TableChange, TableProfile

SUFFIXES = {
    "csv": (".csv", ".txt", ".data"),
    "tsv": (".tsv", ".tab"),
    "jsonl": (".jsonl", ".ndjson"),
    "parquet": (".parquet", ".pq"),
    "npy": (".npy",),
    "npz": (".npz",),
}
"""Form of a table to the ends of names, without compression, that its files have."""

_SAME_NAME = 0.6
_LEAST_ALIKE = 0.5
"""Share of common columns from which two tables of different names are taken for versions of one."""


def table_changes(
    before: Sequence[TableProfile], after: Sequence[TableProfile], touched: Iterable[str] = ()
) -> tuple[TableChange, ...]:
    """Pair the tables of two versions and give those that differ, by name.

    Args:
        before: tables of the older version.
        after: tables of the newer one.
        touched: paths that were added, removed or modified: a table none of whose files was is not reordered.
    """
    names = [path.lower() for path in touched]
    pairs = [pair for pair in _paired(before, after) if not _is_doubtful(pair, before, after)]
    changes = (_change(old, new, names) for old, new in pairs)
    return tuple(sorted((change for change in changes if change is not None), key=lambda change: change.name))


def _is_doubtful(
    pair: tuple[TableProfile | None, TableProfile | None],
    before: Sequence[TableProfile],
    after: Sequence[TableProfile],
) -> bool:
    """Tell whether nothing may be claimed: one side was not read, or may be among what was not read of the other."""
    old, new = pair
    if (old and old.unread) or (new and new.unread):
        return True
    some, others = (old, after) if new is None else (new, before)
    return (old is None or new is None) and any(t.unread and some and t.form == some.form for t in others)


def _paired(
    before: Sequence[TableProfile], after: Sequence[TableProfile]
) -> list[tuple[TableProfile | None, TableProfile | None]]:
    """Find for each table its other version, by the columns that both have and by the name.

    `scans.csv` becomes `*.csv` when a second file comes, so names alone do not tell; nor do columns, which many tables
    have in common.
    """
    scored = sorted(
        (-_alike(old, new), *sorted((old.name, new.name)), i, j)
        for i, old in enumerate(before)
        for j, new in enumerate(after)
        if _alike(old, new) >= _LEAST_ALIKE
    )
    left, right = set(range(len(before))), set(range(len(after)))
    pairs: list[tuple[TableProfile | None, TableProfile | None]] = []
    for *_, i, j in scored:
        if i in left and j in right:
            left.remove(int(i))
            right.remove(int(j))
            pairs.append((before[int(i)], after[int(j)]))
    return [*pairs, *((before[i], None) for i in sorted(left)), *((None, after[j]) for j in sorted(right))]


def _alike(old: TableProfile, new: TableProfile) -> float:
    """Give the share of common columns, and something for the same name; nothing for tables of different forms."""
    if old.form != new.form:
        return 0.0
    named = _SAME_NAME if old.name == new.name else 0.0
    left, right = ({column.name for column in table.columns} for table in (old, new))
    if left | right:
        return len(left & right) / len(left | right) + named
    return 1.0 if old.form == "images" else named


def _change(old: TableProfile | None, new: TableProfile | None, touched: Sequence[str]) -> TableChange | None:
    """Compare one table with its other version; None when nothing is known to differ."""
    if old is None or new is None:
        some = new or old
        return TableChange(some.name, old, new) if some else None
    left, right = ({column.name: column for column in table.columns} for table in (old, new))
    gone = [column for column in old.columns if column.name not in right]
    come = [column for column in new.columns if column.name not in left]
    renamed = renamed_columns(gone, come, old, new)
    both = [(left[name], right[name]) for name in sorted(left.keys() & right.keys())]
    noise = stays(old, new)
    change = TableChange(
        name=new.name,
        before=old,
        after=new,
        added=tuple(c.name for c in come if c.name not in {pair.after for pair in renamed}),
        removed=tuple(c.name for c in gone if c.name not in {pair.before for pair in renamed}),
        renamed=renamed,
        retyped=column_changes((pair for pair in both if pair[0].type != pair[1].type), noise),
        changed=column_changes((pair for pair in both if pair[0].type == pair[1].type), noise),
        distance=distance(old, new),
        reordered=bool(old.content and old.content == new.content and _touches(touched, old.form)),
    )
    return change if _says_something(change, old, new) else None


def _says_something(change: TableChange, old: TableProfile, new: TableProfile) -> bool:
    columns = change.added or change.removed or change.renamed or change.retyped or change.changed
    return bool(columns or change.reordered or change.distance) or (old.rows, old.shape, old.problem, old.content) != (
        new.rows,
        new.shape,
        new.problem,
        new.content,
    )


def _touches(touched: Sequence[str], form: str) -> bool:
    ends = SUFFIXES.get(form, ())
    packed = (".gz", ".zst", ".bz2")
    return any(path.endswith(ends) or path.removesuffix(end).endswith(ends) for path in touched for end in packed)


def distance(before: TableProfile, after: TableProfile) -> float | None:
    """Give the total variation distance of the classes: half the sum of the differences of their shares, 0 to 1.

    None unless both have classes in a column of the same name.
    """
    if not before.classes or not after.classes or before.label != after.label:
        return None
    old, new = shares(before.classes), shares(after.classes)
    return sum(abs(new.get(name, 0.0) - old.get(name, 0.0)) for name in sorted(old.keys() | new.keys())) / 2


def shares(classes: Mapping[str, int]) -> dict[str, float]:
    """Give each class's share of all rows that have one."""
    total = sum(classes.values())
    return {name: count / total for name, count in classes.items()} if total else {}
