"""Where things lie, with which modes, whatever they are called."""

from __future__ import annotations

import os
import stat

import pytest

from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout, folder_name, journals_in

UID = "0123456789abcdef" * 2


@pytest.fixture
def layout(tmp_path):
    found = Layout(tmp_path / ".repro")
    found.create()
    return found


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("shared", "folders", "files"), [(False, 0o700, 0o600), (True, 0o2770, 0o660)])
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_modes_are_the_projects_whatever_the_umask(tmp_path, shared, folders, files, umask):
    layout = Layout(tmp_path / ".repro", shared)
    before = os.umask(umask)
    try:
        layout.create()
        run = layout.new_run("a", 0.0, UID)
    finally:
        os.umask(before)
    assert {mode(path) for path in (layout.home, layout.runs, layout.facts, run, run / "journal")} == {folders}
    assert {mode(layout.home / name) for name in ("README", ".gitignore")} == {files}


def test_creating_twice_leaves_what_is_there(layout):
    (layout.home / "README").write_text("mine")
    layout.create()
    assert (layout.home / "README").read_text() == "mine"
    assert (layout.home / ".gitignore").read_text() == "*\n"


def test_a_runs_folder_is_labelled_by_time_and_name(layout):
    assert layout.new_run("amber-otter-41", 1795515303.0, UID).name == "20261124-101503-amber-otter-41"


def test_equal_labels_get_folders_of_their_own(layout):
    folders = {layout.new_run("a", 0.0, f"{n:032x}"[::-1]) for n in range(5)}
    assert len(folders) == 5
    assert set(layout.run_folders()) == folders


@pytest.mark.parametrize(
    "name", ["../../etc", "a/b", "\0\n\x1b[31m", "x" * 5000, "é" * 300, "...", "", "\udcff", "CON:*?", "-rf"]
)
@pytest.mark.parametrize("t", [0.0, -1e9, 1e300, float("nan"), float("inf")])
def test_any_name_and_time_give_a_folder_directly_below_runs(layout, name, t):
    folder = layout.new_run(name, t, UID)
    assert folder.parent == layout.runs
    assert folder.is_dir()
    assert folder_name(name).isprintable()


def test_the_folder_may_be_missing_or_deleted_before_a_run(tmp_path):
    layout = Layout(tmp_path / "scratch" / "far" / ".repro")
    folder = layout.new_run("a", 0.0, UID)
    assert mode(layout.home) == mode(folder) == 0o700


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / ".repro").write_text("")
    with pytest.raises(StorageError, match=r"\.repro") as caught:
        Layout(tmp_path / ".repro").create()
    assert caught.value.hint


def test_listing_what_is_not_there_gives_nothing(tmp_path):
    layout = Layout(tmp_path / "none")
    assert list(layout.run_folders()) == []
    assert layout.journals(tmp_path) == []
    assert layout.project_journals() == []


def test_journals_are_files_that_end_like_journals(layout):
    folder = layout.new_run("a", 0.0, UID) / "journal"
    for name in ("b.jsonl", "a.jsonl", "notes.txt", ".c.jsonl.Xy12"):
        (folder / name).write_text("")
    (folder / "link.jsonl").symlink_to("/etc/passwd")
    (folder / "folder.jsonl").mkdir()
    assert [path.name for path in journals_in(folder)] == ["a.jsonl", "b.jsonl"]


def test_a_path_tells_its_run(layout):
    run = layout.new_run("a", 0.0, UID)
    assert layout.run_of(run / "journal" / "x.jsonl") == run
    assert layout.run_of(layout.runs) is None
    assert layout.run_of(layout.facts / "ab") is None
