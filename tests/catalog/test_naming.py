"""Which run is meant by what a person types."""

from __future__ import annotations

import math

import pytest

from repro_tui.catalog.connect import open_catalog
from repro_tui.catalog.naming import find
from repro_tui.domain.directions import direction_of
from repro_tui.errors import NotFoundError, UsageError
from tests.catalog.test_queries import put_run


@pytest.fixture
def catalog(tmp_path):
    opened = open_catalog(None, tmp_path)
    yield opened
    opened.close()


def named(catalog, name, **declared):
    """Give the key of the run that is found."""
    return int(find(catalog, name, lambda metric: direction_of(metric, declared)), 16)


@pytest.fixture
def three(catalog):
    for key in (1, 2, 3):
        put_run(catalog, key)
    return catalog


def test_runs_are_found_by_what_people_type(three):
    assert named(three, "run-2") == 2
    assert named(three, "@1") == 1
    assert named(three, f"{3:032x}".upper()) == 3


def test_a_name_of_several_runs_is_refused_with_theirs(three):
    for text in ("000", "run-"):
        with pytest.raises(UsageError, match="3 runs: run-1, run-2, run-3"):
            named(three, text)


def test_runs_of_one_name_are_told_apart_by_their_digits(three):
    put_run(three, 4, name="run-2")
    with pytest.raises(UsageError, match=f"2 runs: {2:032x}, {4:032x}|2 runs: {4:032x}, {2:032x}") as told:
        named(three, "run-2")
    assert "these digits" in told.value.hint


@pytest.mark.parametrize("text", ["@0", "@x", "@", "@-1"])
def test_a_place_that_is_none_is_an_error_of_usage(three, text):
    with pytest.raises(UsageError):
        named(three, text)


@pytest.mark.parametrize("text", ["@4", "nobody", "", "%", "baseline", "best:acc", "best:"])
def test_what_is_not_there_is_not_found(three, text):
    with pytest.raises(NotFoundError):
        named(three, text)


def test_the_best_run_is_the_best_of_those_that_ended_well(catalog):
    put_run(catalog, 1, metrics=[("acc", 0.8), ("loss", 0.3), ("score", 1.0)])
    put_run(catalog, 2, metrics=[("acc", 0.9), ("loss", 0.2), ("score", 2.0)])
    put_run(catalog, 3, metrics=[("acc", math.nan), ("loss", -math.inf), ("val/acc", 0.5)])
    put_run(catalog, 4, metrics=[("acc", 0.99), ("loss", 0.1)], state="died")
    put_run(catalog, 5, metrics=[("acc", 0.99), ("loss", 0.1)], state="running")
    assert named(catalog, "best:acc") == 2
    assert named(catalog, "best:loss") == 2
    assert named(catalog, "best:val/acc") == 3
    with pytest.raises(UsageError, match="which way"):
        named(catalog, "best:score")
    assert named(catalog, "best:score", score="down") == 1


def test_of_several_that_are_equally_good_the_newest_is_the_best(catalog):
    for key in (3, 2, 1):
        put_run(catalog, key, metrics=[("acc", 0.9)])
    assert named(catalog, "best:acc") == 1


def test_a_metric_that_only_failed_runs_have_names_none(catalog):
    put_run(catalog, 1, metrics=[("acc", 0.9)], state="failed")
    with pytest.raises(NotFoundError, match="ended well"):
        named(catalog, "best:acc")


def test_the_baseline_is_the_newest_run_with_that_tag(catalog):
    put_run(catalog, 1)
    put_run(catalog, 2, tags=["paper", "Baseline"])
    put_run(catalog, 3, tags=["baseline"])
    assert named(catalog, "baseline") == 2


def test_a_run_of_exactly_that_name_comes_first(catalog):
    put_run(catalog, 1, tags=["baseline"], metrics=[("acc", 0.9)])
    put_run(catalog, 2, name="baseline")
    put_run(catalog, 3, name="best:acc", metrics=[("acc", 0.1)])
    put_run(catalog, 4, name="baseline-2")
    assert named(catalog, "baseline") == 2
    assert named(catalog, "best:acc") == 3
