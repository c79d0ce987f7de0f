"""What is removed lies in the trash, needs its bytes as before, and comes back."""

from __future__ import annotations

import pytest

from repro_tui.errors import CancelledError, DamagedError, NotFoundError
from repro_tui.store.condemn import condemned_packs
from repro_tui.store.emptying import Order, empty
from repro_tui.store.trash import bring_back, in_trash, keep_parts, move_to_trash
from repro_tui.store.verify import verify
from tests.store.keeping import entries_of, keep, random_bytes, store_at


@pytest.fixture
def store(tmp_path):
    return store_at(tmp_path)


def kept(store, tmp_path, name: str, *seeds: int):
    root = tmp_path / f"data-{name}"
    root.mkdir()
    for seed in seeds:
        (root / str(seed)).write_bytes(random_bytes(20_000, seed))
    return keep(store, root, name)


def test_what_is_removed_is_listed_and_comes_back_whole(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1, 2), kept(store, tmp_path, "two", 2, 3)
    assert move_to_trash(store, [one]).digests == (one,)
    assert store.documents() == [two]
    (listed,) = in_trash(store)
    assert (listed.digest, listed.document["name"], listed.why) == (one, "one", "")
    with pytest.raises(NotFoundError):
        store.document(one)
    assert bring_back(store, [one]).digests == (one,)
    assert sorted(store.documents()) == sorted([one, two])
    assert verify(store, entries_of(store, one)).ok
    assert in_trash(store) == []


def test_removing_twice_is_removing_once_and_so_is_bringing_back(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    for _ in range(2):
        assert move_to_trash(store, [one, one]).digests == (one,)
    for _ in range(2):
        assert bring_back(store, [one]).digests == (one,)
    assert store.documents() == [one]


def test_what_is_nowhere_is_said_to_be_absent(store, tmp_path):
    kept(store, tmp_path, "one", 1)
    nothing = "b3:" + "0" * 64
    assert move_to_trash(store, [nothing]).absent == (nothing,)
    assert bring_back(store, [nothing]).absent == (nothing,)


def test_it_can_be_stopped_between_two(store, tmp_path):
    all_of_them = [kept(store, tmp_path, str(number), number) for number in range(3)]

    def stop(done: int, total: int, _what: str) -> None:
        assert total == 3
        if done == 2:
            raise CancelledError("stop")

    moved = move_to_trash(store, all_of_them, stop)
    assert (moved.digests, moved.stopped) == (tuple(all_of_them[:2]), True)
    assert {one.digest for one in in_trash(store)} == set(all_of_them[:2])
    assert store.documents() == all_of_them[2:]


def test_what_is_needed_again_is_no_longer_condemned(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    packs = store.refresh().packs
    move_to_trash(store, [one])
    store.condemn(packs, 10**10)
    bring_back(store, [one])
    assert condemned_packs(store.places) == frozenset()


def test_what_was_emptied_does_not_come_back(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one, two])
    assert empty(store, Order({one: "*"}, now=0.0, early=True)).gone == (one,)
    moved = bring_back(store, [one, two])
    assert (moved.digests, moved.absent) == ((two,), (one,))


def test_what_has_lost_bytes_does_not_come_back_and_says_why(store, tmp_path):
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one, two])
    lost = next(iter(store.refresh().find(entries_of_trash(store, one)[0].content[0]))).pack
    store.places.pack(lost).unlink()
    moved = bring_back(store, [one, two])
    assert moved.digests == (two,)
    assert moved.lost[one].startswith("Blob ") or "no longer in the store" in moved.lost[one]


def entries_of_trash(store, digest):
    document = next(one.document for one in in_trash(store) if one.digest == digest)
    return list(store.listing(bytes.fromhex(blob) for blob in document["parts"][0]["listing"]))


def test_a_document_that_cannot_be_read_is_listed_with_the_reason(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])
    path = store.places.trash / store.places.document(one).name
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged" in in_trash(store)[0].why
    assert "damaged" in bring_back(store, [one]).lost[one]


def test_of_a_document_in_both_places_no_damaged_copy_replaces_a_good_one(store, tmp_path):
    """A copy by rsync brings a removed snapshot again."""
    one = kept(store, tmp_path, "one", 1)
    raw = store.places.document(one).read_bytes()
    move_to_trash(store, [one])
    store.places.document(one).write_bytes(raw)
    assert in_trash(store) == []
    assert move_to_trash(store, [one]).digests == (one,)
    store.places.document(one).write_bytes(raw[:-1])
    with pytest.raises(DamagedError):
        move_to_trash(store, [one])
    assert (store.places.trash / store.places.document(one).name).read_bytes() == raw


def test_parts_come_back_as_long_as_their_bytes_are_there(store, tmp_path):
    one = kept(store, tmp_path, "one", 1)
    store.condemn(store.refresh().packs, 10**10)
    assert keep_parts(store, {one: ["data"]}) == {}
    assert condemned_packs(store.places) == frozenset()
    assert keep_parts(store, {one: ["data"]}, {one: ["data"]}) == {one: "the bytes of data are gone"}
    nothing = "b3:" + "0" * 64
    assert keep_parts(store, {nothing: ["data"]}) == {nothing: "its document is gone"}
