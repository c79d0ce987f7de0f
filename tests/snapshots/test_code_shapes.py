"""The code of repositories of every shape comes back as it lay there when the run began."""

from __future__ import annotations

import hashlib
import shutil
import sys

from tests.snapshots.projects import git, record, service, tree
from tests.snapshots.test_restoring_code import HELPER, a_project


def committed(folder):
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def kept_and_restored(folder, *command):
    """Record a run, keep it, and restore it; gives the snapshot, the report, and the files that came back."""
    run = record(folder, *(command or (sys.executable, "train.py")))
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    again = folder.parent / "again"
    report = snapshots.restore(taken.digest, again)
    return taken, report, tree(again)


def test_code_behind_links_comes_back_at_its_place(tmp_path):
    """Links within the project stay links; what lies behind one that leads out takes the link's place."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "far.py").write_text("FAR = 1\n")
    folder = a_project(tmp_path / "project")
    (folder / "real").mkdir()
    (folder / "real" / "near.py").write_text("NEAR = 1\n")
    (folder / "near").symlink_to("real")
    (folder / "far").symlink_to(outside)
    (folder / "unused").symlink_to(outside)
    committed(folder)
    (folder / "real" / "near.py").write_text("NEAR = 2\n")
    with (folder / "train.py").open("a") as script:
        script.write("import far.far, near.near\n")
    taken, report, found = kept_and_restored(folder)
    assert taken.partial == ()
    assert report.ok
    assert any(note.startswith("unused is a link that leads out") for note in report.done)
    assert found["real/near.py"] == b"NEAR = 2\n"
    assert found["near"] == b"-> real"
    assert found["far/far.py"] == b"FAR = 1\n"
    assert "unused is a link" in (tmp_path / "again" / "_snapshot" / "README").read_text()


def test_what_git_lfs_keeps_comes_back_as_it_lay_there(tmp_path):
    folder = a_project(tmp_path / "project")
    (folder / ".gitattributes").write_text("*.bin filter=lfs diff=lfs -text\n")
    weights = b"weights" * 1000
    for name, content in (("here.bin", weights), ("never_fetched.bin", b"far away")):
        oid = hashlib.sha256(content).hexdigest()
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"
        (folder / name).write_text(text)
    committed(folder)
    (folder / "here.bin").write_bytes(weights)
    (folder / "helper.py").write_text(HELPER + "# changed too\n")
    expected = tree(folder)
    taken, _, found = kept_and_restored(folder)
    assert taken.partial == ()
    assert found == expected | {"result.json": (folder / "result.json").read_bytes()}


def test_files_that_git_was_told_not_to_look_at_come_back_as_they_lay_there(tmp_path):
    folder = a_project(tmp_path / "project")
    (folder / "local.yaml").write_text("lr: 1\n")
    committed(folder)
    git(folder, "update-index", "--skip-worktree", "local.yaml")
    git(folder, "update-index", "--assume-unchanged", "helper.py")
    (folder / "local.yaml").write_text("lr: 2\n")
    (folder / "helper.py").write_text(HELPER + "# mine\n")
    expected = tree(folder)
    taken, _, found = kept_and_restored(folder)
    assert taken.partial == ()
    assert found == expected | {"result.json": (folder / "result.json").read_bytes()}


def test_a_submodule_that_was_never_checked_out_is_named_and_lowers_nothing(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "lib.py").write_text("INNER = 1\n")
    committed(inner)
    folder = committed(a_project(tmp_path / "project"))
    git(folder, "submodule", "add", "-q", str(inner), "libs/inner")
    git(folder, "commit", "-qm", "with a submodule")
    git(folder, "submodule", "deinit", "-f", "libs/inner")
    taken, _, _ = kept_and_restored(folder)
    assert taken.partial == ()
    assert [one.why for one in taken.left_out if one.what == "libs/inner"] == [
        "is a submodule that was not checked out"
    ]
    assert service(folder).rows()[0].level == "2/6"


def test_a_project_in_a_subfolder_of_a_linked_work_tree_comes_back_without_either(tmp_path):
    """Programs of the repository around the project come back too, by their own paths; attributes hide nothing."""
    main = tmp_path / "main"
    main.mkdir()
    a_project(main / "exp")
    (main / "shared.py").write_text("SHARED = 1\n")
    (main / "hidden.py").write_text("V = '$Format:%H$'\n")
    (main / ".gitattributes").write_text("hidden.py export-ignore export-subst\n")
    committed(main)
    top = tmp_path / "linked"
    git(main, "worktree", "add", "-q", str(top), "-b", "other")
    (top / "shared.py").write_text("SHARED = 2\n")
    folder = top / "exp"
    run = record(folder, sys.executable, "train.py")
    expected = tree(folder)
    taken = service(folder).take(run.uid).snapshot
    assert taken.partial == ()
    shutil.copytree(folder / ".repro", tmp_path / "elsewhere" / ".repro", symlinks=True)
    shutil.rmtree(main)
    shutil.rmtree(top)
    service(tmp_path / "elsewhere").restore(taken.digest, tmp_path / "again")
    assert tree(tmp_path / "again") == expected
    outside = tree(tmp_path / "again" / "_snapshot" / "outside" / str(top)[1:])
    assert outside == {"hidden.py": b"V = '$Format:%H$'\n", "shared.py": b"SHARED = 2\n"}
