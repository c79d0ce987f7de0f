"""The code of two recorded runs is compared from real repositories, whatever became of them since."""

from __future__ import annotations

import shutil

import pytest

from tests.compare.projects import HELPER, TRAIN, code_between, commit, make_project, patches, train, write
from tests.snapshots.projects import git, service


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Runs over the life of a project: committed, edited, with files that git does not know, committed again."""
    folder = make_project(tmp_path_factory.mktemp("code") / "digits")
    train(folder, "first")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    write(folder, "README.md", "# A better project\n")
    train(folder, "edited")
    commit(folder, "shuffle each epoch")
    train(folder, "committed")
    write(folder, "extra.py", "WIDTH = 3\n")
    write(folder, "train.py", "import extra\n" + TRAIN)
    train(folder, "untracked")
    commit(folder, "widen")
    write(folder, "helper.py", HELPER.replace("\n", "\r\n"))
    train(folder, "crlf")
    return folder


def test_a_run_differs_in_nothing_from_itself_committed(project):
    change = code_between(project, "edited", "committed")
    assert change.files == ()
    assert [line.partition(" ")[2] for line in change.commits] == ["shuffle each epoch"]
    assert change.back == ()


def test_an_uncommitted_edit_is_a_patch_and_what_was_imported_comes_first(project):
    change = code_between(project, "first", "edited")
    assert [(patch.path, patch.used) for patch in change.files] == [("helper.py", True), ("README.md", False)]
    assert patches(change)["helper.py"].lines == (
        "@@ -1,2 +1,2 @@",
        " def loss(step, lr):",
        "-    return lr / (step + 1)",
        "+    return lr / (step + 2)",
    )
    assert (change.files[0].added, change.files[0].removed, change.files[0].hunks) == (1, 1, 1)
    assert (change.commits, change.back, change.why) == ((), (), "")


def test_the_way_back_is_the_same_with_the_signs_exchanged(project):
    change = code_between(project, "edited", "first")
    assert patches(change)["helper.py"].lines[2:] == ("-    return lr / (step + 2)", "+    return lr / (step + 1)")
    back = code_between(project, "committed", "first")
    assert [line.partition(" ")[2] for line in back.back] == ["shuffle each epoch"]
    assert back.commits == ()


def test_a_file_that_git_does_not_know_comes_from_the_record(project):
    found = patches(code_between(project, "committed", "untracked"))
    assert found["extra.py"].lines == ("@@ -0,0 +1 @@", "+WIDTH = 3")
    assert found["train.py"].added == 1


def test_line_ends_are_told_apart_from_lines(project):
    found = patches(code_between(project, "first", "crlf"))
    assert found["helper.py"].lines == ()
    assert found["helper.py"].why == "only its line ends differ: LF to CRLF"


def test_now_is_what_lies_there(project, tmp_path):
    folder = tmp_path / "digits"
    shutil.copytree(project, folder, symlinks=True)
    write(folder, "helper.py", HELPER)
    write(folder, "new.py", "X = 1\n")
    found = patches(code_between(folder, "untracked", "now"))
    assert found["helper.py"].lines[2:] == ("-    return lr / (step + 2)", "+    return lr / (step + 1)")
    assert found["new.py"].lines == ("@@ -0,0 +1 @@", "+X = 1")
    assert patches(code_between(folder, "now", "untracked"))["new.py"].lines == ("@@ -1 +0,0 @@", "-X = 1")


def test_a_commit_that_git_has_pruned_is_said_and_guesses_nothing(tmp_path):
    folder = make_project(tmp_path / "digits")
    git(folder, "checkout", "-q", "-b", "side")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 3"))
    write(folder, "train.py", TRAIN + "# the end\n")
    lost = commit(folder, "lost")
    train(folder, "lost")
    git(folder, "checkout", "-q", "master") if "master" in git(folder, "branch") else git(
        folder, "checkout", "-q", "main"
    )
    train(folder, "kept")
    git(folder, "branch", "-q", "-D", "side")
    git(folder, "reflog", "expire", "--expire=now", "--all")
    git(folder, "gc", "-q", "--prune=now")
    change = code_between(folder, "kept", "lost")
    assert change.why == f"git has no commit {lost[:8]} any more"
    found = patches(change)
    assert found["helper.py"].lines == ()
    assert found["helper.py"].why == f"git has its content for lost no more (commit {lost[:8]})"
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 3"))
    assert patches(code_between(folder, "kept", "lost"))["helper.py"].added == 1, "it lies there again, by its digest"


def test_what_a_snapshot_keeps_is_found_in_it_without_git(tmp_path):
    folder = make_project(tmp_path / "digits")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 4"))
    train(folder, "first")
    with_store = service(folder)
    from repro_tui.domain.snapshot import DataChoice

    taken = with_store.take(_uid(folder, "first"), data=DataChoice.LINK)
    assert taken.snapshot.parts
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 5"))
    train(folder, "second")
    shutil.rmtree(folder / ".git")
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    found = patches(code_between(folder, "first", "second"))
    assert found["helper.py"].lines[2:] == ("-    return lr / (step + 4)", "+    return lr / (step + 5)")


def test_a_project_without_git_is_compared_from_the_record(tmp_path):
    folder = make_project(tmp_path / "digits", with_git=False)
    train(folder, "first")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    train(folder, "second")
    change = code_between(folder, "first", "second")
    assert [patch.path for patch in change.files] == ["helper.py"]
    assert change.files[0].lines[2:] == ("-    return lr / (step + 1)", "+    return lr / (step + 2)")
    assert change.commits == ()


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Files of all shapes, changed between two runs."""
    folder = make_project(tmp_path_factory.mktemp("shapes") / "digits")
    write(folder, "latin.py", "# caf\xe9\n".encode("latin-1"))
    write(folder, "picture.png", b"\x89PNG\0\0\0")
    write(folder, "large.txt", b"a" * 50_000_000)
    write(folder, "long.py", "".join(f"X{n} = {n}\n" for n in range(10_000)))
    write(folder, "evil.py", "A = '\x1b[2J'\nB = 1\n")
    commit(folder, "shapes")
    train(folder, "first")
    write(folder, "latin.py", "# th\xea\n".encode("latin-1"))
    write(folder, "picture.png", b"\x89PNG\0\0\1")
    write(folder, "large.txt", b"b" + b"a" * 50_000_000)
    write(folder, "long.py", "".join(f"X{n} = {n + 1}\n" for n in range(10_000)))
    write(folder, "evil.py", "A = '\x1b[2J\x1b]52;c;aGk=\x07'\nB = 1\n")
    write(folder, "empty.py", "")
    commit(folder, "change them")
    train(folder, "second")
    return patches(code_between(folder, "first", "second"))


def test_each_shape_of_file_gets_a_clear_answer(shapes):
    assert shapes["picture.png"].why == "binary, 7 to 7 bytes"
    assert shapes["large.txt"].why.startswith("larger than 5 MB")
    assert shapes["latin.py"].lines == ("@@ -1 +1 @@", "-# caf\\xe9", "+# th\\xea")
    assert shapes["empty.py"].why == "an empty file"
    assert all(line.isprintable() for line in shapes["evil.py"].lines)
    assert shapes["evil.py"].added == 1
    assert (shapes["long.py"].added, shapes["long.py"].removed) == (10_000, 10_000)


def test_a_withheld_file_is_named_and_never_guessed(tmp_path):
    folder = make_project(tmp_path / "digits")
    write(folder, "keys.py", 'PASSWORD = "hunter2hunter2hunter2"\nAWS = "AKIAIOSFODNN7EXAMPLQ"\n')
    train(folder, "first")
    (folder / "keys.py").unlink()
    train(folder, "second")
    found = patches(code_between(folder, "first", "second"))
    assert found["keys.py"].lines == ()
    assert "secret" in found["keys.py"].why


def test_many_files_that_differ_are_all_answered(tmp_path):
    folder = make_project(tmp_path / "digits")
    for n in range(1500):
        write(folder, f"pkg{n % 30}/module{n}.py", f"VALUE = {n}\n")
    commit(folder, "many files")
    train(folder, "first")
    for n in range(1500):
        write(folder, f"pkg{n % 30}/module{n}.py", f"VALUE = {n + 1}\n")
    commit(folder, "change all")
    train(folder, "second")
    found = patches(code_between(folder, "first", "second"))
    assert len(found) == 1500
    assert {(patch.added, patch.removed) for patch in found.values()} == {(1, 1)}


def _uid(folder, name):
    from repro_tui.journal.layout import Layout
    from repro_tui.journal.one_run import RunFinder
    from repro_tui.settings import open_project

    return RunFinder(Layout.of(open_project(folder, {}))).find(name)
