"""Emptying the trash frees what nothing needs, and nothing else."""

from __future__ import annotations

import pytest

from repro_tui.errors import DamagedError
from repro_tui.store.check import check
from repro_tui.store.emptying import Order, empty, plan_emptying
from repro_tui.store.store import Store
from repro_tui.store.trash import bring_back, in_trash, move_to_trash
from repro_tui.store.verify import verify
from tests.store.keeping import entries_of, keep, random_bytes, state, store_at

NOW = 4e9
"""Later than everything here was written."""


@pytest.fixture
def store(tmp_path):
    return store_at(tmp_path)


def kept(store, tmp_path, name: str, *seeds: int, size: int = 20_000):
    root = tmp_path / f"data-{name}"
    root.mkdir()
    for seed in seeds:
        (root / str(seed)).write_bytes(random_bytes(size, seed))
    return keep(store, root, name)


def size_of(store) -> int:
    return store.usage().size


def assert_whole(store) -> None:
    fresh = Store(store.places.folder, store._locks)
    for digest in fresh.documents():
        assert fresh.read_all(bytes.fromhex(blob) for blob in fresh.document(digest)["manifest"])
        assert verify(fresh, entries_of(fresh, digest)).ok
    assert check(fresh).damages == ()


def test_what_nothing_needs_goes_and_the_rest_stays_whole(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1, 2, 3), kept(store, tmp_path, "two", 3, 4)
    before = size_of(store)
    move_to_trash(store, [one])
    assert size_of(store) == before
    freed = empty(store, Order({one: "*"}, now=NOW, max_unneeded=0))
    assert freed.gone == (one,)
    assert freed.packs.frees == before - size_of(store) > 40_000
    assert (freed.packs.deleted, freed.packs.rewritten, freed.packs.stays) == (0, 1, 0)
    assert store.documents() == [two]
    assert_whole(store)


def test_the_plan_says_what_will_be_done_and_touches_nothing(store, tmp_path):
    digests = [kept(store, tmp_path, str(n), *range(n, n + 3)) for n in range(6)]
    move_to_trash(store, digests[:4])
    order = Order(dict.fromkeys(digests[:4], "*"), now=NOW, max_unneeded=0)
    before = {path: (path.lstat(), path.read_bytes() if path.is_file() else b"") for path in tmp_path.rglob("*")}
    plan = plan_emptying(Store(store.places.folder, store._locks), order)
    after = {path: (path.lstat(), path.read_bytes() if path.is_file() else b"") for path in tmp_path.rglob("*")}
    assert [(s.st_mtime_ns, s.st_ctime_ns, s.st_size, raw) for s, raw in before.values()] == [
        (s.st_mtime_ns, s.st_ctime_ns, s.st_size, raw) for s, raw in after.values()
    ]
    assert before.keys() == after.keys()
    done = empty(store, order).packs
    assert (done.deleted, done.rewritten, done.left, done.frees, done.stays) == (
        plan.deleted, plan.rewritten, plan.left, plan.frees, plan.stays,
    )  # fmt: skip
    assert plan.deleted
    assert plan.rewritten
    assert_whole(store)


def test_a_little_that_nobody_needs_stays(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    two = kept(store, tmp_path, "two", *range(1, 60))
    move_to_trash(store, [one])
    three = kept(store, tmp_path, "three", 70, size=300)
    move_to_trash(store, [three])
    freed = empty(store, Order({one: "*", three: "*"}, now=NOW, cheap=0))
    assert freed.packs.rewritten == 0
    assert freed.packs.deleted >= 1
    assert store.documents() == [two]
    assert_whole(store)


def test_parts_that_are_given_up_go_and_the_document_stays(store, tmp_path):
    one = kept(store, tmp_path, "one", 1, 2)
    freed = empty(store, Order({one: ["data"]}, now=NOW, max_unneeded=0))
    assert freed.gone == ()
    assert freed.packs.frees > 40_000
    assert store.documents() == [one]
    assert store.read_all(bytes.fromhex(blob) for blob in store.document(one)["manifest"])
    again = empty(store, Order({}, now=NOW, dropped={one: ["data"]}, max_unneeded=0))
    assert again.packs.frees == 0


def test_nothing_goes_that_was_brought_back(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])
    bring_back(store, [one])
    freed = empty(store, Order({one: "*"}, now=NOW))
    assert (freed.gone, freed.back, freed.packs.frees) == ((), (one,), 0)
    assert_whole(store)


def test_what_is_still_in_the_trash_stays_restorable(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1, 2), kept(store, tmp_path, "two", 2, 3)
    move_to_trash(store, [one, two])
    empty(store, Order({one: "*"}, now=NOW, early=True, max_unneeded=0))
    assert bring_back(store, [two]).digests == (two,)
    assert_whole(store)


def test_nothing_goes_while_a_document_cannot_be_read(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one])
    path = store.places.document(two)
    raw = path.read_bytes()
    path.write_bytes(raw[:-1])
    before = state(store.places.packs)
    with pytest.raises(DamagedError):
        empty(store, Order({one: "*"}, now=NOW))
    assert [each.digest for each in in_trash(store)] == [one]
    assert state(store.places.packs) == before
    path.write_bytes(raw)
    assert empty(store, Order({one: "*"}, now=NOW)).gone == (one,)


def test_nothing_goes_while_a_listing_cannot_be_read(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one])
    (pack,) = {where.pack for where in store.find(bytes.fromhex(store.document(two)["parts"][0]["listing"][0]))}
    raw = bytearray(store.places.pack(pack).read_bytes())
    store.places.pack(pack).write_bytes(raw[: len(raw) // 2])
    with pytest.raises(DamagedError):
        empty(store_at(tmp_path), Order({one: "*"}, now=NOW))
    assert [each.digest for each in in_trash(store)] == [one]


def test_a_damaged_document_that_is_to_go_goes(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one])
    path = store.places.trash / store.places.document(one).name
    path.write_bytes(b"{")
    assert empty(store, Order({one: "*"}, now=NOW, max_unneeded=0)).packs.deleted == 1
    assert_whole(store)


@pytest.mark.parametrize("name", [f"{'a' * 64}.json", f"{'a' * 64}.json.2"])
def test_nothing_goes_while_documents_are_set_aside(store, tmp_path, name):
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])
    (store.places.folder / "damaged").mkdir()
    (store.places.folder / "damaged" / name).write_text("{}")
    with pytest.raises(DamagedError, match="1 document of a snapshot was set aside"):
        empty(store, Order({one: "*"}, now=NOW))


def test_nothing_goes_where_the_folder_of_documents_is_gone(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one])
    store.places.snapshots.rename(tmp_path / "elsewhere")
    with pytest.raises(DamagedError, match="is missing"):
        empty(store, Order({one: "*"}, now=NOW))
