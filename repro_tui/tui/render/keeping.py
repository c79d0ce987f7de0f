"""How well a run could be had again: its level and why not higher, its snapshots, and what was answered about it."""

from __future__ import annotations

from repro_tui.domain.ids import short
from repro_tui.domain.question import SNAPSHOT
from repro_tui.domain.run import Answered, Kept, KeptPart
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import Line, fact, title, wrapped
from repro_tui.tui.render.text import clean, pad
from repro_tui.tui.run_facts import RunFacts

LEVELS = ("logged", "recorded", "snapshotted", "rebuilt", "finished", "agreed", "identical")
"""The words for the levels 0 to 6."""

_LABEL = 14
_MOST = 5
"""Snapshots that an overview names, the newest first."""

BY = {
    "person": "",
    "timeout": "nobody answered in time",
    "policy": "as the project's settings say",
    "interrupt": "interrupted",
}
"""How an answer came about, in words."""
ANSWERS = {"later": "left for later", "yes": "answered Yes", "no": "answered No"}
"""What was said when it was asked whether to keep the run."""


def level(facts: RunFacts, now: float, cells: int) -> list[Line]:
    """Say the level, its word, and why it is not higher."""
    word = LEVELS[facts.level] if 0 <= facts.level < len(LEVELS) else ""
    head = facts.level_text
    lines: list[Line] = [((pad("level", _LABEL), "label"), (head, "accent bold"), (f"  {word}", "value"))]
    if facts.why:
        lines += [((pad("", _LABEL), ""), *line) for line in wrapped(f"not higher: {facts.why}", cells - _LABEL)]
    answer = facts.run.answers.get(SNAPSHOT)
    if answer is not None:
        said = ANSWERS.get(answer.answer, clean(answer.answer))
        lines.append(fact("question", said, note=_answered(answer, now)))
    return lines


def _answered(answer: Answered, now: float) -> str:
    """Say who answered, when and how: `by ada, 2m ago`."""
    who = f"by {answer.user}" if answer.user and answer.by in {"", "person"} else BY.get(answer.by, answer.by)
    when = f"{ages.age(now - answer.t)} ago" if answer.t else ""
    return ", ".join(part for part in (who, when) if part)


def snapshots(facts: RunFacts, now: float, cells: int) -> list[Line]:
    """List a run's snapshots, the newest first: what each keeps, and what is wrong with it."""
    found = sorted(facts.run.snapshots, key=lambda kept: (-kept.t, kept.digest))
    if not found:
        return []
    lines = [title("Snapshots", str(len(found)) if len(found) > 1 else "")]
    for kept in found[:_MOST]:
        lines += _snapshot(kept, now, cells)
    if len(found) > _MOST:
        lines.append(((f"and {len(found) - _MOST} more", "dim"),))
    return lines


def _snapshot(kept: Kept, now: float, cells: int) -> list[Line]:
    size = sum(part.size for part in kept.parts if not part.linked and not part.dropped)
    when = f"  {ages.age(now - kept.t)} ago"
    checked, style = _checked(kept)
    lines: list[Line] = [
        (
            (pad(short(kept.digest), _LABEL), "value"),
            (numbers.size(size), "value"),
            (f"{when}  ", "dim"),
            (checked, style),
        )
    ]
    words = "; ".join(_parts(kept.parts)) or "nothing"
    lines += wrapped(words, cells, "dim", indent=2)
    for sentence in kept.partial:
        lines += wrapped(f"partial: {sentence}", cells, "warn", indent=2)
    if kept.verified is False and kept.why:
        lines += wrapped(kept.why, cells, "bad", indent=2)
    return lines


def _checked(kept: Kept) -> tuple[str, str]:
    if kept.dropped:
        return "given up", "warn"
    if kept.verified is None:
        return "not verified since", "dim"
    return ("verified", "good") if kept.verified else ("damaged", "bad")


def _parts(parts: tuple[KeptPart, ...]) -> list[str]:
    """Say in words what is kept, what is linked, what was given up."""
    groups = {
        "keeps": [p.name for p in parts if not p.linked and not p.dropped],
        "links": [p.name for p in parts if p.linked and not p.dropped],
        "gave up": [p.name for p in parts if p.dropped],
    }
    return [f"{verb} {', '.join(name.replace(':', ' ') for name in names)}" for verb, names in groups.items() if names]
