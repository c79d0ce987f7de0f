"""Documents of `--json` have exactly the fields of docs/formats/json.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from repro_tui.cli.checkup.finding import Finding
from repro_tui.cli.commands.doctor import _document
from repro_tui.cli.documents import list_document, run_document
from repro_tui.cli.output import jsonable
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.view import RunQuery
from tests.tui.fake import FakeWorkbench

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "json.md").read_text("utf-8")


def described(heading: str) -> set[str]:
    """Give the fields in the first table after a text of the page."""
    table = re.search(r"\n\|.*?(?=\n\n|\Z)", PAGE[PAGE.index(heading) :], re.DOTALL)
    assert table
    rows = [line.split("|")[1] for line in table[0].strip().splitlines()[2:]]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.fixture(scope="module")
def workbench():
    return FakeWorkbench()


@pytest.fixture(scope="module")
def listing(workbench):
    found = workbench.runs(RunQuery())
    return list_document(workbench, found, workbench.rows(found.keys, [column.key for column in found.columns]))


@pytest.fixture(scope="module")
def shown(workbench):
    return run_document(workbench, workbench.run(workbench.find("amber-otter-40")))


def test_a_list_has_the_fields_that_are_described(listing):
    assert set(listing) == described("## `ls --json`")
    assert {frozenset(run) for run in listing["runs"]} == {frozenset(described("Each run:"))}
    assert listing["total"] == listing["matching"] == len(listing["runs"]) == 41


def test_values_of_a_list_are_numbers_by_name(listing):
    run = next(run for run in listing["runs"] if run["name"] == "amber-otter-40")
    assert run["metrics"]["acc"] == 0.9731
    assert run["params"]["lr"] == 0.05
    assert run["state"] == "done"


def test_a_run_has_the_fields_that_are_described(shown):
    assert set(shown) == described("## `show --json`")


@pytest.mark.parametrize("field", ["attempts", "files", "seeds", "omissions"])
def test_parts_of_a_run_have_the_fields_that_are_described(shown, field):
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{field}` | list"))
    names = set(re.findall(r'"(\w+)"', line))
    if field == "attempts":
        assert set(shown[field][0]["ends"][0]) == {"t", "exit", "signal", "why"}
        names -= {"t", "exit", "signal", "why"}
    assert shown[field]
    assert set(shown[field][0]) == names


def test_documents_can_be_written_as_strict_json(listing, shown):
    for document in (listing, shown):
        json.dumps(jsonable(document), allow_nan=False)


def test_facts_that_cannot_be_read_say_why(workbench, monkeypatch):
    monkeypatch.setattr(workbench, "document", lambda _: Unavailable("the file is gone"))
    code = run_document(workbench, workbench.run(workbench.find("amber-otter-40")))["documents"]["code"]
    assert code["content"] is None
    assert code["unavailable"] == "the file is gone"


def test_a_finding_has_the_fields_that_are_described():
    line = next(line for line in PAGE.splitlines() if line.startswith("| `findings`"))
    assert set(_document(Finding("project", "disk", "full"))) == set(re.findall(r'"(\w+)"', line))
