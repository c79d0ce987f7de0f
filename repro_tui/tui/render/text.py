"""Foreign text made fit for a cell: nothing in it may move the cursor, turn the line round or widen its column."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len, get_character_cell_size

from repro_tui.tui.render.spark import BARS, PLAIN_BARS

Align = Literal["left", "right", "centre"]

ELLIPSIS = "…"
LINE_END = "␤"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
"""Control sequences of ECMA-48: CSI, the string sequences (title, clipboard, device control), and the short ones."""

_MOST_MARKS = 3
"""Combining marks kept on one character; more of them only climb into the lines above."""

_SAFE_PLAIN = frozenset(chr(code) for code in range(0x20, 0x7F))

_STAND_INS = {
    "…": "~",
    "␤": " ",
    "·": ".",
    "●": "*",
    "✓": "+",
    "✗": "x",
    "▸": ">",
    "▾": "v",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "±": "~",
    "\N{MULTIPLICATION SIGN}": "x",
    "÷": "/",
    "≤": "<",
    "≥": ">",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "│": "|",
    "─": "-",
    "┼": "+",
    "├": "+",
    "┤": "+",
    "└": "+",
    "┴": "+",
    "▎": "|",
    "⋮": ":",
    **dict(zip(BARS, PLAIN_BARS, strict=True)),
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "µ": "u",
    "␀": "?",
}
"""Our own signs and the commonest foreign ones, to a sign of the same width in ASCII."""


def _is_dropped(character: str) -> bool:
    """Tell whether a character has no place in a cell: bidi overrides, joiners, variation selectors, soft hyphens."""
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f" or character >= "\U000e0000"


def _cell_safe(character: str) -> str:
    """Give what stands in a cell for one character, empty when nothing does."""
    if character in "\n\u2028\u2029\x85":
        return LINE_END
    if character == "\r":
        return ""
    if character.isspace():
        return " "
    if _is_dropped(character):
        return ""
    if unicodedata.category(character) in {"Cc", "Cs", "Cn"}:
        return UNKNOWN
    return character


def _limit_marks(text: str) -> str:
    """Drop marks that have no character to stand on, and those above the limit for one character."""
    kept: list[str] = []
    marks = _MOST_MARKS
    for character in text:
        if get_character_cell_size(character):
            marks = 0
        elif marks >= _MOST_MARKS:
            continue
        else:
            marks += 1
        kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=4096)
def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", _ESCAPE.sub("", text))
    return _limit_marks("".join(map(_cell_safe, text)))


def clean(text: str) -> str:
    """Give a text without escape sequences, control characters, bidi overrides or joiners, on one line.

    Line ends are shown as ␤, tabs as a space, what cannot be shown as U+FFFD.
    The width of the result is the sum of the widths of its characters.
    """
    if _SAFE_PLAIN.issuperset(text):
        return text
    return _clean(text)


def width(text: str) -> int:
    """Count the terminal cells that a cleaned text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, cells: int) -> str:
    """Give the longest beginning of a cleaned text that takes at most so many cells."""
    if len(text) <= cells and cell_len(text) <= cells:
        return text
    used = 0
    for index, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > cells:
            return text[:index]
    return text


def cut_left(text: str, cells: int) -> str:
    """Give the longest end of a cleaned text that takes at most so many cells, without marks that lost their base."""
    used = 0
    for index in range(len(text) - 1, -1, -1):
        used += get_character_cell_size(text[index])
        if used > cells:
            return _limit_marks(text[index + 1 :])
    return text


def shorten(text: str, cells: int, *, keep: Literal["start", "end"] = "start", ascii_only: bool = False) -> str:
    """Clean a text and cut it to at most so many cells, with an ellipsis where something was left out.

    A path keeps its end, which tells more than its beginning.
    """
    if len(text) <= cells and text.isascii() and text.isprintable():
        return text  # as nearly every text of a long list is
    text = to_ascii(clean(text)) if ascii_only else clean(text)
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return text
    sign = "~" if ascii_only else ELLIPSIS
    if keep == "end":
        return sign + cut_left(text, cells - 1)
    return cut(text, cells - 1).rstrip(" ") + sign


def pad(text: str, cells: int, align: Align = "left") -> str:
    """Fill a cleaned text with spaces up to so many cells."""
    missing = max(0, cells - width(text))
    if align == "right":
        return " " * missing + text
    if align == "centre":
        return " " * (missing // 2) + text + " " * (missing - missing // 2)
    return text + " " * missing


def fit(
    text: str,
    cells: int,
    align: Align = "left",
    *,
    keep: Literal["start", "end"] = "start",
    ascii_only: bool = False,
) -> str:
    """Give any text in exactly so many cells: cleaned, cut with an ellipsis, or filled with spaces."""
    return pad(shorten(text, cells, keep=keep, ascii_only=ascii_only), max(0, cells), align)


def window(text: str, start: int, cells: int) -> str:
    """Give the exactly `cells` cells of a cleaned text from cell `start` on; half of a wide character is a space."""
    end = start + cells
    position = 0
    kept: list[str] = []
    for character in text:
        size = get_character_cell_size(character)
        after = position + size
        if position >= end:
            break
        if position >= start and after <= end:
            if size or kept:
                kept.append(character)
        elif after > start:
            kept.append(" " * (min(after, end) - max(position, start)))
        position = after
    return pad("".join(kept), cells)


def to_ascii(text: str) -> str:
    """Give a cleaned text in ASCII, character by character and with the same width, for terminals without Unicode."""
    if text.isascii():
        return text
    return "".join(_ascii_of(character) for character in text)


@lru_cache(maxsize=1024)
def _ascii_of(character: str) -> str:
    if character.isascii():
        return character
    if character in _STAND_INS:
        return _STAND_INS[character]
    cells = get_character_cell_size(character)
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if c in _SAFE_PLAIN)
    return plain if plain and len(plain) == cells else "?" * cells
