"""`repro-tui sql`: what is answered, in which forms, and that nothing but reading is possible."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess

import psutil
import pytest

from repro_tui.cli.answers import print_csv, print_json, print_table, unique
from repro_tui.cli.output import Output
from repro_tui.domain.answer import TableAnswer
from repro_tui.tui.render.text import width
from tests.cli.program import PROGRAM, environment, shell, within
from tests.e2e.terminal import wait_until

NAMES = ["base", "code", "rate", "seed", "twin"]


@pytest.fixture
def project(compared):
    return compared


def rows(project, statement):
    done = within(project, "sql", statement, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["rows"]


def test_a_table_has_a_head_and_a_line_a_row(project):
    done = within(project, "sql", "SELECT name, state FROM runs ORDER BY name")
    assert [line.split() for line in done.stdout.splitlines()] == [["name", "state"], *([n, "done"] for n in NAMES)]


def test_csv_can_be_read_back(project):
    done = within(project, "sql", "SELECT name, NULL AS n, 'a,\"b' AS t FROM runs ORDER BY name", "--csv")
    found = list(csv.reader(io.StringIO(done.stdout)))
    assert found == [["name", "n", "t"], *([name, "", 'a,"b'] for name in NAMES)]


def test_json_has_columns_with_types_and_rows_as_objects(project):
    done = within(project, "sql", "SELECT 1 AS a, 'x' AS a, [1, 2] AS l, 'nan'::DOUBLE AS f, NULL AS n", "--json")
    found = json.loads(done.stdout)
    assert set(found) == {"repro_tui", "project", "root", "columns", "rows"}
    assert [column["name"] for column in found["columns"]] == ["a", "a_1", "l", "f", "n"]
    assert found["columns"][1] == {"name": "a_1", "type": "VARCHAR"}
    assert found["rows"] == [{"a": 1, "a_1": "x", "l": [1, 2], "f": "NaN", "n": None}]


def test_times_with_a_zone_are_texts(project):
    assert rows(project, "SELECT to_timestamp(0) AS t, 1 AS n; -- the beginning") == [
        {"t": "1970-01-01 00:00:00+00", "n": 1}
    ]


def test_what_python_has_no_type_for_is_a_text_wherever_it_stands(project):
    statement = (
        "SELECT [to_timestamp(0)] AS l, {'INTERVAL': INTERVAL '1 month', 'a b': 1} AS s, 'INTERVAL'::ENUM('INTERVAL') "
        "AS e, TIMESTAMP_NS '2024-01-02 03:04:05.123456789' AS t, MAP {'k': INTERVAL '1 year 2 days'} AS m"
    )
    assert rows(project, statement) == [
        {
            "l": ["1970-01-01 00:00:00+00"],
            "s": {"INTERVAL": "1 month", "a b": 1},
            "e": "INTERVAL",
            "t": "2024-01-02 03:04:05.123456789",
            "m": {"k": "1 year 2 days"},
        }
    ]


def test_a_decimal_is_written_in_full(project):
    done = within(
        project, "sql", "SELECT 1.10::DECIMAL(9, 2) AS d, 12345678901234567890.5::DECIMAL(38, 9) AS e", "--csv"
    )
    assert done.stdout == "d,e\n1.10,12345678901234567890.500000000\n"


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("count", [0, 1, 1_203])
def test_a_document_of_many_rows_is_one_document(count, terminal):
    stream = io.StringIO()
    answer = TableAnswer(("n", "[]"), ("BIGINT", "VARCHAR[]"), iter([(n, ["x", []]) for n in range(count)]))
    print_json(Output(stream, None, terminal=terminal, color=False, width=80), {"project": "[]"}, answer)
    found = json.loads(stream.getvalue())
    assert stream.getvalue() == json.dumps(found, indent=2 if terminal else None) + "\n"
    assert [row["n"] for row in found["rows"]] == list(range(count))


def test_bytes_that_are_no_text_are_asked_for_as_they_were_recorded(project):
    done = shell(
        r"""$RT sql $'SELECT \'\xff\' AS x' --csv; $RT sql $'SELEC \xff'; $RT diff $'\xff' base""", cwd=project
    )
    assert done.stdout == "x\n\0ff\n"
    assert "syntax error" in done.stderr
    assert "There is no run" in done.stderr
    assert "should not have" not in done.stderr
    marked = shell(r"""printf '\xef\xbb\xbfSELECT 1 AS n' | $RT sql - --csv""", cwd=project)
    assert marked.stdout == "n\n1\n"


def test_without_a_statement_the_tables_are_listed(project):
    done = within(project, "sql")
    assert "runs" in done.stdout.splitlines()
    assert "level_text" in done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "FROM runs",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "DESCRIBE runs",
        "SHOW TABLES",
        "EXPLAIN FROM runs",
        "VALUES (1)",
    ],
)
def test_all_that_reads_is_answered(project, statement):
    done = within(project, "sql", statement)
    assert done.returncode == 0
    assert done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM runs",
        "INSERT INTO meta VALUES ('a', 'b')",
        "UPDATE runs SET name = 'x'",
        "DROP TABLE runs",
        "CREATE TABLE t (x INTEGER)",
        "CREATE TEMP TABLE t (x INTEGER)",
        "ALTER TABLE runs RENAME TO r",
        "TRUNCATE runs",
        "WITH x AS (DELETE FROM runs RETURNING *) SELECT * FROM x",
        "WITH x AS (INSERT INTO meta VALUES ('a', 'b') RETURNING *) FROM x",
        "EXPLAIN ANALYZE DELETE FROM runs",
        "SELECT * FROM query('DELETE FROM runs')",
        "SELECT 1; DELETE FROM runs",
        "COMMIT; DELETE FROM runs",
        "BEGIN",
        "ROLLBACK",
        "ATTACH ':memory:' AS other",
        "ATTACH '/etc/passwd' AS other",
        "DETACH catalog",
        "USE memory",
        "COPY runs TO 'out.csv'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "EXPORT DATABASE 'out'",
        "IMPORT DATABASE 'out'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_json('/etc/passwd')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM parquet_scan('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM duckdb_secrets()",
        "SELECT getenv('HOME')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "CALL enable_logging()",
        "PREPARE p AS SELECT 1",
        "CHECKPOINT",
        "VACUUM",
        "PIVOT runs ON state USING count(*)",
        "SELECT $1",
        "SELECT nothing FROM runs",
        "SELEC 1",
        "",
        "-- a remark",
    ],
)
def test_whatever_does_not_only_read_is_refused_in_a_clear_sentence(project, statement):
    done = within(project, "sql", statement)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    first = done.stderr.splitlines()[0]
    assert first.startswith("repro-tui: ")
    assert first.endswith((".", "!"))
    assert "should not have" not in first
    assert [row["n"] for row in rows(project, "SELECT count(*) AS n FROM runs")] == [5]


def test_a_mistake_is_shown_with_its_place(project):
    done = within(project, "sql", "SELECT * FORM runs")
    assert "LINE 1: SELECT * FORM runs\n" in done.stderr
    assert done.stderr.rstrip().endswith("^")


def test_a_statement_is_read_from_standard_input(project):
    done = shell("echo 'SELECT count(*) AS n FROM runs' | $RT sql - --csv", cwd=project)
    assert done.stdout == "n\n5\n"


def test_a_reader_that_leaves_is_no_error(project):
    done = shell("$RT sql 'SELECT * FROM range(100000000)' | head -1; exit ${PIPESTATUS[0]}", cwd=project)
    assert done.returncode in {0, 141}
    assert done.stderr == ""


def test_ctrl_c_stops_a_statement_that_takes_for_ever(project):
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = -1"
    with subprocess.Popen(
        [*PROGRAM, "sql", endless, "--csv"],
        cwd=project,
        env=environment(REPRO_TUI_DEBUG="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        wait_until(lambda: psutil.Process(process.pid).cpu_times().user > 2)  # far more than a start takes
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert told == b""


def printed(answer: TableAnswer, cells: int, how=print_table) -> list[str]:
    stream = io.StringIO()
    how(Output(stream, None, terminal=True, color=False, width=cells), answer)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("cells", [40, 80, 200])
@pytest.mark.parametrize("columns", [1, 3, 30])
def test_no_line_is_wider_than_the_terminal(cells, columns):
    hostile = ("\x1b[31mred\x1b[0m", "路径" * 40, "a\nb", None, 1.5, {"k": [1]}, b"\x00")
    row = tuple(hostile[n % len(hostile)] for n in range(columns))
    answer = TableAnswer(tuple(f"column {n}" for n in range(columns)), ("VARCHAR",) * columns, iter([row] * 3))
    lines = printed(answer, cells)
    assert len(lines) >= 4
    assert max(map(width, lines)) <= cells
    assert "\x1b" not in "".join(lines)


def test_csv_on_a_terminal_is_made_harmless():
    answer = TableAnswer(("a",), ("VARCHAR",), iter([("\x1b]0;title\x07x",)]))
    assert printed(answer, 80, print_csv) == ["a", "x"]


def test_columns_of_one_name_are_numbered():
    assert unique(["a", "a", "a_1", "a"]) == ["a", "a_1", "a_1_1", "a_2"]


def test_a_statement_cannot_fill_the_disk(project):
    (found,) = rows(project, "SELECT value FROM duckdb_settings() WHERE name = 'max_temp_directory_size'")
    assert found["value"] == "1.8 GiB"
