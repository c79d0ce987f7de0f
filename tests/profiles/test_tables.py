"""What is said of a table is what a slow and plain computation says."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import statistics
from collections import Counter
from dataclasses import replace

import duckdb
import pytest

from tests.profiles.looking import SMALL, column, look, table


def plain_quartiles(values):
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


def random_rows(seed, rows=300):
    chance = random.Random(seed)
    return [
        {
            "id": str(i),
            "age": "" if chance.random() < 0.1 else str(chance.randint(18, 90)),
            "height": f"{chance.gauss(170, 9):.2f}",
            "city": chance.choice(["Paris", "Rome, Lazio", 'the "Hague"', "Łódź"]),
            "day": f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
            "ok": chance.choice(["true", "false"]),
            "label": str(min(3, int(chance.expovariate(1)))),
        }
        for i in range(rows)
    ]


def as_csv(rows, separator=","):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(rows):
    plain = [
        {
            "id": int(row["id"]),
            "age": int(row["age"]) if row["age"] else None,
            "height": float(row["height"]),
            "city": row["city"],
            "day": row["day"],
            "ok": row["ok"] == "true",
            "label": int(row["label"]),
        }
        for row in rows
    ]
    return "".join(json.dumps(row) + "\n" for row in plain)


def check(found, rows, *, types):
    """Compare with what Python says of the same rows."""
    assert found.rows == len(rows)
    assert found.sampled is None
    assert {c.name: c.type for c in found.columns} == types
    for name in ("age", "height"):
        known = [float(row[name]) for row in rows if row[name]]
        told = column(found, name)
        assert told.nulls == pytest.approx(1 - len(known) / len(rows), abs=1e-6)
        assert told.quartiles == pytest.approx(plain_quartiles(known))
        assert told.mean == pytest.approx(statistics.fmean(known))
        assert (float(told.low), float(told.high)) == (min(known), max(known))
        assert told.distinct == len(set(known))
    assert column(found, "city").distinct == len({row["city"] for row in rows})
    assert column(found, "city").high == max(row["city"] for row in rows)
    assert column(found, "day").low == min(row["day"] for row in rows)
    assert found.label == "label"
    assert dict(found.classes) == dict(Counter(row["label"] for row in rows))


TYPES = {
    "id": "BIGINT",
    "age": "BIGINT",
    "height": "DOUBLE",
    "city": "VARCHAR",
    "day": "DATE",
    "ok": "BOOLEAN",
    "label": "BIGINT",
}


@pytest.mark.parametrize("seed", range(3))
def test_csv_says_what_a_plain_computation_says(tmp_path, seed):
    rows = random_rows(seed)
    check(table(tmp_path, as_csv(rows)), rows, types=TYPES)


def test_every_form_says_the_same(tmp_path):
    rows = random_rows(7)
    for number, (name, content) in enumerate(
        {
            "a.tsv": as_csv(rows, "\t").encode(),
            "b.csv": as_csv(rows, ";").encode(),
            "c.csv.gz": gzip.compress(as_csv(rows).encode()),
        }.items()
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        check(table(folder, content, name), rows, types=TYPES)


def test_json_lines_say_the_same_but_know_no_dates(tmp_path):
    rows = random_rows(8)
    check(table(tmp_path, as_json(rows), "a.jsonl"), rows, types={**TYPES, "day": "VARCHAR"})


def test_parquet_says_the_same_in_its_own_types(tmp_path):
    rows = random_rows(9)
    (tmp_path / "source.csv").write_text(as_csv(rows))
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{tmp_path}/source.csv')) TO '{tmp_path}/a.parquet' (FORMAT parquet)"
        )
    (tmp_path / "source.csv").unlink()
    (found,) = look(tmp_path).tables
    check(found, rows, types=TYPES)


def test_files_of_the_same_columns_are_one_table(tmp_path):
    rows = random_rows(3)
    (tmp_path / "a.csv").write_text(as_csv(rows[:100]))
    (tmp_path / "b.csv").write_text(as_csv(rows[100:]))
    (tmp_path / "other.csv").write_text("x,y\n1,2\n")
    both, other = look(tmp_path).tables
    assert (both.name, both.files, other.name, other.rows) == ("*.csv", 2, "other.csv", 1)
    check(both, rows, types=TYPES)


def test_order_and_cutting_into_files_play_no_part(tmp_path):
    rows = random_rows(4, 3000)
    (tmp_path / "one").mkdir()
    whole = table(tmp_path / "one", as_csv(rows), budget=SMALL)
    random.Random(1).shuffle(rows)
    (tmp_path / "two").mkdir()
    (tmp_path / "two/a.csv").write_text(as_csv(rows[:1100]))
    (tmp_path / "two/b.csv").write_text(as_csv(rows[1100:]))
    (split,) = look(tmp_path / "two", budget=SMALL).tables
    assert whole.sampled
    assert whole.content
    assert replace(split, name="", files=1) == replace(whole, name="")


def test_a_sample_counts_rows_and_classes_in_full_and_says_how_large_it_is(tmp_path):
    rows = random_rows(5, 6000)
    found = table(tmp_path, as_csv(rows), budget=SMALL)
    assert found.rows == 6000
    assert found.sampled is not None
    assert 200 < found.sampled < 1000
    assert dict(found.classes) == dict(Counter(row["label"] for row in rows))
    heights = [float(row["height"]) for row in rows]
    assert column(found, "height").quartiles == pytest.approx(plain_quartiles(heights), abs=2)


def test_rows_that_repeat_are_sampled_one_by_one(tmp_path):
    found = table(tmp_path, "a,label\n" + "1,x\n" * 30_000 + "2,y\n" * 10_000, budget=SMALL)
    assert found.rows == 40_000
    assert column(found, "a").mean == pytest.approx(1.25, abs=0.1)


def test_what_is_too_large_is_told_from_an_excerpt(tmp_path):
    rows = random_rows(6, 6000)
    found = table(tmp_path, as_csv(rows), budget=replace(SMALL, scan=50_000, excerpt=100_000))
    assert found.rows is None
    assert found.sampled
    assert found.content == ""
    assert column(found, "height").mean == pytest.approx(170, abs=3)


def test_a_label_is_declared_or_guessed_and_never_a_measure(tmp_path):
    assert table(tmp_path, "a,b\n1,x\n2,x\n3,y\n", label="b").classes == {"x": 2, "y": 1}
    assert table(tmp_path, "a,y\n" + "".join(f"1,{i / 7}\n" for i in range(300))).label == ""


def test_a_table_without_a_header_is_seen_as_such(tmp_path):
    found = table(tmp_path, "1,2.5,x\n2,3.5,y\n")
    assert (found.rows, [c.name for c in found.columns]) == (2, ["column0", "column1", "column2"])
    assert table(tmp_path, "0,1,2\n5,6,7\n").rows == 1


def test_five_thousand_columns_are_described(tmp_path):
    names = [f"f{i}" for i in range(4999)]
    lines = [",".join([*(str((i * r) % 97) for i in range(4999)), str(r % 3)]) for r in range(60)]
    found = table(tmp_path, ",".join([*names, "label"]) + "\n" + "\n".join(lines) + "\n")
    assert (found.rows, len(found.columns), dict(found.classes)) == (60, 5000, {"0": 20, "1": 20, "2": 20})
    values = [(7 * r) % 97 for r in range(60)]
    assert column(found, "f7").quartiles == pytest.approx(plain_quartiles(values))
    assert column(found, "f7").type == "BIGINT"


def test_a_wide_parquet_file_is_described(tmp_path):
    with duckdb.connect() as connection:
        columns = ", ".join(f"(i * {c}) % 101 AS c{c}" for c in range(600))
        connection.execute(f"COPY (SELECT {columns} FROM range(50) t(i)) TO '{tmp_path}/w.parquet' (FORMAT parquet)")
    (found,) = look(tmp_path).tables
    assert (found.rows, len(found.columns)) == (50, 600)
    assert column(found, "c7").quartiles == pytest.approx(plain_quartiles([(7 * i) % 101 for i in range(50)]))


def test_nested_objects_are_one_value(tmp_path):
    lines = [{"id": i, "meta": {"a": [i]}, "tags": ["x"], "CASE": 1, "case": 2} for i in range(5)]
    found = table(tmp_path, "".join(json.dumps(line) + "\n" for line in lines), "a.jsonl")
    types = {c.name: c.type for c in found.columns}
    assert types == {"id": "BIGINT", "meta": "STRUCT", "tags": "LIST", "CASE": "BIGINT", "case": "BIGINT"}


def test_folders_of_images_are_classes(tmp_path):
    for number in range(9):
        folder = tmp_path / ("cat" if number % 3 else "dog")
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.png").write_bytes(b"\x89PNG" + bytes([number]))
    found = look(tmp_path)
    assert [(count.suffix, count.files, count.size) for count in found.types] == [(".png", 9, 45)]
    (images,) = found.tables
    assert (images.form, images.label, dict(images.classes)) == ("images", "folder", {"cat": 6, "dog": 3})


@pytest.mark.parametrize("columns", [2, 520])
def test_whole_numbers_of_many_digits_keep_them_all(tmp_path, columns):
    first = 1_234_567_890_123_450_000
    rows = [",".join([str(first + r)] * columns) for r in range(60)]
    found = column(table(tmp_path, "\n".join([",".join(f"id{i}" for i in range(columns)), *rows]) + "\n"), "id1")
    assert (found.type, found.distinct, found.low, found.high) == ("BIGINT", 60, str(first), str(first + 59))
    rest = ",1" * (columns - 1)
    text = ",".join(f"n{i}" for i in range(columns)) + f"\n{10**30}{rest}\n{10**30 + 1}{rest}\n0{rest}\n-1{rest}\n"
    huge = column(table(tmp_path, text), "n0")
    assert (huge.type, huge.distinct, huge.high) == ("HUGEINT", 4, str(10**30 + 1))


def test_no_two_small_numbers_are_taken_for_one(tmp_path):
    found = column(table(tmp_path, "n\n" + "".join(f"{i}\n" for i in range(-300, 300))), "n")
    assert (found.type, found.distinct) == ("BIGINT", 600)


def test_moments_of_different_zones_are_not_taken_for_one(tmp_path):
    found = table(tmp_path, "t,u,v\n2024-01-01T10:00:00Z,2024-01-01T10:00:00Z,1 May\n"
                            "2024-01-01T10:00:00+02:00,2024-01-01 11:00:00+00:00,2 May\n")  # fmt: skip
    assert [(c.type, c.distinct) for c in found.columns] == [("VARCHAR", 2), ("TIMESTAMP", 2), ("VARCHAR", 2)]


def test_a_label_is_the_same_with_and_without_a_point(tmp_path):
    whole = table(tmp_path, "x,label\n" + "".join(f"{i},{i % 3}\n" for i in range(90)))
    point = table(tmp_path, "x,label\n" + "".join(f"{i},{i % 3}.0\n" for i in range(90)))
    assert whole.classes == point.classes == {"0": 30, "1": 30, "2": 30}


def test_a_measure_named_y_is_no_class_and_too_many_classes_are_said(tmp_path):
    measured = table(tmp_path, "x,y\n" + "".join(f"{i},{i / 8}\n" for i in range(40)))
    assert (measured.label, measured.classes) == ("", {})
    (tmp_path / "data.csv").write_text("x,who\n" + "".join(f"{i},p{i}\n" for i in range(101)))
    found = look(tmp_path, label="who")
    assert found.problems == ("data.csv: who has 101 different values; classes are counted up to 100",)
