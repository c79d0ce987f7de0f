"""Values of parameters: when two are the same, how they are shown, and how far apart numbers are."""

from __future__ import annotations

import json
import math
import re

from repro_tui.domain.events import Scalar

_NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_BROKEN = {
    word: value
    for value, names in ((math.nan, "nan"), (math.inf, "inf infinity +inf +infinity"), (-math.inf, "-inf -infinity"))
    for word in names.split()
}
WRITTEN = frozenset({"NaN", "Infinity", "-Infinity"})
"""How journals write the numbers that JSON has not."""

TIMES = "\N{MULTIPLICATION SIGN}"
_MOST_SHOWN = 60
_BEFORE = 12
_MOST_DIGITS = 300
_MOST_TIMES = 20
_EXACT = 1e-9


def show(value: Scalar) -> str:
    """Write a value as a person would: no trailing `.0`, lower-case booleans, quotes around nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value) or '""'


def token_of(value: Scalar) -> str:
    """Give a text that is equal where values are: 1 and 1.0 are one number, `"1"` is none, and NaN equals itself."""
    if isinstance(value, bool):
        return f"flag {value}"
    if value is None:
        return "none"
    if isinstance(value, int):
        return f"number {value}"
    if isinstance(value, float):
        return f"number {int(value)}" if value.is_integer() else f"number {value!r}"
    return f"number {float(value)!r}" if value in WRITTEN else f"text {value}"


def typed(value: Scalar) -> Scalar:
    """Read what stood on a command line, where everything is a text, as the number or switch that it spells."""
    if not isinstance(value, str):
        return value
    low = value.lower()
    if low in {"true", "false"}:
        return low == "true"
    if len(value) > _MOST_DIGITS or not _NUMERAL.fullmatch(value):
        return value
    return int(value) if value.lstrip("+-").isdigit() else float(value)


def number_of(value: Scalar) -> float | None:
    """Give a value as a number where it is one; true and false are 1 and 0."""
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if not isinstance(value, str):
        return None
    if _NUMERAL.fullmatch(value):
        return float(value)
    return _BROKEN.get(value.lower())


def as_text(value: str) -> str:
    """Write a text in quotes, so that it is not taken for a number."""
    return json.dumps(value, ensure_ascii=False)


def times(before: float | None, after: float | None) -> str:
    """Say by how many times a number grew or shrank where that is plain, as in `÷2`; empty where it is not."""
    if before is None or after is None or not (math.isfinite(before) and math.isfinite(after)):
        return ""
    if before * after <= 0:
        return ""
    factor = after / before
    if not factor:
        return ""
    sign, factor = (TIMES, factor) if factor > 1 else ("÷", 1 / factor)
    if not math.isfinite(factor):
        return ""
    whole = round(factor)
    if whole < 2 or abs(factor - whole) > _EXACT * whole:  # noqa: PLR2004 - once is no change
        return ""
    plain = whole <= _MOST_TIMES or (whole < 10**12 and str(whole).strip("0") == "1")
    return f"{sign}{whole:,}" if plain else ""


def brief(text: str) -> str:
    """Shorten a long value to its beginning."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


def apart(before: str, after: str) -> tuple[str, str]:
    """Shorten two values that differ to the surroundings of the first difference; short ones are given whole."""
    if len(before) <= _MOST_SHOWN and len(after) <= _MOST_SHOWN:
        return before, after
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, same - _BEFORE)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    start = min(start, max(0, len(text) - 1))
    part = text[start : start + _MOST_SHOWN - 2]
    return ("…" if start else "") + part + ("…" if start + len(part) < len(text) else "")
