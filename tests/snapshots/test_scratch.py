"""What a killed process left half made is gone after the next snapshot; what a living one makes stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from repro_tui.snapshots.scratch import scratch, spool
from repro_tui.store.durable import process_mark


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_what_a_dead_process_left_is_deleted_and_what_a_living_one_makes_is_not(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    machine = process_mark().rpartition("-")[0]
    left = tmp_path / f".making-{machine}-{dead.pid}-abc"
    (left / "made").mkdir(parents=True)
    (left / "made" / "large.whl").write_bytes(b"1")
    (tmp_path / f".making-{machine}-{dead.pid}-file").write_bytes(b"1")
    (tmp_path / "stat").mkdir()
    with scratch(tmp_path) as mine, spool(tmp_path) as file, scratch(tmp_path) as other:
        assert names(tmp_path) == sorted([mine.name, other.name, Path(file.name).name, "stat"])
    assert names(tmp_path) == ["stat"]


def test_what_another_machine_left_is_deleted_after_a_day(tmp_path):
    for name, age in (("new", 0), ("old", 200_000)):
        folder = tmp_path / f".making-ffffffff-1-{name}"
        folder.mkdir()
        os.utime(folder, (folder.stat().st_mtime - age,) * 2)
    with scratch(tmp_path):
        pass
    assert names(tmp_path) == [".making-ffffffff-1-new"]
