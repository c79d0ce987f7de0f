"""What is kept of a folder: everything that decides what a program reads in it, and nothing twice."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from repro_tui.store.walk import walk


def walked(root, prefix=b"", exclude=()):
    found, troubles = walk(root, prefix, exclude)
    entries = list(found)
    assert [e.path for e in entries] == sorted(e.path for e in entries)
    return {e.path: e for e in entries}, {t.path: t.why for t in troubles}


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    return folder


def test_files_come_in_the_order_of_their_bytes_below_their_prefix(data):
    make(data, "a/x", "a-b", "a.txt", "a/y/z", "b")
    found, _ = walked(data, b"in/train")
    assert list(found) == [b"in/train/" + p for p in (b"a-b", b"a.txt", b"a/x", b"a/y/z", b"b")]
    one = found[b"in/train/b"]
    info = (data / "b").stat()
    assert (one.kind, one.size, one.mtime_ns, one.inode) == ("f", 1, info.st_mtime_ns, info.st_ino)
    assert one.full == os.fsencode(data / "b")


def test_only_folders_that_their_files_would_not_bring_back_are_listed(data):
    make(data, "plain/f", "private/f", "sticky/f")
    (data / "empty" / "inner").mkdir(parents=True)
    (data / "private").chmod(0o700)
    (data / "sticky").chmod(0o1777)
    found, _ = walked(data)
    folders = {path: oct(entry.mode) for path, entry in found.items() if entry.kind == "d"}
    assert folders == {b"empty/inner": "0o755", b"private": "0o700", b"sticky": "0o1777"}


def test_a_folder_that_holds_only_what_is_not_kept_is_listed_as_empty(data):
    make(data, "a/.git/config", "b/.repro/x", "c/.nfs0001", "d/skip.tmp")
    found, troubles = walked(data, exclude=["*.tmp"])
    assert {path: entry.kind for path, entry in found.items()} == dict.fromkeys((b"a", b"b", b"c", b"d"), "d")
    assert troubles == {}


@pytest.mark.parametrize("pattern", ["*.tmp", "sub/*.tmp", "in/sub/x.tmp", "sub"])
def test_patterns_name_files_paths_and_whole_paths(data, pattern):
    make(data, "sub/x.tmp", "keep")
    found, _ = walked(data, b"in", [pattern])
    assert b"in/sub/x.tmp" not in found
    assert b"in/keep" in found


def test_links_that_lead_inside_nowhere_or_in_a_circle_stay_links(data):
    make(data, "a/x", "b/y")
    links = {"here": "a/x", "a/up": "../b", "broken": "no/such", "gone": "/no/such", "c1": "c2", "c2": "c1", "me": "."}
    for name, to in links.items():
        (data / name).symlink_to(to)
    found, troubles = walked(data, b"in")
    assert {p: e.to for p, e in found.items() if e.kind == "l"} == {
        b"in/" + os.fsencode(name): os.fsencode(to) for name, to in links.items()
    }
    assert not any(entry.via for entry in found.values())
    assert troubles == {}


def test_a_link_that_is_right_only_here_is_kept_as_a_relative_one(data):
    make(data, "a/x", "b/y")
    (data / "b" / "abs").symlink_to(data / "a" / "x")
    (data / "b" / "round").symlink_to(f"../../{data.name}/a")
    found, _ = walked(data, b"in")
    assert (found[b"in/b/abs"].to, found[b"in/b/abs"].via) == (b"../a/x", os.fsencode(data / "a" / "x"))
    assert (found[b"in/b/round"].to, found[b"in/b/round"].kind) == (b"../a", "l")


def test_content_is_kept_of_what_lies_elsewhere(data, tmp_path):
    make(tmp_path, "shared/deep/one", "shared/two", "weights.bin")
    (tmp_path / "shared" / "again").symlink_to("deep/one")
    (tmp_path / "shared" / "circle").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "back").symlink_to(data)
    make(data, "f")
    (data / "w.bin").symlink_to("../weights.bin")
    (data / "shared").symlink_to(tmp_path / "shared")
    found, troubles = walked(data)
    assert {p: (e.kind, e.to) for p, e in found.items()} == {
        b"f": ("f", b""),
        b"shared": ("d", b""),
        b"shared/again": ("l", b"deep/one"),
        b"shared/back": ("l", b".."),
        b"shared/circle": ("l", b"."),
        b"shared/deep/one": ("f", b""),
        b"shared/two": ("f", b""),
        b"w.bin": ("f", b""),
    }
    assert found[b"w.bin"].via == b"../weights.bin"
    assert found[b"shared"].via == os.fsencode(tmp_path / "shared")
    assert troubles == {}


def test_a_link_to_what_is_left_out_brings_its_content(data):
    make(data, ".git/HEAD", "big.tmp")
    (data / "head").symlink_to(".git/HEAD")
    (data / "tmp").symlink_to("big.tmp")
    found, _ = walked(data, exclude=["*.tmp"])
    assert {p: (e.kind, e.via) for p, e in found.items()} == {
        b"head": ("f", b".git/HEAD"),
        b"tmp": ("f", b"big.tmp"),
    }


def test_a_link_to_a_folder_around_what_is_kept_is_named_and_not_followed(data):
    make(data, "f")
    (data / "out").symlink_to("..")
    found, troubles = walked(data)
    assert found[b"out"].kind == "l"
    assert troubles == {b"out": "is a link to a folder around it: kept as a link"}


def test_a_root_may_be_a_file_a_link_or_missing(data, tmp_path):
    make(data, "a/x")
    (tmp_path / "link").symlink_to(data)
    (tmp_path / "dead").symlink_to("nowhere")
    (tmp_path / "one").symlink_to(data / "a" / "x")
    found, _ = walked(tmp_path / "link", b"train")
    assert {p: (e.kind, e.via) for p, e in found.items()} == {
        b"train": ("d", os.fsencode(data)),
        b"train/a/x": ("f", b""),
    }
    assert list(walked(data / "a" / "x")[0]) == [b"x"]
    assert walked(tmp_path / "one", b"in/x")[0][b"in/x"].via == os.fsencode(data / "a" / "x")
    assert walked(tmp_path / "dead", b"d")[0][b"d"].kind == "l"
    assert walked(tmp_path / "none", b"n") == ({}, {b"n": "vanished"})
    assert walked("/dev/null", b"n") == ({}, {b"n": "is a device"})


def test_a_second_name_of_a_file_is_a_hard_link_to_the_first(data):
    make(data, "z/one")
    (data / "a").hardlink_to(data / "z" / "one")
    (data / "m").hardlink_to(data / "z" / "one")
    found, _ = walked(data, b"in")
    assert [(e.kind, e.to) for e in found.values()] == [("f", b""), ("h", b"in/a"), ("h", b"in/a")]


def test_holes_are_seen(data):
    with (data / "sparse").open("wb") as stream:
        stream.truncate(20 * 10**9)
    (data / "empty").touch()
    make(data, "full")
    found, _ = walked(data)
    assert {p: (e.sparse, e.size) for p, e in found.items()} == {
        b"empty": (False, 0),
        b"full": (False, 4),
        b"sparse": (True, 20 * 10**9),
    }


def test_what_is_no_file_is_named(data, monkeypatch):
    monkeypatch.chdir(data)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        Path("zero").symlink_to("/dev/zero")
        found, troubles = walked(data)
    assert found == {}
    assert troubles == {b"pipe": "is a pipe", b"socket": "is a socket", b"zero": "is a device"}


def test_any_name_that_a_file_can_have_is_kept_as_its_bytes(data):
    names = [b"new\nline", b"\x1b[31mred", b"\xff\xfe", b" ", b"-rf", b"caf\xc3\xa9", b"a" * 255]
    for name in names:
        Path(os.fsdecode(os.fsencode(data) + b"/" + name)).touch()
    assert list(walked(data)[0]) == sorted(names)
    assert list(walked(data, exclude=["*\n*", "caf?"])[0]) == sorted(set(names) - {b"new\nline", b"caf\xc3\xa9"})


def test_what_vanishes_or_is_forbidden_meanwhile_is_named_and_the_rest_goes_on(data, monkeypatch):
    make(data, "a/x", "b/x", "c/x")
    found, troubles = walk(data)
    real = os.scandir

    def scandir(path):
        if path.endswith(b"/a"):
            raise PermissionError(13, "Permission denied")
        if path.endswith(b"/b"):
            raise FileNotFoundError(2, "No such file or directory")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [(entry.path, entry.kind) for entry in found] == [(b"a", "d"), (b"c/x", "f")]
    assert {t.path: t.why for t in troubles} == {b"a": "cannot be read: Permission denied", b"b": "vanished"}


def test_folders_nested_beyond_reason_are_named(data):
    deep = data
    for _ in range(210):
        deep = deep / "d"
    deep.mkdir(parents=True)
    found, troubles = walked(data)
    assert set(troubles.values()) == {"is nested too deeply"}
    assert len(found) == 1
