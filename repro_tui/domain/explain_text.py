"""Names, numbers and lists, as sentences about results say them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from repro_tui.domain.case import Result
from repro_tui.domain.explanation import Candidate
from repro_tui.domain.plain import clean, shorten
from repro_tui.domain.traits import Section

_NAME = 40
"""Cells of a name within a sentence."""
_WORDS = 160
_MOST = 3
_DIGITS = 4
_ALL_DIGITS = 17


def name_of(result: Result) -> str:
    """Give a run's name on one plain line."""
    return word(result.name or str(result.uid)[:8])


def word(text: str, cells: int = _NAME) -> str:
    """Put a foreign text on one plain line."""
    return shorten(clean(text), cells)


def listed(texts: Sequence[str], most: int = _MOST) -> str:
    """Join a few and count the others: `a`, `a and b`, `a, b and 3 more`."""
    said = [word(text, _WORDS) for text in texts]
    if len(said) > most:
        return f"{', '.join(said[:most])} and {len(said) - most:,} more"
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}" if said else ""


def fitting(texts: Sequence[str]) -> str:
    """Join as many as are read in one go, and count the others."""
    tries = [listed(texts, most) for most in range(_MOST, 0, -1)]
    return next((said for said in tries if len(said) <= _WORDS), tries[-1])


def told(words: str) -> str:
    """Put the words of a change into a sentence: `train.py: 2 hunks` becomes `train.py (2 hunks)`."""
    name, colon, rest = words.partition(": ")
    return f"{name} ({rest})" if colon and ("(" not in rest or rest.startswith("`")) else words


def phrase(candidate: Candidate) -> str:
    """Put a cause among others into a sentence, many things that come together by the first: a list counts once."""
    first, _, rest = candidate.name.rpartition(" and ")
    if first and rest.endswith(" more") and candidate.words.endswith(" more"):
        nouns = {Section.ENVIRONMENT: "packages", Section.CODE: "files", Section.DATA: "inputs"}
        noun = nouns.get(candidate.section, "things") if first != "python" else "parts of the environment"
        return f"{len(candidate.changes):,} {noun} ({first} and others)"
    return told(candidate.words)


def count(number: int, what: str) -> str:
    """Count something: `1 repeat`, `3 repeats`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def value(number: float | None, digits: int = _DIGITS) -> str:
    """Write an outcome: four digits, `nan`, `inf`."""
    if number is None:
        return "none"
    if not math.isfinite(number):
        return f"{number}"
    return f"{number:.{digits}g}"


def values(*numbers: float | None) -> list[str]:
    """Write numbers with so many digits that different ones look different."""
    for digits in range(_DIGITS, _ALL_DIGITS + 1):
        said = [value(number, digits) for number in numbers]
        if len(set(said)) == len({repr(number) for number in numbers}):
            return said
    return [repr(number) for number in numbers]


def step_text(step: float) -> str:
    """Write a step: `1,240`, `0.5`."""
    return f"{int(step):,}" if step == int(step) else f"{step:g}"


def signed(number: float, half: float | None = None) -> str:
    """Write a distance with its sign, and what it may be off by: `+0.012 ± 0.003`."""
    said = f"{number:+.2g}"
    return said if half is None else f"{said} ± {half:.2g}"
