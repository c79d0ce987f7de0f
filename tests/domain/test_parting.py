"""Where curves part: the first step that is not equal bit by bit, and the first that repeats do not allow."""

from __future__ import annotations

import math

from repro_tui.domain.case import Pair, Points
from repro_tui.domain.explanation import Parting
from repro_tui.domain.parting import curve, earliest, first_broken, part, same_bits
from tests.domain.cases import pair

NAN = math.nan


def test_bits_are_compared_not_nearness():
    assert same_bits(0.1 + 0.2, 0.1 + 0.2)
    assert not same_bits(0.1 + 0.2, 0.3)
    assert same_bits(NAN, NAN)
    assert not same_bits(NAN, 1.0)
    assert not same_bits(0.0, -0.0)
    assert same_bits(None, None)
    assert not same_bits(None, 0.0)


def test_the_first_step_that_differs():
    assert part(pair([1, 2, 3, 4], [1, 2, 3.5, 4])) == Parting("acc", 2, None, 4)
    assert part(pair([1, 2], [1, 2])) == Parting("acc", None, None, 2)
    assert part(pair([], [1])) == Parting("acc", None, None, 0)
    assert part(pair([1, NAN, 3], [1, NAN, 4])).step == 2


def test_only_steps_that_both_have_are_compared_whatever_their_order():
    before = Points([30, 10, 20], [3.0, 1.0, 2.0])
    after = Points([20, 30, 40], [2.0, 9.0, 9.0])
    assert part(Pair("acc", before, after)) == Parting("acc", 30, None, 2)


def test_a_step_that_was_logged_again_after_a_resume_counts_as_logged_last():
    assert dict(curve(Points([1, 2, 2, NAN], [1.0, 5.0, 2.0, 9.0]))) == {1: 1.0, 2: 2.0}


def test_beyond_noise_is_from_where_they_stay_apart():
    repeats = [[0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.1, 2.1, 3.1, 4.1], [0.0, 0.9, 1.9, 2.9, 3.9]]
    judged = [0.0, 9.0, 2.05, 9.0, 9.0]
    noise = [curve(pair(r, r).before) for r in repeats]
    both = pair(repeats[0], judged)
    found = part(both, curve(both.after), noise)
    assert (found.step, found.beyond) == (1, 3)
    inside = pair(repeats[0], repeats[1])
    assert part(inside, curve(inside.after), noise).beyond is None
    assert part(both, curve(both.after), noise[:1]).beyond is None, "of one curve nothing is known"


def test_repeats_without_spread_at_a_step_allow_no_claim_there():
    repeats = [curve(pair([1.0, 1.0], [1.0, 1.0]).before)] * 3
    both = pair([1.0, 1.0], [2.0, 2.0])
    assert part(both, curve(both.after), repeats).beyond is None


def test_the_metric_that_parts_first_is_spoken_of():
    acc, loss, rest = Parting("acc", 40, None, 9), Parting("loss", 10, None, 9), Parting("lr", None, None, 9)
    assert earliest([acc, loss, rest]) is loss
    assert earliest([acc, Parting("loss", 40, None, 9)]) is acc
    assert earliest([rest]) is rest
    assert earliest([Parting("acc", None, None, 0)]) is None


def test_the_first_value_that_is_no_number():
    assert first_broken(Points([0, 10, 20], [1.0, math.inf, NAN])) == 10
    assert first_broken(Points([0, 10], [1.0, 2.0])) is None
