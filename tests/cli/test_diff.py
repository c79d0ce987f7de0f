"""`repro-tui diff` on runs that were really recorded."""

from __future__ import annotations

import json

import pytest

from repro_tui.domain.values import TIMES
from tests.cli.program import call, shell, within


@pytest.fixture
def project(compared):
    return compared


def document(project, *words):
    done = within(project, "diff", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(project, *words):
    return [(row["section"], row["name"]) for row in document(project, *words)["rows"]]


def test_only_what_differs_is_shown(project):
    assert [row for row in rows(project, "base", "rate") if row[0] != "outcome"] == [("parameters", "lr")]
    lines = call("diff", "base", "rate", cwd=project).stdout.splitlines()
    assert lines[0].startswith("base to rate: ")
    assert [line.split() for line in lines if line.startswith("  lr")] == [["lr", "0.1", "0.2", TIMES + "2"]]


def test_all_shows_equal_rows_too(project):
    every = document(project, "base", "rate", "--all")
    assert len(every["rows"]) == every["total"] > every["differing"]
    assert ("parameters", "seed") in [(row["section"], row["name"]) for row in every["rows"]]


@pytest.mark.parametrize(
    ("only", "sections"),
    [
        (["code"], {"code"}),
        (["env"], {"environment", "hardware", "determinism"}),
        (["data"], {"data"}),
        (["params"], {"parameters", "command"}),
        (["metrics"], {"outcome"}),
        (["code", "data"], {"code", "data"}),
    ],
    ids=lambda words: " ".join(sorted(words)),
)
def test_only_leaves_some_of_it(project, only, sections):
    words = [word for name in only for word in ("--only", name)]
    found = {section for section, _ in rows(project, "base", "rate", "--all", *words)}
    assert found
    assert found <= sections


def test_one_run_alone_is_compared_with_the_previous_of_its_lineage(project):
    assert [run["name"] for run in document(project, "rate")["runs"]] == ["seed", "rate"]
    assert [run["name"] for run in document(project)["runs"]] == ["rate", "code"]


def test_a_run_may_be_named_by_its_place_or_as_the_best(project):
    found = document(project, "best:loss", "@5")
    assert [run["name"] for run in found["runs"]] == ["code", "base"]
    assert within(project, "diff", "baseline", "@1").returncode == 3


def test_the_first_run_of_a_lineage_has_nothing_to_be_compared_with(project):
    done = within(project, "diff", "base")
    assert done.returncode == 3
    assert "no previous run" in done.stderr


def test_now_is_what_would_differ_if_it_ran_again(project):
    same = document(project, "code", "now")
    assert [run["uid"] for run in same["runs"]][1] is None
    assert [row for row in same["rows"] if row["section"] in {"code", "data", "parameters"}] == []
    assert ("code", "helper.py") in rows(project, "rate", "now")
    assert [run["name"] for run in document(project, "now")["runs"]] == ["code", "now"]


def test_the_patch_has_the_lines_and_the_commits(project):
    done = within(project, "diff", "rate", "code", "--only", "code", "--patch")
    assert "-    return lr / (step + 1)" in done.stdout
    assert "+    return lr / (step + 2)" in done.stdout
    assert "decay more slowly" in done.stdout
    (code,) = document(project, "rate", "code", "--patch")["code"]
    assert [(file["path"], file["added"], file["removed"], file["hunks"]) for file in code["files"]] == [
        ("helper.py", 1, 1, 1)
    ]
    assert code["commits"][0].endswith("decay more slowly")
    assert code["back"] == []


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["base", "twin"], 0),
        (["base", "seed"], 1),
        (["base", "rate"], 1),
        (["base", "rate", "--only", "code"], 0),
        (["rate", "code", "--only", "code"], 1),
        (["rate", "code", "--only", "params"], 1),
        (["base", "twin", "--only", "metrics"], 0),
        (["base", "rate", "--only", "metrics"], 1),
        (["base", "twin", "rate"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_the_exit_status_says_whether_inputs_differ(project, words, status):
    assert within(project, "diff", *words).returncode == 0
    assert within(project, "diff", *words, "--exit-code").returncode == status


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["base", "base"], 2),
        (["base", "@5"], 2),
        (["base", "nobody"], 3),
        (["base", "rate", "--only", "everything"], 2),
        (["now", "now"], 2),
        ([f"@{n}" for n in range(1, 6)] + ["now"] * 4, 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_what_cannot_be_compared_is_an_error_that_says_so(project, words, status):
    done = within(project, "diff", *words)
    assert done.returncode == status
    assert done.stdout == ""
    assert done.stderr.startswith("repro-tui: ")


def test_a_reader_that_leaves_is_no_error(project):
    done = shell("$RT diff base code --all --patch | head -1; exit ${PIPESTATUS[0]}", cwd=project)
    assert done.returncode in {0, 141}
    assert done.stderr == ""


def test_the_document_says_what_the_table_says(project):
    found = document(project, "base", "rate")
    assert found["inputs_differ"] is True
    row = next(row for row in found["rows"] if row["name"] == "loss")
    assert row["direction"] == "down"
    told = {"delta": "+0.02", "better": False, "best": False, "why": ""}
    assert row["cells"][1] == {"text": "0.04", "known": True, "number": 0.04} | told
    assert document(project, "base", "twin")["inputs_differ"] is False
