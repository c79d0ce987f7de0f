"""The code probe finds its way where there is no plain repository: none, bare, foreign, damaged, nested, hanging."""

from __future__ import annotations

import os
import subprocess

import pytest

from repro_tui.capture.probes import probe_code
from tests.capture.probes.repository import content, git, probe, project, write


def test_a_repository_without_a_commit_is_recorded_as_a_patch(tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    git(folder, "init", "-q")
    write(folder, {"a.py": "a\n", "b.py": "b\n"})
    git(folder, "add", "a.py")
    code, patch = probe(folder)
    assert "no commit yet" in code.problems[0].what
    assert (code.summary["commit"], code.summary["dirty"]) == ("", True)
    assert b"+++ b/a.py" in patch
    assert b"+++ b/b.py" in patch
    before = code.summary["content"]
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")
    assert content(folder) == before


def test_without_git_the_source_files_are_taken(tmp_path):
    write(tmp_path, {"train.py": "x\n", "lib/m.py": "y\n", "conf/a.yaml": "z: 1\n", "data.csv": "1\n", "w.npz": b"\0\1",
                     ".venv/pyvenv.cfg": "", ".venv/x.py": "1",
                     "env2/pyvenv.cfg": "", "env2/y.py": "", "__pycache__/a.py": ""})  # fmt: skip
    code, patch = probe(tmp_path)
    assert [entry["path"] for entry in code.document["sources"]] == ["lib/m.py", "train.py", "conf/a.yaml"]
    assert (code.summary["kind"], code.problems) == ("files", ())
    empty = tmp_path / "again"
    empty.mkdir()
    subprocess.run(["git", "apply", "-"], cwd=empty, input=patch, check=True)
    assert (empty / "lib" / "m.py").read_text() == "y\n"


def test_a_machine_without_git_takes_the_source_files_and_says_what_to_do(repo, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    code, _ = probe(repo)
    assert code.summary["kind"] == "files"
    assert "git is not installed" in code.problems[0].what.lower()
    assert code.problems[0].hint


def test_a_bare_repository_is_a_problem_with_what_to_do(repo, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    write(tmp_path / "bare.git", {"train.py": "x\n"})
    code, _ = probe(tmp_path / "bare.git")
    assert "bare" in code.problems[0].what
    assert code.problems[0].hint
    assert code.summary["kind"] == "files"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_somebody_else_is_not_read_until_it_is_trusted(repo):
    for path in (repo, *repo.rglob("*")):
        os.lchown(path, 12345, 12345)
    code, _ = probe(repo)
    assert "belongs to another user" in code.problems[0].what
    assert f"safe.directory {repo}" in code.problems[0].hint
    assert code.summary["kind"] == "files"
    git(repo, "config", "--global", "--add", "safe.directory", str(repo))
    assert probe(repo)[0].summary["kind"] == "git"


def test_a_damaged_repository_is_a_problem_and_the_source_files_are_taken(repo):
    (repo / ".git" / "HEAD").write_text("garbage")
    code, _ = probe(repo)
    assert code.problems
    assert code.summary["kind"] == "files"
    assert "train.py" in str(code.document["sources"])


def test_a_work_tree_and_a_detached_head_are_read_like_any_other(repo, tmp_path):
    git(repo, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    write(tmp_path / "tree", {"train.py": "changed\n"})
    code, patch = probe(tmp_path / "tree")
    assert (code.summary["kind"], code.summary["branch"], code.problems) == ("git", "", ())
    assert b"+changed" in patch
    assert probe(repo)[1] == b""


def test_submodules_are_looked_into_and_missing_ones_named(repo, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    write(inner, {"m.py": "m\n"})
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "inner")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "libs/inner")
    git(repo, "commit", "-qm", "with submodule")
    clean, patch = probe(repo)
    assert patch == b""
    assert [(s["path"], s["dirty"]) for s in clean.document["submodules"]] == [("libs/inner", False)]
    write(repo, {"libs/inner/m.py": "changed\n", "libs/inner/n.py": "new\n"})
    code, patch = probe(repo)
    assert code.document["submodules"][0]["dirty"] is True
    assert b"--- a/libs/inner/m.py\n+++ b/libs/inner/m.py" in patch
    assert b"+++ b/libs/inner/n.py" in patch
    assert code.summary["content"] != clean.summary["content"]
    git(tmp_path, "clone", "-q", str(repo), "shallow")
    code, _ = probe(tmp_path / "shallow")
    assert "libs/inner is not checked out" in code.problems[0].what
    assert "git submodule update --init" in code.problems[0].hint


def test_a_clone_inside_of_the_project_that_is_no_submodule_is_looked_into(repo, tmp_path):
    git(repo, "clone", "-q", str(repo), "vendored")
    write(repo, {"vendored/train.py": "mine\n"})
    code, patch = probe(repo)
    assert [s["path"] for s in code.document["submodules"]] == ["vendored"]
    assert b"--- a/vendored/train.py" in patch


def test_a_project_that_its_home_repository_ignores_is_taken_as_files(tmp_path):
    git(tmp_path, "init", "-q")
    write(tmp_path, {".gitignore": "*\n", "work/train.py": "x\n"})
    code, patch = probe(tmp_path / "work")
    assert code.summary["kind"] == "files"
    assert b"+++ b/train.py" in patch


def test_a_work_tree_that_configuration_points_elsewhere_is_not_followed(repo, tmp_path):
    git(repo, "config", "core.worktree", str(tmp_path / "repo" / ".." / "other"))
    (tmp_path / "other").mkdir()
    code, _ = probe(repo)
    assert code.problems
    assert code.summary["kind"] == "files"


def test_a_file_in_git_lfs_is_unchanged_when_its_content_is(repo):
    real = b"weights" * 100
    import hashlib

    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(real).hexdigest()}\nsize {len(real)}\n"
    )
    write(repo, {"w.bin": pointer})
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "pointer")
    write(repo, {".git/info/attributes": "*.bin filter=lfs\n", "w.bin": real})
    assert probe(repo)[1] == b""
    write(repo, {"train.py": "lr = 7\n"})
    assert b"w.bin" not in probe(repo)[1], "what is not changed is in no patch, however much else is"
    git(repo, "checkout", "-q", "train.py")
    write(repo, {"w.bin": real.upper()})
    code, patch = probe(repo)
    assert patch == b""
    assert "Git LFS" in code.omissions[0].why


def test_files_that_git_was_told_not_to_look_at_are_looked_at(repo):
    write(repo, {"a.py": "a = 1\n", "b.py": "b = 1\n", "far/c.py": "c = 1\n"})
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "three")
    git(repo, "update-index", "--assume-unchanged", "a.py")
    git(repo, "update-index", "--skip-worktree", "b.py", "far/c.py")
    (repo / "far" / "c.py").unlink()
    index = (repo / ".git" / "index").read_bytes()
    assert probe(repo)[1] == b"", "what a sparse checkout leaves out is no change"
    write(repo, {"a.py": "a = 2\n", "b.py": "b = 2\n"})
    code, patch = probe(repo)
    assert [entry["path"] for entry in code.document["changed"]] == ["a.py", "b.py"]
    assert b"+a = 2" in patch
    assert (repo / ".git" / "index").read_bytes() == index


def test_a_git_that_hangs_is_ended_and_the_source_files_are_taken(repo, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "git"
    fake.write_text("#!/bin/sh\nexec sleep 1000\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    found = probe_code(project(repo), timeout_s=0.5)
    assert "did not answer in time" in found[0].problems[0].what
    assert found[0].problems[0].hint


def test_an_unfinished_merge_is_said(repo):
    git(repo, "checkout", "-qb", "side")
    write(repo, {"train.py": "side\n"})
    git(repo, "commit", "-qam", "side")
    git(repo, "checkout", "-q", "main")
    write(repo, {"train.py": "main\n"})
    git(repo, "commit", "-qam", "main")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "side")
    code, _ = probe(repo)
    assert any("merge is not finished" in p.what for p in code.problems)


def test_pipes_and_broken_links_among_the_untracked_do_no_harm(repo):
    os.mkfifo(repo / "pipe.py")
    (repo / "broken.py").symlink_to("/nonexistent")
    code, _ = probe(repo)
    assert [entry["path"] for entry in code.document["untracked"]] == ["broken.py"]
