"""Alarms as a list of runs gives them, asked of a real DuckDB."""

from __future__ import annotations

import math
import random

from repro_tui.catalog.groups import folded, line_rows
from repro_tui.catalog.rows import rows
from repro_tui.domain.alarms import AlarmKind
from repro_tui.domain.view import RunQuery
from tests.catalog.test_queries import NOW, ask, catalog, put_run

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


def put_many(catalog):
    """Put runs whose states, ends, inputs and results are drawn by chance, many of them alike."""
    chance = random.Random(5)
    catalog.append("metrics", [(1, "loss", False), (2, "acc", False), (3, "epoch_time", False), (4, "cpu", True)])
    for key in range(1, 121):
        state = chance.choice(["done", "done", "done", "failed", "died"])
        exact = chance.choice([None, *"abcdefgh"])
        moved = chance.choice(["", "", "", "data/train.csv"])
        # Two runs can begin at the same moment.
        put_run(catalog, key, started=NOW + key // 2, state=state, exact=exact, moved=moved)
        for metric in (1, 2, 3, 4):
            points = chance.choice([1, 3])
            broken = chance.choice([0, 0, 0, 1, points])
            value = chance.choice([math.nan, math.inf]) if broken == points else chance.choice([0.5, 0.5, math.nan])
            nan_step = chance.choice([0.0, 2.0]) if broken else None
            if chance.random() < 0.8:
                end = (key, metric, points, broken, 0.0, 9.0, NOW, value, 1, NOW, True, nan_step)
                catalog.append("series", [end])


def test_a_filter_finds_the_runs_whose_lines_have_an_alarm(catalog):
    put_many(catalog)
    has = {row.key: {alarm.kind.value for alarm in row.alarms} for row in rows(catalog, range(1, 121), [], NOW)}
    for kind in AlarmKind:
        expected = {key for key, kinds in has.items() if kind in kinds}
        assert set(ask(catalog, f"alarm:{kind}")) == expected
        assert 0 < len(expected) < 120
    assert set(ask(catalog, "alarm:ANY")) == {key for key, kinds in has.items() if kinds}
    assert set(ask(catalog, "-alarm:any")) == {key for key, kinds in has.items() if not kinds}
    assert set(ask(catalog, "alarm:nan,died state:died")) == {key for key, kinds in has.items() if "died" in kinds}


def test_a_line_of_several_runs_counts_their_alarms(catalog):
    put_many(catalog)
    keys, lists = folded(catalog, RunQuery(group="field:state"), NOW)
    has = {row.key: [alarm.kind for alarm in row.alarms] for row in rows(catalog, range(1, 121), [], NOW)}
    lines = line_rows(catalog, keys, [], lists, NOW)
    assert len(lines) == 3
    for row in lines:
        kinds = [kind for run in lists.members[row.key] for kind in has[run]]
        assert [(alarm.kind, alarm.text.split()[0]) for alarm in row.alarms] == [
            (kind, str(kinds.count(kind))) for kind in AlarmKind if kind in kinds
        ]
