"""Which runs are alike, what they logged to the last bit, and what many of them used, asked of a real DuckDB."""

from __future__ import annotations

import math

import pytest

from repro_tui.catalog import history
from repro_tui.catalog.connect import open_catalog
from repro_tui.catalog.schema import columns_of
from repro_tui.catalog.variation import Variety
from repro_tui.domain.filter_text import parse
from repro_tui.domain.filters import EVERYTHING

NOW = 1_763_000_000.0


@pytest.fixture
def catalog(tmp_path):
    catalog = open_catalog(None, tmp_path / "spill")
    yield catalog
    catalog.close()


def uid(key):
    return f"{key:032x}"


def put(catalog, key, *, params=(), curves=None, tidy=True, read=(), **fields):
    """Put a run in; `curves` leads from a metric to its (step, value) in the order in which they were logged."""
    row = {"key": key, "uid": uid(key), "name": f"run-{key}", "state": "done", "started": NOW + key, "lineage": "t",
           "words": "", "pinned": False, "tags": [], "document": "{}"} | fields  # fmt: skip
    catalog.append("runs", [tuple(row.get(name) for name in columns_of("runs"))])
    catalog.append("params", [(key, n, str(v), v if isinstance(v, int | float) else None, "log") for n, v in params])
    catalog.append("inputs", [(key, path, "r", "in", digest, 10, None, "full") for path, digest in read])
    known = dict(catalog.fetch("SELECT name, id FROM metrics"))
    for name, points in (curves or {}).items():
        if name not in known:
            known[name] = len(known) + 1
            catalog.append("metrics", [(known[name], name, False)])
        ticks = range(1000 * key, 1000 * key + len(points))
        catalog.append("ticks", [(tick, key, key, int(NOW) + tick) for tick in ticks])
        catalog.append("points", [(key, known[name], t, s, v) for t, (s, v) in zip(ticks, points, strict=True)])
        last = points[-1]
        catalog.append(
            "series", [(key, known[name], len(points), 0, points[0][0], last[0], NOW, last[1], key, NOW, tidy, None)]
        )


LINE = [(0.0, 1.0), (1.0, 0.5), (2.0, 0.25)]


def test_bits_are_equal_where_every_value_is_and_only_there(catalog):
    put(catalog, 1, curves={"loss": LINE})
    put(catalog, 2, curves={"loss": LINE})
    put(catalog, 3, curves={"loss": [*LINE[:2], (2.0, math.nextafter(0.25, 1))]})
    put(catalog, 4, curves={"loss": LINE, "acc": LINE})
    put(catalog, 5)
    put(catalog, 6, curves={"loss": [(0.0, math.nan)]})
    put(catalog, 7, curves={"loss": [(0.0, math.nan)]})
    put(catalog, 8, curves={"loss": [LINE[0], (1.0, 0.75), LINE[2]]})
    found = history.bits(catalog, [uid(n) for n in range(1, 9)])
    assert found[uid(1)] == found[uid(2)]
    assert len({found[uid(n)] for n in (1, 3, 4, 6, 8)}) == 5, "also where they begin and end alike"
    assert found[uid(6)] == found[uid(7)]
    assert uid(5) not in found
    without = history.bits(catalog, [uid(1), uid(4)], leave_out=["acc"])
    assert without[uid(1)] == without[uid(4)]


def test_a_step_that_was_logged_again_counts_once(catalog):
    put(catalog, 1, curves={"loss": LINE})
    put(catalog, 2, curves={"loss": [(0.0, 9.0), *LINE]}, tidy=False)
    found = history.bits(catalog, [uid(1), uid(2)])
    assert found[uid(1)] == found[uid(2)]
    assert history.curves(catalog, [uid(2)], ["loss"])["loss"][uid(2)] == ([0.0, 1.0, 2.0], [1.0, 0.5, 0.25])


def test_curves_are_whole_and_by_step(catalog):
    put(catalog, 1, curves={"loss": LINE, "acc": [(5.0, 1.0)]})
    put(catalog, 2, curves={"loss": LINE[:1]})
    found = history.curves(catalog, [uid(1), uid(2), uid(9)], ["loss", "acc"])
    assert found["loss"] == {uid(1): ([0.0, 1.0, 2.0], [1.0, 0.5, 0.25]), uid(2): ([0.0], [1.0])}
    assert found["acc"] == {uid(1): ([5.0], [1.0])}
    assert history.curves(catalog, [uid(1)], []) == {}


def test_of_long_curves_the_part_is_given_in_which_they_part(catalog):
    long = [(float(step), 1.0) for step in range(400)]
    put(catalog, 1, curves={"loss": long})
    put(catalog, 2, curves={"loss": [(s, v if s < 300 else 2.0) for s, v in long]})
    found = history.curves(catalog, [uid(1), uid(2)], ["loss"], most=100)["loss"]
    steps, values = found[uid(1)]
    assert len(steps) == 100
    assert {299.0, 300.0} <= set(steps)
    differing = [s for s, a, b in zip(steps, values, found[uid(2)][1], strict=True) if a != b]
    assert differing[0] == 300
    same = history.curves(catalog, [uid(1), uid(1)], ["loss"], most=100)["loss"]
    assert len(same[uid(1)][0]) == 100


def test_outcomes_come_with_their_extremes_when_these_are_asked_for(catalog):
    put(catalog, 1, curves={"loss": [(0.0, 1.0), (1.0, math.nan), (2.0, 0.5)]})
    plain = history.logged(catalog, [uid(1), uid(9)])
    assert plain == {uid(1): {"loss": history.Logged(2.0, 0.5, 3, NOW)}, uid(9): {}}
    told = history.logged(catalog, [uid(1)], extremes=True)
    assert (told[uid(1)]["loss"].low, told[uid(1)]["loss"].high) == (0.5, 1.0)


def test_the_most_alike_come_first_and_other_lineages_not_at_all(catalog):
    same = {"code": "c", "data": "d", "parameters": "p", "environment": "e"}
    put(catalog, 1, **same)
    put(catalog, 2, **(same | {"parameters": "q"}))
    put(catalog, 3, **(same | {"parameters": "r", "code": None}))
    put(catalog, 4, **same)
    put(catalog, 5, **(same | {"lineage": "other"}))
    put(catalog, 6, **(same | {"parameters": "s"}))
    put(catalog, 7, **(same | {"inputs": "i"}))
    put(catalog, 8, **(same | {"inputs": "i", "parameters": "t"}))
    assert history.nearest(catalog, [uid(1)], 10) == [uid(n) for n in (4, 7, 2, 6, 8, 3)]
    assert uid(8) not in history.nearest(catalog, [uid(7)], 10), "it is a repeat"
    assert history.repeats(catalog, uid(7), 10) == [uid(8)]
    assert history.repeats(catalog, uid(1), 10) == []
    assert history.nearest(catalog, [uid(1)], 2) == [uid(4), uid(7)]
    assert history.nearest(catalog, [], 2) == []


def test_what_many_runs_used_is_one_column_a_name(catalog):
    put(catalog, 1, params=[("lr", 0.1), ("opt", "adam")], curves={"loss": LINE}, code="a", read=[("x.csv", "b3:1")],
        document='{"flags": {"torch.deterministic": true}}')  # fmt: skip
    put(catalog, 2, params=[("lr", 1), ("opt", "adam"), ("odd", "x")], state="running", code="b")
    asked = Variety(catalog, EVERYTHING, NOW)
    assert asked.parameters().values == {"lr": [1.0, 0.1], "opt": ["adam", "adam"], "odd": ["x", None]}
    assert asked.outcomes("loss") == [None, 0.25]
    assert asked.metrics() == {"loss": 1}
    assert asked.inputs().values == {"x.csv": [None, "b3:1"]}
    assert asked.prints("code") == ["b", "a"]
    assert asked.flags().values == {"torch.deterministic": [None, "true"]}
    assert asked.going() == 1
    assert Variety(catalog, parse("lr<0.5"), NOW).parameters().values["lr"] == [0.1]
    assert Variety(catalog, parse("nothing"), NOW).parameters().values == {}
