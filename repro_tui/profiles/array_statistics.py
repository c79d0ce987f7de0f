"""Statistics of values in Python's memory, the same as DuckDB gives for a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b

from repro_tui.domain.profile import ColumnProfile
from repro_tui.profiles.columns import MARKS, WORDS, fingerprint

_MASK = (1 << 64) - 1

Value = float | str | bytes


def mixed(number: int) -> int:
    """Spread a number over 64 bits, the same on every machine (the finisher of SplitMix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def column_of(name: str, kind: str, values: Sequence[Value]) -> ColumnProfile:
    """Describe a column by its values; NaN counts as no value, infinities count only as values."""
    if values and not isinstance(values[0], str | bytes):
        return _numbers(name, kind, [float(value) if isinstance(value, bool) else value for value in values])  # type: ignore[misc]  # a column holds values of one kind
    texts = [value if isinstance(value, str) else value.decode("latin-1") for value in values]  # type: ignore[union-attr]  # no number came here
    different = set(texts)
    return ColumnProfile(
        name=name,
        type=kind,
        nulls=0.0,
        distinct=len(different),
        low=min(different)[:WORDS] if different else "",
        high=max(different)[:WORDS] if different else "",
        fingerprint=fingerprint(sorted(map(_hash_of_text, different))[:MARKS]),
    )


def _numbers(name: str, kind: str, values: Sequence[float]) -> ColumnProfile:
    known = [value for value in values if value == value]  # noqa: PLR0124 - NaN is unlike itself
    finite = sorted(value for value in known if math.isfinite(value))
    different = set(known)
    return ColumnProfile(
        name=name,
        type=kind,
        nulls=round(1 - len(known) / len(values), 6) if values else 0.0,
        distinct=len(different),
        low=str(finite[0]) if finite else "",
        high=str(finite[-1]) if finite else "",
        quartiles=tuple(_quantile(finite, share) for share in (0.25, 0.5, 0.75)) if finite else (),
        mean=float(f"{math.fsum(finite) / len(finite):.12g}") if finite else None,
        fingerprint=fingerprint(sorted(mixed(hash(value) & _MASK) for value in different)[:MARKS]),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Give a quantile, between two values in proportion."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    return float(f"{low + (high - low) * (place - below):.12g}")


def _hash_of_text(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
