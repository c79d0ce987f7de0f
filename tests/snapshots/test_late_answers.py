"""A snapshot that is taken late holds what the run used, or says what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Coverage
from repro_tui.domain.snapshot import DataChoice, PartKind
from repro_tui.errors import CancelledError, NotFoundError
from repro_tui.settings import open_project
from repro_tui.snapshots.parts import Plan
from repro_tui.snapshots.planner import completed
from repro_tui.snapshots.taking import fingerprinter
from tests.snapshots.projects import CLEAN, git, record, service, tree
from tests.snapshots.test_restoring_code import a_project


def bytes_of(folder, snapshots, digest, name):
    target = folder.parent / f"restored-{name}"
    snapshots.restore(digest, target)
    return tree(target)


def test_what_changed_since_is_named_and_left_out(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    (folder / "data.txt").write_text("7\n8\n9\n")
    (folder / "result.json").unlink()
    (folder / "train.py").write_text("print('another program')\n")
    snapshots = service(folder)
    offer = snapshots.offer(run.uid)
    taken = snapshots.take(run.uid).snapshot
    told = " | ".join(taken.partial)
    assert "data.txt is not what the run used" in told
    assert "result.json is gone since the run" in told
    restored = bytes_of(folder, snapshots, taken.digest, "late")
    assert "data.txt" not in restored
    assert "result.json" not in restored
    assert b"helper" in restored["train.py"], "the recorded program is kept, not the one that lies there now"
    row = snapshots.rows()[0]
    assert row.level == offer.level == "1/6"


def test_data_that_was_committed_is_taken_from_the_commit(tmp_path):
    folder = a_project(tmp_path / "project")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    run = record(folder, sys.executable, "train.py")
    (folder / "data.txt").write_text("7\n8\n9\n")
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    assert taken.partial == ()
    assert bytes_of(folder, snapshots, taken.digest, "committed")["data.txt"] == b"1\n2\n3\n"


def test_of_a_folder_that_changed_what_is_still_the_same_is_kept(tmp_path):
    folder = a_project(tmp_path / "project")
    data = folder / "data"
    data.mkdir()
    for name in "abc":
        (data / f"{name}.csv").write_text(name)
    (folder / "repro.yaml").write_text("datasets:\n  train: {path: data}\ndata: [data]\n")
    run = record(folder, sys.executable, "-c", "import glob; [open(n).read() for n in glob.glob('data/*.csv')]")
    (data / "b.csv").write_text("changed")
    (data / "c.csv").unlink()
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    assert any("data changed since the run" in line for line in taken.partial)
    restored = bytes_of(folder, snapshots, taken.digest, "folder")
    if "data/a.csv" in restored:
        assert any("c.csv is gone" in line for line in taken.partial)
        assert restored["data/a.csv"] == b"a"
    assert "data/b.csv" not in restored


def test_a_folder_of_results_in_which_something_is_gone_is_not_said_to_be_written_again(tmp_path):
    folder = a_project(tmp_path / "project")
    (folder / "repro.yaml").write_text("out: [results]\n")
    script = "import os; os.mkdir('results'); [open(f'results/{n}', 'w').write(n) for n in 'ab']"
    run = record(folder, sys.executable, "-c", script)
    (folder / "results" / "a").unlink()
    taken = service(folder).take(run.uid).snapshot
    assert "results changed since the run" in taken.partial


def test_what_is_not_kept_as_data_or_result_is_not_kept_as_code_either(tmp_path):
    """Untracked files are code, but not those that the run read as data or wrote, whatever is kept of these."""
    folder = a_project(tmp_path / "project")
    (folder / "repro.yaml").write_text("snapshot: {output_limit: 1kB}\n")
    (folder / "data.txt").unlink()
    for name in ("private", "results"):
        (folder / name).mkdir()
        (folder / name / "old.txt").write_text(f"{name} of before\n" * 100)
    (folder / "notes.txt").write_text("untracked, and neither\n")
    (folder / "results" / "plot.py").write_text("print('a program, wherever it lies')\n")
    git(folder, "init", "-q")
    git(folder, "add", "train.py", "helper.py", "repro.yaml")
    git(folder, "commit", "-qm", "first")
    script = "open('private/old.txt').read(); open('results/new.txt', 'w').write('x' * 2000)"
    run = record(folder, sys.executable, "-c", script, options=["--data", "private", "--out", "results"])
    snapshots = service(folder)
    taken = snapshots.take(run.uid, data=DataChoice.NO).snapshot
    assert {item.what for item in taken.left_out} >= {"private", "results"}
    restored = bytes_of(folder, snapshots, taken.digest, "code")
    names = {name for name in restored if not name.startswith("_snapshot")}
    assert names == {"train.py", "helper.py", "repro.yaml", "notes.txt", "results/plot.py"}


def test_taking_it_again_adds_nothing_and_two_at_once_are_both_fine(tmp_path):
    folder = a_project(tmp_path / "project")
    record(folder, sys.executable, "train.py")
    root = os.fspath(__import__("pathlib").Path(__file__).resolve().parents[2])
    command = [sys.executable, "-m", "repro_tui", "snapshot", "--json"]
    both = [
        subprocess.Popen(
            command, cwd=folder, env=CLEAN | {"PYTHONPATH": root}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in both:
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0, told.decode()
    snapshots = service(folder)
    before = snapshots.usage()
    again = snapshots.take(snapshots.rows()[0].snapshot.run)
    assert again.added == 0
    assert snapshots.usage().size == before.size
    assert all(snapshots.verify(row.snapshot.digest).ok for row in snapshots.rows())


def test_stopping_leaves_nothing_behind(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)

    def stop(done, total, what):
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        snapshots.take(run.uid, progress=stop)
    assert snapshots.rows() == []
    assert list((folder / ".repro" / "store").rglob("*.pack")) == []


def test_a_damaged_snapshot_lowers_the_level_with_the_reason(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest
    assert snapshots.verify(digest).ok
    assert snapshots.rows()[0].verified is True
    (pack,) = (folder / ".repro" / "store").rglob("*.pack")
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(raw)
    fresh = service(folder)
    assert not fresh.verify(digest).ok
    (row,) = fresh.rows()
    assert (row.verified, row.level) == (False, "1/6")
    assert row.why
    assert not fresh.restore(digest, tmp_path / "again").ok


def test_snapshots_are_found_by_their_names(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest
    data = snapshots.keep_data("numbers", "data.txt")
    assert snapshots.keep_data("numbers", "data.txt").added == 0
    for name in ("otter", run.uid, digest, digest[:12], digest.removeprefix("b3:")[:6], "@2"):
        assert snapshots.find(name) == digest
    assert snapshots.find("numbers") == data.snapshot.digest
    for wrong in ("heron", "@9", ""):
        with pytest.raises(NotFoundError):
            snapshots.find(wrong)
    assert isinstance(snapshots.snapshot("b3:" + "0" * 64), Unavailable)
    snapshots.restore(data.snapshot.digest, tmp_path / "data", only=[PartKind.DATA])
    assert tree(tmp_path / "data") == {"data.txt": b"1\n2\n3\n"}


def test_private_data_in_a_shared_project_is_named_and_never_readable_by_the_group(tmp_path):
    folder = a_project(tmp_path / "project")
    (folder / "repro.yaml").write_text("shared: group\ndata: [data.txt]\nout: [result.json]\n")
    (folder / "data.txt").chmod(0o600)
    (folder / "train.py").chmod(0o644)
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    assert any("data.txt" in line for line in taken.partial)
    assert "data.txt" not in bytes_of(folder, snapshots, taken.digest, "private")


def test_large_committed_files_keep_their_modes_in_a_shared_project(tmp_path, monkeypatch):
    """What is too large for the memory goes through a file of our own, whose mode must not be taken for theirs."""
    monkeypatch.setattr("repro_tui.snapshots.build._IN_MEMORY", 10)
    folder = a_project(tmp_path / "project")
    (folder / "repro.yaml").write_text("shared: group\nout: [result.json]\n")
    tool = folder / "prepare.sh"
    tool.write_text("#!/bin/sh\necho prepared the data\n")
    tool.chmod(0o755)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    assert taken.partial == ()
    snapshots.restore(taken.digest, tmp_path / "back")
    assert (tmp_path / "back" / "prepare.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "back" / "train.py").read_bytes() == (folder / "train.py").read_bytes()


def test_data_that_the_run_itself_overwrote_is_never_kept_as_what_it_read(tmp_path):
    folder = a_project(tmp_path / "project")
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text("read")
    (folder / "repro.yaml").write_text("data: [data, data.txt]\n")
    script = "for name in ('data/rows.csv', 'data.txt'): open(name).read(); open(name, 'w').write('written')"
    run = record(folder, sys.executable, "-c", script, unread=True)
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    restored = bytes_of(folder, snapshots, taken.digest, "overwritten")
    assert b"written" not in restored.values()
    (row,) = snapshots.rows()
    assert row.level == "0/6"


def test_a_run_that_was_not_read_to_the_end_is_the_same_run_when_it_is(tmp_path):
    """Else the manifest of its second snapshot differed from the first one's, and it were kept twice."""
    folder = a_project(tmp_path / "project")
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text("1")
    (folder / "repro.yaml").write_text("data: [data, data.txt]\n")
    run = record(folder, sys.executable, "-c", "open('data/rows.csv').read(); open('data.txt').read()")
    facts = {fact.path: fact for fact in run.files if fact.role == "in"}
    assert facts.keys() == {"data", "data.txt"}
    with fingerprinter(open_project(folder, {})) as prints:
        found = {path: prints.take([folder / path])[0] for path in facts}
    fields = [{"path": path, "role": "in", "when": "before", **found[path].fields()} for path in facts]
    pending = [
        replace(fact, digest=None, size=None, files=None, coverage=Coverage.PENDING, stat=())
        if fact.path in facts
        else fact
        for fact in run.files
    ]
    assert completed(replace(run, files=tuple(pending)), Plan(completed=fields)) == run
