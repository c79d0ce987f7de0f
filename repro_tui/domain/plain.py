"""Foreign text on one plain line of known width, for sentences that the domain makes out of names and values.

The screens clean what they draw once more, with exact cell widths; here no character is counted narrower than it is.
"""

from __future__ import annotations

import re
import unicodedata

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
"""Control sequences of ECMA-48: CSI, the string sequences (title, clipboard, device control), and the short ones."""

_ENCODED = re.compile("\0([0-9a-f]{2})")
"""A byte that is no UTF-8, in the NUL encoding of journal.md."""

_LONGEST = 4096
"""Characters of a foreign text that are looked at: nobody reads more of a name."""

_WIDE = 0x1D300
"""From here on lie pictures, which terminals draw in one cell or in two."""
_LATELY_WIDE = frozenset((*range(0x2630, 0x2638), *range(0x268A, 0x2690), *range(0x4DC0, 0x4E00)))
"""Trigrams and hexagrams, which Unicode 16 made wide; the tables of older Pythons do not know it."""

_DROPPED = frozenset(("Cf", "Mn", "Me"))


def clean(text: str) -> str:
    """Give a text without escape sequences, control characters, bidi overrides or joiners, on one line."""
    if text.isascii() and text.isprintable():
        return text[:_LONGEST]
    text = _ENCODED.sub("\N{REPLACEMENT CHARACTER}", text[:_LONGEST])
    text = unicodedata.normalize("NFC", _ESCAPE.sub("", text))
    return "".join(map(_safe, text))


def _safe(character: str) -> str:
    if character in "\n\u2028\u2029\x85":
        return "␤"
    if character.isspace():
        return "" if character == "\r" else " "
    category = unicodedata.category(character)
    if category in _DROPPED:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category in {"Cc", "Cs", "Cn"} else character


def width(text: str) -> int:
    """Count the terminal cells that a cleaned text takes at most."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if character < "\x7f":
        return 1
    code = ord(character)
    return 2 if code >= _WIDE or code in _LATELY_WIDE or unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, cells: int, *, ascii_only: bool = False) -> str:
    """Cut a cleaned text to at most so many cells, with an ellipsis where something was left out."""
    if width(text) <= cells:
        return text
    sign = "~" if ascii_only else "…"
    used, kept = 1, []
    for character in text:
        used += _cells(character)
        if used > cells:
            break
        kept.append(character)
    return ("".join(kept).rstrip(" ") + sign) if cells > 0 else ""


def to_ascii(text: str) -> str:
    """Give a cleaned text in ASCII, for terminals without Unicode; accents go, what has no plain form is `?`."""
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isascii():
        return character
    known = {"→": "to", "…": "~", "␤": " ", "·": ".", "\N{MINUS SIGN}": "-", "µ": "u"}.get(character)
    letters = known or "".join(c for c in unicodedata.normalize("NFKD", character) if c.isascii() and c.isprintable())
    return letters if letters and (known or len(letters) <= _cells(character)) else "?" * _cells(character)
