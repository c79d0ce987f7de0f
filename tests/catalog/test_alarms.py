"""Alarms as a list of runs gives them, asked of a real DuckDB."""

from __future__ import annotations

import math

from repro_tui.catalog.rows import rows
from tests.catalog.test_queries import NOW, catalog, put_run

__all__ = ["catalog"]


def said(catalog, *keys):
    return [[(a.kind.value, a.text, a.other) for a in row.alarms] for row in rows(catalog, keys, [], NOW)]


def uid(key):
    return f"{key:032x}"


def test_an_earlier_run_with_the_same_inputs_is_named(catalog):
    put_run(catalog, 1, started=NOW, exact="x", metrics=[("acc", 0.9)])
    put_run(catalog, 2, started=NOW + 1, exact="x", metrics=[("acc", 0.9)])
    put_run(catalog, 3, started=NOW + 2, exact="x", metrics=[("acc", 0.8)])
    put_run(catalog, 4, started=NOW + 3, exact="y", metrics=[("acc", 0.8)])
    put_run(catalog, 5, started=NOW + 4, exact=None)
    put_run(catalog, 6, started=NOW + 5, exact=None)
    assert said(catalog, 1, 2, 3, 4, 5, 6) == [
        [],
        [("duplicate", "ran before: run-1", uid(1))],
        [("result", "same inputs as run-2, other acc", uid(2))],
        [],
        [],
        [],
    ]


def test_a_run_that_failed_is_no_result_and_does_not_hide_one(catalog):
    put_run(catalog, 1, started=NOW, exact="x", metrics=[("acc", 0.9)])
    put_run(catalog, 2, started=NOW + 1, exact="x", state="failed", exit=1, metrics=[("acc", 0.1)])
    put_run(catalog, 3, started=NOW + 2, exact="x", metrics=[("acc", 0.7)])
    put_run(catalog, 4, started=NOW + 3, exact="z", state="failed", exit=1)
    put_run(catalog, 5, started=NOW + 4, exact="z")
    assert said(catalog, 2, 3, 5) == [
        [("duplicate", "ran before: run-1", uid(1))],
        [("result", "same inputs as run-1, other acc", uid(1))],
        [("duplicate", "ran before: run-4 (failed)", uid(4))],
    ]


def test_what_moved_and_who_died_stand_in_the_line(catalog):
    put_run(catalog, 1, state="died", ended=None, moved="data/train.csv")
    assert said(catalog, 1) == [[("died", "died", None), ("data", "data/train.csv changed during the run", None)]]


def test_nan_is_told_by_the_ends_of_series_alone(catalog):
    put_run(catalog, 1)
    catalog.append("metrics", [(1, "loss", False), (2, "cpu", True)])
    ends = (0.0, 9.0, NOW, math.nan, 1, NOW, True)
    catalog.append("series", [(1, 1, 9, 2, *ends, 7.0), (1, 2, 9, 9, *ends, 0.0)])
    assert said(catalog, 1) == [[("nan", "loss NaN at step 7", None)]]
