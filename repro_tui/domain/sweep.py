"""Which runs are one question: those that one run, or one loop of a shell, started."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from repro_tui.domain.ids import RunId

PAUSE_S = 2.0
"""Seconds between the end of one run and the start of the next that no person types a command in."""
QUICK_S = 1.0
"""The same where a person has just answered: a hand on the keys is quick to start the next one."""

ARRAY = "array:"
"""How the series of a job array begins."""


@dataclass(frozen=True, slots=True)
class Member:
    """What of a run tells whether it belongs to others."""

    uid: RunId
    began: float
    """When its `repro-tui run` was started, seconds since the epoch."""
    left: float | None
    """When its question was over, else when its command ended; None while it runs."""
    lineage: str = ""
    series: str = ""
    """What started it: the same for all runs of one shell or job array; empty when unknown."""
    parent: RunId | None = None
    """The recorded run that started it."""
    answered: bool = False
    """A person answered its question on a terminal."""


def follows(before: Member, after: Member) -> bool:
    """Tell whether a run was started by the same loop as one that began before it.

    A loop starts the next run at once, or while the one before is still running; a job array whenever there is room.
    """
    if not after.series or after.series != before.series or after.lineage != before.lineage:
        return False
    if after.series.startswith(ARRAY):
        return True
    pause = QUICK_S if before.answered else PAUSE_S
    return before.left is None or after.began - before.left < pause


def loop_before(member: Member, others: Iterable[Member]) -> list[Member]:
    """Give the runs before one in the same loop, the latest first."""
    same = [m for m in others if m.series == member.series and m.lineage == member.lineage and m.uid != member.uid]
    found: list[Member] = []
    at = member
    for other in sorted((m for m in same if m.began <= member.began), key=_by_time, reverse=True):
        if not follows(other, at):
            break
        found.append(other)
        at = other
    return found


def groups(members: Sequence[Member]) -> list[tuple[Member, ...]]:
    """Gather runs to sweeps, each in the order of time: a run with those that it started, and the runs of a loop."""
    known = {member.uid: member for member in members}
    heads: dict[RunId, RunId] = {m.uid: _outermost(m, known) for m in members}
    lanes: dict[tuple[str, str], list[Member]] = {}
    for member in sorted(members, key=_by_time):
        if member.series and member.parent is None:
            lanes.setdefault((member.series, member.lineage), []).append(member)
    for lane in lanes.values():
        for before, after in pairwise(lane):
            if follows(before, after):
                heads[after.uid] = heads[before.uid]
    gathered: dict[RunId, list[Member]] = {}
    for member in sorted(members, key=_by_time):
        gathered.setdefault(_final(member.uid, heads), []).append(member)
    return [tuple(group) for group in gathered.values()]


def _outermost(member: Member, known: dict[RunId, Member]) -> RunId:
    """Name the outermost run that a run hangs on; one that is not here still names its sweep."""
    seen = {member.uid}
    at = member
    while at.parent is not None and at.parent not in seen:
        seen.add(at.parent)
        if at.parent not in known:
            return at.parent
        at = known[at.parent]
    return at.uid


def _final(uid: RunId, heads: dict[RunId, RunId]) -> RunId:
    """Follow the heads to the last one: a sweep's parent may itself be one of a loop."""
    seen: set[RunId] = set()
    while uid not in seen and heads.get(uid, uid) != uid:
        seen.add(uid)
        uid = heads[uid]
    return uid


def _by_time(member: Member) -> tuple[float, str]:
    return (member.began, member.uid)
