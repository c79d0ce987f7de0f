"""Runs folded into lines: which belong together, what a line shows, and that its key stays its own."""

from __future__ import annotations

import math
import statistics

import pytest

from repro_tui.catalog import groups, listing
from repro_tui.domain.filter_text import parse
from repro_tui.domain.run import State
from repro_tui.domain.view import RunQuery, Sort
from repro_tui.errors import UsageError
from tests.catalog.test_queries import NOW, catalog, put_run

__all__ = ["catalog"]

ACC = "metric:acc"


@pytest.fixture
def five(catalog):
    """Three runs equal but for the seed, one of its own, one of which not all is known."""
    for key, acc, seed in ((1, 0.5, 7), (2, 0.75, 8), (3, 1.0, 9)):
        put_run(
            catalog, key, inputs="x", started=NOW + key, metrics=[("acc", acc)], params=[("lr", 0.1), ("seed", seed)],
            level=key, level_text=f"{key}/6", commit="abc", tags=["a"] if key < 3 else [], data="full:d1",
        )  # fmt: skip
    put_run(catalog, 4, inputs="y", started=NOW + 4, metrics=[("acc", 0.6)], params=[("lr", 0.2)], commit="abc+")
    put_run(catalog, 5, inputs=None, started=NOW + 5, state="running", ended=None)
    return catalog


def lines(catalog, text="", group="repeats", **sort):
    return groups.folded(catalog, RunQuery(parse(text), Sort(**sort) if sort else Sort(), group), NOW)


def line(catalog, group="repeats", columns=(ACC, "param:lr", "param:seed", "field:host")):
    keys, lists = lines(catalog, group=group)
    return groups.line_rows(catalog, [k for k in keys if k < 0], columns, lists, NOW)


def test_runs_equal_but_for_the_seed_are_one_line_where_the_newest_of_them_stands(five):
    keys, lists = lines(five)
    assert keys == [5, 4, -1]
    assert lists.members == {-1: (3, 2, 1)}
    assert list(lists.runs(keys)) == [5, 4, 3, 2, 1]
    assert [lists.line_of(key) for key in (5, 2)] == [None, -1]


def test_a_line_shows_mean_and_spread_and_what_its_runs_have_in_common(five):
    (row,) = line(five)
    assert row.cells == {ACC: 0.75, "param:lr": 0.1, "param:seed": "3 values", "field:host": "gpu07"}
    assert row.spread == {ACC: statistics.stdev([0.5, 0.75, 1.0])}
    assert row.members == tuple(f"{key:032x}" for key in (3, 2, 1))
    assert (row.uid, row.name, row.level, row.changed) == (f"{3:032x}", "run-3", "1/6", "····")
    assert (row.state, row.because) == (State.DONE, "")


def test_a_mean_is_that_of_the_runs_that_are_done_and_says_of_how_many(five):
    put_run(five, 6, inputs="x", started=NOW - 9, state="failed", exit=1, metrics=[("acc", 99.0)])
    put_run(five, 7, inputs="x", started=NOW - 8, metrics=[("acc", math.nan)])
    (row,) = line(five)
    assert row.cells[ACC] == 0.75
    assert row.because == "1 failed, acc of 3"
    assert row.state is State.DONE


def test_a_line_of_runs_of_which_none_is_done_shows_what_there_is(catalog):
    for key in (1, 2):
        put_run(catalog, key, inputs="x", state="failed", metrics=[("acc", float(key)), ("huge", 1e300 * key)])
    (row,) = line(catalog, columns=(ACC, "metric:huge"))
    assert (row.cells, row.state, row.because) == ({ACC: 1.5}, State.FAILED, "2 failed")


def test_a_metric_orders_lines_by_their_means(five):
    assert lines(five, key=ACC)[0] == [4, -1, 5]
    assert lines(five, key=ACC, descending=True)[0] == [-1, 4, 5]
    assert lines(five, key="param:lr", descending=True)[0] == [4, -1, 5]


def test_the_key_of_a_line_is_the_same_under_every_filter_and_order(five):
    assert lines(five, "seed>=8")[1].members == {-1: (3, 2)}
    assert lines(five, key="field:run")[1].members == {-1: (1, 2, 3)}
    assert lines(five, "seed=9") == lines(five, "seed=9 acc=1")
    assert lines(five, "seed=9")[0] == [3]
    put_run(five, 9, inputs="x", started=NOW + 9)
    assert lines(five)[1].members == {-1: (9, 3, 2, 1)}


@pytest.mark.parametrize(
    ("group", "members", "label"),
    [
        ("param:lr", {-1: (3, 2, 1)}, "lr 0.1"), ("field:commit", {-1: (3, 2, 1)}, "commit abc"),
        ("field:tags", {-1: (2, 1)}, "#a"), ("data", {-1: (3, 2, 1)}, "data d1"),
        ("field:user", {-1: (5, 4, 3, 2, 1)}, "user ada"), ("field:state", {-1: (4, 3, 2, 1)}, "state done"),
        ("param:nothing", {}, None), ("data:train", {-2: (4, 2)}, "train 91ac"),
    ],
)  # fmt: skip
def test_any_parameter_tag_commit_or_data_makes_lines(five, group, members, label):
    found = [(2, "b3:91ac", "full"), (4, "b3:91ac", "full"), (3, "b3:77e0", "full"), (1, "b3:91ac", "pending")]
    five.append("inputs", [(key, "train", "r", "in", digest, 10, None, cover) for key, digest, cover in found])
    _, lists = lines(five, group=group)
    assert lists.members == members
    assert [row.name for row in line(five, group)] == ([label] if label else [])


@pytest.mark.parametrize("group", ["colour", "param:", "field:name", "repeats:x", ":", "field"])
def test_what_is_no_grouping_is_refused(five, group):
    with pytest.raises(UsageError, match="cannot be grouped"):
        lines(five, group=group)


@pytest.mark.parametrize("evil", ["x' OR 1=1 --", "?", "%", '"; DROP TABLE runs; --', "\x00"])
def test_what_is_typed_is_never_sql(five, evil):
    for group in (f"param:{evil}", f"data:{evil}"):
        keys, lists = lines(five, group=group)
        assert (keys, lists.members) == (listing.matching(five, RunQuery(), NOW), {})


def test_single_runs_and_lines_come_in_the_order_asked_for_and_what_is_gone_is_left_out(five):
    _, lists = lines(five)
    rows = groups.line_rows(five, [4, -1, 77, 5, 2], [ACC], lists, NOW)
    assert [(row.key, len(row.members)) for row in rows] == [(4, 0), (-1, 3), (5, 0), (2, 0)]
