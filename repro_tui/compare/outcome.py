"""Which outcome is meant when nobody names one, and which metrics say nothing of the result."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from repro_tui.source.words import words

_CLOCKS = words(
    """
    time times seconds secs sec minutes hours duration durations elapsed runtime walltime wallclock eta latency
    throughput fps speed ms
    """
)
_RATE = re.compile(r"(?:_per_|/)(?:s|sec|second|seconds|min|minute|hour)\b", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_clock(metric: str) -> bool:
    """Tell by its name whether a metric measures how long something took: it differs each time, and decides nothing."""
    return bool(_RATE.search(metric)) or any(word.lower() in _CLOCKS for word in _WORDS.findall(metric))


def main_metric(shown: Sequence[str], declared: Sequence[str], common: Collection[str]) -> str:
    """Choose the outcome: the first that is declared, else the first that the run table shows; empty without any.

    Args:
        shown: metrics in the order of the run table.
        declared: metrics that repro.yaml speaks of, in its order.
        common: metrics that may be chosen.
    """
    order = [name for name in (*declared, *shown, *sorted(common)) if name in common]
    return next((name for name in order if not is_clock(name)), order[0] if order else "")
