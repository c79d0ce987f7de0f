"""The statistics against published tables and worked examples; scipy gives the same to 12 digits."""

from __future__ import annotations

import math

import pytest

from repro_tui.domain.statistics import (
    Outcome,
    Sample,
    difference,
    eta_p,
    eta_squared,
    f_above,
    pooled,
    prediction,
    rank_correlation_by_order,
    rank_p,
    sample,
    spearman,
    t_below,
    t_quantile,
    t_two_sided,
)

T_TABLE = {
    (0.95, 1): 12.706, (0.95, 2): 4.303, (0.95, 3): 3.182, (0.95, 4): 2.776, (0.95, 9): 2.262, (0.95, 10): 2.228,
    (0.95, 30): 2.042, (0.95, 120): 1.980, (0.99, 1): 63.657, (0.99, 5): 4.032, (0.9, 7): 1.895, (0.999, 10): 4.587,
}  # fmt: skip
"""Fisher and Yates, Statistical Tables (1963), table III."""

SCIPY = [
    (0.975, 2.5, 3.5746548420036817),
    (0.6, 1.3, 0.3081832765664806),
    (0.9995, 1000.0, 3.300282648423944),
    (0.975, 1e9, 1.959963986912325),
]
"""(probability, degrees, quantile) as scipy 1.17 gives them."""


@pytest.mark.parametrize(("level", "freedom"), sorted(T_TABLE))
def test_t_is_that_of_the_tables(level, freedom):
    assert round(t_two_sided(level, freedom), 3) == T_TABLE[level, freedom]


@pytest.mark.parametrize(("probability", "freedom", "expected"), SCIPY)
def test_t_of_broken_and_many_degrees(probability, freedom, expected):
    assert t_quantile(probability, freedom) == pytest.approx(expected, rel=1e-8)
    assert t_quantile(1 - probability, freedom) == pytest.approx(-expected, rel=1e-8)
    assert t_below(expected, freedom) == pytest.approx(probability, rel=1e-8)


def test_of_one_degree_t_is_cauchys():
    for value in (-40.0, -1.0, 0.0, 0.2, 3.0):
        assert t_below(value, 1) == pytest.approx(0.5 + math.atan(value) / math.pi, abs=1e-14)


def test_the_prediction_interval_is_mean_and_t_s_root():
    """Hahn and Meeker's first example: five readings of 50.10 ± 1.31 allow 50.10 ± 3.98."""
    of = Sample(5, 50.10, 1.31)
    allowed = prediction(of)
    assert round(allowed.half, 2) == 3.98
    assert (round(allowed.low, 2), round(allowed.high, 2)) == (46.12, 54.08)
    two = sample([1.0, 3.0])
    assert prediction(two).half == pytest.approx(12.706 * math.sqrt(2) * math.sqrt(1.5), rel=1e-4)


def test_a_sample_keeps_its_digits_and_does_not_overflow():
    assert sample([1e9 + 1, 1e9 + 2, 1e9 + 3]).std == pytest.approx(1.0, rel=1e-6)
    assert sample([1e308, 1.2e308]).mean == pytest.approx(1.1e308)
    assert sample([0.1, 0.1, 0.1]) == Sample(3, 0.1, 0.0)
    assert sample([5.0]) == Sample(1, 5.0, 0.0)
    assert pooled([Sample(2, 0, 1e200), Sample(3, 0, 1e200)])[0] == pytest.approx(1e200)
    assert pooled([Sample(1, 4.0, 0.0)]) == (0.0, 0)


def test_means_of_unequal_spread_are_compared_by_welch():
    found = difference(sample([1.0, 2.0, 4.0]), sample([2.0, 9.0, 3.0, 3.5]))
    assert (found.low, found.high) == pytest.approx((-2.7480891154314784, 6.831422448764812))
    one = difference(sample([1.0, 2.0, 4.0]), sample([5.0]))
    of = prediction(sample([1.0, 2.0, 4.0]))
    assert one.half == pytest.approx(of.half)
    assert difference(sample([5.0]), sample([1.0, 2.0, 4.0])).half == pytest.approx(of.half)
    assert difference(sample([1.0, 1.0]), sample([2.0, 2.0])).half == 0


def test_rank_correlation_averages_ties():
    """By hand: ranks 1.5, 1.5, 3.5, 3.5 against 1 to 4; and the textbooks' example of ten pupils, -29/165."""
    assert spearman([1, 2, 3, 4], [1, 1, 2, 2]) == pytest.approx(0.8944271909999159)
    assert spearman([86, 97, 99, 100, 101, 103, 106, 110, 112, 113], [2, 20, 28, 27, 50, 29, 7, 17, 6, 12]) == (
        pytest.approx(-29 / 165)
    )
    assert spearman([1, 2, 3], [5, 5, 5]) is None
    assert spearman([1, 2, 3], [30, 20, 10]) == -1
    values = [0.3, -1.0, 7.5, 2.0, 4.0]
    outcome = Outcome.of([1.0, 1.0, 9.0, 4.0, 4.0])
    assert rank_correlation_by_order(values, outcome.ranks, outcome.rank_square) == (
        pytest.approx(spearman(values, [1.0, 1.0, 9.0, 4.0, 4.0]))
    )


def test_chance_of_a_rank_correlation():
    assert rank_p(-29 / 165, 10) == pytest.approx(0.6271883447764844)
    assert rank_p(1.0, 3) == pytest.approx(1 / 3)
    assert rank_p(0.9, 2) == 1


def test_the_share_between_groups():
    groups = {"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0], "c": [9.0]}
    mean = 4.0
    sums = [(len(values), sum(values) - mean * len(values)) for values in groups.values()]
    square = sum((value - mean) ** 2 for values in groups.values() for value in values)
    share = eta_squared(sums, 0.0, square)
    assert share == pytest.approx(1 - 2.5 / square)
    assert eta_p(share, 3, 6) == pytest.approx(0.015625)
    assert f_above(4.26, 2, 9) == pytest.approx(0.05, abs=2e-4)  # table V of Fisher and Yates
    assert eta_squared([(3, 0.0)], 0.0, 0.0) is None
    assert eta_p(0.5, 1, 5) == 1
