"""Why two results differ, as a page: a paragraph, the ranked causes, and the evidence of each by its number."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.compare.grid import safe
from repro_tui.cli.compare.sentences import broken, print_prose, room_for
from repro_tui.cli.output import Output
from repro_tui.domain.explanation import Candidate, Evidence, Explanation, Standing
from repro_tui.tui.render.text import pad, width

SHOWN = 8
"""Causes that are listed when not all were asked for."""
_STYLES = {
    Standing.ONLY: ("bold",),
    Standing.SHOWN: ("bold",),
    Standing.RULED_OUT: ("dim",),
    Standing.IDLE: ("dim",),
}
_NARROWEST = 16


class _Notes:
    """Numbers pieces of evidence in the order in which they are first referred to."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def marks(self, evidence: Sequence[Evidence]) -> str:
        """Give the marks that stand behind a statement: ` [1][2]`."""
        for each in evidence:
            if each.words not in self.words:
                self.words.append(each.words)
        marks = "".join(f"[{self.words.index(each.words) + 1}]" for each in evidence)
        return f" {marks}" if marks else ""


def print_explanation(output: Output, found: Explanation, names: tuple[str, str], *, every: bool) -> None:
    """Print why two results differ, as far as the records tell."""
    notes = _Notes()
    way = f" ({found.direction} is better)" if found.direction else ""
    title = f"{names[0]} to {names[1]}" + (f", {found.metric}{way}" if found.metric else "")
    print_prose(output, title, "", "bold")
    print_prose(output, " ".join(each.text + notes.marks(each.evidence) for each in found.paragraph))
    shown = found.candidates if every else found.candidates[:SHOWN]
    if shown:
        output.line()
        _print_candidates(output, shown, notes)
    if len(shown) < len(found.candidates):
        output.line(output.style(f"    and {len(found.candidates) - len(shown):,} more: --all", "dim"))
    if notes.words:
        output.line()
        output.line(output.style("EVIDENCE", "dim"))
    for number, words in enumerate(notes.words, 1):
        mark = pad(f"[{number}]", len(f"[{len(notes.words)}]"))
        first, *rest = broken(output, words, room_for(output) - len(mark) - 3) or [""]
        output.line(output.style(f"  {mark} {first}", "dim"))
        for line in rest:
            output.line(output.style(f"  {' ' * len(mark)} {line}", "dim"))
    if found.advice:
        output.line()
        output.line(f"This would tell more: {output.style(safe(output, found.advice), 'bold')}")


def _print_candidates(output: Output, candidates: Sequence[Candidate], notes: _Notes) -> None:
    """Print causes in two columns: what differs, and what the records say about it."""
    digits = len(str(len(candidates)))
    room = room_for(output) - 2 - digits - 1 - 2
    wanted = max(width(safe(output, each.words)) for each in candidates)
    left = max(_NARROWEST, min(wanted, room // 2))
    for number, each in enumerate(candidates, 1):
        styles = _STYLES.get(each.standing, ())
        words = broken(output, each.words, left)
        because = broken(output, each.because + notes.marks(each.evidence), max(_NARROWEST, room - left))
        for at in range(max(len(words), len(because))):
            head = f"{number:>{digits}}" if not at else " " * digits
            name = pad(words[at] if at < len(words) else "", left)
            tail = because[at] if at < len(because) else ""
            output.line(f"  {output.style(head, 'dim')} {output.style(name, *styles)}  {tail}".rstrip())
