"""What other runs tell of one difference: pairs of them that differ in nothing else that can matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.case import Case, Result, Witness, inputs_of, is_open
from repro_tui.domain.comparison import Change
from repro_tui.domain.explain_noise import Kind, Verdict, agree, one_a_seed, telling, usable
from repro_tui.domain.explanation import Finding
from repro_tui.domain.run import State
from repro_tui.domain.statistics import LEVEL, Interval, difference, pooled, sample, t_two_sided
from repro_tui.domain.traits import Key, Part, Trait

MOST_ASKED = 200
"""Differences that are looked for in other runs: of more, nobody changes each alone."""

_HALF = 0.5
"""A change that can make less than this share of the distance, at most, does not explain it."""

_LEAST_EACH = 2
"""Runs a side from which on it has a spread of its own."""


class Move(StrEnum):
    """What the outcome did where only one thing was changed."""

    MADE = "made"
    """It alone led from the one result to the other, bit by bit."""
    BROKE = "broke"
    """It was a number with the one and none with the other, as in the two runs that are explained."""
    ALIKE = "alike"
    """It moved the same way, beyond noise."""
    AGAINST = "against"
    """It moved the other way, beyond noise."""
    SAME = "same"
    """Every logged value stayed."""
    STAYED = "stayed"
    """No effect beyond noise, and noise is small enough to see one that matters."""
    WEAK = "weak"
    """No effect beyond noise, but noise is so great that one could hide in it."""
    UNTOLD = "untold"
    """There is no telling noise from effect."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs that differ in one thing, and what it did."""

    first: tuple[Result, ...]
    """Those that have it as in the run before."""
    second: tuple[Result, ...]
    move: Move
    effect: Interval | None = None
    """Of second less first; None when there is no telling."""
    moved: float | None = None
    """Mean of second less that of first; None when one of them has no result."""
    borrowed: bool = False
    """They have no repeats of their own: the noise is that of the two runs that are explained."""
    near: bool = False
    """Everything else was as in one of the two runs that are explained."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A run of the pool, ready for being found with one thing left out."""

    result: Result
    inputs: Mapping[Key, Trait]
    mark: int
    """Sum of a hash of each input, so that leaving one out is a subtraction."""


Sides = Sequence[tuple[Key, Trait | None, Trait | None]]
"""What a difference consists of: key, and what it was before and after, None where it was not there or not used.

An input that lies elsewhere has two: gone from where it was, and new where it is.
"""


def pool(case: Case) -> list[Seen]:
    """Give all runs that can tell something: of which everything that can matter is known."""
    shared = [
        Witness(result, side.traits)
        for side, repeats in ((case.before, case.repeats_before), (case.after, case.repeats_after))
        for result in repeats
    ]
    known: dict[str, Seen] = {}
    marks: dict[int, int] = {}
    for witness in (case.before, case.after, *case.others, *shared):
        if witness.traits.unknown or witness.result.uid in known:
            continue
        inputs = inputs_of(witness.traits)
        if any(map(is_open, inputs.values())):
            continue
        mark = marks.setdefault(id(witness.traits), -1)
        if mark == -1:
            marks[id(witness.traits)] = mark = sum(_mark(key, trait) for key, trait in inputs.items())
        known[witness.result.uid] = Seen(witness.result, inputs, mark)
    return list(known.values())


def _mark(key: Key, trait: Trait | None) -> int:
    return 0 if trait is None else hash((str.__hash__(key[0]), key[1], trait.token, trait.basis))


def sides_of(changes: Iterable[Change]) -> Sides:
    """Say what a difference consists of; what is idle on a side counts as not there."""
    sides: dict[Key, tuple[Trait | None, Trait | None]] = {}
    for change in changes:
        old, new = _used(change.before), _used(change.after)
        if old is not None:
            sides[old.section, old.name] = (old, sides.get((old.section, old.name), (None, None))[1])
        if new is not None:
            sides[new.section, new.name] = (sides.get((new.section, new.name), (None, None))[0], new)
    return [(key, old, new) for key, (old, new) in sides.items()]


def _used(trait: Trait | None) -> Trait | None:
    return trait if trait is not None and trait.part is Part.INPUT else None


def equal(first: Trait | None, second: Trait | None) -> bool:
    """Tell whether two inputs are the same, as far as they were come by in the same way."""
    if first is None or second is None:
        return first is second
    return first.token == second.token and first.basis == second.basis


def place_of(seen: Seen, sides: Sides) -> str:
    """Tell whether a run has a difference as `before`, as `after`, or in another way or half (empty)."""
    found = [(equal(seen.inputs.get(key), old), equal(seen.inputs.get(key), new)) for key, old, new in sides]
    if all(old for old, _ in found):
        return "before"
    return "after" if all(new for _, new in found) else ""


def trials(case: Case, verdict: Verdict, candidates: Sequence[Sides], seen: Sequence[Seen]) -> list[list[Trial]]:
    """Give for each difference what runs tell that differ in nothing else, those nearest to both runs first.

    The more trials there are, the wider their intervals, so that all of them together are right in 95 of 100 cases.
    """
    counted = [run for run in seen if usable(run.result) or run.result.bits or _broken(run.result)]
    found = [list(_alone(case, sides, counted)) if i < MOST_ASKED else [] for i, sides in enumerate(candidates)]
    level = 1 - (1 - LEVEL) / max(1, sum(map(len, found)))
    effect = _measure(case, verdict, level)
    return [sorted((effect(*pair) for pair in pairs), key=_order) for pairs in found]


def _order(trial: Trial) -> tuple[bool, int, str]:
    return not trial.near, -len(trial.first) - len(trial.second), trial.first[0].uid


_Alone = tuple[tuple[Result, ...], tuple[Result, ...], bool]


def _alone(case: Case, sides: Sides, seen: Sequence[Seen]) -> Iterable[_Alone]:
    """Group the runs that have a difference one way or the other by everything else."""
    old = sum(_mark(key, trait) for key, trait, _ in sides)
    new = sum(_mark(key, trait) for key, _, trait in sides)
    rest: dict[int, tuple[list[Result], list[Result]]] = {}
    uids = case.before.result.uid, case.after.result.uid
    own: dict[str, int] = {}
    for run in seen:
        place = place_of(run, sides)
        if not place:
            continue
        left = run.mark - (old if place == "before" else new)
        rest.setdefault(left, ([], []))[place == "after"].append(run.result)
        if run.result.uid in uids:
            own[run.result.uid] = left
    if len(own) == len(uids) and len(set(own.values())) == 1:
        rest.pop(own[uids[0]])  # these are the two runs and their repeats: what is to be explained is no evidence
    near = set(own.values())
    for left, (first, second) in rest.items():
        if first and second:
            yield tuple(_by_start(first)), tuple(_by_start(second)), left in near


def _by_start(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda result: (result.started, result.uid))


def _measure(
    case: Case, verdict: Verdict, level: float
) -> Callable[[tuple[Result, ...], tuple[Result, ...], bool], Trial]:
    """Give what judges a trial: by spreads of its own runs, else by those of the repeats of both judged runs."""
    before, after = case.before.result, case.after.result
    known = usable(before) and usable(after)
    distance = after.value - before.value if known and after.value is not None and before.value is not None else 0.0
    spread, freedom = pooled([group.sample for group in verdict.groups if group.kind is Kind.DRAWS])
    told = verdict.finding in {Finding.BEYOND, Finding.UNTOLD}
    allowed = verdict.allowance.half if verdict.allowance and not told else 0.0
    scale = max(abs(distance), allowed)

    def judge(first: tuple[Result, ...], second: tuple[Result, ...], near: bool) -> Trial:  # noqa: FBT001 - one of a triple
        same = _same_seeds(first, second)
        if _leads(same, before, after):
            return Trial(first, second, Move.MADE, moved=distance, near=near)
        if same and all(agree(pair) and telling(pair[0]) for pair in same):
            return Trial(first, second, Move.SAME, moved=0.0, near=near)
        if _broken(before) != _broken(after) and _breaks(first, second, _broken(before), _broken(after)):
            return Trial(first, second, Move.BROKE, near=near)
        draws = _draws(first), _draws(second)
        effect, borrowed = _effect(*draws, level, (spread, freedom))
        moved = sample(draws[1]).mean - sample(draws[0]).mean if all(draws) else None
        return Trial(first, second, _move(effect, distance if told else 0.0, scale), effect, moved, borrowed, near)

    return judge


def _broken(result: Result) -> bool:
    """Tell whether a run ended well, and with NaN or infinity."""
    return result.state is State.DONE and result.value is not None and not math.isfinite(result.value)


def _breaks(first: Sequence[Result], second: Sequence[Result], *broken: bool) -> bool:
    """Tell whether all runs of each side have a number, or all have none, as it is wanted of that side."""
    return all(
        all(_broken(result) == wanted and (wanted or usable(result)) for result in side)
        for side, wanted in zip((first, second), broken, strict=True)
    )


def _same_seeds(first: Sequence[Result], second: Sequence[Result]) -> list[tuple[Result, Result]]:
    return [(a, b) for a in first for b in second if a.seeds == b.seeds]


def _leads(pairs: Sequence[tuple[Result, Result]], before: Result, after: Result) -> bool:
    if not telling(before) or not telling(after) or agree((before, after)):
        return False
    return any(agree((a, before)) and agree((b, after)) for a, b in pairs)


def _draws(results: Sequence[Result]) -> list[float]:
    return [r.value for r in one_a_seed(list(filter(usable, results))) if r.value is not None]


def _effect(
    first: Sequence[float], second: Sequence[float], level: float, borrowed: tuple[float, int]
) -> tuple[Interval | None, bool]:
    """Give the interval of the effect, and whether its noise is borrowed; None without a spread, or with one of 0."""
    if not first or not second:
        return None, False
    samples = sample(first), sample(second)
    if max(len(first), len(second)) >= _LEAST_EACH:
        found = difference(*samples, level)
        return (found if found.half else None), False
    spread, freedom = borrowed
    if not freedom or not spread:
        return None, False
    half = t_two_sided(level, freedom) * spread * math.sqrt(2)
    distance = samples[1].mean - samples[0].mean
    return Interval(distance, distance - half, distance + half), True


def _move(effect: Interval | None, distance: float, scale: float) -> Move:
    if effect is None:
        return Move.UNTOLD
    if effect.holds(0.0):
        return Move.STAYED if max(-effect.low, effect.high) < _HALF * scale else Move.WEAK
    if not distance:
        return Move.UNTOLD
    return Move.ALIKE if effect.middle * distance > 0 else Move.AGAINST
