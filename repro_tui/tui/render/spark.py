"""The shape of a few values in as many cells: `▁▂▄`, or `_.-=` where there is no Unicode."""

from __future__ import annotations

import math
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = "_.-~=+*#"


def spark(values: Sequence[float], *, ascii_only: bool = False) -> str:
    """Draw one bar a value between the least and the greatest; NaN and infinities leave a gap, equal values lie low."""
    bars = PLAIN_BARS if ascii_only else BARS
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return " " * len(values)
    low, high = min(finite), max(finite)
    return "".join(_bar(value, low, high, bars) for value in values)


def _bar(value: float, low: float, high: float, bars: str) -> str:
    if not math.isfinite(value):
        return " "
    # Halves first: the distance between the greatest and the least float is not a float.
    span = high / 2 - low / 2
    share = (value / 2 - low / 2) / span if span > 0 else 0.0
    return bars[min(len(bars) - 1, int(share * len(bars)))]
