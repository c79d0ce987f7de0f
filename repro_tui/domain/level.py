"""How well a run could be had again: its level, and the sentence why it is not one higher.

Levels above 1 rest on kept bytes and on replays (PRODUCT, "Words"); a journal alone proves 0 and 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.run import Coverage, FileFact, Kept, KeptPart, Omission, Run

_SECTIONS = {
    "code": ("the code was not recorded", "start it with `repro-tui run -- COMMAND`"),
    "environment": ("the Python environment was not recorded", "start it with `repro-tui run -- COMMAND`"),
}
"""Section that level 1 needs, to why it is missing and what would lift it."""

UNKEPT = "no snapshot of it was kept"
"""Why a run without a snapshot is not above level 1."""
UNREPLAYED = "it was never rebuilt from its snapshot"
"""Why no run is above level 2 by its snapshot."""
_NEEDED = ("code", "environment")
"""Kinds of parts that every snapshot of level 2 has."""


@dataclass(frozen=True, slots=True)
class Level:
    """A run's level."""

    number: int
    why: str
    """Why it is not higher, as a sentence fragment with what would lift it."""
    linked: bool = False
    """Its data is not kept, but known by its full digest and where it lies."""

    @property
    def text(self) -> str:
        """Write it as it is shown: `2/6`, `2 linked`."""
        return f"{self.number} linked" if self.linked else f"{self.number}/6"


def level_of(run: Run) -> Level:
    """Judge a run."""
    reasons = _missing(run)
    if reasons:
        return Level(0, "; ".join(reasons))
    if not run.snapshots:
        return Level(1, f"{UNKEPT}: `{_command(run)}`")
    judged = [_by_snapshot(run, kept) for kept in sorted(run.snapshots, key=lambda kept: (kept.t, kept.digest))]
    return max(reversed(judged), key=lambda level: (level.number, not level.linked))


def _by_snapshot(run: Run, kept: Kept) -> Level:
    """Say how far one snapshot lifts its run."""
    if kept.dropped:
        why = next((f" ({one.why})" for one in kept.removals if one.part == WHOLE and one.why), "")
        back = f"`repro-tui trash undo {run.name or run.uid[:8]}` while it is in the trash, or `{_command(run)}`"
        return Level(1, f"its snapshot was given up{why}: {back}")
    if kept.verified is False:
        return Level(1, f"its snapshot is damaged ({kept.why or 'see repro-tui check'}): `repro-tui repair`")
    reasons = [*_lost(run, kept), *_data(run, kept)]
    if reasons:
        return Level(1, "; ".join(reasons))
    if any(part.linked for part in kept.parts):
        return Level(2, f"its data is linked, not kept: `{_command(run)} --data yes`", linked=True)
    return Level(2, UNREPLAYED)


def _lost(run: Run, kept: Kept) -> list[str]:
    """Say which parts a snapshot lacks that every one needs."""
    reasons = []
    if run.attempts and kept.t < run.attempts[-1].started:
        reasons.append(f"it went on after it was kept: `{_command(run)}`")
    present = {part.kind for part in kept.parts if not part.dropped}
    gone = [part.name for part in kept.parts if part.dropped and part.kind in {*_NEEDED, "data"}]
    if gone:
        why = next((f" ({one.why})" for one in kept.removals if one.part in gone and one.why), "")
        reasons.append(f"of its snapshot was given up: {_names(gone)}{why}")
    lacking = [kind for kind in _NEEDED if kind not in present and not any(p.kind == kind for p in kept.parts)]
    if lacking:
        reasons.append(f"its snapshot holds no {' and no '.join(lacking)}")
    if kept.partial:
        more = f", and {len(kept.partial) - 1} more" if len(kept.partial) > 1 else ""
        reasons.append(f"its snapshot is partial: {kept.partial[0]}{more}")
    return reasons


def _data(run: Run, kept: Kept) -> list[str]:
    """Say what a snapshot lacks of the data."""
    parts = [part for part in kept.parts if part.kind == "data"]
    if not parts and any(_is_data(fact) for fact in run.files):
        return [f"its data was not kept: `{_command(run)} --data yes`"]
    unsure = [part.name for part in parts if _is_unsure(part)]
    if unsure:
        names = _names([name.removeprefix("data:") for name in unsure])
        return [f"its data is linked by names, sizes and times only: {names}; `{_command(run)} --data yes`"]
    return []


def _is_unsure(part: KeptPart) -> bool:
    return part.linked and part.coverage != Coverage.FULL


def _command(run: Run) -> str:
    """Give the command that keeps a run."""
    return f"repro-tui snapshot {run.name or run.uid[:8]}"


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
    """Give what was left out of the code; a large file that is known as data or as a result is no code."""
    return [o for o in run.omissions if o.kind == kind and not (kind == "left_out" and is_material(run, o.what))]


def is_material(run: Run, path: str) -> bool:
    """Tell whether the run read or wrote a path as data, so that its digest is known or waited for as such."""
    return any(
        path == fact.path or (fact.files is not None and path.startswith(f"{fact.path}/"))
        for fact in run.files
        if fact.role in {"in", "out"}
    )


def _is_data(fact: FileFact) -> bool:
    return fact.role == "in"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _names(names: list[str], most: int = 3) -> str:
    """List a few names, and say how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
