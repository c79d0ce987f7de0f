"""What a prune would do and did, in words: always with the date on which bytes are freed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.retention import Decision, Emptied, Policy, Stock, Trashed, Verdict
from repro_tui.domain.retention_doubts import doubts
from repro_tui.domain.retention_impossible import impossible
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import Line, cut_pieces, line_width, wrapped
from repro_tui.tui.render.text import clean, shorten, width

READING = "Reading what is kept ..."
EMPTY_WORDS = "Nothing is kept yet, so there is nothing to prune.\n\n  repro-tui snapshot      keeps the newest run\n"
READ_ONLY = "This session only reads (--readonly), so nothing is removed, brought back, emptied or written here."
_POLICY_LEAST = 10
"""Cells of the rules below which what stands behind them gives way."""
_EACH = 2
"""Lines that one sentence may take below the list."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What verdicts come to."""

    stock: Stock
    whole: int
    """Snapshots that go."""
    lessened: int
    """Snapshots of which parts go."""
    said: int
    """Lines of which a person said something."""
    frees: int
    """Bytes that go when the trash is emptied."""
    impossible: Sequence[str]
    """What can no longer be done then."""
    doubts: Sequence[str]
    """What the policy does not do that it seems to."""
    empty: bool
    """The policy has no rule."""

    @classmethod
    def of(cls, policy: Policy, stock: Stock, decisions: Sequence[Decision]) -> Outlook:
        """Count the verdicts, and all that they lead to."""
        gone = {decision.digest: decision.parts for decision in decisions if decision.verdict is not Verdict.KEEP}
        verdicts = [decision.verdict for decision in decisions]
        return cls(
            stock,
            whole=verdicts.count(Verdict.REMOVE),
            lessened=verdicts.count(Verdict.LESSEN),
            said=sum(decision.overridden for decision in decisions),
            frees=stock.footprint.freed(gone),
            impossible=impossible(stock, decisions),
            doubts=() if policy.empty else doubts(policy, stock, decisions),
            empty=policy.empty,
        )


def count(number: int, what: str = "snapshot") -> str:
    """Write `1 snapshot`, `34 snapshots`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def day(t: float, now: float) -> str:
    """Write a date: `30 Nov`, with the year when that is not the present one."""
    when = time.localtime(t)
    return time.strftime("%-d %b" if when.tm_year == time.localtime(now).tm_year else "%-d %b %Y", when)


def is_due(one: Trashed, now: float) -> bool:
    """Tell whether the next prune, or emptying, frees it."""
    return one.until <= now


def emptied_from(trashed: Sequence[Trashed], now: float) -> str:
    """Say from when on the trash is emptied: `from 30 Nov`, `due now`, `2 due, the rest from 30 Nov to 3 Dec`."""
    waits = [one.until for one in trashed if not is_due(one, now)]
    if not waits:
        return "due now"
    due, first, last = len(trashed) - len(waits), day(min(waits), now), day(max(waits), now)
    dates = f"from {first}" if first == last else f"from {first} to {last}"
    return f"{due:,} due, the rest {dates}" if due else dates


def when_emptied(trashed: Sequence[Trashed], now: float) -> str:
    """Say the same, with the key that does it at once: `from 30 Nov, or now: E`."""
    dates = emptied_from(trashed, now)
    return f"{dates}: E" if dates == "due now" else f"{dates}, or now: E"


def title(stock: Stock, now: float) -> str:
    """Say how large the store is."""
    held = sum(one.frees for one in stock.trashed)
    trash = f"trash {numbers.size(held)} ({when_emptied(stock.trashed, now)})" if stock.trashed else "trash empty"
    return f"Prune   store {numbers.size(stock.size)}   {trash}   {numbers.size(stock.free)} free"


def summary(outlook: Outlook, policy: str, now: float, cells: int, rows: int) -> list[Line]:
    """Say what the verdicts come to, in lines that fit; what comes last gives way where the rows are few.

    Args:
        outlook: what they come to.
        policy: the rules in a few words, where they do not stand beside the list.
        now: seconds since the epoch.
        cells: room of a line.
        rows: lines there are; 0 for as many as are needed.
    """
    brief = count(outlook.said, "override") + " (A)"
    notes = (f"{brief[:-1]} takes {'it' if outlook.said == 1 else 'them'} back)", brief) if outlook.said else ()
    going = outlook.whole + outlook.lessened
    moves = _moves(outlook, now, cells) if going else _nothing(outlook, now)
    if not policy:
        moves = (*moves, (_fitting(notes, cells - line_width(moves)), "accent"))
    lines = [_rules(policy, notes, cells)] if policy else []
    lines.append(tuple(cut_pieces(moves, cells)))
    for sentence, style in _warnings(outlook):
        room = min(_EACH, rows - len(lines) if rows else _EACH)
        if room <= 0:
            break
        broken = wrapped(sentence, cells, style)
        if len(broken) > room:
            rest = " ".join(line[-1][0] for line in broken[room - 1 :])
            broken = [*broken[: room - 1], ((shorten(rest, cells), style),)]
        lines += broken
    return lines[:rows] if rows else lines


def _fitting(notes: Sequence[str], cells: int) -> str:
    """Choose the longest form that fits behind something else."""
    return next((f"   {text}" for text in notes if 3 + width(text) <= cells), "")


def _rules(policy: str, notes: Sequence[str], cells: int) -> Line:
    """Write the rules, with the key that leads to them, and how many lines were overridden."""
    key = " (tab)"
    end = _fitting(notes, cells - len("policy ") - len(key) - _POLICY_LEAST)
    room = cells - len("policy ") - len(key) - width(end)
    return ("policy ", "label"), (shorten(policy, room), "value"), (key, "label"), (end, "accent")


def _moves(outlook: Outlook, now: float, cells: int) -> Line:
    """Say what goes, what it frees and when; in fewer words where the room is small."""
    total = len(outlook.stock.candidates)
    what = [f"{outlook.whole:,} of {total:,}"] if outlook.whole else []
    what += [f"parts of {outlook.lessened:,}"] if outlook.lessened else []
    date, size = day(now + outlook.stock.grace, now), numbers.size(outlook.frees)
    every = (
        (f"moves {' and '.join(what)} to the trash; frees ", f" when emptied (from {date}, or now: E)"),
        (f"moves {' and '.join(what)}; frees ", f" when emptied (from {date}, or now: E)"),
        (f"moves {' and '.join(what)}; frees ", f" from {date}"),
        (f"{' and '.join(what)}: ", f" from {date}"),
    )
    head, tail = next((pair for pair in every if len(pair[0]) + len(size) + len(pair[1]) <= cells), every[-1])
    return (head, "value"), (size, "accent"), (tail, "value")


def _nothing(outlook: Outlook, now: float) -> Line:
    stock = outlook.stock
    if outlook.empty:
        return ("The policy is empty, so it removes nothing: ", "value"), ("tab", "accent"), (" to write one.", "value")
    due = [one for one in stock.trashed if is_due(one, now)]
    if due:
        held = numbers.size(sum(one.frees for one in due))
        return (
            ("Nothing is to go. ", "value"),
            (f"{held} in the trash are due: ", "value"),
            ("E", "accent"),
            (" frees them.", "value"),
        )
    return (("Nothing is to go: every snapshot stays, and no bytes are freed.", "value"),)


def _warnings(outlook: Outlook) -> list[tuple[str, str]]:
    """Give what a person should know before going on, the gravest first."""
    found = []
    if outlook.stock.damaged:
        found.append((f"no bytes can be freed now: {outlook.stock.damaged}", "bad"))
    found += [(sentence, "warn") for sentence in outlook.doubts]
    return found + [(f"impossible after: {sentence}", "warn") for sentence in outlook.impossible]


def trashed_words(one: Trashed, now: float) -> str:
    """Say all about something in the trash, with what can still be done."""
    parts = "all of it" if WHOLE in one.parts else ", ".join(sorted(one.parts))
    head = f"{one.name}: {parts}, removed {ages.age(now - one.t)} ago by {one.user or 'somebody'}: {one.rule}"
    if one.why:
        return f"{head}; cannot be brought back: {one.why}"
    freed = f"frees {numbers.size(one.frees)}"
    if is_due(one, now):
        return f"{head}; due: the next prune that is carried out {freed}, until then u brings it back"
    return f"{head}; u brings it back until {day(one.until, now)}, then emptying {freed}"


def emptied_words(emptied: Emptied) -> list[str]:
    """Say what emptying did."""
    head = f"{count(len(emptied.gone))} gone for good, {numbers.size(emptied.freed)} given back to the disk."
    return [head, *(clean(sentence) for sentence in emptied.left)]
