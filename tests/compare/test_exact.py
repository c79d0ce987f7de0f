"""The patch between two runs as `git apply` takes it: what it makes of one code is the other, byte by byte."""

from __future__ import annotations

import os
import random
import subprocess

from repro_tui.compare.exact import patch_of_file
from repro_tui.domain.comparison import NOW
from repro_tui.domain.ids import RunId
from repro_tui.source.apply import MODE_FILE, MODE_LINK, MODE_PROGRAM
from tests.cli.program import within
from tests.compare.projects import HELPER, commit, make_project, opened, train, write
from tests.snapshots.projects import git


def git_apply(folder, patch, *options):
    done = subprocess.run(["git", "apply", *options], cwd=folder, input=patch, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_git_makes_one_content_from_the_other_and_back(tmp_path):
    chance = random.Random(11)
    pieces = [
        b"a\n",
        b"b\n",
        b"\n",
        b" x\n",
        b"\r\n",
        b"\xff\xfe\n",
        b"\x1b[2J\n",
        b"no end",
        b"\t\n",
        b"-- \n",
        b"@@ -1 +1 @@\n",
    ]
    files = {}
    for number in range(120):
        both = []
        for _ in range(2):
            content = b"".join(chance.choice(pieces) for _ in range(chance.randrange(12)))
            content += b"\0binary" * (chance.random() < 0.1)
            both.append(None if chance.random() < 0.1 else (content, chance.choice([MODE_FILE, MODE_PROGRAM])))
        if both[0] is not None and chance.random() < 0.1:
            both[1] = (b"somewhere", MODE_LINK)
        files[f"folder {number % 3}/f{number}".encode()] = both
    patch = b"".join(patch_of_file(path, *both) for path, both in files.items() if both[0] != both[1])
    for place, side in (("there", 0), ("back", 1)):
        folder = tmp_path / place
        folder.mkdir()
        for path, both in files.items():
            _put(folder, path, both[side])
        git_apply(folder, patch, *(["--reverse"] if side else []))
        for path, both in files.items():
            assert _lies(folder, path) == both[1 - side], path


def _put(folder, path, file):
    full = os.path.join(os.fsencode(folder), path)  # noqa: PTH118 - bytes
    os.makedirs(os.path.dirname(full), exist_ok=True)  # noqa: PTH103, PTH120 - bytes
    if file is None:
        return
    if file[1] == MODE_LINK:
        os.symlink(file[0], full)  # noqa: PTH211 - bytes
        return
    with open(full, "wb") as stream:  # noqa: PTH123 - bytes
        stream.write(file[0])
    os.chmod(full, file[1] & 0o777)  # noqa: PTH101 - bytes


def _lies(folder, path):
    full = os.path.join(os.fsencode(folder), path)  # noqa: PTH118 - bytes
    if os.path.islink(full):  # noqa: PTH114 - bytes
        return os.readlink(full), MODE_LINK  # noqa: PTH115 - bytes
    if not os.path.exists(full):  # noqa: PTH110 - bytes
        return None
    with open(full, "rb") as stream:  # noqa: PTH123 - bytes
        return stream.read(), MODE_PROGRAM if os.stat(full).st_mode & 0o100 else MODE_FILE  # noqa: PTH116 - bytes


def test_the_code_of_a_run_becomes_that_of_another(tmp_path):
    """Below the top of a repository, with what is not committed, odd names, links, modes and a folder for a file."""
    top = tmp_path / "mono"
    folder = make_project(top / "exp" / "digits", with_git=False)
    write(top, ".gitignore", ".repro/\n__pycache__/\ndata/\n")
    write(top, "lib/shared.py", "SCALE = 1\n")
    write(folder, "caf\u00e9 two.py", "A = 1\r\nB = 2\r\n")
    write(folder, "picture.png", bytes(range(256)) * 10)
    write(folder, "thing.py", "A = 1\n")
    (folder / "link.py").symlink_to("helper.py")
    git(top, "init", "-q")
    git(top, "config", "core.autocrlf", "false")
    first = commit(top, "begin")
    train(folder, "first")
    write(top, "lib/shared.py", "SCALE = 2")
    write(folder, "caf\u00e9 two.py", "A = 1\nB = 2\r\n")
    write(folder, "picture.png", bytes(range(255)) * 10)
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    (folder / "thing.py").unlink()
    write(folder, "thing.py/inner.py", "B = '\x1b[2J'\n")
    (folder / "link.py").unlink()
    write(folder, "link.py", "X = 1\n")
    (folder / "train.py").chmod(0o755)
    train(folder, "second")
    second = commit(top, "all of it")
    with opened(folder) as session:
        uids = [session.find("first"), session.find("second")]
        parts = list(session.comparisons.patch(*uids))
        back = list(session.comparisons.patch(RunId(NOW), uids[0]))
    assert [part.path for part in parts if part.why] == []
    for place, begin, end, patch in (("there", first, second, parts), ("back", second, first, back)):
        clone = tmp_path / place
        git(tmp_path, "clone", "-q", str(top), str(clone))
        git(clone, "checkout", "-q", begin)
        git_apply(clone, b"".join(part.content for part in patch))
        git(clone, "add", "-A")
        assert git(clone, "diff", "--cached", "--stat", end) == ""


def test_off_a_terminal_the_command_prints_it_and_says_what_is_not_in_it(tmp_path):
    folder = make_project(tmp_path / "digits")
    write(folder, "large.txt", "a\n" * 3_000_000)
    commit(folder, "large")
    train(folder, "first")
    write(folder, "large.txt", "b\n" * 3_000_000)
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    train(folder, "second")
    done = within(folder, "diff", "now", "first", "--patch")
    assert done.returncode == 0
    assert "not in this patch: large.txt: larger than 5 MB" in done.stdout
    assert "1 file is not in the patch" in done.stderr
    git_apply(folder, done.stdout.encode())
    assert (folder / "helper.py").read_text() == HELPER


def test_what_a_run_would_not_record_is_not_shown_of_what_lies_there_either(tmp_path):
    folder = make_project(tmp_path / "digits")
    train(folder, "first")
    write(folder, "keys.py", 'PASSWORD = "hunter2hunter2hunter2"\n')
    done = within(folder, "diff", "first", "now", "--patch")
    assert "not in this patch: keys.py: " in done.stdout
    assert "something like a secret" in done.stdout
    assert "hunter2" not in done.stdout + within(folder, "diff", "first", "now", "--patch", "--json").stdout
