"""`ls --group`: one line for runs that are alike, with mean, spread and number."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from repro_tui.cli.columns import grouped_columns
from repro_tui.cli.listing import print_rows
from repro_tui.cli.output import Output
from repro_tui.domain.ids import RunId
from repro_tui.domain.view import RunQuery
from repro_tui.tui.render.numbers import Digits, spread
from repro_tui.tui.render.text import width
from tests.cli.program import within
from tests.ingest.conftest import Lines
from tests.tui.fake import NOW, FakeWorkbench


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Three runs: two with lr 0.1, one of them tagged, and one with lr 0.2."""
    root = tmp_path_factory.mktemp("digits")
    lines = Lines(root / ".repro")
    for number, lr in ((1, 0.1), (2, 0.1), (3, 0.2)):
        lines.run(number, steps=number + 1)
        params = {"k": "params", "t": 1.0, "c": 2, "src": "log", "v": {"lr": lr, "seed": number}}
        lines.write(f"2025-{number:06d}-otter", f"{number:016x}", params)
    tag = {"k": "tag", "t": 1.0, "c": 3, "tag": "paper", "on": True}
    lines.write("2025-000001-otter", f"{1:016x}", tag)
    return root


def grouped(project, *words):
    done = within(project, "ls", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_runs_with_one_value_of_a_parameter_are_one_line(project):
    document = grouped(project, "--group", "lr")
    assert (document["group"], document["matching"]) == ("param:lr", 3)
    alone, line = document["runs"]
    assert (alone["name"], alone["members"], alone["spread"]) == ("otter-3", [], {})
    assert line["name"] == "lr 0.1"
    assert line["members"] == [f"{2:032x}", f"{1:032x}"]
    assert line["metrics"]["acc"] == pytest.approx(0.15)
    assert line["spread"]["acc"] == pytest.approx(0.0707, abs=1e-4)
    assert line["params"] == {"lr": 0.1, "seed": "2 values"}


def test_the_text_shows_mean_spread_and_number(project):
    head, _, line = within(project, "ls", "--group", "lr").stdout.splitlines()
    assert head.split()[:4] == ["run", "age", "loss", "±"]
    assert head.split()[-3:] == ["n", "changed", "level"]
    assert line.startswith("▸ lr 0.1")
    assert line.split()[-2] == "2"
    assert within(project, "ls", "--group", "lr", "--ascii").stdout.isascii()


@pytest.mark.parametrize(
    ("name", "group"),
    [("seed", "repeats"), ("repeats", "repeats"), ("tag", "field:tags"), ("commit", "field:commit"), ("data", "data"),
     ("param.lr", "param:lr"), ("param:seed", "param:seed")],
)  # fmt: skip
def test_a_grouping_is_named_as_people_call_it(project, name, group):
    assert grouped(project, "--group", name)["group"] == group


def test_a_grouping_without_a_name_is_by_the_seed(project):
    assert grouped(project, "--group", "--sort", "lr")["group"] == "repeats"


@pytest.mark.parametrize("name", ["colour", "acc", "param:colour", "'"])
def test_what_is_no_grouping_says_what_there_is(project, name):
    done = within(project, "ls", "--group", name)
    assert done.returncode == 2
    assert "lr" in done.stderr


def test_a_filter_and_an_order_hold_for_lines_too(project):
    assert [run["name"] for run in grouped(project, "--group", "lr", "seed<3")["runs"]] == ["lr 0.1"]
    assert [run["name"] for run in grouped(project, "--group", "lr", "--sort", "lr")["runs"]] == ["lr 0.1", "otter-3"]
    assert [run["name"] for run in grouped(project, "--group", "lr", "--limit", "1")["runs"]] == ["otter-3"]


@pytest.mark.parametrize("cells", [30, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(cells):
    bench = FakeWorkbench()
    columns = grouped_columns(bench.runs(RunQuery()).columns)
    rows = bench.rows(bench.runs(RunQuery()).keys[:4], [shown.key for shown in columns])
    lines = [replace(row, members=(RunId("a"),) * 12, spread={"metric:acc": 0.0011}) for row in rows]
    stdout = io.StringIO()
    print_rows(Output(stdout, None, terminal=True, color=False, width=cells), lines, columns, NOW)
    assert max(map(width, stdout.getvalue().splitlines())) <= cells


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(0.00112, 4, "0.0011"), (0.0, 4, "0.0000"), (3e-7, 4, "3e-7"), (12.5, 0, "12"), (4e9, 1, "4e9")],
)
def test_a_spread_has_the_digits_of_its_values(value, decimals, text):
    assert spread(value, Digits(decimals)) == text


def test_where_nothing_folds_it_is_said_why(project):
    assert "No two of them have the same seed." in within(project, "ls", "--group", "param.seed").stderr
    assert "same tags, or they have none." in within(project, "ls", "--group", "tags").stderr
    assert "known to be equal but for the seed" in within(project, "ls", "--group", "seed").stderr
    assert within(project, "ls", "--group", "lr").stderr == ""
