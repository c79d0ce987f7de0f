"""Numbers and ages: the same digits within a column, few cells, nothing lost."""

from __future__ import annotations

import math
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.tui.render.ages import age, duration, moment
from repro_tui.tui.render.numbers import Digits, count, difference, digits_of, number, scalar, size
from repro_tui.tui.render.spark import spark

finite = st.floats(-1e300, 1e300)


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ([0.9731, 0.9712, 0.812], ["0.9731", "0.9712", "0.8120"]),
        ([0.091, 0.094, 0.512], ["0.091", "0.094", "0.512"]),
        ([0.05, 0.1, 0.02], ["0.05", "0.10", "0.02"]),
        ([0.05, 1e-5, 0.1], ["0.05", "1e-5", "0.10"]),
        ([12, 400, 7], ["12", "400", "7"]),
        ([0.091, math.nan, math.inf, -math.inf, None], ["0.091", "nan", "inf", "-inf", "-"]),
        ([123456789.0, 2.0], ["1.235e8", "2"]),
        ([0.0, 0.25], ["0.00", "0.25"]),
        ([], []),
    ],
)
def test_a_column_has_the_same_digits_after_the_point(column, shown):
    digits = digits_of(column)
    assert [number(value, digits) for value in column] == shown


@given(st.lists(finite | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=8))
def test_a_number_is_short_and_reads_back_near_its_value(column):
    digits = digits_of(column)
    for value in column:
        text = number(value, digits)
        assert len(text) <= 17
        if math.isfinite(value) and value and digits.decimals >= 2:
            assert abs(float(text) - value) <= abs(value) * 0.06


@given(finite)
def test_a_number_alone_keeps_four_significant_digits(value):
    assert math.isclose(float(number(value)), value, rel_tol=6e-4)


def test_a_difference_always_has_its_sign():
    assert difference(0.9706, 0.9688, Digits(4)) == "+0.0018"
    assert difference(0.9, 0.95, Digits(4)) == "-0.0500"
    assert difference(1.0, 1.0) == "0"
    assert difference(math.inf, math.inf) == "-"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.1, "0.1"), (1e-5, "1e-5"), (2**60 + 1, "1152921504606846977"), (True, "true"), (None, "none"), ("sgd", "sgd")],
)
def test_a_parameter_is_written_as_it_was_given(value, shown):
    assert scalar(value) == shown


def test_an_integer_of_thousands_of_digits_is_still_shown():
    assert scalar(10**5000) == "about 2^16609"
    assert number(10**5000) == "inf"


@pytest.mark.parametrize(
    ("of_bytes", "shown"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (4000, "4 kB"),
        (999_999, "1 MB"),
        (1.94e9, "1.9 GB"),
        (31e6, "31 MB"),
        (1.2e12, "1.2 TB"),
        (None, "-"),
    ],
)
def test_a_size_has_two_digits_and_a_unit(of_bytes, shown):
    assert size(of_bytes) == shown


def test_counts_have_their_thousands_set_apart():
    assert count(51204) == "51,204"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (40, "40s"),
        (120, "2m"),
        (3700, "1h"),
        (3 * 86400, "3d"),
        (150 * 86400, "21w"),
        (900 * 86400, "2y"),
        (-7, "0s"),
        (math.nan, "-"),
    ],
)
def test_an_age_has_one_unit(seconds, shown):
    assert age(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.31, "0.3s"),
        (9.96, "10s"),
        (40.7, "40s"),
        (252, "4m12s"),
        (3725, "1h02m"),
        (98000, "1d03h"),
        (math.inf, "-"),
    ],
)
def test_a_duration_has_its_two_greatest_units(seconds, shown):
    assert duration(seconds) == shown


@given(st.floats(-1e12, 1e12))
def test_an_age_is_at_most_five_cells_up_to_ten_thousand_years(seconds):
    assert len(age(min(seconds, 3e11))) <= 5


def test_a_moment_beyond_the_calendar_is_a_dash():
    assert moment(1e30) == "-"
    assert moment(math.nan) == "-"
    assert moment(0, UTC) == "1970-01-01 00:00:00"


@given(st.lists(st.floats(), max_size=12), st.booleans())
def test_a_spark_has_one_cell_a_value(values, ascii_only):
    drawn = spark(values, ascii_only=ascii_only)
    assert len(drawn) == len(values)
    assert drawn.isascii() or not ascii_only


def test_a_spark_shows_the_shape():
    assert spark([1, 2, 4, math.nan, 8]) == "▁▂▄ █"
    assert spark([3, 3, 3]) == "▁▁▁"
