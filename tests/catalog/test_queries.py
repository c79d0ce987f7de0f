"""Filters, orders, letters and buckets, asked of a real DuckDB."""

from __future__ import annotations

import math

import pytest

from repro_tui.catalog import listing
from repro_tui.catalog.connect import open_catalog
from repro_tui.catalog.curves import curves, values_at
from repro_tui.catalog.lineage import compare_lineages
from repro_tui.catalog.rows import rows
from repro_tui.catalog.schema import columns_of
from repro_tui.domain.filter_text import parse
from repro_tui.domain.series import CurveQuery
from repro_tui.domain.view import RunQuery, Sort
from repro_tui.errors import StorageError, UsageError

NOW = 1_763_000_000.0


@pytest.fixture
def catalog(tmp_path):
    catalog = open_catalog(None, tmp_path / "spill")
    yield catalog
    catalog.close()


def put_run(catalog, key, *, params=(), metrics=(), points=(), **fields):
    row = {
        "key": key, "uid": f"{key:032x}", "name": f"run-{key}", "state": "done", "started": NOW - 3600 * key,
        "ended": NOW - 3600 * key + 60, "exit": 0, "why": "", "user": "ada", "host": "gpu07", "lineage": "train.py",
        "note": "", "pinned": False, "tags": [], "words": f"run-{key}\npython train.py", "level": 1, "level_why": "x",
        "reach_unit": "", "problems": 0, "changed": "    ", "last_sign": NOW, "document": "{}",
    } | fields  # fmt: skip
    catalog.append("runs", [tuple(row.get(name) for name in columns_of("runs"))])
    catalog.append(
        "params", [(key, name, str(v), v if isinstance(v, int | float) else None, "log") for name, v in params]
    )
    known = dict(catalog.fetch("SELECT name, id FROM metrics"))
    for name, value in metrics:
        if name not in known:
            known[name] = len(known) + 1
            catalog.append("metrics", [(known[name], name, False)])
        catalog.append("series", [(key, known[name], 1, 0, 0.0, 9.0, NOW, value, 1, NOW, True, None)])


def ask(catalog, text, **sort):
    return listing.matching(catalog, RunQuery(parse(text), Sort(**sort) if sort else Sort()), NOW)


@pytest.fixture
def three(catalog):
    put_run(catalog, 1, params=[("lr", 0.1), ("opt", "Adam")], metrics=[("acc", 0.9)], tags=["Paper"], pinned=True)
    put_run(catalog, 2, params=[("lr", 0.01), ("opt", "sgd")], metrics=[("acc", math.nan)], state="failed", exit=1)
    put_run(catalog, 3, params=[("opt", "none")], state="running", ended=None, user="bo", commit="abc123+")
    return catalog


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [1, 2, 3]), ("lr>0.01", [1]), ("lr>=0.01", [1, 2]), ("lr=0.1", [1]), ("lr!=0.1", [2]), ("-lr=0.1", [2, 3]),
        ("opt=adam", [1]), ("param.opt=sgd", [2]), ("acc>=0.5", [1]), ("metric.acc<2", [1]), ("has:acc", [1, 2]),
        ("state:failed,running", [2, 3]), ("tag:paper", [1]), ("name:run", [1, 2, 3]), ("user:bo", [3]),
        ("since:90m", [1]),        ("until:90m", [2, 3]),
        ("pinned:yes", [1]), ("-pinned:yes", [2, 3]), ("commit:abc", [3]),
        ("level:1", [1, 2, 3]),
        ("exit=1", [2]), ("duration>10m", [3]), ("lr>0.05 | user:bo", [1, 3]), ("RUN-2", [2]), ("nothing", []),
        ("uid:0000", [1, 2, 3]), ("host:gpu", [1, 2, 3]), ("lineage:train", [1, 2, 3]), ("-has:lr", [3]),
    ],
)  # fmt: skip
def test_a_filter_chooses(three, text, expected):
    assert ask(three, text) == expected


@pytest.mark.parametrize("evil", ["x' OR 1=1 --", '"; DROP TABLE runs; --', "%", "_", "\\", "?", "$1", "\x00", "{now}"])
def test_what_is_typed_is_never_sql(three, evil):
    from repro_tui.domain.filters import Compared, Qualified, Word

    for term in (Word(evil), Qualified("name", (evil,)), Qualified("tag", (evil,)), Compared(evil, "=", evil, None)):
        assert listing.matching(three, RunQuery(term), NOW) == []
    assert listing.matching(three, RunQuery(sort=Sort(f"param:{evil}")), NOW) == [1, 2, 3]
    assert listing.matching(three, RunQuery(sort=Sort(f"metric:{evil}")), NOW) == [1, 2, 3]
    assert listing.counts(three) == (3, 1)


def test_numbers_sort_as_numbers_texts_after_them_and_nothing_last(catalog):
    for key, value in ((1, 10), (2, 9), (3, "auto"), (5, 100.5), (6, "Beta")):
        put_run(catalog, key, params=[("n", value)])
    put_run(catalog, 4)
    assert ask(catalog, "", key="param:n") == [2, 1, 5, 3, 6, 4]
    assert ask(catalog, "", key="param:n", descending=True) == [5, 1, 2, 6, 3, 4]


def test_a_broken_metric_sorts_after_numbers_and_before_nothing(three):
    assert ask(three, "", key="metric:acc") == [1, 2, 3]
    assert ask(three, "", key="metric:acc", descending=True) == [1, 2, 3]


@pytest.mark.parametrize("field", ["run", "state", "duration", "changed", "level", "tags", "note", "user", "host",
                                   "lineage", "commit", "exit", "step", "uid", "age"])  # fmt: skip
def test_every_field_sorts(three, field):
    for descending in (False, True):
        assert sorted(ask(three, "", key=f"field:{field}", descending=descending)) == [1, 2, 3]


def test_a_column_that_is_none_is_refused_with_what_there_is(three):
    for key in ("field:colour", "colour", ""):
        with pytest.raises(UsageError):
            ask(three, "", key=key)


def test_a_sweep_is_compared_with_the_last_run_before_it(catalog):
    put_run(catalog, 1, started=NOW, code="a", data="d", parameters="p", environment="e")
    for key in (2, 3):
        put_run(
            catalog, key, started=NOW + key, parent="f" * 32, code="a", data="d", parameters=f"p{key}", environment="e"
        )
    put_run(catalog, 4, started=NOW + 9, code="b", data=None, parameters="p3", environment="f")
    put_run(catalog, 5, started=NOW + 9, lineage="other.py", code="b")
    for key, around in ((6, "f"), (7, "g"), (8, "h")):  # another package, first one that was not imported
        used = "u" if key < 8 else "v"
        put_run(catalog, key, started=NOW + key, lineage="third.py", code="c", environment=around, imported=used)
    compare_lineages(catalog)
    found = catalog.fetch("SELECT key, previous, changed FROM runs ORDER BY key")
    assert found == [(1, None, "    "), (2, 1, "··P·"), (3, 1, "··P·"), (4, 3, "C··E"), (5, None, "    "),
                     (6, None, "    "), (7, 6, "····"), (8, 7, "···E")]  # fmt: skip


def test_buckets_keep_spikes_and_the_window_is_honoured(catalog):
    put_run(catalog, 1)
    catalog.append("metrics", [(1, "loss", False)])
    values = [1.0] * 1000
    values[500] = 99.0
    catalog.append("ticks", [(s, 1, 1, int(NOW * 1000) - 3600_000 + s * 1000) for s in range(len(values))])
    catalog.append("points", [(1, 1, s, float(s), v) for s, v in enumerate(values)])
    catalog.append("series", [(1, 1, 1000, 0, 0.0, 999.0, NOW, 1.0, 1, NOW, True, None)])
    uid = f"{1:032x}"
    (curve,) = curves(catalog, CurveQuery((uid,), ("loss",), buckets=10))
    assert len(curve.buckets) == 10
    assert [b.high for b in curve.buckets].count(99.0) == 1
    assert sum(b.count for b in curve.buckets) == curve.points == 1000
    (part,) = curves(catalog, CurveQuery((uid,), ("loss",), start=495, stop=505, buckets=100))
    assert [b.x for b in part.buckets] == list(range(495, 506))
    (timed,) = curves(catalog, CurveQuery((uid,), ("loss",), axis="time", buckets=10))
    assert (timed.buckets[0].x, timed.buckets[-1].x_last) == (0.0, 999.0)
    assert values_at(catalog, CurveQuery((uid,), ("loss",)), 500.7) == {(uid, "loss"): (500.0, 99.0)}
    assert values_at(catalog, CurveQuery((uid,), ("loss",)), -1.0) == {}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "failed", "exit": 1}, "exit 1"),
        ({"state": "died", "exit": None, "signal": 9}, "signal 9"),
        ({"state": "failed", "exit": None, "why": "not-found"}, "not found"),
        ({"state": "died", "exit": None}, "step 9"),
        ({"state": "running", "exit": None, "reach": 20.0, "reach_unit": "epoch"}, "epoch 10/20"),
        ({"state": "running", "exit": None, "reach": 1000.0, "reach_unit": "step"}, "step 9/1,000"),
        ({"state": "done"}, ""),
    ],
)
def test_a_row_says_where_its_run_stands(catalog, fields, words):
    put_run(catalog, 1, metrics=[("acc", 0.5)], **fields)
    assert rows(catalog, [1], [], NOW)[0].because == words


def test_the_catalog_is_closed_to_the_outside(catalog, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for statement in (
        f"SELECT * FROM read_csv('{secret}')",
        f"ATTACH '{tmp_path}/x.db'",
        "SET threads=8",
        "INSTALL httpfs",
    ):
        with pytest.raises(StorageError):
            catalog.fetch(statement)


def test_parameters_come_in_the_order_in_which_a_person_looks_for_them(catalog):
    for key in range(1, 13):
        turned = [("lr", 0.1 * key), ("epochs", 10 + key % 2), ("seed", key), ("out", f"results/{key}")]
        put_run(catalog, key, params=[*turned, ("batch", 32), ("", "nameless")], metrics=[("acc", 0.5), ("", 0.1)])
    put_run(catalog, 13, params=[("rare", 1)])
    put_run(catalog, 14, params=[("rare", 2)])
    assert [c.name for c in listing.param_columns(catalog)] == ["lr", "epochs", "out", "seed", "rare", "batch"]
    assert [c.name for c in listing.metric_columns(catalog)] == ["acc"]
