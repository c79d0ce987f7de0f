"""Data is looked into by another process: what happens there cannot harm the one that asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from repro_tui.domain.dataset import Spec
from repro_tui.profiles import child as child_module
from repro_tui.profiles import in_child, profile
from tests.profiles.looking import listed

SPEC = Spec("train", "data", label="b")


def test_a_child_says_what_is_said_here(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_text("a,b\n1,x\n2,y\n")
    files = listed(tmp_path)
    assert in_child(tmp_path, files, SPEC) == profile(tmp_path, files, SPEC)


def test_a_child_that_dies_is_a_problem_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    deadly = tmp_path / "python"
    deadly.write_text("#!/bin/sh\ncat >/dev/null; kill -SEGV $$\n")
    deadly.chmod(0o755)
    monkeypatch.setattr(child_module.sys, "executable", str(deadly))
    found = in_child(tmp_path, listed(tmp_path)[:1], SPEC)
    assert found.problems == ("its tables were not looked into: the process that looked ended with signal 11",)
    assert [count.suffix for count in found.types] == [".csv"]


def test_duckdb_stays_out_of_the_process_that_asks():
    program = "import sys, repro_tui.profiles; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_folder_that_is_one_file_is_looked_into(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,x\n")
    found = profile(Path(tmp_path / "a.csv"), listed(tmp_path), SPEC)
    assert [t.rows for t in found.tables] == [1]
