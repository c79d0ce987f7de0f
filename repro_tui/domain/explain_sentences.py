"""The paragraph of an explanation: at most four sentences, each with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.case import Case, Result
from repro_tui.domain.explain_causes import programs_of, unknown_of
from repro_tui.domain.explain_noise import Group, Kin, Verdict, usable
from repro_tui.domain.explain_noise import Kind as NoiseKind
from repro_tui.domain.explain_several import Said, several
from repro_tui.domain.explain_switches import open_switches
from repro_tui.domain.explain_text import count, listed, name_of, phrase, step_text, value, values, word
from repro_tui.domain.explain_text import told as told_of
from repro_tui.domain.explanation import Candidate, Evidence, Finding, Parting, Standing, Statement
from repro_tui.domain.parting import first_broken
from repro_tui.domain.run import State
from repro_tui.domain.traits import Section

_WIDE = 2
"""Draws of which the interval is so wide (t = 12.7) that it has to be said."""

_PAIR = 2

_ENDED = {State.DIED: "died", State.FAILED: "failed", State.SILENT: "fell silent", State.RUNNING: "is still going"}


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentences are made from."""

    case: Case
    verdict: Verdict
    candidates: Sequence[Candidate]
    parting: Parting | None
    """Of the curve that parts first."""
    own: Parting | None = None
    """Of the explained metric."""


def paragraph(told: Told) -> tuple[Statement, ...]:
    """Say how far apart the results are, against what, what differs, and where the curves part."""
    said = (_distance(told), _basis(told), _differences(told), _curves(told))
    return tuple(statement for statement in said if statement is not None)


def _pair(told: Told) -> tuple[Result, Result]:
    return told.case.before.result, told.case.after.result


def _both(told: Told) -> str:
    """Write both values, with their steps where the runs did not go as far."""
    pair = _pair(told)
    said = values(*(result.value for result in pair))
    if None not in {result.step for result in pair} and pair[0].step != pair[1].step:
        said = [f"{text} (step {step_text(r.step or 0.0)})" for text, r in zip(said, pair, strict=True)]
    return f"{word(told.case.metric)} {said[0]} and {said[1]}"


def _of_both(text: str, told: Told) -> Statement:
    before, after = _pair(told)
    return Statement(
        text, (Evidence(f"last values of {name_of(before)} and {name_of(after)}", (before.uid, after.uid)),)
    )


def _distance(told: Told) -> Statement:
    finding, kin = told.verdict.finding, told.verdict.kin
    if finding is Finding.NO_OUTCOME:
        return _of_both(_nothing(told), told)
    last = f"{word(told.case.metric)} {value(_pair(told)[0].value)} in both"
    if finding is Finding.IDENTICAL:
        same = f"{last}: every" if told.case.metric and _pair(told)[0].value is not None else "Every"
        but = f", not counting {listed(list(told.case.uncounted), most=2)}" if told.case.uncounted else ""
        late = _late(told)
        return _of_both(f"{same} logged value is equal, bit by bit{but}{f'; {late}' if late else ''}.", told)
    if finding is Finding.EQUAL:
        return _of_both(f"{last} at the end.", told)
    if kin is Kin.TWINS and finding is Finding.WITHIN:
        return _of_both(f"{_both(told)}: same recorded inputs, different result.", told)
    if kin is Kin.REPEATS and finding is Finding.WITHIN:
        text = f"{_both(told)}: nothing that is recorded differs but the seed, so they are repeats of each other."
        return _of_both(text, told)
    if finding is Finding.WITHIN:
        return _of_both(f"{_both(told)}: no evidence of a difference.", told)
    if finding is Finding.BEYOND:
        return _of_both(f"{_both(told)}, {_way(told)}: more than repeats allow{_disagreeing(told)}.", told)
    return _of_both(_untold(told), told)


def _way(told: Told) -> str:
    """Say the distance of both values, or of the means where these were compared, with its direction."""
    before, after = (result.value or 0.0 for result in _pair(told))
    up = after > before
    better = told.case.direction
    means = told.verdict.means
    if means is not None and (means.middle > 0) != up:
        return "the other way round than the means of their repeats"
    how = ("higher" if up else "lower") if not better else "better" if (better == "up") == up else "worse"
    return f"{how} by {abs(after - before):.3g}"


def _disagreeing(told: Told) -> str:
    """Name the first other outcome that went the other way; whether that is noise is not asked."""
    way = _way(told).partition(" ")[0]
    for other in told.case.beside:
        moved = other.after - other.before
        better = (moved > 0) == (other.direction == "up")
        if way in {"better", "worse"} and math.isfinite(moved) and moved and better != (way == "better"):
            return f", while {word(other.metric)} is {'better' if better else 'worse'} by {abs(moved):.3g}"
    return ""


def _untold(told: Told) -> str:
    late = [result for result in _pair(told) if result.state is not State.DONE]
    if late:
        how = [
            f"{name_of(r)} {_ENDED[r.state]}{'' if r.step is None else f' {_at(r)} step {step_text(r.step)}'}"
            for r in late
        ]
        return f"{_both(told)} so far: {' and '.join(how)}, so this is no result to judge by."
    if all(group.kind is NoiseKind.SINGLE for group in told.verdict.groups):
        only = "only one run each" + (" has a result" if any(group.left_out for group in told.verdict.groups) else "")
        return f"{_both(told)}: {only}, so noise cannot be told from effect."
    return f"{_both(told)}: noise cannot be told from effect."


def _at(result: Result) -> str:
    """Say where a run stood by what it logged last: it failed some time after that."""
    return "at" if result.state is State.RUNNING else "after"


def _nothing(told: Told) -> str:
    case = told.case
    before, after = _pair(told)
    if not case.metric:
        if not any(case.metrics):
            late = _late(told)
            return f"Neither of them logged a metric{f': {late}' if late else ''}."
        logged = [_logged(result, names) for result, names in zip((before, after), case.metrics, strict=True)]
        return f"They share no metric: {', '.join(logged)}."
    if before.value is None or after.value is None:
        lacking = [result for result in (before, after) if result.value is None]
        said = [f"{name_of(r)}{f', which {_ENDED[r.state]}' if r.state is not State.DONE else ''}" for r in lacking]
        return f"{word(case.metric)} was never logged by {' and '.join(said)}."
    broken = [result for result in (before, after) if not math.isfinite(result.value or 0.0)]
    since = ""
    pair = next((pair for pair in case.curves if pair.metric == case.metric), None)
    if pair is not None and len(broken) == 1:
        step = first_broken(pair.before if broken[0] is before else pair.after)
        since = "" if step is None else f", at first at step {step_text(step)}"
    where = "both" if len(broken) > 1 else name_of(broken[0])
    text = "; ".join(f"{word(case.metric)} {value(r.value)} in {name_of(r)}" for r in (before, after))
    return f"{text}: no number in {where}{since}, so the distance means nothing."


def _late(told: Told) -> str:
    """Say which of both did not end well: what they logged is no result."""
    late = [result for result in _pair(told) if result.state is not State.DONE]
    if len({result.state for result in late}) == 1 and len(late) == _PAIR:
        return f"both {_ENDED[late[0].state].replace('is still', 'are still')}"
    return " and ".join(f"{name_of(result)} {_ENDED[result.state]}" for result in late)


def _logged(result: Result, names: Sequence[str]) -> str:
    """Say what a run logged, and how it ended where it did not end well."""
    ended = "" if result.state is State.DONE else f" {_ENDED[result.state]} and"
    return f"{name_of(result)}{ended} logged {listed(list(names)) or 'nothing'}"


def _basis(told: Told) -> Statement | None:
    verdict = told.verdict
    by = verdict.by
    if verdict.kin is not Kin.STRANGERS:
        return _all_repeats(told)
    if verdict.finding is Finding.UNTOLD and (by is None or not verdict.outlier):
        return _why_untold(told)
    if (
        by is None
        or verdict.allowance is None
        or verdict.finding not in {Finding.WITHIN, Finding.BEYOND, Finding.UNTOLD}
    ):
        return None
    if verdict.means is not None:
        return _means(told)
    low, high = values(verdict.allowance.low, verdict.allowance.high)
    runs = (_evidence(by),)
    if by.kind is NoiseKind.EXACT:
        return _exact(told, by)
    wide = ", wide as it rests on two runs" if len(by.draws) == _WIDE else ""
    if by.kind is NoiseKind.SHAKY:
        allowed = f"allow {low} to {high} (95 % interval{wide})"
        text = f"{_who(by)} with the same seed {allowed}; one seed cannot tell whether it holds for others."
        return Statement(text, runs)
    seeds = "with other seeds" if any(draw.seeds for draw in by.draws) else "without a fixed seed"
    who = _who(by)
    return Statement(
        f"{who}{'' if who.endswith(',') else f' {seeds}'} allow {low} to {high} (95 % interval{wide}).", runs
    )


def _exact(told: Told, by: Group) -> Statement:
    """Of a run that gives its result each time: the distance is none of its noise."""
    runs = (_evidence(by),)
    if by.any_seed:
        return Statement(f"{_who(by)} agree in every bit, whatever the seed.", runs)
    agree = f"{_who(by).replace(' repeat', ' exact repeat')} agree in every bit"
    judged = told.verdict.groups[1] if by is told.verdict.groups[0] else told.verdict.groups[0]
    loose = any(c.section is Section.DETERMINISM for c in told.candidates)
    if judged.kind is not NoiseKind.EXACT and loose:
        return Statement(f"{agree}; whether {name_of(judged.of)} would give its result again is not known.", runs)
    if not by.of.seeds:
        return Statement(f"{agree}, without a seed: chance is not seen to play a part.", runs)
    return Statement(f"{agree}: the difference is real for this seed, but one seed cannot tell for others.", runs)


def _who(group: Group) -> str:
    repeats = [draw for draw in group.draws if draw.uid != group.of.uid]
    if any(draw.seeds == group.of.seeds for draw in repeats) and group.kind is NoiseKind.DRAWS and group.of.seeds:
        return f"{count(len(repeats), 'run')} like {name_of(group.of)}, the first of each seed,"
    if len(repeats) == len(group.draws):
        return f"{count(len(repeats), 'repeat')} of {name_of(group.of)}"
    return f"{name_of(group.of)} and {count(len(repeats), 'repeat')}"


def _evidence(group: Group) -> Evidence:
    left = f"; {count(group.left_out, 'run')} without a result not counted" if group.left_out else ""
    how = {NoiseKind.EXACT: "inputs and seed", NoiseKind.SHAKY: "inputs and seed"}.get(
        group.kind, "inputs but for the seed"
    )
    if group.any_seed:
        how = "inputs but for the seed"
    if not group.of.seeds:
        how = how.replace(" and seed", "")
    text = f"{count(len(group.draws), 'run')} with the {how} of {name_of(group.of)}{left}"
    return Evidence(text, tuple(draw.uid for draw in group.draws))


def _means(told: Told) -> Statement:
    verdict = told.verdict
    means = verdict.means
    assert means is not None, "asked for only where means were compared"
    sizes = [len(group.draws) for group in verdict.groups]
    middles = values(*(group.sample.mean for group in verdict.groups))
    text = (
        f"Their repeats ({sizes[0]} and {sizes[1]} runs) have means {middles[0]} and {middles[1]}, "
        f"a difference of {means.low:+.2g} to {means.high:+.2g} (95 % interval)"
    )
    if verdict.outlier:
        text += ", though one of the two runs lies outside what the other's repeats allow"
    return Statement(f"{text}.", tuple(_evidence(group) for group in verdict.groups))


def _why_untold(told: Told) -> Statement | None:
    if not all(usable(result) for result in _pair(told)):
        return None
    for group in told.verdict.groups:
        if group.kind is NoiseKind.FLAT:
            text = f"{_who(group)} all gave {value(group.sample.mean)}: too few different values to measure noise by."
            return Statement(text, (_evidence(group),))
    for group, other in zip(told.verdict.groups, reversed(told.verdict.groups), strict=True):
        fixed = sorted(name.rpartition("/")[2] for name in group.fixed_but_for(other.of))
        if group.kind is NoiseKind.DRAWS and fixed:
            text = f"The repeats of {name_of(group.of)} all have its {listed(fixed, most=1)}, the other run has not"
            return Statement(f"{text}: what that does is not known.", (_evidence(group),))
        if group.kind in {NoiseKind.EXACT, NoiseKind.SHAKY}:
            text = (
                f"The repeats of {name_of(group.of)} have its seed, the other run has not: what seeds do is not known."
            )
            return Statement(text, (_evidence(group),))
    return None


def _all_repeats(told: Told) -> Statement | None:
    group = max(told.verdict.groups, key=lambda group: len(group.draws))
    if told.verdict.kin is not Kin.REPEATS or group.kind is not NoiseKind.DRAWS or len(group.draws) <= _WIDE:
        return None
    of = group.sample
    text = f"All {of.n} repeats have a mean of {value(of.mean)} and a standard deviation of {of.std:.2g}."
    return Statement(text, (_evidence(group),))


def _differences(told: Told) -> Statement | None:
    kin, finding = told.verdict.kin, told.verdict.finding
    if kin is Kin.TWINS:
        return _same_inputs(told)
    if kin is Kin.REPEATS:
        if finding is Finding.WITHIN:
            return None
        return Statement("Nothing that is recorded differs but the seed: they are repeats of each other.")
    live = [c for c in told.candidates if c.standing not in {Standing.IDLE, Standing.UNKNOWN}]
    hidden = _unknown(told)
    if not live:
        return Statement(f"Nothing that is known differs, but not all is known: {hidden}." if hidden else
                         f"{_nothing_live(told)}.")  # fmt: skip
    text, rests_on = _cause(told, live)
    if hidden:
        text += f"; not known: {hidden}"
    return Statement(f"{text}.", tuple(evidence for c in rests_on for evidence in c.evidence[:2]))


def _unknown(told: Told) -> str:
    sides = (told.case.before, told.case.after)
    whose = {why: [name_of(s.result) for s in sides if why in s.traits.unknown.values()]
             for side in sides for why in side.traits.unknown.values()}  # fmt: skip
    reasons = [f"{why} ({listed(whose[why])})" if why in whose else why for why in unknown_of(told.case).values()]
    reasons += [c.because for c in told.candidates if c.standing is Standing.UNKNOWN]
    return listed(sorted(set(reasons)), most=2)


def _cause(told: Told, live: Sequence[Candidate]) -> Said:
    finding = told.verdict.finding
    words = listed([phrase(c) for c in live] if len(live) > 1 else [told_of(live[0].words)])
    differs = "differs" if len(live) == 1 and len(live[0].changes) == 1 else "differ"
    if finding is Finding.IDENTICAL:
        return f"Inputs differ, same {'values' if _late(told) else 'result'}: {words}", live
    only = [c for c in live if c.standing is Standing.ONLY]
    if only:
        beside = ", besides the seed" if len(live) > 1 else ""
        what = "differences that can matter are" if only[0].name.endswith(" more") else "difference that can matter is"
        return f"The only recorded {what} {word(told_of(only[0].words), 160)}{beside}", only
    if finding not in {Finding.BEYOND, Finding.UNTOLD, Finding.NO_OUTCOME}:
        return f"{words} {differs}", live
    programs = [" ".join(program) for program in programs_of(told.case)]
    if programs:
        return f"They ran different programs, {listed(programs)}: all else that differs may follow from that", live[:1]
    return several(live, beyond=finding is Finding.BEYOND) or (f"{words} {differs}", live)


def _nothing_live(told: Told) -> str:
    """Say that nothing differs which could be a cause."""
    harmless = any(change.harmless for candidate in told.candidates for change in candidate.changes)
    return f"Nothing that {'can matter' if harmless else 'was used'} differs, as far as was seen"


def _same_inputs(told: Told) -> Statement:
    if told.verdict.finding is Finding.IDENTICAL:
        return Statement(f"Same inputs, same {'values' if _late(told) else 'result'}.")
    if told.verdict.finding not in {Finding.WITHIN, Finding.EQUAL}:
        return Statement("Nothing that can matter differs, as far as is recorded.")
    switches = open_switches(told.case)
    left = f": {'; '.join(switches)}" if switches else ""
    rest = "what differs is not recorded" if not switches else "chance was left open"
    if told.verdict.finding is Finding.EQUAL and (told.parting is None or told.parting.step is None):
        return Statement("Same inputs, and the same last value.")
    idle = any(c.standing is Standing.IDLE for c in told.candidates)
    nothing = _nothing_live(told) if idle else "Nothing differs that is recorded and can matter"
    return Statement(f"{nothing}, and {rest}{left}.")


def _curves(told: Told) -> Statement | None:
    parting = told.parting
    if parting is None or parting.compared < 2 or told.verdict.finding is Finding.IDENTICAL:  # noqa: PLR2004 - a curve
        return None
    pair = tuple(result.uid for result in _pair(told))
    evidence = (Evidence(f"{count(parting.compared, 'common step')} of {word(parting.metric)}", pair),)
    who = "The curves" if parting.metric == told.case.metric else f"The curves of {word(parting.metric)}"
    own = told.own
    if own is not None and own.metric != parting.metric and own.step is not None and parting.step is not None:
        earlier = f"those of {word(parting.metric)} already at step {step_text(parting.step)}"
        steps = Evidence(f"{count(own.compared, 'common step')} of {word(own.metric)}", pair)
        return Statement(f"The curves part at step {step_text(own.step)}, {earlier}.", (steps, *evidence))
    if parting.step is None:
        return Statement(f"{who} are equal, bit by bit, at all {parting.compared:,} common steps.", evidence)
    beyond = (
        f", beyond the noise of repeats from step {step_text(parting.beyond)} on" if parting.beyond is not None else ""
    )
    return Statement(f"{who} part at step {step_text(parting.step)}{beyond}.", evidence)
