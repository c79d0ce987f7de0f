"""What cannot be read is named, with file and row; the rest goes on."""

from __future__ import annotations

import gzip
import os

import duckdb
import pytest

from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine
from repro_tui.profiles import Budget, profile
from repro_tui.profiles.budget import Clock
from repro_tui.profiles.connect import bench
from repro_tui.profiles.places import Place
from tests.profiles.looking import column, look, table

GOOD = "a,b\n1,2\n3,4\n"
CUT_GZIP = gzip.compress(bytes(range(256)) * 8, mtime=0)[:100]


@pytest.mark.parametrize(
    ("content", "rows", "problem"),
    [
        ("a,b\n1,2\n1,2,3,4\n5,6\n", 2, "data.csv row 3: 4 columns, not 2; left out"),
        ("a,b\n1,2\nx\n5,6\n", 2, "data.csv row 3: 1 column, not 2; left out"),
        ("a,b\n1,2\nx\ny\nz\n", 1, "data.csv row 3: 1 column, not 2; left out, and 2 more rows"),
        ('a,b\n1,2\n"3,4\n', 1, "data.csv row 3: a quote that is not closed; left out"),
        ("a,a\n1,2\n", 1, "data.csv names column a more than once"),
        ("stadt,n\nMünchen,1\n".encode("latin-1"), 1, "data.csv is not UTF-8; it was read as Latin-1"),
        (b"a,b\n" + b"xxxxxxxxxxxx,1\n" * 80_000 + b"caf\xe9,2\n", 80_000, "row 80002: bytes that are no UTF-8"),
        ("a,b\n1,2\n" + "x" * 10_000_000 + ",3\n4,5\n", 2, "data.csv row 3: longer than 2 MB; left out"),
        (
            "a,b\n" + "".join(f"{i},1\n" for i in range(50)) + "unknown,1\n",
            51,
            "data.csv row 52: a is no number: 'unknown'",
        ),
    ],
)
def test_a_broken_row_is_named_and_the_others_are_read(tmp_path, content, rows, problem):
    found = table(tmp_path, content)
    assert found.rows == rows
    assert problem in found.problem


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.csv", "", "x.csv is empty"),
        ("x.csv", b"a,b\n1,\x00\n", "x.csv is no text: it holds NUL bytes"),
        ("x.csv", "x" * 2_000_000 + "\n", "x.csv row 1 is longer than 1 MB, which is no table"),
        ("x.csv", "," * 20_000 + "\n", "x.csv has 20,001 columns, more than 10,000"),
        ("x.csv.gz", GOOD, "x.csv.gz cannot be read: Not a gzipped file (b'a,')"),
        ("x.csv.gz", CUT_GZIP, "x.csv.gz cannot be read: Compressed file ended before"),
        ("x.jsonl", "[1, 2]\n", "x.jsonl row 1 is no JSON object"),
        ("x.parquet", b"PAR1" + bytes(100), "x.parquet is no whole Parquet file: its end is missing"),
        ("x.parquet", b"PAR1" + bytes(100) + b"PAR1", "x.parquet cannot be read as Parquet"),
        ("x.npy", b"hello", "x.npy is no NumPy array: its first bytes are others"),
        ("x.npz", b"PK\x03\x04", "x.npz cannot be read: is no whole archive"),
    ],
)
def test_a_file_that_is_no_table_is_named_and_the_rest_goes_on(tmp_path, name, content, problem):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "good.csv").write_text(GOOD)
    found = look(tmp_path)
    assert [t.name for t in found.tables if not t.unread] == ["good.csv"]
    assert found.rows == 2
    assert len(found.problems) == 1
    assert found.problems[0].startswith(problem)
    assert sum(count.files for count in found.types) == 2


def test_a_parquet_file_cut_in_half_is_named(tmp_path):
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM range(1000)) TO '{tmp_path}/x.parquet' (FORMAT parquet)")
    whole = (tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[: len(whole) // 2])
    assert look(tmp_path).problems == ("x.parquet is no whole Parquet file: its end is missing",)


def test_only_a_header_is_a_table_of_no_rows(tmp_path):
    found = table(tmp_path, "a,b\n")
    assert (found.rows, [c.type for c in found.columns]) == (0, ["NULL", "NULL"])


def test_pipes_and_what_vanished_are_named_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    files = [FileLine("gone.csv", 5, None), FileLine("pipe.csv", 5, None), FileLine("../out.csv", 5, None)]
    found = profile(tmp_path, files, Spec("t", ""))
    assert sorted(found.problems) == [
        "../out.csv leads out of the dataset",
        "gone.csv is not there any more",
        "pipe.csv is no regular file",
    ]


@pytest.mark.parametrize("name", ["gl[ob]*?.csv", "quo'te\".csv", "new\nline.csv", "-x=1,y.csv", "\x1b[31m.csv"])
def test_names_that_mean_something_elsewhere_are_read_literally(tmp_path, name):
    (tmp_path / "glob.csv").write_text("x,y,z\n1,2,3\n")
    (tmp_path / name).write_text(GOOD)
    assert {t.name: t.rows for t in look(tmp_path).tables} == {name: 2, "glob.csv": 1}


def test_a_name_that_is_no_utf8_is_read(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_text(GOOD)
    (found,) = look(tmp_path).tables
    assert (found.name, found.rows) == ("caf\x00e9.csv", 2)


def test_names_of_columns_may_hold_anything(tmp_path):
    found = table(tmp_path, '"a""b","new\nline","\x1b[31mred",x\';--\n1,2,3,4\n')
    assert [c.name for c in found.columns] == ['a"b', "new\nline", "\x1b[31mred", "x';--"]
    assert column(found, "x';--").mean == 4


def test_a_packed_row_without_end_is_named(tmp_path):
    found = table(tmp_path, gzip.compress(b"a,b\n" + b"0" * 20_000_000, 1), "bomb.csv.gz")
    assert (found.rows, found.problem) == (0, "bomb.csv.gz row 2: longer than 8 MB; left out")


def test_broken_json_lines_are_named(tmp_path):
    text = '{"a":1}\n{"a":2\n[1]\n\n{"a":3}\n{"a":"' + "x" * 3_000_000 + '"}\n'
    found = table(tmp_path, text, "x.jsonl")
    assert (found.rows, found.problem) == (2, "x.jsonl row 2: no JSON object; left out, and 2 more rows")


def test_when_the_time_is_over_that_is_said(tmp_path):
    (tmp_path / "x.csv").write_text(GOOD)
    assert look(tmp_path, budget=Budget(seconds=0)).problems == ("x.csv was not read to its end: the time was over",)


def test_duckdb_reads_the_named_files_and_nothing_else(tmp_path):
    (tmp_path / "x.csv").write_text(GOOD)
    (tmp_path / "secret.csv").write_text(GOOD)
    place = Place("x.csv", tmp_path / "x.csv", "csv", "", 8)
    with bench([place], Clock(Budget())) as opened:
        assert opened.ask(f"SELECT count(*) FROM read_csv('{opened.alias(place)}')") == [(2,)]
        for refused in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/made.csv'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            "LOAD httpfs",
        ):
            with pytest.raises(ValueError, match=r"(?i)permission|disabled|locked|cannot"):
                opened.ask(refused)
    assert not opened.folder.exists()


@pytest.mark.parametrize("columns", [65, 250, 499, 500])
def test_a_table_of_many_columns_is_looked_into_within_the_memory_that_is_allowed(tmp_path, columns):
    rows = [",".join("" if r % 7 == 0 and i % 3 else str((r * i) % 17) for i in range(columns)) for r in range(600)]
    text = "\n".join([",".join(f"p{i}" for i in range(columns)), *rows]) + "\n"
    found = table(tmp_path, text)
    assert (found.rows, found.sampled, len(found.columns)) == (600, None, columns)
    last = column(found, f"p{columns - 1}")
    values = [int(v) for v in (row.rpartition(",")[2] for row in rows) if v]
    assert (last.low, last.high, last.nulls) == (str(min(values)), str(max(values)), round(1 - len(values) / 600, 6))


@pytest.mark.parametrize(
    ("content", "rows", "problem"),
    [
        (b"a,b\r\n1,2\n3,4\r\n", 2, ""),
        (b'a,b\n1,2\r\n3,4\n"5\r\n6",7\n', 3, ""),
        (b"a,b\n1,2\r3,4\n", 2, ""),
        (b"a,b\n1,2\r\n1,2,3\n4,5\n", 2, "data.csv row 3: 3 columns, not 2; left out"),
        (
            "a,b\nM\u00fcller \u2013 \u20ac,1\n".encode("cp1252"),
            1,
            "data.csv is not UTF-8; it was read as Windows-1252",
        ),
        (gzip.compress(b"a,b\n1,2\r\n3,4\n", mtime=0), 2, ""),
    ],
)
def test_line_ends_of_two_systems_and_bytes_of_windows_are_read(tmp_path, content, rows, problem):
    found = table(tmp_path, content, "data.csv.gz" if content[:2] == b"\x1f\x8b" else "data.csv")
    assert (found.rows, found.problem) == (rows, problem)


def test_a_file_that_is_refused_does_not_take_its_neighbours_with_it(tmp_path):
    (tmp_path / "a.csv").write_text(GOOD)
    (tmp_path / "b.csv").write_bytes(b"a,b\r\n5,6\n7,8\r\n")
    (found,) = look(tmp_path).tables
    assert (found.files, found.rows, found.problem) == (2, 4, "")
    assert column(found, "b").high == "8"


def test_tables_of_several_kinds_in_one_folder_have_names_of_their_own(tmp_path):
    for name, text in (("a1", GOOD), ("a2", GOOD), ("x1", "x,y\n1,2\n"), ("x2", "x,y\n3,4\n")):
        (tmp_path / f"{name}.csv").write_text(text)
    assert [(t.name, t.rows) for t in look(tmp_path).tables] == [
        ("a1.csv and 1 like it", 4),
        ("x1.csv and 1 like it", 2),
    ]


def test_an_empty_line_is_no_row_also_where_there_is_one_column(tmp_path):
    found = table(tmp_path, 'value\n1\n\n""\n2\n\n')
    assert (found.rows, column(found, "value").nulls) == (3, round(1 / 3, 6))


def test_of_very_many_files_some_are_looked_into_and_it_says_so(tmp_path):
    for number in range(60):
        (tmp_path / f"{number}.csv").write_text(f"x,label\n{number},{number % 2}\n")
    found = look(tmp_path, budget=Budget(files=40))
    (only,) = found.tables
    assert (found.rows, only.rows, only.content, only.sampled) == (None, None, "", only.files)
    assert 0 < only.files <= 40
    assert found.problems == (f"{only.files} of 60 files were looked into, and their rows not counted",)
    assert look(tmp_path, budget=Budget(files=40)) == found
