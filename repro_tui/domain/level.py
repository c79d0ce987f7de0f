"""How well a run could be had again: its level, and the sentence why it is not one higher.

Levels above 1 rest on kept bytes and on replays (PRODUCT, "Words"); a journal alone proves 0 and 1.
"""

from __future__ import annotations

from repro_tui.domain.run import Coverage, FileFact, Omission, Run

_SECTIONS = {
    "code": ("the code was not recorded", "start it with `repro-tui run -- COMMAND`"),
    "environment": ("the Python environment was not recorded", "start it with `repro-tui run -- COMMAND`"),
}
"""Section that level 1 needs, to why it is missing and what would lift it."""

UNKEPT = "its code and data are known by digest only: the bytes are not kept"
"""Why no run is above level 1 by its journal."""


def level_of(run: Run) -> tuple[int, str]:
    """Give the level and why it is not higher, as a sentence fragment with what would lift it."""
    reasons = _missing(run)
    return (0, "; ".join(reasons)) if reasons else (1, UNKEPT)


def _missing(run: Run) -> list[str]:
    """Say what level 1 lacks: code, environment, data and command must all be known."""
    if run.unreadable:
        return [run.unreadable]
    if not run.argv:
        return ["the command is not known: start it with `repro-tui run -- COMMAND`"]
    reasons = [
        f"{why} ({_reason_given(run, section)}): {lift}"
        for section, (why, lift) in _SECTIONS.items()
        if section not in run.documents
    ]
    reasons += [_left_out(run, kind) for kind in ("withheld", "left_out") if _of_kind(run, kind)]
    pending = [fact for fact in run.files if _is_data(fact) and fact.coverage is Coverage.PENDING]
    if pending:
        reasons.append(f"{_count(len(pending), 'input')} not read to the end: {_names([f.path for f in pending])}")
    moved = [fact for fact in run.files if _is_data(fact) and fact.changed_during]
    if moved:
        reasons.append(f"{_count(len(moved), 'input')} changed during the run: {_names([f.path for f in moved])}")
    return reasons


def _reason_given(run: Run, section: str) -> str:
    """Give the recorder's own words for a section that is missing."""
    said = next((p.what for p in run.problems if p.where == section), "")
    return said or "no reason was given"


def _left_out(run: Run, kind: str) -> str:
    omitted = _of_kind(run, kind)
    names = _names([o.what for o in omitted])
    files = _count(len(omitted), "file")
    if kind == "withheld":
        return f"{files} withheld because a secret was found: {names}; allow by name with secrets.allow in repro.yaml"
    return f"{files} left out by a limit: {names}; raise code.limit or code.total in repro.yaml"


def _of_kind(run: Run, kind: str) -> list[Omission]:
    return [omission for omission in run.omissions if omission.kind == kind]


def _is_data(fact: FileFact) -> bool:
    return fact.role == "in"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _names(names: list[str], most: int = 3) -> str:
    """List a few names, and say how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
