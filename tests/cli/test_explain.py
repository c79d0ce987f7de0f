"""`repro-tui explain` and `repro-tui varies` on runs that were really recorded."""

from __future__ import annotations

import json

import pytest

from tests.cli.program import shell, within


@pytest.fixture
def project(compared):
    return compared


def document(project, *words):
    done = within(project, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_true_cause_is_named_with_the_evidence_for_it(project):
    done = within(project, "explain", "base", "rate")
    assert done.returncode == 0
    assert done.stdout.startswith("base to rate, loss (down is better)\n")
    assert "lr 0.1 to 0.2" in done.stdout
    assert "[1]" in done.stdout
    assert "EVIDENCE\n  [1] " in done.stdout


def test_each_mark_leads_to_a_piece_of_evidence(project):
    import re

    paragraph, _, evidence = within(project, "explain", "rate", "code").stdout.partition("EVIDENCE")
    marks = set(re.findall(r"\[\d+\]", paragraph))
    assert marks
    assert marks == set(re.findall(r"^  (\[\d+\]) ", evidence, re.MULTILINE))


def test_one_run_alone_is_explained_against_the_previous_of_its_lineage(project):
    found = document(project, "explain", "rate")
    assert (found["before"]["name"], found["after"]["name"]) == ("seed", "rate")


def test_a_metric_may_be_chosen(project):
    assert document(project, "explain", "base", "rate", "--metric", "rows")["metric"] == "rows"
    refused = within(project, "explain", "base", "rate", "--metric", "nothing")
    assert refused.returncode == 2
    assert "loss" in refused.stderr


@pytest.mark.parametrize("words", [("base", "now"), ("base", "base"), ("base", "twin", "rate")], ids=" ".join)
def test_what_cannot_be_explained_is_refused(project, words):
    done = within(project, "explain", *words)
    assert done.returncode == 2
    assert done.stdout == ""


def test_the_document_says_what_the_page_says(project):
    found = document(project, "explain", "base", "rate")
    assert found["values"] == [0.02, 0.04]
    first = found["candidates"][0]
    assert (first["section"], first["name"]) == ("parameters", "lr")
    assert (first["changes"][0]["before"], first["changes"][0]["after"]) == ("0.1", "0.2")


def test_what_varies_is_listed_with_how_many_runs_it_rests_on(project):
    done = within(project, "varies", "--metric", "loss")
    assert done.stdout.startswith("loss (down is better) over 5 runs")
    assert "lr" in done.stdout
    assert "cause and effect" in done.stdout


def test_a_filter_chooses_the_runs_also_one_that_excludes(project):
    assert document(project, "varies", "-name:code", "--metric", "loss")["runs"] == 4
    assert document(project, "varies", "name:base", "|", "name:rate")["runs"] == 2


def test_a_filter_that_matches_nothing_says_so(project):
    done = within(project, "varies", "lr>100")
    assert (done.returncode, done.stdout) == (0, "")
    assert "None of 5 runs matches." in done.stderr
    assert document(project, "varies", "lr>100")["matching"] == 0


@pytest.mark.parametrize("words", [("lr>",), ("--metric", "nothing")], ids=" ".join)
def test_what_is_not_understood_is_an_error_of_usage(project, words):
    assert within(project, "varies", *words).returncode == 2


def test_a_reader_that_leaves_is_no_error(project):
    done = shell("$RT explain base rate | head -1; exit ${PIPESTATUS[0]}", cwd=project)
    assert done.returncode in {0, 141}
    assert done.stderr == ""
