"""How far apart results lie against what repeats allow.

Repeats are runs whose inputs are equal but for the seed. Of several with one seed only the first counts, so that each
stands for one draw; values are taken as draws from a normal distribution, which is what the interval assumes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.case import Case, Result
from repro_tui.domain.explanation import Allowance, Finding
from repro_tui.domain.ids import RunId
from repro_tui.domain.parting import same_bits
from repro_tui.domain.run import State
from repro_tui.domain.statistics import Interval, Sample, difference, prediction, sample

LEAST_FLAT = 7
"""Draws from which on it says something that all have one value: that so many independent ones agree and the next does
not has a probability of pⁿ(1-p), below 5 % for any p from here on. Coarse metrics give such values easily."""


FINE_DIGITS = 9
"""Significant digits of a value that is no share of a few hundred rows and was not rounded for a person."""

_HASHES = "PYTHONHASHSEED"

LEAST_POINTS = 3
"""Logged values of one run from which on it is no accident that another run of the same seed has them all."""


class Kind(StrEnum):
    """What a run and its repeats can say about noise."""

    DRAWS = "draws"
    """Other seeds, or no seeds at all: they differ by whatever is left to chance."""
    EXACT = "exact"
    """The same inputs and seed gave every logged value again, bit by bit."""
    SHAKY = "shaky"
    """The same inputs and seed, and not the same values: chance that no seed rules. Says nothing of other seeds."""
    FLAT = "flat"
    """A few draws of one value that are not equal in every bit: the metric is too coarse for a spread."""
    SINGLE = "single"


class Kin(StrEnum):
    """How two runs are related by what they used."""

    STRANGERS = "strangers"
    """Something that can matter differs, or not all is known."""
    REPEATS = "repeats"
    """Nothing but the seed differs."""
    TWINS = "twins"
    """Nothing that can matter differs, seeds included."""


@dataclass(frozen=True, slots=True)
class Group:
    """A run and its repeats that have a result."""

    of: Result
    kind: Kind
    draws: tuple[Result, ...]
    """What intervals are made from, by start."""
    left_out: int = 0
    """Repeats that did not end well, or gave no number."""
    any_seed: bool = False
    """EXACT, and other seeds gave the same bits as well."""

    @property
    def sample(self) -> Sample:
        """Reduce the draws."""
        return sample([draw.value for draw in self.draws if draw.value is not None])

    @property
    def varied(self) -> frozenset[str]:
        """Name the seeds that are not the same in all of them."""
        return frozenset(name for draw in self.draws for name in differing_seeds(draw, self.of))

    def covers(self, judged: Result) -> bool:
        """Tell whether its noise holds the seeds of a run that is judged by it: those that differ, or were not set."""
        return not self.fixed_but_for(judged)

    def fixed_but_for(self, judged: Result) -> frozenset[str]:
        """Name the seeds that are the same in all of them, and another one in a run that is judged by it."""
        return (differing_seeds(judged, self.of) & seeds_by_name(self.of).keys()) - self.varied


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the distance of two results amounts to."""

    finding: Finding
    kin: Kin
    groups: tuple[Group, Group]
    by: Group | None = None
    """Whose repeats it was judged by."""
    allowance: Allowance | None = None
    means: Interval | None = None
    """Where both have repeats: the distance of their means."""
    outlier: bool = False
    """Their means tell no difference, and yet one of both runs lies outside what the other's repeats allow."""

    @property
    def covers_seeds(self) -> bool:
        """Tell whether what was judged by has other seeds in it, so that a seed cannot be the whole of it."""
        if self.by is None:
            return False
        judged = self.groups[1] if self.by is self.groups[0] else self.groups[0]
        return self.by.covers(judged.of)


def usable(result: Result) -> bool:
    """Tell whether a run has a result that counts: it ended well, and with a number."""
    return result.state is State.DONE and result.value is not None and math.isfinite(result.value)


def gather(of: Result, repeats: Sequence[Result], without: frozenset[RunId] = frozenset()) -> Group:
    """Put a run and its repeats together; `without` names those that are to be judged by them."""
    known = {result.uid: result for result in (*repeats, of) if result.uid not in without}
    counted = sorted(filter(usable, known.values()), key=lambda result: (result.started, result.uid))
    left_out = len(known) - len(counted)
    draws = one_a_seed(counted)
    if len(draws) > 1:
        enough = len(draws) >= LEAST_FLAT
        if agree(draws) and (enough or fine(draws[0])):
            return Group(of, Kind.EXACT, tuple(counted), left_out, any_seed=True)
        flat = len({draw.value for draw in draws}) == 1 and not enough
        mine = [of if of.seeds and draw.seeds == of.seeds and draw.value == of.value else draw for draw in draws]
        return Group(of, Kind.FLAT if flat else Kind.DRAWS, tuple(mine), left_out)
    if len(counted) < 2:  # noqa: PLR2004 - one alone has no noise
        return Group(of, Kind.SINGLE, tuple(counted), left_out)
    if agree(counted) and telling(counted[0]):
        return Group(of, Kind.EXACT, tuple(counted), left_out)
    flat = len({result.value for result in counted}) == 1
    return Group(of, Kind.FLAT if flat else Kind.SHAKY, tuple(counted), left_out)


def one_a_seed(results: Sequence[Result]) -> list[Result]:
    """Give the first result of each seed; runs without seeds are a draw each, unless all of them agree in every bit."""
    unseeded = [result for result in results if not result.seeds]
    same = agree(unseeded) and telling(unseeded[0])
    first: dict[str, Result] = {}
    for result in results:
        first.setdefault(_drawn_by(result) or f"\0{'' if same else result.uid}", result)
    return list(first.values())


def seeds_by_name(result: Result) -> dict[str, str]:
    """Give the seeds of a run by their names."""
    pairs = (line.partition("=") for line in result.seeds.split("\n") if line)
    return {name: value for name, _, value in pairs}


def differing_seeds(one: Result, other: Result) -> frozenset[str]:
    """Name the seeds that two runs do not share."""
    first, second = seeds_by_name(one), seeds_by_name(other)
    return frozenset(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def _drawn_by(result: Result) -> str:
    """Give what makes a run another draw: how texts are hashed does not, where a seed was set besides."""
    seeds = seeds_by_name(result)
    kept = [f"{name}={value}" for name, value in seeds.items() if not name.endswith(f"/{_HASHES}")]
    return "\n".join(kept) or result.seeds


def fine(result: Result) -> bool:
    """Tell whether a value has so many digits that chance does not give it twice: 0.94 of 50 rows has not."""
    digits = f"{result.value!r}".partition("e")[0].replace(".", "").lstrip("-0").rstrip("0")
    return len(digits) >= FINE_DIGITS


def telling(result: Result) -> bool:
    """Tell whether runs that agree with this one in every logged value can hardly do so by chance."""
    return fine(result) or result.points >= LEAST_POINTS


def agree(results: Sequence[Result]) -> bool:
    """Tell whether at least two runs are known to be equal in every logged value."""
    return len(results) > 1 and bool(results[0].bits) and len({result.bits for result in results}) == 1


def judge(case: Case, kin: Kin) -> Verdict:
    """Hold the distance of both results against what their repeats allow; the same whichever comes first."""
    before, after = case.before.result, case.after.result
    groups = (
        gather(before, case.repeats_before, _foreign(kin, after, case.repeats_after)),
        gather(after, case.repeats_after, _foreign(kin, before, case.repeats_before)),
    )
    finding = _at_once(before, after, kin)
    if finding is not None:
        return Verdict(finding, kin, groups)
    judged_by = ((groups[0], after), (groups[1], before))
    drawn = [group for group, judged in judged_by if group.kind is Kind.DRAWS and group.covers(judged)]
    if len(drawn) == len(groups):
        return _by_means(kin, groups)
    if drawn:
        return _by_one(kin, groups, drawn[0])
    fixed = [group for group, judged in judged_by if group.kind in {Kind.EXACT, Kind.SHAKY} and group.covers(judged)]
    if fixed:  # where either has noise, the distance is held against that
        return _by_one(kin, groups, min(fixed, key=lambda group: (group.kind is Kind.EXACT, *_rank(group))))
    return Verdict(Finding.UNTOLD, kin, groups)


def _foreign(kin: Kin, other: Result, repeats: Sequence[Result]) -> frozenset[RunId]:
    """Name the runs that cannot be repeats of a run, since they are those of one that it differs from."""
    return frozenset((other.uid, *(r.uid for r in repeats))) if kin is Kin.STRANGERS else frozenset()


def _at_once(before: Result, after: Result, kin: Kin) -> Finding | None:
    """Give what can be said without repeats."""
    if agree((before, after)):
        return Finding.IDENTICAL
    if before.value is None or after.value is None or not math.isfinite(before.value) or not math.isfinite(after.value):
        return Finding.NO_OUTCOME
    if not usable(before) or not usable(after):
        return Finding.UNTOLD
    if same_bits(before.value, after.value):
        return Finding.EQUAL
    return None if kin is Kin.STRANGERS else Finding.WITHIN


def _rank(group: Group) -> tuple[int, float, str]:
    """Order groups so that the one with most draws comes first, whichever side it is of."""
    return -len(group.draws), group.of.started, group.of.uid


def allowance_of(group: Group) -> Allowance:
    """Give the prediction interval of a group, or the one value of exact repeats."""
    of = group.sample
    if group.kind is Kind.EXACT:
        return Allowance(group.of.uid, of.n, of.mean, 0.0, of.mean, of.mean, exact=True)
    allowed = prediction(of)
    return Allowance(group.of.uid, of.n, of.mean, of.std, allowed.low, allowed.high)


def _inside(allowance: Allowance, value: float | None) -> bool:
    return value is not None and not (value < allowance.low or value > allowance.high)


def _by_one(kin: Kin, groups: tuple[Group, Group], by: Group) -> Verdict:
    judged = groups[1] if by is groups[0] else groups[0]
    allowance = allowance_of(by)
    finding = Finding.WITHIN if _inside(allowance, judged.of.value) else Finding.BEYOND
    return Verdict(finding, kin, groups, by, allowance)


def _by_means(kin: Kin, groups: tuple[Group, Group]) -> Verdict:
    """Where both have repeats, their means tell more than one run can; the finding rests on them alone."""
    by = min(groups, key=_rank)
    allowance = allowance_of(by)
    means = difference(groups[0].sample, groups[1].sample)
    if not means.holds(0.0):
        return Verdict(Finding.BEYOND, kin, groups, by, allowance, means)
    allowed = [allowance_of(group) for group in groups]
    if _inside(allowed[0], groups[1].of.value) and _inside(allowed[1], groups[0].of.value):
        return Verdict(Finding.WITHIN, kin, groups, by, allowance, means)
    return Verdict(Finding.UNTOLD, kin, groups, by, allowance, means, outlier=True)
