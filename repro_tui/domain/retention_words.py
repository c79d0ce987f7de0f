"""Ages, sizes and names as a policy writes them, exactly: what is read from them is what was written."""

from __future__ import annotations

import re
from fractions import Fraction

_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,3})?)\s*([a-zA-Z]*)", re.ASCII)
_LONGEST = 64
_ESCAPED = re.compile(r"%(?:u([0-9a-f]{6})|([0-9a-f]{2})|(_))")
_EMPTY = "%_"
_AGES = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3_600, "min": 60, "s": 1}
"""Unit to seconds. No `m`: it is a month to some and a minute to others, and here that decides what is deleted."""
_SIZES = {"": 1, "b": 1}
_SIZES |= {
    f"{letter}{tail}": 10**power for letter, power in zip("kmgt", (3, 6, 9, 12), strict=True) for tail in ("", "b")
}
_SIZES |= {f"{letter}ib": 2**power for letter, power in zip("kmgt", (10, 20, 30, 40), strict=True)}


def age_text(seconds: float) -> str:
    """Write a length of time: `30d`, `12h`, `90s`."""
    for unit in ("d", "h", "min"):
        if seconds and seconds % _AGES[unit] == 0:
            return f"{int(seconds) // _AGES[unit]}{unit}"
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{seconds!r}s"


def parse_age(text: str) -> float:
    """Read `30d`, `12h`, `2w`, `1y` (365 days), `90min` or `0` as seconds; raises ValueError."""
    match = _NUMBER.fullmatch(text.strip().lower()) if len(text) <= _LONGEST else None
    unit = match[2] if match else ""
    if match and unit == "m":
        raise ValueError(f"{text.strip()!r} could be months or minutes; write 180d or 90min")
    if not match or (unit not in _AGES and float(match[1])):
        raise ValueError(f"{text.strip()!r} is no length of time; write 12h, 30d, 8w or 1y")
    seconds = float(match[1]) * _AGES.get(unit, 0)
    if seconds > _AGES["y"] * 10_000:
        raise ValueError(f"{text.strip()!r} is too long")
    return seconds


def size_text(size: int) -> str:
    """Write bytes so that nothing is lost: `20GB`, `1500MB`, `1234`."""
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def size_words(size: int) -> str:
    """Write bytes as a sentence does, and lose nothing: `20 GB`, `1234 bytes`."""
    text = size_text(size)
    return f"{text} bytes" if text.isdigit() else f"{text[:-2]} {text[-2:]}"


def parse_size(text: str) -> int:
    """Read `20GB`, `1.5 TB`, `64 MiB` or `1000` as bytes; raises ValueError."""
    match = _NUMBER.fullmatch(text.strip().lower()) if len(text) <= _LONGEST else None
    if not match or match[2] not in _SIZES:
        raise ValueError(f"{text.strip()!r} is no size; write 500MB or 20GB")
    return int(Fraction(match[1]) * _SIZES[match[2]])


def escape(text: str, also: str = "") -> str:
    """Write a name so that it stands in a line with others: blanks, commas and the like as `%20`; `%_` when empty."""
    special = f"%,\"'{also}"
    return "".join(_code(c) if c in special or c.isspace() or not c.isprintable() else c for c in text) or _EMPTY


def _code(character: str) -> str:
    number = ord(character)
    return f"%{number:02x}" if number < 0x100 else f"%u{number:06x}"  # noqa: PLR2004 - what two digits hold


def unescape(text: str) -> str:
    """Read what `escape` wrote; a `%` that escapes nothing stands for itself."""
    return _ESCAPED.sub(lambda match: "" if match[3] else _character(int(match[1] or match[2], 16)), text)


def _character(number: int) -> str:
    return chr(min(number, 0x10FFFF))
