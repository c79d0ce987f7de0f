"""Numbers as people type them: `1e-3`, `64k`, `2GB`, `90%`, `1h`, and moments as `2d` or `2026-11-20`."""

from __future__ import annotations

import math
import re
from datetime import datetime

_NUMBER = re.compile(r"([+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)\s*([A-Za-z%µ]*)", re.ASCII)
_SIZES = {"k": 1e3, "M": 1e6, "g": 1e9, "t": 1e12, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "b": 1.0}
_SIZES |= {"kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30, "tib": 2.0**40}
_TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_MAX_LENGTH = 64


def _factor(unit: str) -> float | None:
    """Give what a unit multiplies by: `M` is a million and `m` a minute, all others mean the same in either case."""
    if unit == "%":
        return 0.01
    if unit in {"", "M"}:
        return _SIZES.get(unit, 1.0)
    low = unit.lower()
    return _TIMES.get(low, _SIZES.get(low))


def to_number(text: str) -> float | None:
    """Read a number with or without a unit: bytes, seconds, per cent as a fraction; None for anything else."""
    match = _NUMBER.fullmatch(text.strip()) if len(text) <= _MAX_LENGTH else None
    factor = _factor(match[2]) if match else None
    if not match or factor is None:
        return None
    try:
        number = float(match[1]) * factor if match[2] else float(match[1])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def to_seconds(text: str) -> float | None:
    """Read a length of time: `30m`, `3h`, `2d`, `1w`; None for anything else, also for a number without a unit."""
    match = _NUMBER.fullmatch(text.strip()) if len(text) <= _MAX_LENGTH else None
    if not match or match[2].lower() not in _TIMES or match[2] == "M":
        return None
    return to_number(text)


def to_moment(text: str, now: float) -> float | None:
    """Read a moment as seconds since the epoch: a length of time before now (`2d`), or a date or time.

    A date without an offset is meant in the time zone of the reader: `2026-11-20`, `2026-11-20T15:30`, `today`,
    `yesterday`. None for anything else.
    """
    seconds = to_seconds(text.strip().removesuffix("ago").strip())
    if seconds is not None:
        return now - seconds
    word = text.strip().lower()
    try:
        if word in {"today", "yesterday"}:
            midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)  # noqa: DTZ006 - the reader's zone is meant
            return midnight.timestamp() - (86400.0 if word == "yesterday" else 0.0)
        return datetime.fromisoformat(text.strip()).timestamp() if text[:4].isdigit() else None
    except (ValueError, OverflowError, OSError):
        return None
