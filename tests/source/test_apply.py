"""A patch that git wrote gives back what it was made from, without git."""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from repro_tui.source.apply import PatchError, apply, blob_id, head_of
from repro_tui.source.patch import Part, new_file, split

ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/"}
NOISE = random.Random(7)


def between(folder, before, after):
    """Let git write the patch between two contents; None stands for no file."""
    subprocess.run(["git", "init", "-q", "."], cwd=folder, env=ENVIRONMENT, check=True)
    names = []
    for name, content in (("one", before), ("two", after)):
        (folder / name).write_bytes(content)
        made = subprocess.run(["git", "hash-object", "-w", name], cwd=folder, env=ENVIRONMENT, check=True, stdout=-1)
        names.append(made.stdout.decode().strip())
    out = subprocess.run(
        ["git", "diff", "--binary", "--full-index", *names], cwd=folder, env=ENVIRONMENT, check=True, stdout=-1
    )
    return out.stdout, names[1]


LINES = [b"line %d\n" % n for n in range(200)]
CHANGED = [*LINES[:3], b"new\n", *LINES[4:90], *LINES[95:150], b"a\n", b"b\n", *LINES[150:]]
BINARY = NOISE.randbytes(5000)
CASES = {
    "lines": (b"".join(LINES), b"".join(CHANGED)),
    "no end before": (b"a\nb", b"a\nb\n"),
    "no end after": (b"a\nb\n", b"a\nb"),
    "no end on either side": (b"a\nb\nc", b"a\nx\nc"),
    "the last line without an end changes": (b"a\nb\nc", b"a\nb\nd"),
    "carriage returns": (b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "everything goes": (b"a\nb\n", b""),
    "everything comes": (b"", b"a\nb\n"),
    "only line ends": (b"\n\n\n", b"\n\n\n\n"),
    "a line that looks like a patch": (b"-- x\n", b"-- x\n++ y\n@@ -1 +1 @@\n"),
    "binary as a whole": (b"", BINARY),
    "binary in part": (BINARY, BINARY[:2000] + b"\0\1\2" + BINARY[2100:]),
    "binary to text": (BINARY, b"text\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_git_wrote_gives_back_what_it_was_made_from(case, tmp_path):
    before, after = CASES[case]
    patch, name = between(tmp_path, before, after)
    (part,) = split(patch)
    assert apply(part, before) == after
    assert blob_id(after) == name
    assert head_of(part).new.decode() == name


def test_random_changes_of_random_texts(tmp_path):
    for _ in range(12):
        before = [b"%d\n" % NOISE.randrange(30) for _ in range(NOISE.randrange(1, 60))]
        after = [NOISE.choice([line, b"x\n", line + line]) for line in before if NOISE.random() < 0.9]
        if before == after:
            continue
        patch, _ = between(tmp_path, b"".join(before), b"".join(after))
        (part,) = split(patch)
        assert apply(part, b"".join(before)) == b"".join(after)


def test_a_patch_for_another_file_is_refused(tmp_path):
    patch, _ = between(tmp_path, b"a\nb\nc\n", b"a\nx\nc\n")
    (part,) = split(patch)
    for wrong in (b"a\nB\nc\n", b"", b"a\n", b"a\nb\nc\nd\n"):
        with pytest.raises(PatchError):
            apply(part, wrong)
    patch, _ = between(tmp_path, BINARY, BINARY[1:])
    (part,) = split(patch)
    for broken in (part.content[:200], part.content.replace(b"delta", b"dolta"), part.content.replace(b"z", b" ")):
        with pytest.raises(PatchError):
            apply(Part(part.path, broken), BINARY)


@pytest.mark.parametrize("content", [b"", b"x", b"x\n", b"a b\nc", b"\n"])
def test_files_that_git_does_not_know_come_back_too(content):
    (part,) = split(new_file(b"a \xff.py", content, 0o100755))
    assert part.path == b"a \xff.py"
    assert head_of(part).created
    assert head_of(part).new_mode == 0o100755
    assert apply(part, b"") == content
