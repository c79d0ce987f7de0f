"""What is put comes back, equal bytes are kept once, and before the document nothing is visible."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.errors import CancelledError, DamagedError, StorageError
from repro_tui.store.entry import Found
from repro_tui.store.store import Store
from repro_tui.store.walk import walk
from tests.store.keeping import entries_of, keep, random_bytes, state, store_at

ROOT = Path(__file__).resolve().parents[2]


def visible(store: Store) -> list[str]:
    """Give everything in a store but its empty folders, the format and the reserve."""
    files = [path for path in store.places.folder.rglob("*") if path.is_file()]
    return sorted(
        str(path.relative_to(store.places.folder)) for path in files if path.name not in {"format", "reserve"}
    )


@pytest.fixture
def store(tmp_path):
    return store_at(tmp_path)


@pytest.fixture(scope="module")
def lawful(tmp_path_factory):
    return store_at(tmp_path_factory.mktemp("laws"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=200), st.integers(1, 2_500_000).map(random_bytes)), max_size=3))
def test_what_is_put_comes_back_and_twice_is_once(lawful, contents):
    with lawful.adder() as adder:
        names = [adder.put(content) for content in contents]
        assert [adder.put(content) for content in contents] == names
        adder.commit({"names": [name.hex() for blobs in names for name in blobs]})
    assert [lawful.read_all(blobs) for blobs in names] == contents
    with lawful.adder() as adder:
        assert [adder.put(content) for content in contents] == names
        adder.commit({"again": True})
        assert adder.added == 0


def test_equal_files_are_kept_once_and_changed_ones_share_blobs(store, tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    large = random_bytes(6 << 20)
    (root / "a").write_bytes(large)
    (root / "b").write_bytes(large)
    keep(store, root)
    assert store.usage().size < len(large) + 100_000
    (root / "c").write_bytes(large[: 3 << 20] + b"inserted" + large[3 << 20 :])
    keep(store, root, "bold-crane-1")
    assert store.usage().size < len(large) + (3 << 20)
    assert len(store.documents()) == 2


def test_leaving_without_a_document_leaves_nothing(store):
    with store.adder() as adder:
        adder.put(random_bytes(3 << 20))
    assert visible(store) == []
    assert store.documents() == []


def test_an_error_leaves_nothing(store):
    def fail() -> None:
        with store.adder() as adder:
            adder.put(b"something")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert visible(store) == []


def test_cancelling_leaves_nothing_and_ends_the_threads(tmp_path):
    import threading

    root = tmp_path / "data"
    root.mkdir()
    for number in range(40):
        (root / f"{number}").write_bytes(random_bytes(1 << 20, number))
    store = Store(tmp_path / "store", tmp_path / "locks", threads=2)
    before = threading.active_count()

    def cancel(done: int, total: int, what: str) -> None:
        assert (0 <= done <= total, total, what[:7]) == (True, 40 << 20, "Keeping")
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError), store.adder() as adder:
        adder.add_files(walk(root)[0], progress=cancel)
    assert visible(store) == []
    assert threading.active_count() == before
    keep(store, root)  # and the next one works
    assert len(store.documents()) == 1


def test_progress_ends_with_everything(store, tmp_path):
    (tmp_path / "data").write_bytes(random_bytes(3 << 20))
    told = []
    with store.adder() as adder:
        adder.add_files(walk(tmp_path / "data", b"data")[0], progress=lambda *words: told.append(words))
    assert told[-1] == (3 << 20, 3 << 20, "Keeping data")


def test_blobs_of_a_document_are_those_of_the_format(store, tmp_path):
    (tmp_path / "data").write_bytes(b"content")
    digest = keep(store, tmp_path / "data")
    assert store.places.document(digest).read_bytes().startswith(b'{"host":"h"')
    assert store.document(digest)["repro_snapshot"] == 1
    assert digest == "b3:" + blake3(store.places.document(digest).read_bytes()).hexdigest()
    assert store.places.format.read_bytes() == b'{"repro_store":1}\n'


def test_many_threads_keep_what_one_does(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    (root / "large").write_bytes(random_bytes(20 << 20))
    for number in range(60):
        (root / f"small{number}").write_bytes(random_bytes(5000, number % 7))
    stores = [Store(tmp_path / f"store{n}", tmp_path / f"locks{n}", threads=n) for n in (1, 4)]
    one, many = (entries_of(store, keep(store, root)) for store in stores)
    assert one == many
    assert [store.usage().blobs for store in stores] == [stores[0].usage().blobs] * 2


def test_several_large_files_do_not_wait_for_each_other(tmp_path):
    """As many readers as threads hand segments over, and each must finish those of the others."""
    root = tmp_path / "data"
    root.mkdir()
    for number in range(6):
        (root / f"{number}").write_bytes(b"%d" % number * (9 << 20))
    store = Store(tmp_path / "store", tmp_path / "locks", threads=3)
    assert [entry.size for entry in entries_of(store, keep(store, root))] == [9 << 20] * 6


def test_a_file_that_is_known_is_not_read_again(store, tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    (root / "large").write_bytes(random_bytes(3 << 20))
    (root / "small").write_bytes(b"small")
    (root / "empty").touch()
    found = list(walk(root)[0])
    digests = {entry.path: entry.digest for entry in entries_of(store, keep(store, root))}
    for path in root.iterdir():
        path.unlink()  # so it cannot be read
    known = [with_fields(item, known=digests[item.path]) for item in found]
    with store.adder() as adder:
        entries, troubles = adder.add_files(known)
        assert [entry.digest for entry in entries] == [digests[item.path] for item in found]
        assert [entry.size for entry in entries] == [item.size for item in found]
        assert troubles == []
    assert len(entries[1].content) > 3
    unknown = [with_fields(item, known=bytes(32)) for item in found]
    with store.adder() as adder:
        _, troubles = adder.add_files(unknown)
        assert [trouble.why for trouble in troubles] == ["vanished"] * 2


def test_what_is_known_wrongly_is_read_all_the_same(store, tmp_path):
    """The stat cache and a listing may both be wrong; sizes that do not fit are noticed."""
    path = tmp_path / "data"
    path.write_bytes(random_bytes(3 << 20))
    [entry] = entries_of(store, keep(store, path))
    longer = with_fields(next(walk(path)[0]), known=entry.digest, size=(3 << 20) + 1)
    with store.adder() as adder:
        [read], _ = adder.add_files([longer])
        assert read.size == 3 << 20


def test_a_known_private_file_does_not_get_into_a_shared_store(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(b"private")
    path.chmod(0o600)
    shared = Store(tmp_path / "store", tmp_path / "locks", file_mode=0o660, folder_mode=0o2770)
    with shared.adder() as adder:
        adder.add_files(walk(path)[0], private=True)
        adder.commit({})
    known = with_fields(next(walk(path)[0]), known=blake3(b"private").digest())
    with shared.adder() as adder:
        assert adder.add_files([known])[0] == []
        assert len(adder.add_files([known], private=True)[0]) == 1


def with_fields(found: Found, **fields) -> Found:
    from dataclasses import replace

    return replace(found, **fields)


def test_what_was_read_is_told_to_the_stat_cache(store, tmp_path):
    (tmp_path / "data").write_bytes(b"content")
    heard = []
    with store.adder() as adder:
        adder.add_files(walk(tmp_path / "data", b"data")[0], noted=lambda *words: heard.append(words))
    info = (tmp_path / "data").stat()
    stat = (7, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
    assert heard == [(os.fsencode(tmp_path / "data"), stat, blake3(b"content").digest())]


KILLED = """
import sys
from pathlib import Path
from repro_tui.store.store import Store
from repro_tui.store.walk import walk
folder = Path(sys.argv[1])
store = Store(folder / "store", folder / "locks", threads=2)
with store.adder() as adder:
    def tell(done, total, what):
        print(done, flush=True)
    entries, _ = adder.add_files(walk(folder / "data")[0], progress=tell)
    print("added", flush=True)
    adder.put_listing(entries)
    adder.commit({"t": 1})
    print("committed", flush=True)
"""


@pytest.mark.parametrize("after", ["0", "added"])
def test_a_killed_addition_leaves_nothing_that_counts(tmp_path, after):
    root = tmp_path / "data"
    root.mkdir()
    for number in range(30):
        (root / f"{number}").write_bytes(random_bytes(3 << 20, number))
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1
    )
    assert child.stdout
    for line in child.stdout:
        if line.strip() == after or (after == "0" and line[:1].isdigit()):
            break
    child.send_signal(signal.SIGKILL)
    child.wait(30)
    child.stdout.close()
    store = Store(tmp_path / "store", tmp_path / "locks")
    assert store.documents() == []
    with store.adder() as adder:  # the next one works at once, and clears away what the dead one left
        adder.put(b"next")
        adder.commit({"t": 2})
    assert [name for name in visible(store) if name.startswith(".")] == []
    assert state(store.places.trash) == {}


TWO = """
import sys
from pathlib import Path
from repro_tui.store.store import Store
from repro_tui.store.walk import walk
folder, number = Path(sys.argv[1]), int(sys.argv[2])
store = Store(folder / "store", folder / "locks", threads=2)
for turn in range(3):
    with store.adder() as adder:
        entries, troubles = adder.add_files(walk(folder / f"data{number}")[0])
        assert not troubles
        listing = [blob.hex() for blob in adder.put_listing(entries)]
        adder.commit({"number": number, "turn": turn, "parts": [{"name": "data", "listing": listing}]})
"""


def test_two_at_once_lose_nothing(tmp_path):
    for number in (0, 1):
        root = tmp_path / f"data{number}"
        root.mkdir()
        for file in range(20):
            (root / f"{file}").write_bytes(random_bytes(200_000, file + 10 * number))
    children = [
        subprocess.Popen([sys.executable, "-c", TWO, str(tmp_path), str(number)], cwd=ROOT) for number in (0, 1)
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    store = Store(tmp_path / "store", tmp_path / "locks")
    assert len(store.documents()) == 6
    for digest in store.documents():
        for entry in entries_of(store, digest):
            assert blake3(store.read_all(entry.content)).digest() == entry.digest


def test_a_store_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "store").write_text("in the way")
    with pytest.raises(StorageError, match="Not a directory"), store_elsewhere(tmp_path).adder():
        pass


def store_elsewhere(folder: Path) -> Store:
    return Store(folder / "store", folder / "locks")


def test_a_newer_store_is_neither_read_nor_written(store, tmp_path):
    (tmp_path / "data").write_bytes(b"content")
    digest = keep(store, tmp_path / "data")
    store.places.format.write_text('{"repro_store":2}\n')
    newer = store_at(tmp_path)
    with pytest.raises(DamagedError, match="from a newer version"), newer.adder():
        pass
    with pytest.raises(DamagedError, match="from a newer version"):
        entries_of(newer, digest)


def test_a_shared_store_has_the_modes_of_the_group(tmp_path):
    (tmp_path / "data").write_bytes(b"content")
    (tmp_path / "data").chmod(0o640)
    before = os.umask(0o077)
    try:
        store = Store(tmp_path / "home" / "store", tmp_path / "home" / "locks", file_mode=0o660, folder_mode=0o2770)
        keep(store, tmp_path / "data")
    finally:
        os.umask(before)
    for path in (tmp_path / "home").rglob("*"):
        assert path.stat().st_mode & 0o7777 == (0o2770 if path.is_dir() else 0o660), path


def test_a_private_file_does_not_become_readable_through_a_shared_store(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "private").write_bytes(b"mine")
    (tmp_path / "data" / "private").chmod(0o600)
    shared = Store(tmp_path / "store", tmp_path / "locks", file_mode=0o660, folder_mode=0o2770)
    with shared.adder() as adder:
        entries, troubles = adder.add_files(walk(tmp_path / "data")[0])
        assert (entries, [trouble.path for trouble in troubles]) == ([], [b"private"])
        assert "read by its owner alone" in troubles[0].why
        assert len(adder.add_files(walk(tmp_path / "data")[0], private=True)[0]) == 1
    with store_at(tmp_path).adder() as adder:
        assert len(adder.add_files(walk(tmp_path / "data")[0])[0]) == 1


def test_unfinished_files_go_when_they_are_old_or_their_process_is_dead(store):
    with store.adder() as adder:
        adder.put(b"x")
        [mine] = [path for path in store.places.folder.iterdir() if path.name.startswith(".pack-")]
        foreign = mine.with_name(".pack-00000000-1-abcdabcd")
        foreign.write_bytes(b"of another machine")
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        dead = mine.with_name("-".join([*mine.name.split("-")[:2], str(child.pid), "abcdabcd"]))
        dead.write_bytes(b"of a dead process")
        with store.adder():
            assert mine.exists()
            assert foreign.exists()
            assert not dead.exists()
        os.utime(foreign, (0, time.time() - 100_000))
        with store.adder():
            assert not foreign.exists()
        adder.commit({})
    assert store.usage().blobs == 1
