"""What varies over many runs, and how each thing goes with one outcome: association, never cause.

Numbers by Spearman's rank correlation, categories by the means of their groups and the share of the variance between
them. A thousand runs and a few dozen columns take milliseconds, since each value is counted once, not compared.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import itemgetter

from repro_tui.domain.case import Column, Field
from repro_tui.domain.comparison import Direction
from repro_tui.domain.confounding import Coded, together
from repro_tui.domain.explain_text import word
from repro_tui.domain.explanation import Variation, Varied
from repro_tui.domain.statistics import (
    Outcome,
    eta_p,
    eta_squared,
    rank_correlation_by_order,
    rank_correlation_of,
    rank_p,
    sums_of,
)
from repro_tui.domain.varies_words import CHANCE, LEAST, notes, words

_HEAD = 200
_GROUPS = 12
"""Groups that are shown of one thing."""


@dataclass(frozen=True, slots=True)
class _Going:
    """How one column goes with the outcome."""

    varied: Varied
    chance: float
    """How often chance alone goes so closely."""
    closeness: float


def varies(field: Field) -> Variation:
    """Say which columns vary over the runs that have the outcome, the closest to it first."""
    has, fallen = _counted(field)
    outcomes = [float(value) for value in compress(field.outcomes, has) if value is not None]
    some = len(has) > len(outcomes)
    columns = [(column, list(compress(column.values, has)) if some else column.values) for column in field.columns]
    counted = [(column, values, _counts(values)) for column, values in columns]
    varying = [(column, values, counts) for column, values, counts in counted if len(counts.keys() - {None}) > 1]
    measured = _Measured(outcomes)
    going = [_going(*each, measured, field.direction) for each in varying]
    pairs = together([Coded(column.name, values) for column, values, _ in varying])
    tests = max(1, sum(1 for each in going if each.chance < 1))
    told = [
        replace(
            each.varied,
            confounded=pairs.get(i, ()),
            words=words(each.varied, each.chance * tests, pairs.get(i, ()), field.metric),
        )
        for i, each in enumerate(going)
    ]
    order = sorted(range(len(told)), key=lambda i: (*_order(going[i], tests), told[i].section, told[i].name))
    constant = sum(1 for *_, counts in counted if len(counts) == 1 and None not in counts)
    return Variation(
        field.metric,
        field.direction,
        len(outcomes),
        len(has) - len(outcomes),
        tuple(told[i] for i in order),
        constant,
        tuple(notes(field, len(outcomes), fallen, len(told))),
    )


def _counted(field: Field) -> tuple[list[bool], int]:
    """Tell which runs have a result, and how many more would if they had not failed or died.

    Where all of them did, where they stood then is all that there is.
    """
    has = [value is not None and math.isfinite(value) for value in field.outcomes]
    ended = [known and not fallen for known, fallen in zip(has, field.fallen, strict=True)] if field.fallen else has
    return (ended, sum(has) - sum(ended)) if any(ended) else (has, 0)


def _order(going: _Going, tests: int) -> tuple[bool, float]:
    """Put what goes with the outcome beyond chance first, and of each kind what goes with it most closely."""
    return going.chance * tests > CHANCE, -going.closeness


Value = str | float | bool | None


def _counts(values: Sequence[Value]) -> Mapping[Value, int]:
    """Count each value; where the first ones are nearly all different (a random search), all may be."""
    if len(set(values[:_HEAD])) > _HEAD // 2:
        once = dict.fromkeys(values, 1)
        if len(once) == len(values):
            return once
    return Counter(values)


class _Measured:
    """The outcome over the runs that have some column, made once for each set of runs."""

    def __init__(self, values: Sequence[float]) -> None:
        self._all = Outcome.of(values)
        self._some: dict[bytes, Outcome] = {}

    def over(self, has: Sequence[bool] | None) -> Outcome:
        """Give the outcome of the runs that are wanted, of all of them for None."""
        if has is None:
            return self._all
        key = bytes(has)
        if key not in self._some:
            self._some[key] = Outcome.of(list(compress(self._all.values, has)))
        return self._some[key]


def _going(
    column: Column, values: Sequence[Value], counts: Mapping[Value, int], measured: _Measured, better: Direction
) -> _Going:
    """Measure how a column goes with the outcome over the runs that have both."""
    has = None
    if None in counts:
        has = [value is not None for value in values]
        values = list(compress(values, has))
        counts = {value: n for value, n in counts.items() if value is not None}
    plain = Varied(column.section, column.name, len(values), len(counts))
    if plain.n < LEAST:
        return _Going(plain, 1.0, 0.0)
    outcome = measured.over(has)
    if set(map(type, counts)) <= {int, float} and not any(map(math.isnan, counts)):  # type: ignore[arg-type]  # numbers
        if len(counts) == plain.n:
            rho = rank_correlation_by_order(values, outcome.ranks, outcome.rank_square)
        else:
            rho = rank_correlation_of(counts, sums_of(values, outcome.ranks, counts), outcome.rank_square)
        chance = 1.0 if rho is None else rank_p(rho, plain.n)
        return _Going(replace(plain, rho=rho), chance, abs(rho or 0.0))
    return _of_groups(plain, column, counts, sums_of(values, outcome.centred, counts), outcome, better)


def _of_groups(
    plain: Varied, column: Column, counts: Mapping[Value, int], sums: Mapping[Value, float], outcome: Outcome,
    better: Direction,
) -> _Going:  # fmt: skip
    share = eta_squared([(n, sums[key]) for key, n in counts.items()], 0.0, outcome.square)
    if (
        len(counts) >= plain.n
    ):  # each run is a group of its own: that all of the variance lies between them says nothing
        return _Going(replace(plain, share=share), 1.0, 0.0)
    means = [(_text(column, key), n, sums[key] / n * outcome.scale + outcome.mean) for key, n in counts.items()]
    means.sort(key=itemgetter(2, 0), reverse=better != "down")
    middles = [mean for _, _, mean in means]
    made = replace(plain, spread=max(middles) - min(middles), share=share, groups=tuple(means[:_GROUPS]))
    chance = 1.0 if share is None else eta_p(share, len(counts), plain.n)
    return _Going(made, chance, math.sqrt(_beyond_groups(share or 0.0, len(counts), plain.n)))


def _beyond_groups(share: float, groups: int, n: int) -> float:
    """Take from a share of the variance what so many groups have by chance (epsilon squared, Kelley 1935)."""
    return max(0.0, 1.0 - (1.0 - share) * (n - 1) / (n - groups))


def _text(column: Column, key: Value) -> str:
    if key is True or key is False:
        return "true" if key else "false"
    return word(column.texts.get(str(key), f"{key:.12g}" if isinstance(key, float) else str(key)))
