"""One run is found and folded without the index."""

from __future__ import annotations

import subprocess
import sys

import pytest

from repro_tui.domain.missing import Unavailable
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.journal.write import open_writer

ONE, TWO = "ab" * 16, "cd" * 16


@pytest.fixture
def layout(tmp_path):
    found = Layout(tmp_path / ".repro")
    found.create()
    return found


def record(layout, uid, name, t, *, rows=3):
    folder = layout.new_run(name, t, uid)
    with open_writer(folder, run=uid, role="supervisor", attempt=1, t=t, layout=layout) as writer:
        writer.event("start", name=name, argv=["python", "x.py"], t=t)
    with open_writer(folder, run=uid, role="process", attempt=1, t=t, layout=layout) as writer:
        for row in range(rows):
            writer._file.point(row, t + row, {"loss": 1.0})
        writer.event("seed", lib="random", v=1, at="x.py:1", t=t)
    return folder


def test_a_run_is_found_by_name_digits_prefix_and_place(layout):
    record(layout, ONE, "amber-otter", 100.0)
    record(layout, TWO, "calm-heron", 200.0)
    finder = RunFinder(layout)
    for name, uid in (
        ("amber-otter", ONE),
        ("amber", ONE),
        ("Calm-H", TWO),
        (ONE.upper(), ONE),
        ("cdcd", TWO),
        ("@1", TWO),
        ("@2", ONE),
    ):
        assert finder.find(name) == uid
    for wrong in ("otter", "", "@3"):
        with pytest.raises(NotFoundError):
            finder.find(wrong)
    with pytest.raises(UsageError):
        finder.find("@0")


def test_two_runs_of_a_name_have_to_be_told_apart(layout):
    record(layout, ONE, "otter", 100.0)
    record(layout, TWO, "otter", 200.0)
    with pytest.raises(UsageError, match=r"2 runs: cdcdcdcd, abababab"):
        RunFinder(layout).find("otter")


def test_a_run_is_the_sum_of_its_folders_and_of_what_the_project_says(layout, tmp_path):
    first = record(layout, ONE, "otter", 100.0)
    second = layout.runs / f"{first.name}-copy"
    with open_writer(second, run=ONE, role="person", attempt=0, t=300.0, layout=layout) as writer:
        writer.event("name", name="heron")
    with open_writer(layout.project_journal.parent, run="", role="person", attempt=0, layout=layout) as writer:
        writer.event("note", text="by hand", run=ONE)
    finder = RunFinder(layout)
    run = finder.load(finder.find("heron"))
    assert (run.name, run.note, run.argv, len(run.seeds)) == ("heron", "by hand", ("python", "x.py"), 1)
    assert run.attempts[0].last_sign >= 102.0


def test_what_is_damaged_is_passed_over_and_what_is_gone_is_said(layout):
    folder = record(layout, ONE, "otter", 100.0)
    (layout.runs / "20200101-000000-empty").mkdir()
    with next((folder / "journal").iterdir()).open("ab") as stream:
        stream.write(b"nonsense\n")
    finder = RunFinder(layout)
    assert "skipped" in finder.load(ONE).problems[0].what
    assert isinstance(finder.load(TWO), Unavailable)


def test_no_index_is_needed_for_it():
    program = "import sys, repro_tui.journal.one_run; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
