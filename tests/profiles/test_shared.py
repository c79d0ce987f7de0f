"""Rows that two datasets share are counted by their values, however they are written."""

from __future__ import annotations

import duckdb

from repro_tui.domain.ids import Digest
from repro_tui.domain.profile import FileLine, Overlap
from repro_tui.profiles import overlap, overlap_in_child
from tests.profiles.looking import listed


def two(tmp_path, train, test):
    for name, files in (("train", train), ("test", test)):
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
    a, b = tmp_path / "train", tmp_path / "test"
    return a, listed(a), b, listed(b)


TRAIN = {"a.csv": "a,b,label\n1,2,x\n3,4.0,y\n5,6,z\n", "b.csv": "a,b,label\n7,8,x\n"}


def test_rows_are_the_same_whatever_the_order_and_the_writing(tmp_path):
    sides = two(tmp_path, TRAIN, {"t.csv": "label,a,b\nx, 1.0,2\nq,9,9\ny,3,4\n"})
    assert overlap(*sides, other="test") == Overlap("test", 2, 4)
    assert overlap_in_child(*sides, other="test") == Overlap("test", 2, 4)


def test_rows_are_the_same_in_another_form(tmp_path):
    a, files, b, _ = two(tmp_path, TRAIN, {})
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 5 AS a, 6 AS b, 'z' AS label) TO '{b}/t.parquet' (FORMAT parquet)")
    (b / "u.jsonl").write_text('{"a": 7, "b": 8.0, "label": "x"}\n')
    assert overlap(a, files, b, listed(b)) == Overlap("", 2, 4)


def test_a_key_is_not_compared(tmp_path):
    sides = two(tmp_path, {"a.csv": "id,x,y\n1,5,5\n2,6,6\n"}, {"t.csv": "id,x,y\n70,5,5\n2,9,9\n"})
    assert overlap(*sides) == Overlap("", 0, 2)
    assert overlap(*sides, key="id") == Overlap("", 1, 2)


def test_tables_with_little_in_common_are_not_compared(tmp_path):
    sides = two(tmp_path, {"a.csv": "a,b,c,label\n1,2,3,x\n"}, {"t.csv": "d,e,f,label\n1,2,3,x\n"})
    assert overlap(*sides) == Overlap("", 0, 0, sampled=True)


def test_files_are_compared_by_digest(tmp_path):
    def files(*digests):
        return [FileLine(f"{i}.png", 5, Digest(f"b3:{d}")) for i, d in enumerate(digests)]

    assert overlap(tmp_path, files("1", "2", "3"), tmp_path, files("9", "2")) == Overlap("", 1, 3)


def test_long_numbers_that_differ_in_the_last_digit_are_no_shared_row(tmp_path):
    def written(start):
        return "id,label\n" + "".join(f"{1_234_567_890_123_450_000 + i},a\n" for i in range(start, start + 20))

    sides = two(tmp_path, {"a.csv": written(0)}, {"t.csv": written(15)})
    assert overlap(*sides, other="test") == Overlap("test", 5, 20)
