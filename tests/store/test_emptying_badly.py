"""Emptying on disks that are full, damaged or not ours: nothing is lost, and what can go goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from repro_tui.errors import StorageError
from repro_tui.store import rewriting
from repro_tui.store.check import check
from repro_tui.store.durable import RESERVE
from repro_tui.store.emptying import Order, empty, plan_emptying
from repro_tui.store.store import Store
from repro_tui.store.trash import bring_back, move_to_trash
from repro_tui.store.verify import verify
from tests.store.keeping import entries_of, keep, prune, random_bytes, store_at
from tests.store.test_full_disk import fill, small_disk  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parents[2]
NOW = 4e9


def kept(store, folder: Path, name: str, *seeds: int, size: int = 20_000):
    root = folder / f"data-{name}"
    root.mkdir()
    for seed in seeds:
        (root / str(seed)).write_bytes(random_bytes(size, seed))
    return keep(store, root, name)


def assert_whole(store) -> None:
    fresh = Store(store.places.folder, store._locks)
    for digest in fresh.documents():
        assert verify(fresh, entries_of(fresh, digest)).ok
    assert check(fresh).damages == ()


# Full disks.


def test_on_a_full_disk_snapshots_are_removed_brought_back_and_emptied(small_disk, tmp_path):  # noqa: F811 - the fixture
    store = Store(small_disk / "store", small_disk / "locks", threads=1)
    one = kept(store, tmp_path, "one", 1, 2, 3, size=1 << 20)
    two = kept(store, tmp_path, "two", 3, 4, size=1 << 20)
    three = kept(store, tmp_path, "three", 5, size=1 << 20)
    fill(small_disk / "filler")
    assert store.places.reserve.exists()
    prune(store, [one, three], 0, NOW)
    fill(small_disk / "filler2")
    assert not store.places.reserve.exists()
    assert bring_back(store, [three]).digests == (three,)
    move_to_trash(store, [three])
    assert_whole(store)
    order = Order({one: "*", three: "*"}, NOW - 1e6, early=True)
    foreseen = plan_emptying(store, order)
    assert foreseen.rewritten == 1
    freed = empty(store, order)
    assert freed.packs.deleted == 1
    assert freed.packs.rewritten == foreseen.rewritten or "are not free" in freed.left[0]
    assert freed.packs.frees > 1 << 20
    assert store.documents() == [two]
    assert_whole(store)
    (small_disk / "filler").unlink()
    again = empty(store, Order({}, NOW * 2))
    assert again.packs.rewritten + freed.packs.rewritten == 1
    assert store.places.reserve.stat().st_size == RESERVE
    assert_whole(store)


def test_packs_stay_for_which_there_is_no_room_to_be_written_again(tmp_path, monkeypatch):
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1, 2, 3)
    two = kept(store, tmp_path, "two", 3)
    move_to_trash(store, [one])
    monkeypatch.setattr(rewriting, "_free", lambda _places: 1 << 20)
    freed = empty(store, Order({one: "*"}, NOW))
    assert (freed.gone, freed.packs.rewritten, freed.packs.left) == ((one,), 0, 1)
    assert "nobody needs stay in 1 pack: writing the rest again takes 2" in freed.left[0]
    assert_whole(store)
    monkeypatch.undo()
    assert empty(store, Order({}, NOW)).packs.rewritten == 1
    assert store.documents() == [two]
    assert_whole(store)


def test_with_little_room_packs_are_written_again_one_after_the_other(tmp_path, monkeypatch):
    store = store_at(tmp_path)
    digests = [kept(store, tmp_path, f"one{n}", 10 * n, 10 * n + 1, 10 * n + 2) for n in range(3)]
    kept(store, tmp_path, "two", 0, 10, 20)
    move_to_trash(store, digests)
    monkeypatch.setattr(rewriting, "_free", lambda _places: (1 << 20) + 30_000)
    freed = empty(store, Order(dict.fromkeys(digests, "*"), NOW))
    assert (freed.packs.rewritten, freed.left) == (3, ())
    assert_whole(store)


LIMITED = """
import resource, sys
from pathlib import Path
from repro_tui.store.emptying import Order, empty
from repro_tui.store.store import Store
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
freed = empty(Store(folder / ".repro" / "store", folder / ".repro" / "locks"), Order({sys.argv[2]: "*"}, 4e9))
print(freed.packs.rewritten, freed.packs.deleted, freed.left)
"""


def test_a_limit_that_is_met_while_a_pack_is_written_again_leaves_it(tmp_path):
    """As a quota: only the attempt tells of it."""
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1, 2, 3, 4, 5)
    kept(store, tmp_path, "two", 1, 2, 3)
    alone = kept(store, tmp_path, "alone", 6)
    move_to_trash(store, [one, alone])
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), one], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "There is no room left" in done.stdout
    assert [path for path in store.places.folder.iterdir() if path.name.startswith(".")] == []
    assert_whole(store)
    assert empty(store, Order({alone: "*"}, NOW)).packs.rewritten == 1
    assert_whole(store)


# Damage.


def flip(path: Path, needle: bytes) -> None:
    raw = bytearray(path.read_bytes())
    raw[raw.index(needle) + 5] ^= 1
    path.write_bytes(raw)


def pack_of(store, seed: int, size: int = 20_000) -> Path:
    from blake3 import blake3

    return store.places.pack(store.refresh().find(blake3(random_bytes(size, seed)).digest())[0].pack)


def test_a_pack_that_is_damaged_is_not_written_again(tmp_path):
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1, 2, 3)
    kept(store, tmp_path, "two", 3)
    move_to_trash(store, [one])
    pack = pack_of(store, 3)
    flip(pack, random_bytes(20_000, 3))
    freed = empty(store, Order({one: "*"}, NOW))
    assert (freed.gone, freed.packs.rewritten) == ((one,), 0)
    assert "is damaged" in freed.left[0]
    assert "repro-tui repair" in freed.left[0]
    assert pack.exists()


def test_what_is_damaged_and_needed_by_nobody_does_not_matter(tmp_path):
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1, 2, 3)
    kept(store, tmp_path, "two", 3)
    move_to_trash(store, [one])
    flip(pack_of(store, 1), random_bytes(20_000, 1))
    freed = empty(store, Order({one: "*"}, NOW))
    assert (freed.packs.rewritten, freed.left) == (1, ())
    assert_whole(store)


def test_the_only_undamaged_copy_is_not_deleted(tmp_path):
    """What lies in two packs is compared where it stays before the other pack goes."""
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1, 2)
    store.condemn(store.refresh().packs, NOW * 2)
    kept(store, tmp_path, "two", 2, 3)
    move_to_trash(store, [one])
    packs = list(store.places.packs.rglob("*.pack"))
    assert len(packs) == 2
    (condemned,) = [path for path in packs if random_bytes(20_000, 1) in path.read_bytes()]
    (other,) = [path for path in packs if path != condemned]
    good = other.read_bytes()
    flip(other, random_bytes(20_000, 2))
    freed = empty(store, Order({one: "*"}, NOW))
    assert condemned.exists()
    assert "so other packs stay too" in freed.left[0]
    assert verify(store_at(tmp_path), entries_of(store_at(tmp_path), store.documents()[0])).ok
    other.write_bytes(good)
    assert empty(store_at(tmp_path), Order({}, NOW)).packs.deleted == 1
    assert_whole(store)


def test_a_pack_without_its_sidecar_stays_while_something_is_missing(tmp_path):
    store = store_at(tmp_path)
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one])
    pack = pack_of(store, 2)
    listed = store.refresh().find(bytes.fromhex(store.document(two)["parts"][0]["listing"][0]))[0].pack
    assert store.places.pack(listed) == pack
    with store.adder() as adder:  # the listing in a pack of its own, so that only content is missing
        adder._claims._shunned = frozenset(range(99))
        adder.put(store.read(bytes.fromhex(store.document(two)["parts"][0]["listing"][0])))
        adder.put(store.read(bytes.fromhex(store.document(two)["manifest"][0])))
        adder.commit({})
    sidecar = store.places.sidecar(listed)
    raw = sidecar.read_bytes()
    sidecar.unlink()
    freed = empty(store_at(tmp_path), Order({one: "*"}, NOW))
    assert freed.packs.deleted == 1
    assert pack.exists()
    sidecar.write_bytes(raw)
    assert verify(store_at(tmp_path), entries_of(store_at(tmp_path), two)).ok


def test_a_pack_that_may_not_be_deleted_is_named(tmp_path, monkeypatch):
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1)
    two = kept(store, tmp_path, "two", 2)
    move_to_trash(store, [one, two])
    stubborn = store.places.sidecar(pack_of(store, 1).stem)
    real = os.unlink

    def refuse(path, *args, **fields):
        if Path(path) == stubborn:
            raise PermissionError(13, "Permission denied")
        real(path, *args, **fields)

    monkeypatch.setattr(os, "unlink", refuse)
    freed = empty(store, Order({one: "*", two: "*"}, NOW))
    assert freed.packs.deleted == 1
    assert freed.left == (f"{stubborn} cannot be deleted: Permission denied.",)
    monkeypatch.undo()
    assert empty(store, Order({}, NOW)).packs.deleted == 1
    assert store.usage().packs == 0


def test_documents_that_may_not_be_deleted_are_named_and_nothing_goes(tmp_path, monkeypatch):
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])

    def refuse(path, *_args, **_fields):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        empty(store, Order({one: "*"}, NOW))
    monkeypatch.undo()
    assert bring_back(store, [one]).digests == (one,)
    assert_whole(store)
