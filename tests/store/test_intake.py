"""Whatever happens to a file while it is read: a right entry, or a word about why there is none."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from blake3 import blake3

from repro_tui.store.entry import Found
from repro_tui.store.large import SEGMENT
from repro_tui.store.store import Store
from repro_tui.store.walk import walk
from tests.store.keeping import random_bytes


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store", tmp_path / "locks", threads=2)


def found_at(path, kind="f", **fields) -> Found:
    return Found(os.fsencode(path.name), os.fsencode(path), kind, 0o600, **fields)


def add(store: Store, *found: Found):
    """Keep something for good; gives entries and troubles."""
    with store.adder() as adder:
        entries, troubles = adder.add_files(found)
        adder.commit({"t": 1})
    return entries, troubles


def whys(troubles) -> list[tuple[bytes, str]]:
    return [(trouble.path, trouble.why) for trouble in troubles]


@contextmanager
def meanwhile(act):
    """Do something again and again in another thread."""
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_file_that_grows_without_end_is_named(store, tmp_path):
    path = tmp_path / "growing"
    path.write_bytes(bytes(16 * SEGMENT))
    with path.open("ab", buffering=0) as file, meanwhile(lambda: file.write(b"more\n")):
        entries, troubles = add(store, *[found_at(path)] * 8)
    assert set(whys(troubles)) == {(b"growing", "changed while it was read")}
    for entry in entries:  # read while the other thread had no turn
        content = store.read_all(entry.content)
        assert content == bytes(16 * SEGMENT) + b"more\n" * ((len(content) - 16 * SEGMENT) // 5)


def test_a_file_that_shrinks_and_grows_is_never_kept_wrongly(store, tmp_path):
    path = tmp_path / "breathing"
    path.write_bytes(random_bytes(2 * SEGMENT))

    def breathe() -> None:
        os.truncate(path, SEGMENT)
        os.truncate(path, 2 * SEGMENT)

    with meanwhile(breathe):
        entries, troubles = add(store, found_at(path))
    assert len(entries) + len(troubles) == 1
    for entry in entries:
        content = b"".join(bytes(part) if isinstance(part, int) else store.read(part) for part in entry.content)
        assert blake3(content).digest() == entry.digest
        assert len(content) == entry.size


def test_a_file_that_is_written_to_in_place_is_never_kept_as_a_mixture(store, tmp_path):
    path = tmp_path / "written"
    path.write_bytes(bytes(8 * SEGMENT))
    with path.open("r+b", buffering=0) as file:
        turn = iter(range(1 << 30))

        def write() -> None:
            """Write the same number at the beginning, and then at the end."""
            number = b"%08d" % next(turn)
            os.pwrite(file.fileno(), number, 0)
            os.pwrite(file.fileno(), number, 8 * SEGMENT - 8)

        write()
        with meanwhile(write):
            entries, troubles = add(store, *[found_at(path)] * 8)
    assert len(entries) + len(troubles) == 8
    for entry in entries:
        content = store.read_all(entry.content)
        assert int(content[:8]) - int(content[-8:]) in {0, 1}
        assert blake3(content).digest() == entry.digest


def test_a_file_that_is_replaced_again_and_again_is_kept_as_one_of_its_states(store, tmp_path):
    path, other = tmp_path / "replaced", tmp_path / "next"
    states = [b"a" * 3000, b"b" * 3000]
    path.write_bytes(states[0])
    turn = iter(range(1 << 30))

    def exchange() -> None:
        other.write_bytes(states[next(turn) % 2])
        other.rename(path)

    with meanwhile(exchange):
        entries, troubles = add(store, *[found_at(path)] * 50)
    assert len(entries) + len(troubles) == 50
    assert {store.read_all(entry.content) for entry in entries} <= set(states)


def test_what_vanished_or_may_not_be_read_is_named(store, tmp_path):
    gone = found_at(tmp_path / "gone")
    below = replace(found_at(tmp_path / "file" / "below"), path=b"file/below")
    (tmp_path / "file").write_bytes(b"x")
    entries, troubles = add(store, gone, below, found_at(tmp_path / "file"))
    assert whys(troubles) == [(b"gone", "vanished"), (b"file/below", "vanished")]
    assert [entry.path for entry in entries] == [b"file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(store, tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    (tmp_path / "secret").chmod(0)
    assert whys(add(store, found_at(tmp_path / "secret"))[1]) == [(b"secret", "cannot be read: Permission denied")]


def test_what_became_a_pipe_a_socket_a_device_or_a_folder_is_named_and_never_waited_for(store, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    device = replace(found_at(tmp_path / "device"), full=b"/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        names = ["pipe", "folder", "socket"]
        entries, troubles = add(store, *(found_at(tmp_path / name) for name in names), device)
    assert entries == []
    assert dict(whys(troubles)) == {
        b"pipe": "is a pipe",
        b"folder": "is a folder now",
        b"socket": "cannot be read: No such device or address",
        b"device": "is a device",
    }


def test_a_file_that_became_a_link_is_not_followed(store, tmp_path):
    (tmp_path / "target").write_bytes(b"x")
    (tmp_path / "link").symlink_to("target")
    assert whys(add(store, found_at(tmp_path / "link"))[1]) == [(b"link", "changed while it was read")]
    [entry], _ = add(store, found_at(tmp_path / "link", via=b"target"))
    assert (entry.digest, entry.via) == (blake3(b"x").digest(), b"target")


@pytest.mark.parametrize("size", [0, 10, 3 * SEGMENT])
def test_content_that_is_not_the_expected_one_is_named(store, tmp_path, size):
    path = tmp_path / "data"
    path.write_bytes(bytes(size))
    [entry], troubles = add(store, found_at(path, expected=blake3(bytes(size)).digest()))
    assert entry.digest == blake3(bytes(size)).digest()
    entries, troubles = add(store, found_at(path, expected=blake3(b"other").digest()))
    assert entries == []
    assert whys(troubles) == [(b"data", "is not what the run used")]
    assert troubles[0].size == size


def test_small_content_that_is_not_the_expected_one_is_not_even_stored(store, tmp_path):
    (tmp_path / "data").write_bytes(b"changed since")
    add(store, found_at(tmp_path / "data", expected=bytes(32)))
    assert store.usage().blobs == 0


def test_an_entry_says_what_was_read_not_what_was_found(store, tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"now")
    path.chmod(0o754)
    [entry], _ = add(store, found_at(path, size=99, mtime_ns=5))
    info = path.stat()
    assert (entry.size, entry.mtime_ns, entry.mode) == (3, info.st_mtime_ns, 0o754)


def test_holes_are_written_down_and_not_read(store, tmp_path):
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(20 << 20)
        for at in (5 << 20, (5 << 20) + (32 << 10), 12 << 20):
            file.seek(at)
            file.write(b"x" * 4096)
    if path.stat().st_blocks * 512 >= 20 << 20:
        pytest.skip("this file system has no holes")
    [entry], _ = add(store, found_at(path))
    holes = [part for part in entry.content if isinstance(part, int)]
    assert sum(holes) > 19 << 20
    assert len(holes) == 3  # what is between the first two is too small to be one
    content = b"".join(bytes(part) if isinstance(part, int) else store.read(part) for part in entry.content)
    assert content == path.read_bytes()
    assert entry.digest == blake3(content).digest()


def test_a_file_that_is_one_hole_has_no_blob(store, tmp_path):
    path = tmp_path / "hole"
    with path.open("wb") as file:
        file.truncate(5 << 20)
    [entry], _ = add(store, found_at(path))
    assert entry.digest == blake3(bytes(5 << 20)).digest()
    if path.stat().st_blocks == 0:
        assert entry.content == (5 << 20,)
        assert store.usage().blobs == 0


def test_a_hard_link_stays_one(store, tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    (root / "a").write_bytes(b"x")
    os.link(root / "a", root / "b")
    entries, _ = add(store, *walk(root)[0])
    assert [(entry.kind, entry.to) for entry in entries] == [("f", b""), ("h", b"a")]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_hard_link_whose_first_name_went_away_becomes_a_file(store, tmp_path, replaced):
    root = tmp_path / "data"
    root.mkdir()
    (root / "a").write_bytes(b"content of both")
    os.link(root / "a", root / "b")
    found = list(walk(root)[0])
    (root / "a").unlink()
    if replaced:
        (root / "a").write_bytes(b"another")
    entries, troubles = add(store, *found)
    assert whys(troubles) == ([] if replaced else [(b"a", "vanished")])
    assert [entry.kind for entry in entries] == ["f"] * (1 + replaced)
    assert entries[-1].digest == blake3(b"content of both").digest()


def test_names_may_be_any_bytes(store, tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    names = [b"new\nline", b"\x1b[31m", b"\xff\xfe", b" ", "ü".encode()]
    for name in names:
        (root / os.fsdecode(name)).write_bytes(name)
    with store.adder() as adder:
        entries, troubles = adder.add_files(walk(root)[0])
        blobs = adder.put_listing(entries)
        adder.commit({"t": 1})
    assert troubles == []
    assert {entry.path: store.read_all(entry.content) for entry in store.listing(blobs)} == {n: n for n in names}
