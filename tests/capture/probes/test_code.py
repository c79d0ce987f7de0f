"""The code probe says which code ran, whatever git is told to do, and keeps no secret."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from repro_tui.capture.probes import Finding, probe_code
from repro_tui.settings import Project, Settings
from tests.capture.plants import BLOCKS, NAMED, VALUES

GIT = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b", "GIT_ALLOW_PROTOCOL": "file",
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """Give git a home without anybody's configuration."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "xdg"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments], cwd=folder, env={**os.environ, **GIT}, check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def repo(tmp_path):
    """Make a repository with one commit: a program, its configuration and some prose."""
    folder = tmp_path / "repo"
    folder.mkdir()
    write(folder, {"train.py": "lr = 0.1\nprint(lr)\n", "conf.yaml": "lr: 0.1\n", "README.md": "# hello\n"})
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def project(root: Path, **settings: object) -> Project:
    values = {name.replace("__", "."): value for name, value in settings.items()}
    return Project(root, root / ".repro", Settings(values))


def probe(root: Path, **settings: object) -> tuple[Finding, bytes]:
    """Probe and give the code finding with the patch's bytes."""
    code, *rest = probe_code(project(root, **settings))
    json.dumps([code.document, code.summary, *(r.document for r in rest)]).encode()
    patch = base64.b64decode(str(rest[0].document["patch"])) if rest else b""
    return code, patch


def content(root: Path) -> object:
    return probe(root)[0].summary["content"]


def rebuilt(repo: Path, patch: bytes, tmp_path: Path, name: str = "rebuilt") -> Path:
    """Apply a patch to a fresh checkout of the commit."""
    target = tmp_path / name
    git(tmp_path, "clone", "-q", str(repo), str(target))
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=target, input=patch, check=True)
    return target


def test_a_clean_repository_is_its_commit_and_has_no_patch(repo):
    code, patch = probe(repo)
    assert patch == b""
    assert code.summary["commit"] == git(repo, "rev-parse", "HEAD").strip()[:12]
    assert (code.summary["branch"], code.summary["dirty"], code.summary["files"]) == ("main", False, 3)
    assert (code.omissions, code.problems) == ((), ())


def test_commit_and_patch_give_the_code_that_ran_byte_by_byte(repo, tmp_path):
    write(repo, {"old.py": "gone\n", "blob.bin": bytes(range(256)) * 20, "exe.sh": "#!/bin/sh\n"})
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "second")
    write(repo, {
        "train.py": "lr = 0.2\nprint(lr)  # no line end", "blob.bin": bytes(range(255, -1, -1)) * 20,
        "new.py": "x = 1\n", "sub/deep.py": "y = 2", "sub/empty.py": "", 'odd "name".py': "a\n", "tab\there.py": "b\n",
        "new\nline.py": "c\n", "ümlaut.py": "d\r\ne\n", "space name.py": "f\n",
    })  # fmt: skip
    (repo / "old.py").unlink()
    (repo / "exe.sh").chmod(0o755)
    (repo / "link.py").symlink_to("train.py")
    git(repo, "add", "new.py")
    code, patch = probe(repo)
    target = rebuilt(repo, patch, tmp_path)
    names = git(repo, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    for name in filter(None, names):
        if name != "old.py":
            assert (target / name).read_bytes() == (repo / name).read_bytes(), name
            assert (target / name).lstat().st_mode == (repo / name).lstat().st_mode, name
    assert not (target / "old.py").exists()
    assert code.summary["dirty"] is True
    assert code.summary["changed"] == 5


def test_names_that_are_not_utf8_are_kept(repo, tmp_path):
    name = os.fsdecode(b"caf\xe9.py")
    write(repo, {name: "x = 1\n"})
    code, patch = probe(repo)
    assert (rebuilt(repo, patch, tmp_path) / name).read_text() == "x = 1\n"
    assert [entry["path"] for entry in code.document["untracked"]] == ["caf\0e9.py"]
    git(repo, "add", ".")
    code, patch = probe(repo)
    assert (rebuilt(repo, patch, tmp_path, "second") / name).exists()


def test_content_is_the_same_before_and_after_a_commit_and_in_a_clone(repo, tmp_path):
    first = content(repo)
    write(repo, {"train.py": "lr = 0.2\n", "new.py": "x\n"})
    dirty = content(repo)
    assert dirty != first
    git(repo, "add", "train.py")
    assert content(repo) == dirty
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "any message")
    assert content(repo) == dirty
    git(repo, "commit", "-q", "--amend", "-m", "another message")
    git(repo, "tag", "v1")
    assert content(repo) == dirty
    git(tmp_path, "clone", "-q", str(repo), "clone")
    assert content(tmp_path / "clone") == dirty
    shutil.rmtree(tmp_path / "clone" / ".git")
    assert content(tmp_path / "clone") == dirty


def test_prose_data_results_and_configuration_do_not_change_the_content(repo):
    first = content(repo)
    write(repo, {"README.md": "other", "data.csv": "1,2\n", "out/metrics.json": "{}", "conf.yaml": "lr: 3\n"})
    assert content(repo) == first
    write(repo, {"sub/helper.py": "x\n"})
    assert content(repo) != first


def test_a_touched_file_is_no_change(repo):
    os.utime(repo / "train.py", ns=(1, 1))
    code, patch = probe(repo)
    assert (patch, code.summary["dirty"]) == (b"", False)


def test_nothing_is_written_into_the_repository(repo):
    os.utime(repo / "train.py", ns=(1, 1))
    before = {path: path.stat().st_mtime_ns for path in (repo / ".git").rglob("*")}
    probe(repo)
    assert {path: path.stat().st_mtime_ns for path in (repo / ".git").rglob("*")} == before


def test_hostile_configuration_neither_runs_code_nor_bends_the_patch(repo, home, tmp_path, monkeypatch):
    write(repo, {"train.py": "lr = 0.2\nprint(lr)\n", "x.dat": "1\n", "new.py": "x\n"})
    git(repo, "add", "x.dat")
    git(repo, "commit", "-qm", "data")
    write(repo, {"train.py": "lr = 0.3\nprint(lr)\n", "x.dat": "2\n"})
    plain, expected = probe(repo)
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.write_text(f'#!/bin/sh\necho "$0 $@" >> {ran}\ncat\n')
    trap.chmod(0o755)
    (repo / ".git" / "info" / "attributes").write_text("*.py filter=evil diff=evil\n*.dat filter=evil2 diff=evil\n")
    (repo / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-commit", "post-checkout"):
        shutil.copy(trap, repo / ".git" / "hooks" / hook)
    programs = [
        "core.fsmonitor", "core.pager", "pager.diff", "diff.external", "diff.evil.command", "diff.evil.textconv",
        "filter.evil.clean", "filter.evil.process", "filter.evil2.clean", "core.sshCommand", "core.askPass",
        "core.editor", "gpg.program", "credential.helper", "diff.orderFile",
    ]  # fmt: skip
    settings = dict.fromkeys(programs, trap) | {
        "filter.evil.required": "true", "alias.diff": f"!{trap}", "alias.ls-files": f"!{trap}",
        "alias.rev-parse": f"!{trap}", "core.hooksPath": repo / ".git" / "hooks",
        "diff.mnemonicPrefix": "true", "diff.noprefix": "true", "color.ui": "always", "color.diff": "always",
        "core.quotePath": "false", "diff.renames": "copies", "diff.context": "0",
        "diff.interHunkContext": "9", "diff.algorithm": "patience", "diff.submodule": "log",
        "diff.ignoreSubmodules": "all", "diff.wordRegex": ".", "diff.colorMoved": "zebra",
        "diff.relative": "true", "diff.statGraphWidth": "3", "status.showUntrackedFiles": "no",
        "core.attributesFile": "/x", "diff.srcPrefix": "evil/", "diff.dstPrefix": "evil/",
        "diff.suppressBlankEmpty": "true", "log.showSignature": "true",
    }  # fmt: skip
    for scope in ("--local", "--global"):
        for name, value in settings.items():
            git(repo, "config", scope, name, str(value))
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR"):
        monkeypatch.setenv(name, str(trap))
    steered = {
        "GIT_DIR": "/nonexistent", "GIT_WORK_TREE": "/", "GIT_INDEX_FILE": "/nonexistent", "GIT_DIFF_OPTS": "-u0",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": str(trap),
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor'='{trap}'", "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_OBJECT_DIRECTORY": "/x",
    }  # fmt: skip
    for name, value in steered.items():
        monkeypatch.setenv(name, value)
    found, patch = probe(repo)
    assert not ran.exists()
    assert not (tmp_path / "trace").exists()
    assert found.problems == ()
    assert patch == expected
    assert found.document == plain.document


def test_hostile_attributes_do_not_hide_a_change_or_a_secret(repo, tmp_path):
    secret = VALUES["openai project"]
    write(repo, {".gitattributes": "*.py -diff\n*.cfg binary\n", "a.py": "x = 1\n", "b.cfg": "y = 1\n"})
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "attributes")
    write(repo, {"a.py": "x = 2\n", "b.cfg": f"key = {secret}\n"})
    code, patch = probe(repo)
    assert [(o.kind, o.what) for o in code.omissions] == [("withheld", "b.cfg")]
    assert (rebuilt(repo, patch, tmp_path) / "a.py").read_text() == "x = 2\n"
    assert b"b.cfg" not in patch


@pytest.mark.parametrize("kind", [*VALUES, *NAMED, *BLOCKS])
def test_no_byte_of_a_secret_is_kept_from_patch_or_untracked_file(repo, kind):
    line = VALUES.get(kind) or NAMED.get(kind) or ""
    text = f'{kind} = "{line}"\n' if kind in NAMED else f"x = '{line}'\n"
    if kind in BLOCKS:
        text, line = BLOCKS[kind][0].format(BLOCKS[kind][1]), BLOCKS[kind][1]
    write(repo, {"committed.py": f"a = 1\n{text}", "near.py": f"{text}b = 1\n"})
    git(repo, "add", "committed.py", "near.py")
    git(repo, "commit", "-qm", "by mistake")
    write(repo, {"committed.py": "a = 1\n", "near.py": f"{text}b = 2\n", "train.py": text, "untracked.py": text,
                 "notes": text, ".env": text, "ok.py": "fine = 1\n"})  # fmt: skip
    code, patch = probe(repo)
    stored = json.dumps([code.document, code.summary]) + patch.decode("latin-1")
    part = line.split("@")[0].rpartition(":")[2] if line.startswith("postgres") else line.rpartition("/")[2]
    assert part not in stored
    named = {o.what for o in code.omissions if o.kind == "withheld"}
    assert named == {"committed.py", "near.py", "train.py", "untracked.py", "notes", ".env"}
    assert all("secrets.allow" in o.why for o in code.omissions)
    assert b"ok.py" in patch


def test_secrets_allow_lets_a_file_through_by_name(repo):
    write(repo, {"train.py": f"k = '{VALUES['github']}'\n", "new.py": f"k = '{VALUES['github']}'\n"})
    code, patch = probe(repo, secrets__allow=("train.py", "new.py"))
    assert code.omissions == ()
    assert patch.count(VALUES["github"].encode()) == 2


def test_credentials_in_a_remote_are_redacted(repo):
    git(repo, "remote", "add", "origin", f"https://{VALUES['github']}@github.com/a/b.git")
    git(repo, "remote", "add", "other", "https://me:swordfish@example.org/a/b.git")
    git(repo, "remote", "add", "ssh", "git@github.com:a/b.git")
    document = probe(repo)[0].document
    assert document["remote"] == "https://[redacted]@github.com/a/b.git"
    assert document["remotes"]["ssh"] == "git@github.com:a/b.git"
    assert "swordfish" not in str(document)
    assert VALUES["github"] not in str(document)


def test_files_over_the_limits_are_named_and_left_out(repo, tmp_path):
    write(repo, {"train.py": "x" * 5_000, "big.py": "y" * 5_000, "ok.py": "z = 1\n"})
    code, patch = probe(repo, code__limit=1_000)
    assert {o.what for o in code.omissions if o.kind == "left_out"} == {"train.py", "big.py"}
    assert all("code.limit" in o.why and o.size == 5_000 for o in code.omissions)
    assert (rebuilt(repo, patch, tmp_path) / "ok.py").exists()
    write(repo, {f"u{n}.py": f"{n} " * 400 for n in range(20)})
    code, patch = probe(repo, code__limit=100_000, code__total=6_000)
    assert any("code.total" in o.why for o in code.omissions)
    assert len(patch) < 20_000


def test_very_many_files_over_the_limit_are_summed_up(tmp_path):
    write(tmp_path, {f"u{n}.py": "x" * 100 for n in range(200)})
    code, _ = probe(tmp_path, code__total=1_000)
    assert len(code.omissions) == 51
    assert code.omissions[-1].what == "140 further files"


def test_our_own_folder_data_and_exclusions_are_never_code(repo):
    write(repo, {".repro/x.py": "1", "sub/.repro/y.py": "1", "data/z.py": "1", "gen/w.py": "1", "k.tmp.py": "1"})
    first = content(repo)
    code, patch = probe(repo, data=("data",), exclude=("gen/", "*.tmp.py"))
    assert (code.document["untracked"], patch) == ([], b"")
    write(repo, {".repro/more.py": "2"})
    assert content(repo) == first


def test_a_project_below_the_repository_sees_changes_beside_it_and_its_own_new_files(repo):
    write(repo, {"lib/a.py": "a\n", "exp/run.py": "r\n"})
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "more")
    write(repo, {"lib/a.py": "b\n", "exp/new.py": "n\n", "elsewhere.py": "e\n"})
    code, patch = probe(repo / "exp")
    assert [entry["path"] for entry in code.document["changed"]] == ["lib/a.py"]
    assert [entry["path"] for entry in code.document["untracked"]] == ["exp/new.py"]
    assert b"+++ b/exp/new.py" in patch


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
    write(repo, {"w.bin": real.upper()})
    code, patch = probe(repo)
    assert patch == b""
    assert "Git LFS" in code.omissions[0].why


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
