"""Turning what a program wrote to a terminal into plain text: nothing that moves a cursor or sets a colour is left."""

from __future__ import annotations

import re

MAX_COLUMNS = 4096
"""Characters of a line that are kept; a longer one ends with `CUT`."""
CUT = " …"
_TAB = 8
_LIMIT = 4 * MAX_COLUMNS
_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    rb"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # OSC: titles, links, clipboard
    rb"|\x1b[PX^_][^\x1b\n]*\x1b\\"  # DCS, SOS, PM, APC
    rb"|\x1b[ -/]*[0-Z\\^-~]"  # the rest: character sets, keypad, reset
)
_UNSEEN = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0x2028, 0x2029, 0xFEFF))
_UNSEEN |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Controls, lone surrogates, separators of lines, and the marks that turn the direction of text around."""


def without_sequences(raw: bytes) -> bytes:
    """Take escape sequences out of bytes, leaving every line feed where it was."""
    return _SEQUENCE.sub(b"", raw) if b"\x1b" in raw else raw


def last_state(raw: bytes) -> bytes:
    """Give what a line shows in the end: what was written after the last return to its beginning, blanks apart."""
    if b"\r" not in raw:
        return raw
    states = raw.split(b"\r")
    return next((state for state in reversed(states) if state.strip()), b"")


def plain(raw: bytes) -> str:
    """Give a line of output as text that can be put on a screen as it is.

    Only the last state of a progress bar is left, bytes that are no UTF-8 become U+FFFD, tabs become spaces, characters
    that were struck out by a backspace vanish, and a long line is cut with a sign.
    """
    text = last_state(without_sequences(raw))[:_LIMIT].decode("utf-8", "replace")
    if "\b" in text:
        text = _struck_out(text)
    text = text.expandtabs(_TAB) if "\t" in text else text
    if not text.isascii() or not text.isprintable():
        text = text.translate(_UNSEEN)
    return text if len(text) <= MAX_COLUMNS else text[: MAX_COLUMNS - len(CUT)] + CUT


def _struck_out(text: str) -> str:
    """Take away what a backspace took away."""
    kept: list[str] = []
    for sign in text:
        if sign != "\b":
            kept.append(sign)
        elif kept:
            kept.pop()
    return "".join(kept)
