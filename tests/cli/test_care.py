"""`check` and `repair` as a person calls them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import call
from tests.store.keeping import keep, random_bytes, store_at

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "json.md").read_text("utf-8")


@pytest.fixture
def project(tmp_path):
    """Give a project with a snapshot of three files, one of them with a name that would colour a terminal."""
    (tmp_path / "data").mkdir()
    for name in ("a.csv", "b.csv", "\x1b[31mred"):
        (tmp_path / "data" / name).write_bytes(random_bytes(2000, len(name)) + name.encode())
    (tmp_path / "repro.yaml").write_text("name: digits\n")
    keep(store_at(tmp_path), tmp_path / "data")
    return tmp_path


def damage(project: Path) -> None:
    (pack,) = store_at(project).places.packs.rglob("*.pack")
    raw = bytearray(pack.read_bytes())
    raw[raw.index(b"\x1b[31mred") - 1] ^= 4
    pack.write_bytes(raw)


def described(title: str) -> set[str]:
    section = PAGE.split(title)[1].split("\n## ")[0]
    return {name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}


def test_a_store_that_is_whole(project):
    done = call("check", cwd=project)
    assert done.returncode == 0
    assert re.fullmatch(r"Reading [0-9.]+ kB, about 1 s\.\n", done.stderr)
    assert done.stdout.startswith("Everything is as it should be: 7.2 kB in 5 files of the store read in")
    quick = call("check", "--quick", cwd=project)
    assert quick.stdout.startswith("Everything is there")
    assert quick.stderr == ""
    assert call("repair", cwd=project).stdout.startswith("There is nothing to repair")


def test_damage_is_named_repaired_and_named_again(project):
    damage(project)
    done = call("check", cwd=project)
    assert done.returncode == 5
    assert "part data: 1 of 3 files cannot be restored: \\x1b[31mred" in done.stdout
    assert "loses by it: amber-otter-41" in done.stdout
    assert "\x1b" not in done.stdout
    assert "`repro-tui repair`" in done.stderr
    repaired = call("repair", "--json", cwd=project)
    assert repaired.returncode == 5
    document = json.loads(repaired.stdout)
    assert set(document) == described("## `repair --json`")
    assert [damage["snapshots"] for damage in document["damages"]] == [["amber-otter-41"]]
    assert "the file was set aside" in document["notes"][0]
    again = json.loads(call("check", "--json", cwd=project).stdout)
    assert set(again) == described("## `check --json`")
    assert [damage["what"].partition("/")[0] for damage in again["damages"]] == ["snapshots"]
    keep(store_at(project), project / "data", "again")
    assert call("check", cwd=project).returncode == 0


def test_a_project_without_a_store(tmp_path):
    (tmp_path / "repro.yaml").touch()
    for command in ("check", "repair"):
        done = call(command, cwd=tmp_path)
        assert done.returncode == 0
        assert "there is no store yet" in done.stdout
    assert call("check", cwd=tmp_path / "..").returncode == 3


def test_a_newer_store_is_refused_by_name(project):
    store_at(project).places.format.write_text('{"repro_store":9}\n')
    for command in ("check", "repair"):
        done = call(command, cwd=project)
        assert done.returncode == 5
        assert "newer version" in done.stderr
