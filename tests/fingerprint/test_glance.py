"""A glance says "nothing changed" exactly when a careful look would; a file list is what a fingerprint is made of."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest
from blake3 import blake3

from repro_tui.domain.run import Coverage
from repro_tui.fingerprint import Fingerprinter
from repro_tui.fingerprint.glance import glance_at, glance_of
from repro_tui.fingerprint.walk import list_folder
from tests.fingerprint.taking import b3, later_ns


@pytest.fixture
def data(tmp_path):
    """Give a folder with names that are hard to read."""
    root = tmp_path / "data"
    for name in ("b/x", "b.txt", "a\nb", "b/deep/er/y", ".hidden", os.fsdecode(b"\xff")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(name))
    (root / "empty").mkdir()
    (root / "link").symlink_to("b.txt")
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").touch()
    return root


def known(data: Path, cache: Path) -> Fingerprinter:
    """Give a fingerprinter that has read everything, and has a glance of it."""
    with Fingerprinter(cache, now_ns=later_ns) as printer:
        printer.take([data])
    printer = Fingerprinter(cache)
    assert printer.check([data])[0].coverage is Coverage.FULL
    return printer


def test_a_glance_sees_what_the_careful_look_sees(data):
    with socket.socket(socket.AF_UNIX) as pipe:
        pipe.bind(str(data / "socket"))
        assert glance_at(str(data)) == glance_of(list_folder(os.fsencode(data)))
    assert glance_at(str(data), ("*.txt",)) == glance_of(list_folder(os.fsencode(data), ("*.txt",)))
    assert glance_at(str(data), ("*.txt",)) != glance_at(str(data))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "b" / "x").write_text("B"),
        lambda root: (root / "b.txt").write_text("same!"),
        lambda root: (root / "b" / "deep" / "er" / "y").rename(root / "y"),
        lambda root: (root / "a\nb").unlink(),
        lambda root: (root / "empty" / "new").touch(),
        lambda root: (root / ".hidden").chmod(0o640),
        lambda root: os.utime(root / ".hidden", ns=(1, 1)),
        lambda root: (root / "broken").symlink_to("nowhere"),
    ],
    ids=["edit", "behind a link", "move", "delete", "add", "mode", "touch", "a broken link"],
)
def test_any_change_is_seen_by_the_next_glance(data, tmp_path, change):
    printer = known(data, tmp_path / "cache")
    assert glance_at(str(data)) is not None
    before = glance_at(str(data))
    change(data)
    assert glance_at(str(data)) != before
    fresh = Fingerprinter(None, now_ns=later_ns).take([data])[0]
    with printer:
        assert printer.take([data])[0].digest == fresh.digest


def test_the_next_process_knows_by_a_glance_too(data, tmp_path):
    before = known(data, tmp_path / "cache").check([data])
    for shard in (tmp_path / "cache").glob("??"):
        shard.unlink()
    assert Fingerprinter(tmp_path / "cache").check([data]) == before, "only the glance is left to answer"
    assert Fingerprinter(tmp_path / "cache", exclude=("b*",)).check([data]) != before
    for glance in (tmp_path / "cache").glob("glance-*"):
        glance.write_bytes(glance.read_bytes()[:-9] + b"[1, 2, 3]")
    assert Fingerprinter(tmp_path / "cache").check([data])[0].coverage is Coverage.PENDING


def test_a_folder_that_was_just_written_is_not_known_by_a_glance(data, tmp_path):
    with Fingerprinter(tmp_path / "cache") as printer:
        printer.take([data])
        assert not list((tmp_path / "cache").glob("glance-*"))
        (data / "b.txt").write_text("again")
        assert printer.check([data])[0].coverage is Coverage.PENDING


def test_links_that_need_care_have_no_glance(data, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (data / "far").symlink_to(tmp_path / "elsewhere")
    assert glance_at(str(data)) is None
    assert glance_at(str(tmp_path / "nothing")) is None


def test_a_file_list_is_what_the_digest_is_made_of(data):
    found = Fingerprinter(None).lists([data])[0]
    lines = b"".join(
        f"{line.path}\0{line.size}\0{line.mode:o}\0{line.digest}\n".encode()
        for line in found.files
        if "\0" not in line.path
    )
    raw = next(line for line in found.files if "\0" in line.path)
    assert raw.path == "\0ff"
    assert raw.digest == b3(b"\xff")
    whole = lines + f"\0{raw.size}\0{raw.mode:o}\0{raw.digest}\n".encode().replace(b"\0", b"\xff\0", 1)
    assert found.fingerprint.digest == f"b3:{blake3(whole).hexdigest()}"
    assert all(abs(line.mtime_ns / 1e9 - time.time()) < 3600 for line in found.files)


def test_the_list_of_a_single_file_is_that_file(data):
    found = Fingerprinter(None).lists([data / "b.txt", data / "nothing"])
    assert [(line.path, line.size, line.digest) for line in found[0].files] == [("b.txt", 5, b3(b"b.txt"))]
    assert found[1].files == ()
    assert found[1].fingerprint.why == "is not there"
