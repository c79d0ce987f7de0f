"""Which columns change together so closely that their effects cannot be told apart."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

SAMPLE = 200
"""Runs that are looked at, evenly over all: what changes together in these by chance alone does so nearly always."""
MOST_COLUMNS = 60
MOST_VALUES = 40
"""Different values, from which on too few runs have each of them to tell."""
_BINS = 4
CLOSE = 0.95
"""From here on the one is known from the other, both ways: the share of rows that agree beyond the commonest value."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column by name, one value a run."""

    name: str
    values: Sequence[object]


def together(columns: Sequence[Coded]) -> dict[int, tuple[str, ...]]:
    """Give for each column, by its place, the names of those that nearly always change with it."""
    looked = columns[:MOST_COLUMNS]
    size = len(looked[0].values) if looked else 0
    chosen = [(i * size) // min(size, SAMPLE) for i in range(min(size, SAMPLE))]
    coded = [_masks(_codes([column.values[i] for i in chosen])) for column in looked]
    found: dict[int, list[str]] = {}
    for a, b in combinations(range(len(looked)), 2):
        if _close(coded[a], coded[b]):
            found.setdefault(a, []).append(looked[b].name)
            found.setdefault(b, []).append(looked[a].name)
    return {i: tuple(names) for i, names in found.items()}


def _codes(values: Sequence[object]) -> list[int]:
    """Number the values in order of appearance, -1 for none; numbers, most of them different, are put into bins."""
    known = [value for value in values if value is not None]
    numbers = {float(v) for v in known if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)}
    if known and len(numbers) > max(2 * _BINS, len(known) // 2) and all(isinstance(v, int | float) for v in known):
        ordered = sorted(numbers)
        edges = [ordered[len(ordered) * i // _BINS] for i in range(1, _BINS)]
        return [-1 if v is None else bisect_right(edges, float(v)) for v in values]  # type: ignore[arg-type]  # numbers, as counted above
    seen: dict[object, int] = {}
    return [-1 if v is None else seen.setdefault(v, len(seen)) for v in values]


def _masks(codes: Sequence[int]) -> tuple[int, ...]:
    """Write down for each code in which rows it stands, as bits: rows that two codes share are one operation."""
    rows: dict[int, int] = {}
    for at, code in enumerate(codes):
        if code >= 0:
            rows[code] = rows.get(code, 0) | 1 << at
    return tuple(rows.values())


def _close(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Tell whether each is known from the other nearly always, by Goodman and Kruskal's lambda both ways."""
    if not min(len(first), len(second)) > 1 or max(len(first), len(second)) > MOST_VALUES:
        return False
    shared = [[(a & b).bit_count() for b in second] for a in first]
    return _known(shared) >= CLOSE and _known(list(zip(*shared, strict=True))) >= CLOSE


def _known(shared: Sequence[Sequence[int]]) -> float:
    """Give how much of what varies in the columns is known from the rows: 1 for all, 0 for nothing."""
    totals = list(map(sum, zip(*shared, strict=True)))
    n, commonest = sum(totals), max(totals)
    if n == commonest:
        return 0.0  # nothing varies among the runs that have both
    return (sum(map(max, shared)) - commonest) / (n - commonest)
