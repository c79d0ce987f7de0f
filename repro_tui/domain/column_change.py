"""How columns differ: which was only renamed, and how far the values of the others moved."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repro_tui.domain.profile import ColumnChange, ColumnProfile, Renamed, TableProfile

MARK = 8
"""Hex digits of each mark in a fingerprint."""

_LEAST_SCORE = 0.75
_FEW = 16
"""A column with fewer different values than this is like many others: its statistics must agree closely too."""
_CLOSE = 0.05
_EXACT_DISTINCT = 10_000
_ROUNDING = 1e-9
_NOISES = 4.0
"""A difference between samples counts from so many standard errors on: once in some 16,000 columns by chance."""
_MEDIAN_ERROR = 0.93
"""Standard error of a median, in quartile ranges, times the root of the rows, for normally distributed values."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How far statistics of two samples of the same values differ by chance; zero where all rows were read."""

    shift: float = 0.0
    """Of a quartile, in quartile ranges."""
    share: float = 0.0
    """Of a share around one half; smaller near 0 and 1."""

    @property
    def sampled(self) -> bool:
        """Tell whether chance plays a part."""
        return self.shift > 0


def stays(before: TableProfile, after: TableProfile) -> Noise:
    """Say how much statistics may differ between two tables without anything having changed."""
    counts = [table.sampled for table in (before, after) if table.sampled]
    if not counts or (before.content and before.content == after.content):
        return Noise()
    error = math.sqrt(sum(1 / count for count in counts))
    return Noise(shift=_NOISES * _MEDIAN_ERROR * error, share=_NOISES * error / 2)


def column_changes(pairs: Iterable[tuple[ColumnProfile, ColumnProfile]], noise: Noise) -> tuple[ColumnChange, ...]:
    """Give the columns that differ by more than chance, the largest shift first."""
    found = [
        ColumnChange(old.name, old, new, shift=shift(old, new))
        for old, new in pairs
        if old.type != new.type or _differs(old, new, noise)
    ]
    return tuple(sorted(found, key=lambda change: (-_weight(change), change.name)))


def _weight(change: ColumnChange) -> float:
    moved = abs(change.shift) if change.shift is not None else 0.0
    return max(moved, abs(change.after.nulls - change.before.nulls))


def shift(before: ColumnProfile, after: ColumnProfile) -> float | None:
    """Say how far the values moved: (median after - median before) / (75 % - 25 % before).

    Where the quartiles before are equal, the range of the values before takes their place, and where that is nothing
    too, the size of the median before, or 1. None for columns without quartiles.
    """
    if not (before.quartiles and after.quartiles):
        return None
    low, middle, high = before.quartiles
    moved = after.quartiles[1] - middle
    if not moved:
        return 0.0
    for scale in (high - low, _number(before.high) - _number(before.low), abs(middle), 1.0):
        if scale > 0 and math.isfinite(scale):
            return moved / scale
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _differs(old: ColumnProfile, new: ColumnProfile, noise: Noise) -> bool:
    if not noise.sampled:
        return _exact(old) != _exact(new)
    nulls = (_share(old) + _share(new)) / 2
    spread = max(math.sqrt(nulls * (1 - nulls)), 1e-3) * 2
    if abs(new.nulls - old.nulls) > noise.share * spread:
        return True
    if not (old.quartiles and new.quartiles):
        return False
    scale = max(column.quartiles[2] - column.quartiles[0] for column in (old, new))
    return any(abs(a - b) > noise.shift * scale for a, b in zip(old.quartiles, new.quartiles, strict=True))


def _share(column: ColumnProfile) -> float:
    return min(max(column.nulls, 0.0), 1.0)


def quartile_shifts(old: ColumnProfile, new: ColumnProfile) -> list[float]:
    """Give how far each quartile moved, in quartile ranges of the column before; empty where that says nothing."""
    if not (old.quartiles and new.quartiles):
        return []
    scale = old.quartiles[2] - old.quartiles[0]
    if not (scale > 0 and math.isfinite(scale)):
        return []
    return [(b - a) / scale for a, b in zip(old.quartiles, new.quartiles, strict=True)]


def _exact(column: ColumnProfile) -> tuple[object, ...]:
    """Give what is compared when all rows were read; counts of many different values are approximate."""
    distinct = column.distinct if (column.distinct or 0) <= _EXACT_DISTINCT else None
    rounded = tuple(_round(value) for value in (*column.quartiles, column.mean, column.nulls))
    return (column.low, column.high, distinct, rounded, column.fingerprint if not column.quartiles else "")


def _round(value: float | None) -> float | None:
    """Round so far that another order of adding does not count as a change."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.9g}")


def renamed_columns(
    gone: Sequence[ColumnProfile], come: Sequence[ColumnProfile], before: TableProfile, after: TableProfile
) -> tuple[Renamed, ...]:
    """Pair columns that went with columns that came and hold the same values, the most alike first."""
    places = [{column.name: i for i, column in enumerate(table.columns)} for table in (before, after)]
    scored = sorted(
        (-score, abs(places[0][old.name] - places[1][new.name]), *sorted((old.name, new.name)), old.name, new.name)
        for old in gone
        for new in come
        if (score := likeness(old, new)) >= _LEAST_SCORE
    )
    free = {column.name for column in gone}, {column.name for column in come}
    pairs = []
    for *_, old, new in scored:
        if old in free[0] and new in free[1]:
            free[0].discard(str(old))
            free[1].discard(str(new))
            pairs.append(Renamed(str(old), str(new)))
    return tuple(sorted(pairs, key=lambda pair: (pair.before, pair.after)))


def likeness(one: ColumnProfile, other: ColumnProfile) -> float:
    """Say how much two columns look like the same values under two names, 0 to 1.

    The share of common marks in both fingerprints estimates the share of common values; types must be equal, and where
    there are few different values, nulls and quartiles must be close as well.
    """
    if one.type != other.type or not one.fingerprint or not other.fingerprint:
        return 0.0
    marks = [{c.fingerprint[i : i + MARK] for i in range(0, len(c.fingerprint), MARK)} for c in (one, other)]
    most = max(map(len, marks))
    union = sorted(marks[0] | marks[1])[:most]
    score = sum(1 for mark in union if mark in marks[0] and mark in marks[1]) / len(union)
    if min(one.distinct or 0, other.distinct or 0) < _FEW and not _close(one, other):
        return 0.0
    return score


def _close(one: ColumnProfile, other: ColumnProfile) -> bool:
    if abs(one.nulls - other.nulls) > _CLOSE or one.distinct != other.distinct:
        return False
    moved = quartile_shifts(one, other) + quartile_shifts(other, one)
    means = abs(one.mean - other.mean) if one.mean is not None and other.mean is not None else 0.0
    size = max(abs(one.mean or 0.0), abs(other.mean or 0.0), _ROUNDING)
    return all(abs(m) <= _CLOSE for m in moved) and means <= _CLOSE * size
