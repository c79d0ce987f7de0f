"""Each `--json` that compares, lists or decides what stays is as docs/formats/json.md says: each field and type."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import within
from tests.retention.kept import make_kept

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "json.md"
NO_NUMBERS = {"NaN", "Infinity", "-Infinity"}
KINDS = {
    "": lambda value: True,
    "text": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: (isinstance(value, int | float) and not isinstance(value, bool)) or value in NO_NUMBERS,
    "null": lambda value: value is None,
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value),
    "list of texts": lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
    "list of numbers": lambda value: all(each is None or KINDS["number"](each) for each in value),
}
Table = dict[str, list[str]]


def tables(command: str) -> dict[str, Table]:
    """Give the tables of a command by the name of the objects that they describe; the document itself is ``."""
    section = PAGE.read_text().split(f"## `{command} --json`\n")[1].split("\n## ")[0]
    found: dict[str, Table] = {}
    names = [""]
    for line in section.splitlines():
        if caption := re.match(r"(?:Each of|The object) (`\w+`(?:(?:, | and )`\w+`)*)|Each (run):$", line):
            names = re.findall(r"`(\w+)`", caption[0]) or ["runs"]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        fields = re.findall(r"`(\w+)`", cells[0]) if line.startswith("| `") else []
        kinds = cells[1].split(", ") if fields else []
        for at, field in enumerate(fields):
            kind = kinds[at] if len(kinds) > 1 else kinds[0]
            for name in names:
                found.setdefault(name, {})[field] = re.sub(r"^1$", "integer", kind).split(" or ")
    return found


def check(described: dict[str, Table], name: str, value: dict[str, object], optional: frozenset[str]) -> set[str]:
    """Compare an object and all that it holds with the tables; gives the names of those that were there."""
    seen = {name}
    assert value.keys() - optional == described[name].keys() - optional, name
    for field, each in value.items():
        kinds = described[name][field]
        assert any(KINDS[kind](each) for kind in kinds), (name, field, each, kinds)
        if field in described:
            inner = each if isinstance(each, list) else [each] if each is not None else []
            seen.update(*(check(described, field, one, optional) for one in inner))
    return seen


@pytest.mark.parametrize(
    ("command", "questions"),
    [
        ("diff", ["base rate --all", "base twin rate code --patch", "rate now --patch", "base code --only metrics"]),
        ("explain", ["base rate", "base twin", "rate code --metric rows", "seed base"]),
        ("varies", ["--metric loss", "lr>100", "name:base"]),
        ("ls", ["--all", "--group seed", "lr>100"]),
    ],
)
def test_every_field_is_described_and_of_its_type(compared, command, questions):
    described = tables(command)
    seen: set[str] = set()
    for words in questions:
        done = within(compared, command, *words.split(), "--json")
        assert done.returncode == 0, done.stderr
        plain = described if command != "explain" else {k: v for k, v in described.items() if k != "runs"}
        seen |= check(plain, "", json.loads(done.stdout), frozenset({"code"}))
    assert seen == described.keys(), "what is described was looked at"


def test_so_is_an_answer_in_sql(compared):
    described = tables("sql")
    done = within(compared, "sql", "SELECT name, tags, started, 'nan'::DOUBLE AS n FROM runs", "--json")
    assert check({k: v for k, v in described.items() if k != "rows"}, "", json.loads(done.stdout), frozenset()) == {
        "",
        "columns",
    }


def test_so_is_what_retention_says(tmp_path):
    make_kept(tmp_path, 7, versions=2)
    prune = "prune --policy keep_last=1"
    asked = [prune, f"{prune} --yes", "trash list", "trash empty", "trash undo amber-otter-1", "du"]
    asked += ["at once", f"{prune} --yes", f"{prune} --yes", "trash empty --now --yes"]
    seen: dict[str, set[str]] = {}
    for words in asked:
        if words == "at once":
            (tmp_path / "repro.yaml").write_text("retention: {grace: 0s}\n")
            continue
        command = " ".join(words.split()[: 2 if words.startswith("trash") else 1])
        done = within(tmp_path, *words.split(), "--json")
        assert done.returncode == 0, done.stderr
        seen.setdefault(command, set()).update(check(tables(command), "", json.loads(done.stdout), frozenset()))
    for command, names in seen.items():
        assert names == tables(command).keys(), "what is described was looked at"
