"""What a prune would do and did, in words: always with the date on which bytes are freed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.retention import Decision, Emptied, Stock, Trashed, Verdict
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import Line
from repro_tui.tui.render.text import clean, shorten

READING = "Reading what is kept ..."
EMPTY_WORDS = "Nothing is kept yet, so there is nothing to prune.\n\n  repro-tui snapshot      keeps the newest run\n"
_MOST = 3
"""Sentences of what becomes impossible that are shown below the list."""


def count(number: int, what: str = "snapshot") -> str:
    """Write `1 snapshot`, `34 snapshots`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def day(t: float) -> str:
    """Write a date: `30 Nov`, with the year when that is another one."""
    when, now = time.localtime(t), time.localtime()
    return time.strftime("%-d %b" if when.tm_year == now.tm_year else "%-d %b %Y", when)


def title(stock: Stock) -> str:
    """Say how large the store is."""
    held = sum(one.frees for one in stock.trashed)
    trash = f"trash {numbers.size(held)} in {count(len(stock.trashed))}" if stock.trashed else "trash empty"
    return f"Prune   store {numbers.size(stock.size)}   {trash}   {numbers.size(stock.free)} free"


def summary(
    stock: Stock, decisions: Sequence[Decision], frees: int, impossible: Sequence[str], over: int, now: float
) -> list[Line]:
    """Say what the decisions come to."""
    going = [d for d in decisions if d.verdict is not Verdict.KEEP]
    whole = sum(d.verdict is Verdict.REMOVE for d in going)
    parts = len(going) - whole
    lines: list[Line] = []
    if not going:
        lines.append((("Nothing is to go. ", "value"), *_hint(decisions)))
    else:
        what = [f"{whole:,} of {len(decisions):,}"] if whole else []
        what += [f"parts of {parts:,}"] if parts else []
        lines.append(
            (
                (f"moves {' and '.join(what)} to the trash; frees ", "value"),
                (numbers.size(frees), "accent"),
                (f" when emptied (from {day(now + stock.grace)}, or now: E)", "value"),
            )
        )
    if over:
        lines.append(((f"still {numbers.size(over)} over max size: the rest is pinned or the last", "warn"),))
    if stock.damaged:
        lines.append(((clean(f"no bytes can be freed now: {stock.damaged}"), "bad"),))
    return lines + [((clean(f"impossible after: {sentence}"), "warn"),) for sentence in impossible[:_MOST]]


def _hint(decisions: Sequence[Decision]) -> list[tuple[str, str]]:
    if any(reason.rule == "empty" for decision in decisions for reason in decision.reasons):
        return [("The policy is empty: ", "value"), ("tab", "accent"), (" to write one.", "value")]
    return []


def emptied_words(emptied: Emptied) -> list[str]:
    """Say what emptying did."""
    head = f"{count(len(emptied.gone))} gone for good, {numbers.size(emptied.freed)} given back to the disk."
    return [head, *(clean(sentence) for sentence in emptied.left)]


def trashed_line(one: Trashed, now: float, cells: int) -> str:
    """Say of something in the trash what it is and until when it can be had back."""
    parts = "" if WHOLE in one.parts else f" ({', '.join(sorted(one.parts))})"
    until = f"until {day(one.until)}" if one.until > now else "due"
    text = f"{clean(one.name)}{parts}, removed {ages.age(now - one.t)} ago, {until}: {clean(one.rule)}"
    return shorten(text, cells)
