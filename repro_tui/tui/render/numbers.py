"""Numbers that can be compared at a glance: within a column they have the same digits after the point."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from repro_tui.domain.events import Scalar

SIGNIFICANT = 4
"""Digits that a measured value is shown with."""

_MOST_DECIMALS = 8
_HUGE = 7
"""A value of more digits before the point is written with an exponent."""
_TINY = -4
"""Exponent of ten of the least value that is written without one: `0.0001`, then `9e-5`."""
_ROUNDING = 0.05
"""Share of a value that its column's digits may round away."""

MISSING = "-"


@dataclass(frozen=True, slots=True)
class Digits:
    """How the numbers of one column are written."""

    decimals: int = SIGNIFICANT
    """Digits after the point."""


def _magnitude(value: float) -> int:
    """Give the exponent of ten of a value as it appears with four significant digits."""
    return int(f"{abs(value):.{SIGNIFICANT - 1}e}".partition("e")[2])


def _needed(value: float) -> int:
    """Count the digits after the point that write a value exactly."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    return max(0, len(mantissa.partition(".")[2].rstrip("0")) - int(exponent or 0))


def digits_of(values: Iterable[float | None]) -> Digits:
    """Choose the digits of a column: four significant ones for a typical value, no more than any value needs."""
    finite = [float(value) for value in values if value is not None and math.isfinite(value) and value]
    sized = [(value, size) for value in finite if _TINY <= (size := _magnitude(value)) < _HUGE]
    if not sized:
        return Digits(0)
    from statistics import median_low  # imported where digits are chosen: commands that only write sizes do without

    wanted = SIGNIFICANT - 1 - median_low([size for _, size in sized])
    most, needed = max(0, min(wanted, _MOST_DECIMALS)), 0
    for value, _ in sized:
        needed = max(needed, _needed(value))
        if needed >= most:
            break
    return Digits(min(needed, most))


def _exponential(value: float) -> str:
    """Write a value with an exponent and without digits that say nothing: `1.5e-7`."""
    mantissa, _, exponent = f"{value:.{SIGNIFICANT - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def _special(value: float) -> str:
    """Write NaN and the infinities."""
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def number(value: float | None, digits: Digits | None = None) -> str:
    """Write a number with the digits of its column, or with four significant ones when it stands alone.

    Too great and too small values have an exponent; NaN and the infinities are `nan`, `inf`, `-inf`; none is `-`.
    """
    if value is None:
        return MISSING
    try:
        value = float(value)
    except OverflowError:
        return "inf" if value > 0 else "-inf"
    if not math.isfinite(value):
        return _special(value)
    if digits is None:
        digits = digits_of([value])
    if not value:
        return f"{0.0:.{digits.decimals}f}"
    magnitude = _magnitude(value)
    if not _TINY <= magnitude < _HUGE:
        return _exponential(value)
    text = f"{value:.{digits.decimals}f}"
    # A value that its column's digits would round away says more with an exponent.
    return text if abs(float(text) - value) <= abs(value) * _ROUNDING else _exponential(value)


def difference(value: float, base: float, digits: Digits | None = None) -> str:
    """Write how much a value is above or below another, always with its sign: `+0.0018`; `0` when they are equal."""
    delta = value - base
    if math.isnan(delta):
        return MISSING
    if not delta:
        return "0"
    text = number(delta, digits)
    return text if text.startswith("-") else f"+{text}"


def scalar(value: Scalar) -> str:
    """Write a parameter as it was given: whole numbers exactly, others with the fewest digits that tell them apart."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = _special(value) if not math.isfinite(value) else repr(value)
        return text.removesuffix(".0") if "e" not in text and len(text) > _HUGE else text.replace("e-0", "e-")
    if isinstance(value, int):
        return _whole(value)
    return value


def _whole(value: int) -> str:
    try:
        return str(value)
    except ValueError:
        # Python refuses to write out integers of several thousand digits.
        return f"{'-' if value < 0 else ''}about 2^{value.bit_length() - 1}"


def count(number_of: int) -> str:
    """Write a count with its thousands set apart: `1,204`."""
    return f"{number_of:,}"


_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_THOUSAND = 1000


def size(of_bytes: float | None) -> str:
    """Write a number of bytes in powers of a thousand: `812 B`, `4 kB`, `1.9 GB`; `-` when it is not known."""
    if of_bytes is None or not math.isfinite(of_bytes):
        return MISSING
    value = float(of_bytes)
    unit = 0
    while abs(value) >= _THOUSAND - 0.5 and unit < len(_UNITS) - 1:
        value /= _THOUSAND
        unit += 1
    text = f"{value:.1f}" if unit and abs(value) < 9.95 else f"{value:.0f}"  # noqa: PLR2004 - rounds to 10.0 from here
    return f"{text.removesuffix('.0')} {_UNITS[unit]}"


def spread(value: float, digits: Digits | None = None) -> str:
    """Write a standard deviation with the digits of the values that it belongs to; below these as a number alone."""
    decimals = digits.decimals if digits else SIGNIFICANT
    text = f"{value:.{decimals}f}"
    return text if not value or (float(text) and _magnitude(value) < _HUGE) else number(value)
