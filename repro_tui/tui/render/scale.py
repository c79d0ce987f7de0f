"""Axes: how a value becomes a share of an axis, and round places on it with labels that a person reads at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from repro_tui.domain.series import Axis
from repro_tui.tui.render.numbers import number

_ROUND = (1.0, 2.0, 5.0, 10.0)
_ROUND_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_DAY = 86400
_FEW_DECADES = 3
"""Up to so many powers of ten, a logarithmic axis also names their 2 and 5."""
_EVEN = 1.5
_WHOLE_FROM = 1000
"""From here on nobody reads a step's fraction."""
_WIDE_LABEL = 7
"""A step label longer than this is written in thousands or millions."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, linear or logarithmic (then both are positive)."""

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Give where a value lies, 0 at the low end and 1 at the high one; outside of it beyond these."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        # Halves first: the distance between the greatest and the least float is not a float.
        span = high / 2 - low / 2
        return (value / 2 - low / 2) / span if span > 0 else 0.5

    def value(self, share: float) -> float:
        """Give the value at a share of the axis."""
        low, high = self._inner(self.low), self._inner(self.high)
        inner = low + share * (high - low)
        return 10**inner if self.log else inner

    def _inner(self, value: float) -> float:
        return math.log10(value) if self.log else value


def around(values: Iterable[float], *, log: bool = False) -> Scale | None:
    """Make a value axis around values, with room where all are equal; None without any that can be drawn."""
    drawable = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not drawable:
        return None
    low, high = min(drawable), max(drawable)
    if log:
        return Scale(low, high, log=True) if high > low * 1.0000001 else Scale(low / 2, high * 2, log=True)
    if high / 2 - low / 2 <= max(abs(low), abs(high)) * 1e-12:
        room = abs(high) * 0.1 or 1.0
        return Scale(max(low - room, -1.7e308), min(high + room, 1.7e308))
    return Scale(low, high)


def ticks(scale: Scale, most: int) -> tuple[float, ...]:
    """Give at most `most` round values inside an axis."""
    if most < 1:
        return ()
    if scale.log:
        return _log_ticks(scale, most)
    return _multiples(scale, _finer((scale.high / 2 - scale.low / 2) / most * 2), most)


def _finer(raw: float) -> float:
    """Give a round step that may be one too fine: ranges seldom begin on a tick, so it often fits after all."""
    return _round_up(raw / 2)


def _round_up(raw: float) -> float:
    """Give the next of 1, 2, 5 times a power of ten."""
    if not (raw > 0 and math.isfinite(raw)):
        return 0.0
    power = 10.0 ** math.floor(math.log10(raw))
    return next((power * m for m in _ROUND if power * m >= raw * 0.9999), power * 10)


def _multiples(scale: Scale, step: float, most: int) -> tuple[float, ...]:
    if not (step > 0 and math.isfinite(step)):
        return ()
    first = math.ceil(scale.low / step - 1e-9)
    last = math.floor(scale.high / step + 1e-9)
    if last - first + 1 > most:
        return _multiples(scale, _round_up(step * 1.5), most)
    return tuple(n * step for n in range(first, last + 1))


def _log_ticks(scale: Scale, most: int) -> tuple[float, ...]:
    first, last = math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high))
    factors = (1, 2, 5) if last - first <= _FEW_DECADES else (1,)
    stride = max(1, math.ceil((last - first) * len(factors) / most))
    values = [factor * 10.0**n for n in range(first, last + 1) if -307 < n < 308 for factor in factors]  # noqa: PLR2004 - floats
    inside = [value for value in values if scale.low * 0.9999 <= value <= scale.high * 1.0001]
    if not inside:
        return _multiples(Scale(scale.low, scale.high), _round_up((scale.high - scale.low) / most), most)
    return tuple(inside[::stride][:most])


def value_labels(values: Sequence[float]) -> tuple[str, ...]:
    """Write the places of a value axis with the same digits, as few as tell them apart."""
    if not values:
        return ()
    gaps = [abs(b - a) for a, b in pairwise(values) if b != a]
    finest = min(gaps, default=abs(values[0]) or 1.0)
    decimals = max(0, -math.floor(math.log10(finest) + 1e-9)) if math.isfinite(finest) and finest > 0 else 0
    if max(map(abs, values)) >= 1e5 or decimals > 6:  # noqa: PLR2004 - then exponents are shorter
        return tuple(_short_exponent(value) for value in values)
    # Places that are not evenly spaced are those of a logarithmic axis: each label needs its own digits.
    if gaps and max(gaps) > _EVEN * finest:
        return tuple(number(value) for value in values)
    return tuple(f"{value:.{decimals}f}" for value in values)


def _short_exponent(value: float) -> str:
    if not value:
        return "0"
    mantissa, _, exponent = f"{value:.3e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def x_ticks(scale: Scale, most: int, axis: Axis) -> tuple[float, ...]:
    """Give round places of an x axis: whole steps, or seconds, minutes and hours."""
    span = scale.high - scale.low
    if most < 1 or not math.isfinite(span):
        return ()
    if axis == "time":
        step = next((s for s in _ROUND_TIMES if span / s <= most), _DAY * _round_up(span / _DAY / most))
        return _multiples(scale, step if span > 1 else _round_up(span / most), most)
    whole = float(scale.low).is_integer() and float(scale.high).is_integer()
    step = _finer(span / most)
    return _multiples(scale, max(1.0, step) if whole else step, most)


def x_label(value: float, axis: Axis) -> str:
    """Write a place of the x axis: `1,240`, `12.5k` when that is too long, or `1m30s`."""
    return time_label(value) if axis == "time" else step_label(value)


def step_label(step: float) -> str:
    """Write a step with its thousands set apart, in thousands or millions when that would be long."""
    if not math.isfinite(step):
        return number(step)
    if not float(step).is_integer() and abs(step) < _WHOLE_FROM:
        text = number(step)
        return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    text = f"{round(step):,}"
    if len(text) <= _WIDE_LABEL:
        return text
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if abs(step) >= limit:
            return f"{step / limit:.6g}"[:6].rstrip(".") + letter if abs(step) < 1e15 else number(step)  # noqa: PLR2004 - beyond a double
    return f"{step / 1e3:.6g}k"


def time_label(seconds: float) -> str:
    """Write seconds since the run began: `0`, `30s`, `1m30s`, `2h`, `1d6h`, leaving out units that are zero."""
    if not math.isfinite(seconds):
        return number(seconds)
    if not float(seconds).is_integer() and abs(seconds) < 60:  # noqa: PLR2004 - a minute
        return f"{number(seconds)}s"
    whole = round(abs(seconds))
    parts = (whole // _DAY, "d"), (whole % _DAY // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s")
    shown = [f"{amount}{unit}" for amount, unit in parts if amount][:2]
    return ("-" if seconds < 0 and shown else "") + "".join(shown) if shown else "0"
