"""Reading believes nothing, and an index that is out of date is read again."""

from __future__ import annotations

import threading

import pytest
from blake3 import blake3

from repro_tui.domain.snapshot import StoreUsage
from repro_tui.errors import DamagedError, StorageError
from repro_tui.settings import open_project
from repro_tui.store.emptying import Order, empty
from repro_tui.store.pack import HEAD, each, packed, read_sidecar, sidecar
from repro_tui.store.store import Store
from tests.store.keeping import entries_of, keep, random_bytes, store_at


@pytest.fixture
def store(tmp_path):
    return store_at(tmp_path)


def put(store: Store, *contents: bytes) -> list[bytes]:
    with store.adder() as adder:
        names = [blob for content in contents for blob in adder.put(content)]
        adder.commit({"manifest": [name.hex() for name in names]})
    return names


def test_an_empty_store_can_be_asked_everything(store):
    assert store.documents() == []
    assert not store.has(bytes(32))
    usage = store.usage()
    assert usage == StoreUsage(size=0, packs=0, blobs=0, snapshots=0, free=usage.free)
    assert usage.free > 0
    assert not store.places.folder.exists()
    assert empty(store, Order({}, 1e10)).packs.deleted == 0


def test_another_process_that_added_is_noticed(tmp_path, store):
    put(store, b"first")
    assert store.index()
    [name] = put(store_at(tmp_path), b"second")
    assert store.read(name) == b"second"


def test_every_flipped_bit_of_a_pack_is_found_by_reading(store):
    content = random_bytes(50, 3)
    [name] = put(store, content)
    [where] = store.index().find(name)
    path = store.places.pack(where.pack)
    raw = path.read_bytes()
    assert len(raw) == 8 + HEAD.size + 50
    for at in range(8, len(raw)):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 16]) + raw[at + 1 :])
        with pytest.raises(DamagedError, match=f"{path} is damaged"):
            store.read(name)
    path.write_bytes(raw)
    assert store.read(name) == content


def test_a_blob_that_is_damaged_in_one_pack_is_read_from_another(store):
    [name] = put(store, b"kept twice")
    with store.adder() as adder:
        adder._claims._shunned = frozenset({0})
        adder.put(b"kept twice")
        adder.put(b"other")
        adder.commit({"t": 2})
    places = store.refresh().find(name)
    assert len(places) == 2
    path = store.places.pack(places[0].pack)
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert store.read(name) == b"kept twice"


def test_a_missing_pack_and_a_missing_blob_are_named(store):
    [name] = put(store, b"content")
    store.index()
    [pack] = store.index().packs
    store.places.pack(pack).unlink()
    with pytest.raises(DamagedError, match="is not in the store"):
        store.read(name)
    with pytest.raises(DamagedError, match=r"Blob 0{16} is not in the store"):
        store.read(bytes(32))


def test_a_pack_that_was_cut_off_does_not_count(tmp_path, store):
    [name] = put(store, random_bytes(1000))
    path = store.places.pack(store.index().packs[0])
    path.write_bytes(path.read_bytes()[:-1])
    fresh = store_at(tmp_path)
    assert not fresh.has(name)
    assert "instead of" in fresh.index().problems[path.stem]
    put(fresh, random_bytes(1000))  # so it is stored again
    assert fresh.read(name) == random_bytes(1000)


def test_what_lies_in_a_pack_without_sidecar_is_stored_again(store, tmp_path):
    [name] = put(store, b"content")
    store.places.sidecar(store.index().packs[0]).unlink()
    fresh = store_at(tmp_path)
    assert put(fresh, b"content") == [name]
    assert fresh.read(name) == b"content"


def test_many_threads_read_at_once(store):
    contents = [random_bytes(2000 + n, n) for n in range(40)]
    names = put(store, *contents)
    wrong = []

    def read() -> None:
        wrong.extend(n for n, name in enumerate(names) for _ in range(5) if store.read(name) != contents[n])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_lengths_and_places_are_known_without_reading(store):
    [name] = put(store, b"content")
    assert store.length(name) == 7
    assert store.length(bytes(32)) is None
    assert store.place(name) == (store.index().packs[0], 8)


def test_usage_counts_what_lies_there(tmp_path, store):
    (tmp_path / "data").write_bytes(random_bytes(100_000))
    digest = keep(store, tmp_path / "data")
    usage = store.usage()
    assert (usage.packs, usage.snapshots, usage.trash) == (1, 1, 0)
    assert usage.blobs == 3
    lying = [path for name in ("packs", "index") for path in (store.places.folder / name).rglob("*") if path.is_file()]
    assert usage.size == sum(path.stat().st_size for path in lying)
    store.places.document(digest).rename(store.places.trash / store.places.document(digest).name)
    assert store.usage().trash > 100_000


@pytest.mark.parametrize("text", ["", "{}", '{"repro_store":"1"}', '{"repro_store":0}', "[]"])
def test_a_format_file_that_was_damaged_is_named(store, text):
    put(store, b"x")
    store.places.format.write_text(text)
    with pytest.raises(DamagedError, match="format is damaged"):
        store.refresh()


@pytest.mark.parametrize(("shared", "modes"), [("no", (0o600, 0o700)), ("group", (0o660, 0o2770))])
def test_a_project_says_where_its_store_lies_and_with_which_modes(tmp_path, shared, modes):
    (tmp_path / "repro.yaml").write_text(f"shared: {shared}\nhome: elsewhere\n")
    store = Store.of(open_project(tmp_path, {}))
    assert store.places.folder == tmp_path / "elsewhere" / "store"
    assert (store.places.file_mode, store.places.folder_mode) == modes


def test_a_store_in_a_file_system_that_is_read_only_is_read_and_not_written(store, tmp_path, monkeypatch):
    """As root nothing is forbidden, so the system's answer is given here."""
    import errno
    import os

    [name] = put(store, b"content")
    original = os.open

    def refuse(path, flags, *more, **fields):
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return original(path, flags, *more, **fields)

    monkeypatch.setattr(os, "open", refuse)
    fresh = store_at(tmp_path)
    assert fresh.read(name) == b"content"
    with pytest.raises(StorageError, match="Read-only file system"), fresh.adder():
        pass


def test_two_snapshots_of_the_same_content_share_everything(store, tmp_path):
    (tmp_path / "data").write_bytes(random_bytes(100_000))
    first, second = (entries_of(store, keep(store, tmp_path / "data", name)) for name in ("amber-otter-41", "bold-1"))
    assert first == second
    assert [blake3(store.read_all(entry.content)).digest() for entry in first] == [entry.digest for entry in second]
    assert store.usage().size < 110_000


def test_a_sidecar_that_promises_gigabytes_is_refused_without_reading_them(store):
    [name] = put(store, b"content")
    [pack] = store.index().packs
    [row] = each(read_sidecar(store.places.sidecar(pack).read_bytes(), pack)[1])
    huge = packed([row._replace(stored=0xFFFFFFFF, length=0xFFFFFFFF)])
    store.places.sidecar(pack).write_bytes(sidecar(pack, store.places.pack(pack).stat().st_size, huge))
    with pytest.raises(DamagedError, match="no writer wrote"):
        Store(store.places.folder, store.places.folder).read(name)


def test_a_damaged_store_is_not_listed_anew_for_every_missing_blob(store, monkeypatch):
    put(store, b"content")
    listed = []
    original = store.refresh
    monkeypatch.setattr(store, "refresh", lambda: listed.append(1) or original())
    for number in range(50):
        assert store.length(number.to_bytes(32, "little")) is None
    assert len(listed) <= 1 + 50 // 10


def test_a_pack_that_was_repaired_meanwhile_is_opened_anew(store):
    [name] = put(store, b"content")
    path = store.places.pack(store.index().packs[0])
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"X")
    with pytest.raises(DamagedError):
        store.read(name)
    path.unlink()
    path.write_bytes(whole)
    assert store.read(name) == b"content"


def test_threads_that_miss_the_same_news_all_get_it(tmp_path, store):
    put(store, b"old")
    assert store.index()
    names = put(store_at(tmp_path), *(b"%d" % n for n in range(40)))
    found = []
    threads = [threading.Thread(target=lambda: found.append(store.read_all(names))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"".join(b"%d" % n for n in range(40))] * 4
