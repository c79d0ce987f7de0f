"""What is to become of each snapshot: a policy, what there is, what a person said, and the time, to verdicts.

Rules are joined by "or". What is pinned, running, dated in the future, unreadable, or the last of its lineage stays
whatever anybody says. Time alone removes nothing: the rules count snapshots, not days without any.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from repro_tui.domain.ids import Digest
from repro_tui.domain.plain import clean
from repro_tui.domain.retention import Candidate, Decision, GiveUp, Overrides, Policy, Reason, Stock, Verdict
from repro_tui.domain.retention_lines import Ancestry, Line
from repro_tui.domain.retention_rules import Counting, Reasons, groups, keep_best, named, newest_first, reason
from repro_tui.domain.retention_size import Fitting

NOTHING: Overrides = MappingProxyType({})
_YOU = Reason("you", "you said so")
_LAST = Reason("lineage", "last of its lineage")
_DATA = (GiveUp("data"),)


def decide(
    policy: Policy, stock: Stock, overrides: Overrides = NOTHING, now: float | None = None
) -> tuple[Decision, ...]:
    """Give one decision for each snapshot, in the order of the stock.

    Args:
        policy: what repro.yaml or a person says.
        stock: what there is.
        overrides: what a person said line by line; it does not reach what nobody may remove.
        now: seconds since the epoch; the time at which the stock was read when None.
    """
    now = stock.t if now is None else now
    lines = {candidate.digest: Line(candidate) for candidate in stock.candidates}
    readable = newest_first(c for c in stock.candidates if not _unreadable(c))
    past = [candidate for candidate in readable if candidate.t <= now]
    last = _last(past, apart=policy.keep_failed is not None)
    for line in lines.values():
        line.keeps = _fixed(line.candidate, now)
        line.fixed = bool(line.keeps) or line.candidate.digest in last
        line.said = None if line.fixed else overrides.get(line.candidate.digest)
        if line.said is Verdict.KEEP:
            line.keeps.append(_YOU)
    counted = [candidate for candidate in past if lines[candidate.digest].said is not Verdict.REMOVE]
    _keep(policy, counted, lines, stock.directions)
    for digest in last:
        lines[digest].keeps.append(_LAST)
    ancestry = None
    if policy.keep_parents:
        ancestry = Ancestry(lines, [c for c in readable if lines[c.digest].said is not Verdict.REMOVE])
        ancestry.follow()
    _obey(policy, lines.values())
    if policy.max_size is not None:
        Fitting(policy, stock, lines, now).run(ancestry)
    if ancestry:
        ancestry.say()
    return tuple(lines[candidate.digest].decision() for candidate in stock.candidates)


def _unreadable(candidate: Candidate) -> bool:
    return bool(candidate.why) or not math.isfinite(candidate.t)


def _fixed(candidate: Candidate, now: float) -> list[Reason]:
    """Say why nobody may remove a snapshot, whatever lineage it is of."""
    if _unreadable(candidate):
        return [Reason("unreadable", f"cannot be read: {clean(candidate.why) or 'its time is no number'}")]
    said = [reason("pinned", "pinned")] if candidate.pinned else []
    if candidate.running:
        said.append(reason("running", "its run is going on"))
    if candidate.t > now:
        said.append(reason("future", "dated in the future"))
    return said


def _last(newest_first: Iterable[Candidate], *, apart: bool) -> set[Digest]:
    """Give the last snapshot of each lineage; where failed ones are counted apart, also the last that did not fail."""
    found: dict[tuple[str, bool], Digest] = {}
    for candidate in newest_first:
        found.setdefault((candidate.lineage, False), candidate.digest)
        if apart and not candidate.failed:
            found.setdefault((candidate.lineage, True), candidate.digest)
    return set(found.values())


def _keep(
    policy: Policy, counted: Sequence[Candidate], lines: Mapping[Digest, Line], directions: Mapping[str, bool]
) -> None:
    """Note for each snapshot which rules keep it, and for each that none keeps why."""
    failed = [c for c in counted if c.failed] if policy.keep_failed is not None else []
    others = [c for c in counted if not c.failed] if failed else counted
    found: Reasons = {}
    keep_best(policy, others, directions, found)
    counting = Counting(policy, found)
    for group, members in groups(others, policy.per).items():
        counting.apply(members, group)
    _keep_failed(policy, failed, found)
    open_to_all = None if _names(policy) else _unnamed(policy)
    apart = {candidate.digest for candidate in failed}
    for candidate in counted:
        line = lines[candidate.digest]
        line.keeps += named(policy, candidate)
        line.keeps += found.get(candidate.digest, ())
        if not line.keeps and candidate.digest in apart:
            line.against = [reason("failed", f"failed, over keep failed {policy.keep_failed}")]
        elif not line.keeps and open_to_all:
            line.keeps = [open_to_all]
        elif not line.keeps:
            line.against = [counting.why_not(candidate)]


def _keep_failed(policy: Policy, failed: Sequence[Candidate], found: Reasons) -> None:
    for members in groups(failed, policy.per).values():
        for number, candidate in enumerate(members[: max(0, policy.keep_failed or 0)], 1):
            found.setdefault(candidate.digest, []).append(reason("failed", f"failed {number}"))


def _names(policy: Policy) -> bool:
    """Tell whether any rule says what is to stay; `keep_failed` and `max_size` only say what goes."""
    counts = (
        policy.keep_last,
        policy.keep_hourly,
        policy.keep_daily,
        policy.keep_weekly,
        policy.keep_monthly,
        policy.keep_yearly,
        policy.keep_within,
        *(best.n for best in policy.keep_best),
    )
    return any(n > 0 for n in counts) or bool(policy.keep_tags or policy.keep_cited or policy.keep_verified)


def _unnamed(policy: Policy) -> Reason:
    return reason("empty", "the policy is empty") if policy.empty else reason("open", "no rule gives it up")


def _obey(policy: Policy, lines: Iterable[Line]) -> None:
    """Turn reasons into verdicts, and put in what a person said."""
    for line in lines:
        if line.said is Verdict.REMOVE:
            line.keeps, line.against = [], [_YOU]
            line.remove()
        elif line.said is Verdict.LESSEN:
            line.against = [_YOU]
            line.let_go(policy.give_up or _DATA)
        elif line.keeps:
            line.against = []
        else:
            line.let_go(policy.give_up)
