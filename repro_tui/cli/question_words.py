"""The words of the question at the end of a run, and the lines that say what a yes would keep."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from repro_tui.domain.snapshot import LeftOut, Offer, PartOffer
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.reasons import largest_first, omitted
from repro_tui.tui.render.text import clean, to_ascii

REASON = "Before saving results, snapshot environment and dataset. This creates a reproducible package (recommended)."
QUESTION = "Save snapshot? [Yes / No]"
MORE = ("Later", "Details", "Always here", "Never here")
ANSWERS = {b"y": "yes", b"n": "no", b"l": "later", b"d": "details", b"a": "always", b"v": "never"}
KEY = "only when I press P"
KEY_ANSWER = {b"p": "key"}
"""Offered after two No's in a row: p keeps a run from the dashboard, and nothing asks any more."""
HOLDS = "This answer holds for the rest of the loop."
_INDENT = "  "
_FIGURE = re.compile(r"([0-9]) ([kMGTP]?B|s|min)\b")
"""A number and its unit, which stay together."""
_LABEL = 13
_MOST_LEVEL = 2
"""Lines that say the level and why it is not higher; details have the rest."""
_KINDS = ("left_out", "withheld", "redacted")


def wrapped(text: str, width: int, indent: str = "", *, hang: int = 0, most: int | None = None) -> list[str]:
    """Break a text into lines of at most so many cells.

    Args:
        text: the text.
        width: cells.
        indent: what each line begins with.
        hang: cells by which all lines but the first are set in further.
        most: lines; where there are more, the last one says that details (d) have the rest.
    """
    room = max(min(width, 100), 20)
    hang = hang if room - hang > hang else 0
    lines = textwrap.wrap(
        _FIGURE.sub("\\1\u00a0\\2", text),
        room,
        initial_indent=indent,
        subsequent_indent=indent + " " * hang,
        break_on_hyphens=False,
        break_long_words=True,
        max_lines=most,
        placeholder=" ... (d)",
    )
    return [line.replace("\u00a0", " ") for line in lines]


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
        why = f"; not higher: {clean(offer.why)}" if offer.why else ""
        lines += wrapped(f"level {offer.level} then{why}", width, _INDENT, most=_MOST_LEVEL)
    if offer.new > offer.free > 0:
        lines += wrapped(f"only {size(offer.free)} are free where the store lies", width, _INDENT)
    return [to_ascii(line) for line in lines] if ascii_only else lines


def detail_lines(offer: Offer, width: int, *, ascii_only: bool = False) -> list[str]:
    """Say it part by part, and everything that is left out, by name."""
    pairs = [
        (part.name, f"{clean(part.what)}  {'linked, not kept' if part.linked else _how_much(part)}")
        for part in offer.parts
    ]
    ordered = sorted(
        largest_first(offer.left_out), key=lambda item: _KINDS.index(item.kind) if item.kind in _KINDS else 9
    )
    pairs += [(_word(item.kind), f"{clean(item.what)}{_sized(item)}: {clean(item.why)}") for item in ordered]
    pairs += [("changed", clean(text)) for text in offer.changed]
    pairs.append(("free", f"{size(offer.free)} where the store lies"))
    if offer.level:
        pairs.append(("level", f"{offer.level}; not higher: {clean(offer.why)}" if offer.why else offer.level))
    lines = []
    for label, text in pairs:
        lines += wrapped(f"{clean(label):<{_LABEL - 1}} {text}", width, _INDENT, hang=_LABEL)
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
    groups: dict[str, list[LeftOut]] = {kind: [] for kind in _KINDS}
    for item in items:
        groups.setdefault(item.kind, []).append(item)
    texts = [f"{_word(kind)}: {_named(kind, found)}" for kind, found in groups.items() if found]
    together = "   ".join(texts)
    if len(together) + len(_INDENT) <= width:
        return [_INDENT + together] if together else []
    return [line for text in texts for line in wrapped(text, width, _INDENT)]


def _named(kind: str, items: Sequence[LeftOut]) -> str:
    """Name what is of one kind; of what is redacted the values never were there, so nothing has to be explained."""
    if kind == "redacted":
        items = [LeftOut(item.what, "") for item in dict.fromkeys(items)]
    return omitted(items, more=" (d)", inside=True)


def _sized(item: LeftOut) -> str:
    return f" {size(item.size)}" if item.size else ""


def _word(kind: str) -> str:
    return {"left_out": "left out"}.get(kind, kind)
