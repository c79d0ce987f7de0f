"""What was kept comes back as it was, byte for byte, or is named."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from blake3 import blake3

from repro_tui.errors import CancelledError, DamagedError, StorageError, UsageError
from repro_tui.store import content
from repro_tui.store import restore as restoring
from repro_tui.store.entry import Entry
from repro_tui.store.restore import restore
from repro_tui.store.tree import MARK
from repro_tui.store.verify import verify
from repro_tui.store.walk import walk
from tests.store.keeping import commit, entries_of, keep, random_bytes, state, store_at

LARGE = 10 << 20


@pytest.fixture
def data(tmp_path):
    """Give a folder with everything that a file system can hold and a snapshot must bring back."""
    root = tmp_path / "data"
    (root / "plain" / "deep").mkdir(parents=True)
    (root / "plain" / "deep" / "a.txt").write_text("a")
    (root / "empty").touch()
    (root / "large.bin").write_bytes(random_bytes(LARGE))
    (root / "text.csv").write_text("a,b,c\n" * 300_000)
    for mode in (0o600, 0o444, 0o755, 0o666, 0o000):
        (root / f"mode{mode:o}").write_text(f"{mode}")
        (root / f"mode{mode:o}").chmod(mode)
    (root / "hollow" / "inner").mkdir(parents=True)
    (root / "locked").mkdir()
    (root / "locked" / "in").write_text("x")
    (root / "z-link").symlink_to("plain/deep/a.txt")
    (root / "up").symlink_to("plain")
    (root / "broken").symlink_to("nowhere/at all")
    (root / "a-hard").write_text("hard")
    (root / "b-hard").hardlink_to(root / "a-hard")
    for name in (b"new\nline", b"\x1b[31mred\x07", b"\xff\xfe\x80", b" lead", b"caf\xc3\xa9", b"n" * 255):
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(name)
    with (root / "sparse").open("wb") as stream:
        stream.write(b"begin")
        stream.seek(40 << 20)
        stream.write(b"middle")
        stream.truncate(100 << 20)
    os.utime(root / "empty", ns=(1, 123_456_789_123_456_789))
    os.utime(root / "broken", ns=(1, 987_654_321), follow_symlinks=False)
    os.utime(root / "hollow" / "inner", ns=(1, 5_000_000_001))
    (root / "locked").chmod(0o555)
    return root


def test_everything_comes_back_as_it_was(tmp_path, data):
    store = store_at(tmp_path)
    entries = entries_of(store, keep(store, data))
    report = restore(store, entries, tmp_path / "out")
    assert report.damages == ()
    assert report.files == sum(1 for entry in entries if entry.kind != "d")
    assert state(tmp_path / "out") == state(data)
    verified = verify(store, entries)
    assert (verified.damages, verified.read) == ((), report.read)
    out = tmp_path / "out"
    assert (out / "hollow" / "inner").stat().st_mtime_ns == 5_000_000_001
    assert (out / "sparse").stat().st_blocks * 512 < 1 << 20
    assert (out / "a-hard").stat().st_ino == (out / "b-hard").stat().st_ino
    assert out.stat().st_mode & 0o777 == 0o700


def test_an_empty_folder_is_filled_and_keeps_its_mode(tmp_path, data):
    store = store_at(tmp_path)
    (tmp_path / "out").mkdir(mode=0o750)
    restore(store, entries_of(store, keep(store, data)), tmp_path / "out")
    assert state(tmp_path / "out") == state(data)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750


def test_special_bits_are_not_restored(tmp_path):
    store = store_at(tmp_path)
    entry = Entry(b"tool", "f", 0o6755, 0, 0, blake3(b"").digest())
    restore(store, [entry, Entry(b"drop", "d", 0o3777)], tmp_path / "out")
    assert (tmp_path / "out" / "tool").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "out" / "drop").stat().st_mode & 0o7777 == 0o1777


@pytest.mark.parametrize("way", ["filled", "file", "begun"])
def test_only_a_new_or_empty_folder_is_written_to(tmp_path, data, way):
    store = store_at(tmp_path)
    out = tmp_path / "out"
    if way == "file":
        out.touch()
    else:
        out.mkdir()
        (out / {"filled": "mine", "begun": MARK}[way]).write_text("mine")
    before = state(tmp_path)
    with pytest.raises(UsageError) as raised:
        restore(store, [Entry(b"a", "d", 0o755)], out)
    assert str(out) in raised.value.message
    assert ("delete the folder" in raised.value.hint) == (way == "begun")
    assert state(tmp_path) == before


def test_a_large_hole_costs_nothing(tmp_path):
    """A file of 20 GB that holds a few bytes is not read or written in full."""
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "sparse").open("wb") as stream:
        stream.write(b"x")
        stream.truncate(2_000_000_000)
    store = store_at(tmp_path)
    entries = entries_of(store, keep(store, tmp_path / "data"))
    assert restore(store, entries, tmp_path / "out").read < 1 << 20
    info = (tmp_path / "out" / "sparse").stat()
    assert (info.st_size, info.st_blocks * 512 < 1 << 20) == (2_000_000_000, True)


def test_a_hole_that_no_hash_could_come_to_the_end_of_is_still_bounded_by_its_blobs(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "MOST_HASHED_ZEROS", 1000)
    store = store_at(tmp_path)
    entry = Entry(b"a", "f", 0o644, 1 << 40, 0, bytes(32), (1 << 40,))
    assert restore(store, [entry], tmp_path / "out").damages == ()
    assert (tmp_path / "out" / "a").stat().st_size == 1 << 40
    assert verify(store, [entry]).ok


def damage(store, at: int = -10) -> Path:
    """Change a byte of the largest pack."""
    pack = max(store.places.packs.rglob("*.pack"), key=lambda path: path.stat().st_size)
    raw = bytearray(pack.read_bytes())
    raw[at] ^= 1
    pack.write_bytes(raw)
    return pack


@pytest.mark.parametrize("size", [1000, LARGE])
def test_a_damaged_file_is_named_and_left_out_and_the_rest_comes_back(tmp_path, size):
    (tmp_path / "data").mkdir()
    for name in "abc":
        (tmp_path / "data" / name).write_bytes(random_bytes(size, ord(name)))
    (tmp_path / "data" / "d").hardlink_to(tmp_path / "data" / "a")
    store = store_at(tmp_path)
    entries = entries_of(store, keep(store, tmp_path / "data"))
    raw = max(store.places.packs.rglob("*.pack"), key=lambda path: path.stat().st_size).read_bytes()
    pack = damage(store, raw.index(random_bytes(size, ord("a"))[-100:]) + 50)
    report = restore(store_at(tmp_path), entries, tmp_path / "out")
    assert sorted(damage.what for damage in report.damages) == ["a", "d"]
    assert pack.name in report.damages[0].why
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b", "c"]
    verified = verify(store_at(tmp_path), entries)
    assert [(damage.what, damage.why) for damage in verified.damages] == [("a", report.damages[0].why)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": 4}, "the listing says 4 bytes, but its content has 5"),
        ({"size": 10_000_000_000}, "the listing says 10,000,000,000 bytes, but its content has 5"),
        ({"digest": b"\1" * 32, "content": (blake3(b"hello").digest(),)}, "its content is not what its digest says"),
        ({"content": (blake3(b"hello").digest(), 5)}, "the listing says 5 bytes, but its content has 10"),
        ({"content": (b"\1" * 32,)}, "a part of its content is missing from the store: blob 0101010101010101"),
    ],
)
def test_a_listing_that_says_something_else_than_the_content_is_found_out(tmp_path, change, why, monkeypatch):
    store = store_at(tmp_path)
    fields = {"size": 5, "digest": blake3(b"hello").digest(), "content": ()} | change
    entry = Entry(b"a", "f", 0o644, **fields)
    with store.adder() as adder:
        adder.put(b"hello")
        commit(adder, [])
    monkeypatch.setattr(restoring, "_check_room", lambda *_: None)
    report = restore(store, [entry], tmp_path / "out")
    assert [(damage.what, damage.why) for damage in report.damages] == [("a", why)]
    assert list((tmp_path / "out").iterdir()) == []


def test_room_is_looked_for_before_anything_is_written(tmp_path):
    entry = Entry(b"zeros", "f", 0o644, 1 << 60, 0, b"\1" * 32, (b"\2" * 32,))
    with pytest.raises(StorageError, match="bytes are needed"):
        restore(store_at(tmp_path), [entry], tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


def test_progress_adds_up_and_stopping_leaves_nothing(tmp_path, data):
    store = store_at(tmp_path)
    entries = entries_of(store, keep(store, data))
    told: list[tuple[int, int]] = []
    report = restore(store, entries, tmp_path / "out", lambda done, total, _: told.append((done, total)))
    assert told[0][0] == 0
    assert told[-1] == (report.read, report.read)

    def stop(done: int, total: int, _: str) -> None:
        if done:
            raise CancelledError("Stopped.")

    (tmp_path / "mine").mkdir()
    for folder in ("second", "mine"):
        with pytest.raises(CancelledError):
            restore(store, entries, tmp_path / folder, stop)
    with pytest.raises(CancelledError):
        verify(store, entries, stop)
    assert not (tmp_path / "second").exists()
    assert list((tmp_path / "mine").iterdir()) == []


def test_links_that_lead_out_to_something_are_taken_away_again(tmp_path):
    (tmp_path / "secret").mkdir()
    store = store_at(tmp_path)
    texts = {
        b"abs": os.fsencode(tmp_path / "secret"),
        b"a/up": b"../../secret",
        b"in": b"a",
        b"dead": b"/no/such/thing",
    }
    links = [Entry(path, "l", 0o777, to=to) for path, to in texts.items()]
    chain = [Entry(b"here", "l", 0o777, to=b"."), Entry(b"chain", "l", 0o777, to=b"here/../secret")]
    report = restore(store, [*links, *chain], tmp_path / "out")
    assert report.ok, "nothing is damaged by it"
    assert sorted(note.partition(" ")[0] for note in report.done) == ["a/up", "abs", "chain"]
    assert all("leads out of the folder" in note for note in report.done)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "dead", "here", "in"]


def test_where_there_are_no_hard_links_there_are_copies(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(95, "Operation not supported")

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_text("x")
    (tmp_path / "data" / "b").hardlink_to(tmp_path / "data" / "a")
    store = store_at(tmp_path)
    entries = entries_of(store, keep(store, tmp_path / "data"))
    monkeypatch.setattr(os, "link", refuse)
    report = restore(store, entries, tmp_path / "out")
    assert (report.ok, report.files, report.done) == (True, 2, ("b is a copy: no hard link could be made",))
    assert (tmp_path / "out" / "b").read_text() == "x"


def test_what_is_planted_meanwhile_is_not_written_through(tmp_path, monkeypatch):
    """A folder that somebody replaces by a link to another place is not entered."""
    store = store_at(tmp_path)
    victim = tmp_path / "victim"
    victim.mkdir()
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "sub" / "f").write_text("x")
    (tmp_path / "data" / "top").write_text("y")
    entries = entries_of(store, keep(store, tmp_path / "data"))
    real = restoring.Tree.make_folders

    def plant(tree, *arguments):
        failed = real(tree, *arguments)
        (tree.folder / "sub").rmdir()
        (tree.folder / "sub").symlink_to(victim)
        (tree.folder / "top").symlink_to(victim / "top")
        return failed

    monkeypatch.setattr(restoring.Tree, "make_folders", plant)
    report = restore(store, entries, tmp_path / "out")
    assert [damage.what for damage in report.damages] == ["sub/f", "top"]
    assert list(victim.iterdir()) == []


def test_pipes_and_sockets_are_named_when_kept(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        found, troubles = walk(tmp_path / "data")
        assert list(found) == []
    assert {trouble.path for trouble in troubles} == {b"pipe", b"socket"}


def test_a_refused_listing_writes_nothing(tmp_path):
    entries = [Entry(b"good", "d", 0o755), Entry(b"../evil", "d", 0o755)]
    with pytest.raises(DamagedError, match=r"\.\./evil"):
        restore(store_at(tmp_path), entries, tmp_path / "out")
    assert not (tmp_path / "out").exists()
