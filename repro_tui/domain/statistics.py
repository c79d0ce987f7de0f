"""The few statistics that sentences about results rest on, in the standard library alone.

Sources: Student's t by the regularised incomplete beta function, DLMF 8.17.22 (continued fraction) and 8.17.4; the
prediction interval from Hahn and Meeker, Statistical Intervals (1991), chapter 4; unequal variances from Welch,
Biometrika 34 (1947); rank correlation from Kendall and Gibbons, Rank Correlation Methods (1990), with ties averaged.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from statistics import NormalDist
from typing import TypeVar

LEVEL = 0.95
"""Of every interval that a sentence speaks of without saying another."""

_MANY = 1e6
"""Degrees of freedom from which on Student's t is the normal distribution in all digits that are shown."""
_STEPS = 400
"""Terms of the continued fraction: a few dozen are enough below `_MANY` degrees of freedom."""
_TINY = 1e-300
_CLOSE = 1e-15


@dataclass(frozen=True, slots=True)
class Sample:
    """Some values of one kind, reduced to what intervals need."""

    n: int
    mean: float
    std: float
    """Of the sample, divided by n less one; 0 of a single value."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Around an estimate, from low to high."""

    middle: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Tell whether a value lies inside, ends included; an end that is too great for a number holds everything."""
        return not (value < self.low or value > self.high)

    @property
    def half(self) -> float:
        """Give half its width."""
        return (self.high - self.low) / 2


def sample(values: Sequence[float]) -> Sample:
    """Reduce finite values, at least one; the mean lies between the least and the greatest, whatever their size."""
    low, high = min(values), max(values)
    if low == high:
        return Sample(len(values), low, 0.0)
    scale = max(abs(low), abs(high))
    shares = [value / scale for value in values]
    mean = math.fsum(shares) / len(shares)
    spread = math.sqrt(math.fsum((share - mean) ** 2 for share in shares) / (len(shares) - 1))
    return Sample(len(values), min(max(mean * scale, low), high), spread * scale)


def prediction(of: Sample, level: float = LEVEL) -> Interval:
    """Give where one further value of the same kind lies: mean ± t · s · √(1 + 1/n), for n of at least 2."""
    return _around(of.mean, t_two_sided(level, of.n - 1) * of.std * math.sqrt(1 + 1 / of.n))


def difference(first: Sample, second: Sample, level: float = LEVEL) -> Interval:
    """Give an interval of the second mean less the first by Welch; of a single value, the other's spread is its own.

    At least one of them has two values. With two of equal spread 0 the interval is a point.
    """
    distance = second.mean - first.mean
    if min(first.n, second.n) == 1:
        known = first if first.n > 1 else second
        half = t_two_sided(level, known.n - 1) * known.std * math.sqrt(1 + 1 / known.n)
        return _around(distance, half)
    scale = max(first.std, second.std)
    if not scale:
        return _around(distance, 0.0)
    parts = [(each.std / scale) ** 2 / each.n for each in (first, second)]
    freedom = sum(parts) ** 2 / sum(part**2 / (each.n - 1) for part, each in zip(parts, (first, second), strict=True))
    return _around(distance, t_two_sided(level, freedom) * math.sqrt(sum(parts)) * scale)


def pooled(samples: Sequence[Sample]) -> tuple[float, int]:
    """Give the spread that samples have within them together, and its degrees of freedom (0 when there is none)."""
    freedom = sum(each.n - 1 for each in samples)
    if not freedom:
        return 0.0, 0
    return math.hypot(*(math.sqrt((each.n - 1) / freedom) * each.std for each in samples)), freedom


def _around(middle: float, half: float) -> Interval:
    return Interval(middle, middle - half, middle + half)


@lru_cache(maxsize=512)
def t_two_sided(level: float, freedom: float) -> float:
    """Give t so that Student's variable lies within ±t with probability `level`; freedom may be broken."""
    return t_quantile((1 + level) / 2, freedom)


def t_quantile(probability: float, freedom: float) -> float:
    """Give the quantile of Student's t, by halving an interval: right to about 12 digits."""
    if freedom >= _MANY:
        return NormalDist().inv_cdf(probability)
    if probability < 0.5:  # noqa: PLR2004 - the distribution is symmetric about its middle
        return -t_quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while t_below(high, freedom) < probability:
        low, high = high, high * 2
    while high - low > _CLOSE * 100 * high:
        middle = (low + high) / 2
        if t_below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def t_below(value: float, freedom: float) -> float:
    """Give the probability that Student's t is below a value."""
    if freedom >= _MANY:
        return NormalDist().cdf(value)
    square = value * value
    if square < freedom:  # near the middle, where the upper tail's complement would lose digits
        inner = _beta_share(0.5, freedom / 2, square / (freedom + square)) / 2
        return 0.5 + math.copysign(inner, value)
    tail = _beta_share(freedom / 2, 0.5, freedom / (freedom + square)) / 2
    return 1 - tail if value > 0 else tail


def _beta_share(a: float, b: float, x: float) -> float:
    """Give the regularised incomplete beta function."""
    if x in {0.0, 1.0}:
        return x
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction of DLMF 8.17.22 by Lentz's method; it converges fast for x below the mean."""
    above, below = 1.0, _not_zero(1 - (a + b) * x / (a + 1))
    below = 1 / below
    product = below
    for m in range(1, _STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            below = 1 / _not_zero(1 + term * below)
            above = _not_zero(1 + term / above)
            product *= above * below
        if abs(above * below - 1) < _CLOSE:
            break
    return product


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


Value = TypeVar("Value", bound=Hashable)


def rank_table(counts: Mapping[Value, int]) -> dict[Value, float]:
    """Give the rank of each value that can be ordered, less the mean rank; equal ones share the mean of their ranks."""
    middle = (sum(counts.values()) + 1) / 2
    table: dict[Value, float] = {}
    below = 0
    for value in sorted(counts):  # type: ignore[type-var]  # the caller knows that its values can be ordered
        count = counts[value]
        table[value] = below + (count + 1) / 2 - middle
        below += count
    return table


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome over many runs, ready for being held against one column after the other."""

    values: Sequence[float]
    ranks: Sequence[float]
    rank_square: float
    """Sum of the squares of the ranks."""
    centred: Sequence[float]
    """Less their mean and in units of the farthest, so that sums of squares keep their digits and cannot overflow."""
    square: float
    """Sum of the squares of `centred`."""
    mean: float
    scale: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Outcome:
        """Make it from finite values."""
        if not values:
            return cls(values, (), 0.0, (), 0.0, 0.0, 1.0)
        table = rank_table(Counter(values))
        placed = [table[value] for value in values]
        size = max(map(abs, values)) or 1.0
        shares = [value / size for value in values]
        middle = math.fsum(shares) / len(shares)
        centred = [share - middle for share in shares]
        square = math.fsum(map(mul, centred, centred)) if min(values) < max(values) else 0.0
        return cls(values, placed, math.fsum(map(mul, placed, placed)), centred, square, middle * size, size)


def sums_of(values: Sequence[Value], of: Sequence[float], keys: Iterable[Value]) -> dict[Value, float]:
    """Sum up one column within the groups of equal values of another."""
    sums = dict.fromkeys(keys, 0.0)
    for value, number in zip(values, of, strict=True):
        sums[value] += number
    return sums


def rank_correlation_of(counts: Mapping[Value, int], sums: Mapping[Value, float], rank_square: float) -> float | None:
    """Give Spearman's rank correlation, ties averaged, from how often each value comes and its sum of outcome ranks.

    None when one of both does not vary.
    """
    table = rank_table(counts)
    own = math.fsum(counts[value] * rank * rank for value, rank in table.items())
    size = math.sqrt(own * rank_square)
    if not size:
        return None
    return max(-1.0, min(1.0, math.fsum(rank * sums[value] for value, rank in table.items()) / size))


def rank_correlation_by_order(values: Sequence[Value], ranks: Sequence[float], rank_square: float) -> float | None:
    """Give the same of values that are all different, which is faster by sorting places than by counting values."""
    n = len(values)
    order = sorted(range(n), key=values.__getitem__)  # type: ignore[arg-type]  # the caller knows that they can be ordered
    size = math.sqrt(n * (n * n - 1) / 12 * rank_square)
    shared: float = sum(map(mul, map(ranks.__getitem__, order), range(n)))
    return max(-1.0, min(1.0, shared / size)) if size else None  # ranks sum up to 0, so that places need no centre


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Give the rank correlation of numbers that can be ordered (no NaN); None when one of them does not vary."""
    outcome = Outcome.of(second)
    counts = Counter(first)
    return rank_correlation_of(counts, sums_of(first, outcome.ranks, counts), outcome.rank_square)


def rank_p(rho: float, n: int) -> float:
    """Give how often chance alone gives such a rank correlation or a greater one, by t with n less 2 degrees.

    Close enough from about ten runs on; below, it is only a guide.
    """
    if n < 3:  # noqa: PLR2004 - two points always lie on a line
        return 1.0
    if abs(rho) >= 1:
        return 2.0 / math.factorial(n) if n < 20 else 0.0  # noqa: PLR2004 - smaller than any that is told apart
    value = abs(rho) * math.sqrt((n - 2) / (1 - rho * rho))
    return 2 * (1 - t_below(value, n - 2))


def eta_squared(groups: Sequence[tuple[int, float]], total: float, square_sum: float) -> float | None:
    """Give the share of the variance that lies between groups of (n, sum), of values with a sum and a sum of squares.

    The values must be taken less their mean beforehand, or digits are lost. None when they do not vary.
    """
    n = sum(count for count, _ in groups)
    whole = square_sum - total * total / n
    if whole <= 0:
        return None
    between = math.fsum(added * added / count for count, added in groups) - total * total / n
    return max(0.0, min(1.0, between / whole))


def f_above(value: float, first: float, second: float) -> float:
    """Give the probability that Fisher's F with (first, second) degrees of freedom is above a value."""
    if value <= 0:
        return 1.0
    return _beta_share(second / 2, first / 2, second / (second + first * value))


def eta_p(share: float, groups: int, n: int) -> float:
    """Give how often chance alone lets so great a share lie between so many groups, by F."""
    if groups < 2 or n <= groups:  # noqa: PLR2004 - one group has nothing to differ from
        return 1.0
    if share >= 1:
        return 0.0
    return f_above(share / (groups - 1) / ((1 - share) / (n - groups)), groups - 1, n - groups)
