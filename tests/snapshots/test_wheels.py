"""Wheels are fetched for what was installed; without a network that is said once, and nothing waits for it."""

from __future__ import annotations

import sys
import zipfile

import pytest

from repro_tui.domain.snapshot import PartKind
from repro_tui.snapshots.env_facts import Package
from repro_tui.snapshots.env_wheels import fetch
from tests.snapshots.projects import record, service
from tests.snapshots.test_restoring_code import a_project

INFO = "tiny-1.0.dist-info"


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """Give an empty folder, and let pip ask nobody but an index where nobody answers."""
    for name, value in {"FIND_LINKS": "", "INDEX_URL": "http://127.0.0.1:9/", "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def package(name):
    return Package(name, "1.0", "index", "pip", None)


def test_an_index_that_does_not_answer_is_asked_once(downloads):
    told = set()
    packages = [package(f"tiny{number}") for number in range(64)]
    found = fetch(sys.executable, packages, downloads, lambda done, total, what: told.add(what))
    assert found.offline.startswith("the index could not be reached (")
    assert set(found.missing.values()) == {found.offline}
    assert told == {"fetching wheels over the network, 0 of 64"}


def test_what_is_there_is_fetched_and_what_is_not_is_named(downloads, tmp_path, monkeypatch):
    links = tmp_path / "links"
    links.mkdir()
    with zipfile.ZipFile(links / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "TINY = 1\n")
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    found = fetch(sys.executable, [package("tiny"), package("nowhere")], downloads, None)
    assert [path.name for path in found.wheels.values()] == ["tiny-1.0-py3-none-any.whl"]
    assert list(found.missing) == [("nowhere", "1.0")]
    assert not found.offline


def test_an_offer_says_how_much_wheels_may_take_and_asks_no_network(tmp_path, downloads):
    run = record(a_project(tmp_path / "project"), sys.executable, "train.py")
    offer = service(tmp_path / "project").offer(run.uid, wheels=True)
    (wheels,) = [part for part in offer.parts if part.kind is PartKind.WHEELS]
    assert wheels.what.startswith("up to ")
    assert wheels.new == wheels.size > 1_000_000, "this test's own environment is larger than that"
    assert list(downloads.iterdir()) == []
