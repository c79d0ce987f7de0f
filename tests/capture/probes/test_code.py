"""The code probe says which code ran, whatever git is told to do, and keeps no secret."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from tests.capture.plants import BLOCKS, NAMED, VALUES
from tests.capture.probes.repository import content, git, probe, rebuilt, write


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
