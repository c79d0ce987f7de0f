"""Ages and durations in few cells: the greatest unit tells enough at a glance."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

_MINUTE = 60
_HOUR = 3600
_DAY = 86400
_WEEK = 7 * _DAY
_YEAR = 365 * _DAY

_DAYS_SHOWN = 100
"""From a hundred days on, weeks say it shorter."""


def age(seconds: float) -> str:
    """Write an age in one unit: `40s`, `2m`, `1h`, `3d`, `20w`, `2y`.

    A time in the future (clocks differ between hosts) is `0s`.
    """
    if not math.isfinite(seconds):
        return "-"
    whole = max(0, int(seconds))
    for limit, unit, letter in (
        (_MINUTE, 1, "s"),
        (_HOUR, _MINUTE, "m"),
        (_DAY, _HOUR, "h"),
        (_DAYS_SHOWN * _DAY, _DAY, "d"),
        (2 * _YEAR, _WEEK, "w"),
    ):
        if whole < limit:
            return f"{whole // unit}{letter}"
    return f"{whole // _YEAR}y"


def duration(seconds: float) -> str:
    """Write a duration in its two greatest units: `0.3s`, `40s`, `4m12s`, `1h02m`, `3d04h`; `-` when not known."""
    if not math.isfinite(seconds):
        return "-"
    seconds = max(0.0, seconds)
    if seconds < 9.95:  # noqa: PLR2004 - from here on a tenth of a second rounds to 10.0
        return f"{seconds:.1f}s"
    whole = max(10, int(seconds))
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02}m"
    return f"{whole // _DAY}d{whole % _DAY // _HOUR:02}h"


def moment(seconds: float, zone: tzinfo | None = None) -> str:
    """Write a point in time, given in seconds since the epoch: `2026-11-23 10:15:03`; `-` when it is none.

    Without a zone it is the reader's local time.
    """
    try:
        return datetime.fromtimestamp(seconds, zone).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "-"
