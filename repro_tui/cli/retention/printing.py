"""What `prune`, `trash` and `du` print as text: a line a snapshot with the reason, then what is freed, and when."""

from __future__ import annotations

import time
from collections.abc import Sequence

from repro_tui.cli.output import Output, clean
from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.retention import (
    Decision,
    Emptied,
    EmptyPlan,
    Pruned,
    PrunePlan,
    Stock,
    Trashed,
    UsageRow,
    Verdict,
)
from repro_tui.tui.render.ages import age
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import pad, shorten, to_ascii, width

_GAP = "  "
_COLORS = {Verdict.REMOVE: "red", Verdict.LESSEN: "yellow"}
_LEAST_NAME = 12


def count(number: int, what: str) -> str:
    """Write `1 snapshot`, `34 snapshots`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def day(t: float) -> str:
    """Write a date as a person says it: `30 Nov`, with the year when it is another one."""
    when, now = time.localtime(t), time.localtime()
    return time.strftime("%-d %b" if when.tm_year == now.tm_year else "%-d %b %Y", when)


def print_decisions(output: Output, stock: Stock, decisions: Sequence[Decision]) -> None:
    """Print each snapshot with its verdict and why."""
    rows = [
        (
            candidate.name,
            age(stock.t - candidate.t) if candidate.t else "-",
            size(candidate.own),
            _verdict(decision),
            "; ".join(reason.words for reason in decision.reasons),
        )
        for candidate, decision in zip(stock.candidates, decisions, strict=True)
    ]
    styles = [_COLORS.get(decision.verdict, "") for decision in decisions]
    print_table(output, ("snapshot", "age", "own", "verdict", "because"), rows, {1, 2}, styles)


def print_plan(output: Output, plan: PrunePlan, due: EmptyPlan) -> None:
    """Print what carrying it out would do."""
    whole = sum(WHOLE in move.parts for move in plan.moves)
    parts = len(plan.moves) - whole
    moved = [f"{whole:,} of {count(whole + parts + plan.kept, 'snapshot')}"] if whole or not parts else []
    moved += [f"parts of {parts:,}"] if parts else []
    if plan.moves:
        output.line(
            f"Moves {' and '.join(moved)} to the trash; frees {size(plan.frees)} when that is emptied"
            f" (from {day(plan.until)}, or now: repro-tui trash empty --now)."
        )
    else:
        output.line("Nothing is to be removed.")
    if plan.packs.scratch:
        output.line(f"Emptying will need {size(plan.packs.scratch)} of room for a while; {size(plan.free)} are free.")
    for sentence in plan.impossible:
        output.line(_safe(output, f"Impossible after: {sentence}."))
    if due.trashed:
        output.line(
            f"Due in the trash: {count(len(due.trashed), 'snapshot')}, gone for good when this is carried out;"
            f" frees {size(due.packs.frees)}."
        )
    elif due.packs.frees > 0:
        output.line(f"{size(due.packs.frees)} that nobody needs any more are freed when this is carried out.")


def print_pruned(output: Output, done: Pruned) -> None:
    """Print what was done."""
    stopped = "Stopped: " if done.stopped else ""
    output.line(
        f"{stopped}{count(len(done.moved), 'snapshot')} moved to the trash until {day(done.until)};"
        " `repro-tui trash undo` brings back what was moved last."
    )


def print_emptied(output: Output, emptied: Emptied) -> None:
    """Print what is gone for good."""
    stopped = "Stopped: " if emptied.stopped else ""
    output.line(f"{stopped}{count(len(emptied.gone), 'snapshot')} gone for good, {size(emptied.freed)} freed.")
    for sentence in emptied.left:
        output.line(_safe(output, sentence))


def print_trash(output: Output, trashed: Sequence[Trashed], now: float) -> None:
    """Print what can be brought back, and until when."""
    rows = [
        (
            one.name,
            "all" if WHOLE in one.parts else ", ".join(sorted(one.parts)),
            age(now - one.t),
            size(one.frees),
            day(one.until) if one.until > now else "due",
            "; ".join(filter(None, (one.user, one.rule, one.why))),
        )
        for one in trashed
    ]
    print_table(output, ("snapshot", "parts", "removed", "frees", "until", "by, because"), rows, {2, 3})


def print_usage(output: Output, rows: Sequence[UsageRow], stock: Stock) -> None:
    """Print where the bytes go, a block a kind."""
    table: list[tuple[str, ...]] = []
    for row in rows:
        held = count(row.snapshots, "snapshot") if row.snapshots else ""
        table.append((row.kind, row.what, size(row.own), size(row.shared), size(row.size) if row.size else "-", held))
    print_table(output, ("by", "what", "own", "shared", "restored", "in"), table, {2, 3, 4})
    output.note(f"The store has {size(stock.size)}, {size(stock.free)} are free on its disk.")


def print_table(
    output: Output,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: set[int],
    styles: Sequence[str] = (),
) -> None:
    """Print cells under each other; the last column takes the room that is left."""
    widths = [max((width(line[place]) for line in [head, *rows]), default=0) for place in range(len(head) - 1)]
    widths[0] = min(widths[0], max(_LEAST_NAME, output.width // 3))
    output.line(output.style(_line(output, head, widths, right), "dim"))
    for number, row in enumerate(rows):
        style = styles[number] if number < len(styles) else ""
        line = _line(output, row, widths, right)
        output.line(output.style(line, style) if style else line)


def _line(output: Output, cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    shown = [
        pad(shorten(_safe(output, cell), room, ascii_only=output.ascii), room, "right" if place in right else "left")
        for place, (cell, room) in enumerate(zip(cells, widths, strict=False))
    ]
    before = _GAP.join(shown) + _GAP
    last = _safe(output, cells[-1])
    if output.terminal:
        last = shorten(last, max(output.width - width(before), 20), ascii_only=output.ascii)
    return (before + last).rstrip()


def _verdict(decision: Decision) -> str:
    return f"lose {', '.join(sorted(decision.parts))}" if decision.verdict is Verdict.LESSEN else str(decision.verdict)


def _safe(output: Output, text: str) -> str:
    return to_ascii(clean(text)) if output.ascii else clean(text)
