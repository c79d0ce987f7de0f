"""Which rules of a policy keep which snapshots; the rules that count do so within groups, the newest first.

A calendar rule keeps the newest of each of the latest hours, days, ISO weeks, months or years, by the clock of the
reader's zone. Only periods that have snapshots count, so a project that rests loses nothing; for the same reason
"within" counts back from the newest of its group. All of this is as restic does it (docs/design/0019-retention.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from repro_tui.domain.ids import Digest
from repro_tui.domain.plain import clean
from repro_tui.domain.retention import Candidate, Per, Policy, Reason
from repro_tui.domain.retention_words import age_text

REPLAYED = 3
"""The level from which on a replay has shown something; what is below rests on kept bytes alone."""

Reasons = dict[Digest, list[Reason]]
"""Snapshot to the rules that keep it."""
Moment = tuple[int, int, int, int, int]
"""Numbers of the hour, the day, the ISO week, the month and the year of a snapshot."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One of the rules that keep the newest of each period."""

    rule: str
    """Word of the reason: `daily`."""
    period: str
    """`day`."""
    place: int
    """Which number of a `Moment` it goes by."""
    count: Callable[[Policy], int]


CALENDARS = (
    Calendar("hourly", "hour", 0, lambda policy: policy.keep_hourly),
    Calendar("daily", "day", 1, lambda policy: policy.keep_daily),
    Calendar("weekly", "week", 2, lambda policy: policy.keep_weekly),
    Calendar("monthly", "month", 3, lambda policy: policy.keep_monthly),
    Calendar("yearly", "year", 4, lambda policy: policy.keep_yearly),
)
"""The finest first."""


@lru_cache(maxsize=1 << 14)
def reason(rule: str, words: str) -> Reason:
    """Give a reason; there are few different ones among thousands."""
    return Reason(rule, words)


def moment(t: float) -> Moment:
    """Give the periods that a time lies in, in the reader's zone."""
    try:
        there = datetime.fromtimestamp(t)  # noqa: DTZ006 - the reader's zone is meant
    except (ValueError, OverflowError, OSError):
        return (-1, -1, -1, -1, -1)  # before all calendars, all in one period
    day = there.toordinal()
    return day * 24 + there.hour, day, (day - 1) // 7, there.year * 12 + there.month, there.year


def newest_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Sort by time; of equal times always in the same order."""
    return sorted(candidates, key=lambda c: (-c.t, c.digest))


def groups(candidates: Sequence[Candidate], per: Per) -> Mapping[str, list[Candidate]]:
    """Give the groups within which rules count, each in the order of the candidates; several tags, several groups."""
    if per is Per.PROJECT:
        return {"": list(candidates)} if candidates else {}
    found: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        for name in (sorted(candidate.tags) or [""]) if per is Per.TAG else [candidate.lineage]:
            found.setdefault(name, []).append(candidate)
    return found


class Counting:
    """Applies the rules that count to the groups of a policy, and remembers which periods are kept."""

    def __init__(self, policy: Policy, found: Reasons) -> None:
        self._policy = policy
        self._found = found
        self._calendars = [(calendar, n) for calendar in CALENDARS if (n := calendar.count(policy)) > 0]
        self._twins: dict[Digest, str] = {}
        self._beyond = _beyond(policy)

    def apply(self, members: Sequence[Candidate], group: str) -> None:
        """Say for one group, the newest first, what the rules keep."""
        of = f" of {clean(group)}" if self._policy.per is Per.TAG and group else ""
        for number, candidate in enumerate(members[: max(0, self._policy.keep_last)], 1):
            self._keep(candidate, "last", f"last {number}{of}")
        if self._calendars:
            moments = [moment(candidate.t) for candidate in members]
            for calendar, n in self._calendars:
                self._calendar(calendar, n, members, moments, of)
        self._within(members)

    def why_not(self, candidate: Candidate) -> Reason:
        """Say why none of these rules keeps a snapshot."""
        if period := self._twins.get(candidate.digest):
            return reason("twin", f"older twin of a kept {period}")
        return self._beyond

    def _keep(self, candidate: Candidate, rule: str, words: str) -> None:
        _add(self._found, candidate, reason(rule, words))

    def _calendar(
        self, calendar: Calendar, n: int, members: Sequence[Candidate], moments: Sequence[Moment], of: str
    ) -> None:
        seen: set[int] = set()
        for candidate, when in zip(members, moments, strict=True):
            period = when[calendar.place]
            if period in seen:
                self._twins.setdefault(candidate.digest, calendar.period)
            elif len(seen) < n:
                seen.add(period)
                self._keep(candidate, calendar.rule, f"{calendar.rule} {len(seen)}{of}")

    def _within(self, members: Sequence[Candidate]) -> None:
        if self._policy.keep_within <= 0 or not members:
            return
        since = members[0].t - self._policy.keep_within
        words = f"within {age_text(self._policy.keep_within)}"
        for candidate in members:
            if candidate.t <= since:
                break
            self._keep(candidate, "within", words)


def _beyond(policy: Policy) -> Reason:
    """Say what a snapshot lies beyond that no rule keeps."""
    said = [f"last {policy.keep_last}"] if policy.keep_last > 0 else []
    said += [f"{calendar.rule} {n}" for calendar in CALENDARS if (n := calendar.count(policy)) > 0]
    said += [f"within {age_text(policy.keep_within)}"] if policy.keep_within > 0 else []
    return reason("beyond", f"beyond {', '.join(said)}") if said else reason("unnamed", "no rule keeps it")


def keep_best(policy: Policy, candidates: Sequence[Candidate], directions: Mapping[str, bool], found: Reasons) -> None:
    """Keep the best by each metric: of equal ones the newest; what is no number is never best.

    Where nobody knows which way the metric is better, nobody knows the best: then all that have it stay.
    """
    for best in policy.keep_best:
        if best.n <= 0:
            continue
        name = clean(best.metric)
        for members in groups(candidates, best.per or policy.per).values():
            having = [c for c in members if math.isfinite(c.metrics.get(best.metric, math.nan))]
            if best.metric not in directions:
                for candidate in having:
                    _add(found, candidate, reason("best", f"no way to tell the best {name}: up or down?"))
                continue
            having.sort(key=lambda c: c.metrics[best.metric], reverse=directions[best.metric])
            for number, candidate in enumerate(having[: best.n], 1):
                _add(found, candidate, reason("best", f"best {number} by {name}" if best.n > 1 else f"best by {name}"))


def _add(found: Reasons, candidate: Candidate, said: Reason) -> None:
    found.setdefault(candidate.digest, []).append(said)


def named(policy: Policy, candidate: Candidate) -> list[Reason]:
    """Give the rules that name a snapshot by itself, without counting."""
    said = []
    if policy.keep_cited and candidate.cited:
        said.append(cited(candidate))
    if policy.keep_verified and candidate.level >= REPLAYED:
        said.append(reason("verified", f"replayed to {candidate.level_text or f'level {candidate.level}'}"))
    said += [reason("tag", f"tag {clean(tag)}") for tag in policy.keep_tags if tag in candidate.tags]
    return said


def cited(candidate: Candidate) -> Reason:
    """Say where a snapshot is cited."""
    return reason("cited", f"cited: {clean(', '.join(candidate.cited))}")
