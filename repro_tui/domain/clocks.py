"""Which metrics measure how long something took: they differ each time, and say nothing of a result."""

from __future__ import annotations

import re

from repro_tui.domain.words import words

_CLOCKS = words(
    """
    time times seconds secs sec minutes hours duration durations elapsed runtime walltime wallclock eta latency
    throughput fps speed ms timestamp timestamps wall clock date datetime
    """
)
_RATE = re.compile(r"(?:_per_|/)(?:s|sec|second|seconds|min|minute|hour)\b", re.IGNORECASE)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_clock(metric: str) -> bool:
    """Tell by its name whether a metric measures how long something took."""
    return bool(_RATE.search(metric)) or any(word.lower() in _CLOCKS for word in _WORDS.findall(metric))
