"""What was kept of a run comes back byte for byte, without the project that it came from."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from repro_tui.bootstrap import open_services
from repro_tui.demo.folder import edit_script, make_folder
from repro_tui.domain.snapshot import DataChoice, PartKind
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.settings import open_project
from tests.snapshots.projects import git, record, service, tree

SCRIPT = """\
import json, pathlib
from helper import double
rows = [int(line) for line in pathlib.Path("data.txt").read_text().split()]
open("result.json", "w").write(json.dumps([double(n) for n in rows]))
"""
HELPER = "def double(n):\n    return 2 * n\n"


def a_project(folder):
    folder.mkdir()
    (folder / "train.py").write_text(SCRIPT)
    (folder / "helper.py").write_text(HELPER)
    (folder / "data.txt").write_text("1\n2\n3\n")
    (folder / "repro.yaml").write_text("data: [data.txt]\nout: [result.json]\n")
    return folder


def away(folder):
    """Copy what was recorded to another place, and move the project away."""
    other = folder.parent / "elsewhere"
    other.mkdir()
    shutil.copytree(folder / ".repro", other / ".repro", symlinks=True)
    gone = folder.with_name("gone")
    folder.rename(gone)
    return other, gone


def test_the_demonstrations_run_comes_back_when_the_project_is_gone(tmp_path):
    folder = make_folder(tmp_path / "digits", os.environ)
    edit_script(folder)
    run = record(folder, sys.executable, "train.py", "--epochs", "1")
    taken = service(folder).take(run.uid)
    assert taken.snapshot.partial == ()
    assert {part.kind for part in taken.snapshot.parts} == {"code", "environment", "data", "outputs"}
    other, gone = away(folder)
    snapshots = service(other)
    report = snapshots.restore(snapshots.find("otter"), tmp_path / "again")
    assert report.ok
    assert tree(tmp_path / "again") == tree(gone)
    assert RunFinder(Layout.of(open_project(other, {}))).find("otter") == run.uid
    assert snapshots.rows()[0].level == "2/6"


def a_repository(folder):
    """Make a repository with everything that makes a tree hard to bring back."""
    inner = folder.parent / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "lib.py").write_text("INNER = 1\n")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "inner")
    a_project(folder)
    git(folder, "init", "-q")
    (folder / ".gitattributes").write_text("*.txt text eol=crlf\n*.py filter=evil ident\n")
    (folder / "blob.bin").write_bytes(bytes(range(256)) * 20)
    (folder / "old_name.py").write_text("OLD = 1\n" * 30)
    (folder / "deleted.py").write_text("GONE = 1\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "link.py").symlink_to("helper.py")
    git(folder, "submodule", "add", "-q", str(inner), "inner")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    marker = folder.parent / "filter-ran"
    for key, value in {"clean": f"touch {marker}", "smudge": f"touch {marker}"}.items():
        git(folder, "config", f"filter.evil.{key}", value)
    git(folder, "config", "core.autocrlf", "true")
    (folder / "helper.py").write_text(HELPER + "# dirty\n")
    (folder / "blob.bin").write_bytes(bytes(range(256)) * 10 + b"\0changed" + bytes(range(256)) * 10)
    (folder / "old_name.py").rename(folder / "new_name.py")
    (folder / "deleted.py").unlink()
    (folder / "run.sh").chmod(0o755)
    (folder / "inner" / "lib.py").write_text("INNER = 2\n")
    (folder / "inner" / "fresh.py").write_text("FRESH = 1\n")
    (folder / "untracked.py").write_text("NEW = 'no end'")
    (folder / "picture.png").write_bytes(b"\x89PNG\0\1\2")
    return marker


def test_a_repository_with_every_kind_of_change_comes_back(tmp_path):
    folder = tmp_path / "project"
    marker = a_repository(folder)
    marker.unlink(missing_ok=True)
    run = record(folder, sys.executable, "train.py")
    taken = service(folder).take(run.uid)
    assert taken.snapshot.partial == ()
    expected = tree(folder)
    other, _ = away(folder)
    snapshots = service(other)
    snapshots.restore(snapshots.find("@1"), tmp_path / "again")
    assert tree(tmp_path / "again") == expected
    assert os.access(tmp_path / "again" / "run.sh", os.X_OK)
    assert not marker.exists(), "a content filter was run"


def test_a_project_without_git_comes_back(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    taken = service(folder).take(run.uid)
    assert taken.snapshot.partial == ()
    expected = tree(folder)
    other, _ = away(folder)
    service(other).restore(taken.snapshot.digest, tmp_path / "again")
    assert tree(tmp_path / "again") == expected


def test_a_commit_that_git_has_given_up_is_found_in_the_files_or_named(tmp_path):
    folder = a_project(tmp_path / "project")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    run = record(folder, sys.executable, "train.py")
    shutil.rmtree(folder / ".git")
    git(folder, "init", "-q")
    snapshots = service(folder)
    (folder / "helper.py").write_text("def double(n):\n    return 3 * n\n")
    partial = snapshots.take(run.uid).snapshot
    assert any("helper.py" in line for line in partial.partial)
    (folder / "helper.py").write_text(HELPER)
    whole = snapshots.take(run.uid).snapshot
    assert whole.partial == ()
    (folder / "helper.py").unlink()
    assert snapshots.take(run.uid).snapshot.digest == whole.digest, "a whole one is not followed by a part of it"
    snapshots.restore(whole.digest, tmp_path / "again")
    assert (tmp_path / "again" / "helper.py").read_text() == HELPER
    snapshots.restore(partial.digest, tmp_path / "partial", only=[PartKind.CODE])
    assert not (tmp_path / "partial" / "helper.py").exists()


def test_only_what_was_asked_for_is_restored(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest
    for only, names in (
        ([PartKind.DATA], {"data.txt"}),
        ([PartKind.OUTPUTS], {"result.json"}),
        ([PartKind.CODE], {"train.py", "helper.py", "repro.yaml"}),
    ):
        target = tmp_path / only[0]
        snapshots.restore(digest, target, only=only)
        assert set(tree(target)) == names


@pytest.mark.parametrize("choice", [DataChoice.LINK, DataChoice.NO])
def test_data_that_is_not_kept_is_said_with_the_level(tmp_path, choice):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    offer = snapshots.offer(run.uid, data=choice)
    taken = snapshots.take(run.uid, data=choice).snapshot
    kept = [part for part in taken.parts if part.kind is PartKind.DATA]
    level = snapshots.rows()[0].level
    assert offer.level == level
    if choice is DataChoice.LINK:
        assert level == "2 linked"
        assert kept[0].linked[0].path == str(folder / "data.txt")
    else:
        assert (level, kept) == ("1/6", [])


def test_of_a_run_that_used_two_datasets_only_the_version_that_is_named_comes_back(tmp_path):
    folder = a_project(tmp_path / "project")
    for name in ("train", "test"):
        (folder / name).mkdir()
        (folder / name / "rows.csv").write_text(name)
    (folder / "repro.yaml").write_text("datasets:\n  train: {path: train}\n  test: {path: test}\n")
    script = "print(open('train/rows.csv').read(), open('test/rows.csv').read())"
    run = record(folder, sys.executable, "-c", script)
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest
    assert snapshots.find("train@v1") == digest
    version = snapshots.version("train@v1")
    report = snapshots.restore(digest, tmp_path / "again", version=version)
    assert report.ok
    assert tree(tmp_path / "again", without=()) == {"train/rows.csv": b"train"}
    assert snapshots.version("otter") is None
    kept = {
        each.spec.name: each.versions[0].snapshot for each in open_services(open_project(folder, {})).datasets.all()
    }
    assert kept == {"train": digest, "test": digest}, "the versions are known to be kept"


def test_what_the_run_printed_comes_back_beside_its_files(tmp_path):
    folder = a_project(tmp_path / "project")
    (folder / "repro.yaml").unlink()
    run = record(folder, sys.executable, "-c", "import sys; print('accuracy 0.97'); print('careful', file=sys.stderr)")
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest
    snapshots.restore(digest, tmp_path / "again", only=[PartKind.OUTPUTS])
    found = tree(tmp_path / "again" / "_snapshot" / "log")
    assert found == {"stdout.log": b"accuracy 0.97\n", "stderr.log": b"careful\n"}
