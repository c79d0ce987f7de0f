"""The words of the question at the end of a run, and the lines that say what a yes would keep."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from repro_tui.domain.snapshot import LeftOut, Offer, PartOffer
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import clean, shorten, to_ascii

REASON = "Before saving results, snapshot environment and dataset. This creates a reproducible package (recommended)."
QUESTION = "Save snapshot? [Yes / No]"
MORE = ("Later", "Details", "Always here", "Never here")
ANSWERS = {b"y": "yes", b"n": "no", b"l": "later", b"d": "details", b"a": "always", b"v": "never"}
KEY = "only when I press P"
KEY_ANSWER = {b"p": "key"}
"""Offered after two No's in a row: p keeps a run from the dashboard, and nothing asks any more."""
HOLDS = "This answer holds for the rest of the loop."
_INDENT = "  "
_MOST_NAMES = 4
_NAME_CELLS = 40


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Break a text into lines of at most so many cells."""
    room = max(min(width, 100), 20)
    return textwrap.wrap(
        text, room, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, break_long_words=True
    )


def offer_lines(offer: Offer, width: int, *, ascii_only: bool = False) -> list[str]:
    """Say what would be kept, how much of it is new, how long it takes, what is left out and why, and the level."""
    parts = ", ".join(_part(part) for part in offer.parts) or "nothing"
    lines = wrapped(f"{parts}; {_seconds(offer.seconds)}", width, _INDENT)
    lines += _omissions(offer.left_out, width)
    for text in offer.changed[:3]:
        lines += wrapped(f"changed since the run, not kept: {clean(text)}", width, _INDENT)
    if len(offer.changed) > 3:  # noqa: PLR2004 - as many as are shown
        lines += wrapped(f"and {len(offer.changed) - 3} more changed; the snapshot will be partial", width, _INDENT)
    if offer.level:
        lines += wrapped(
            f"level {offer.level} then{f'; not higher: {clean(offer.why)}' if offer.why else ''}", width, _INDENT
        )
    if offer.new > offer.free > 0:
        lines += wrapped(f"only {size(offer.free)} are free where the store lies", width, _INDENT)
    return [to_ascii(line) for line in lines] if ascii_only else lines


def detail_lines(offer: Offer, width: int, *, ascii_only: bool = False) -> list[str]:
    """Say it part by part, and everything that is left out, by name."""
    lines = []
    for part in offer.parts:
        how = "linked, not kept" if part.linked else _how_much(part)
        lines += wrapped(f"{part.name:<13}{clean(part.what)}  {how}", width, _INDENT)
    for item in offer.left_out:
        lines += wrapped(f"{_word(item.kind):<13}{clean(item.what)}{_sized(item)}: {clean(item.why)}", width, _INDENT)
    for text in offer.changed:
        lines += wrapped(f"{'changed':<13}{clean(text)}", width, _INDENT)
    lines += wrapped(f"{'free':<13}{size(offer.free)} where the store lies", width, _INDENT)
    if offer.level:
        lines += wrapped(f"{'level':<13}{offer.level}{f'; {clean(offer.why)}' if offer.why else ''}", width, _INDENT)
    return [to_ascii(line) for line in lines] if ascii_only else lines


def question_lines(width: int, *, offers_key: bool = False) -> list[str]:
    """Give the question with its answers; the last line waits for the key."""
    more = [*MORE, KEY] if offers_key else list(MORE)
    text = f"{QUESTION}  ({', '.join(more)})  "
    return [text] if len(text) < width else [QUESTION, *wrapped(f"({', '.join(more)})", width - 4)]


def dataset_lines(name: str, since: str, phrase: str, width: int, *, ascii_only: bool = False) -> list[str]:
    """Ask whether to keep a dataset that has changed."""
    words = f": {clean(phrase)}" if phrase else ""
    text = f"Dataset {clean(name)} changed since {clean(since)}{words}"
    text = text if text.endswith(".") else f"{text}."
    lines = wrapped(f"{text} Checkpoint this version? [Yes / No / Always / Never]", width)
    return [to_ascii(line) for line in lines] if ascii_only else lines


def _part(part: PartOffer) -> str:
    """Write a part as one item: `data 1.9 GB (31 MB new)`."""
    if part.linked:
        return f"{part.name} {size(part.size)} (linked)"
    return f"{part.name} {_how_much(part)}"


def _how_much(part: PartOffer) -> str:
    if part.new >= part.size:
        return size(part.size)
    return f"{size(part.size)} ({size(part.new)} new)" if part.new else f"{size(part.size)} (nothing new)"


def _seconds(seconds: float) -> str:
    """Write an expected duration."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min"


def _omissions(items: Sequence[LeftOut], width: int) -> list[str]:
    """Name what will not be in it, by kind; the secrets by their names alone."""
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(item.kind, []).append(_omitted(item))
    texts = [f"{_word(kind)}: {_few(names)}" for kind, names in groups.items()]
    together = "   ".join(texts)
    if len(together) + len(_INDENT) <= width:
        return [_INDENT + together] if together else []
    return [line for text in texts for line in wrapped(text, width, _INDENT)]


def _omitted(item: LeftOut) -> str:
    name = shorten(clean(item.what), _NAME_CELLS, keep="end")
    if item.kind == "redacted":
        return name
    why = ", ".join(word for word in (size(item.size) if item.size else "", clean(item.why)) if word)
    return f"{name} ({why})" if why else name


def _few(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - _MOST_NAMES} more (d)" if len(found) > _MOST_NAMES else ""
    return ", ".join(found[:_MOST_NAMES]) + more


def _sized(item: LeftOut) -> str:
    return f" {size(item.size)}" if item.size else ""


def _word(kind: str) -> str:
    return {"left_out": "left out"}.get(kind, kind)
