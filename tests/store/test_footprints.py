"""What a plan says is freed is what emptying really frees, however snapshots share files, packs and copies."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.footprint import MANIFEST
from repro_tui.store.emptying import Order, empty
from repro_tui.store.footprints import footprint, holdings
from repro_tui.store.sizes import sizes
from repro_tui.store.store import Store
from repro_tui.store.trash import in_trash, move_to_trash
from repro_tui.store.verify import verify
from tests.store.keeping import entries_of, keep, random_bytes, store_at

NOW = 4e9


def everything(store):
    """Give all documents, those in the trash too."""
    live = {digest: store.document(digest) for digest in store.documents()}
    return live | {one.digest: one.document for one in in_trash(store)}


def packed(store) -> int:
    """Count the bytes of all blobs with their heads."""
    return sum(path.stat().st_size - 8 for path in store.places.packs.rglob("*.pack"))


def on_disk(store) -> int:
    return sum(p.stat().st_size for folder in (store.places.packs, store.places.index) for p in folder.rglob("*.*"))


def kept(store, folder: Path, name: str, seeds) -> str:
    root = folder / name
    root.mkdir()
    for seed in seeds:
        (root / str(seed)).write_bytes(random_bytes(500 + 300 * seed, seed))
    return keep(store, root, name)


snapshots = st.lists(
    st.tuples(
        st.sets(st.integers(0, 9), min_size=1, max_size=6), st.booleans(), st.sampled_from(["stays", "all", "data"])
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip
"""Of each its files, whether everything before was condemned (so that it is stored twice), and what becomes of it."""


@settings(max_examples=15)
@given(snapshots)
def test_what_a_plan_frees_is_what_emptying_frees(plan):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = store_at(folder)
        gone, trashed = {}, []
        for number, (seeds, condemned, fate) in enumerate(plan):
            if condemned and number:
                store.condemn(store.refresh().packs, NOW * 2)
            digest = kept(store, folder, f"run{number}", seeds)
            if fate != "stays":
                gone[digest] = ["*" if fate == "all" else "data"]
            if fate == "all":
                trashed.append(digest)
        move_to_trash(store, trashed)
        held = holdings(store, everything(store))
        before = on_disk(store)
        foreseen = held.work(gone, max_unneeded=0)
        assert footprint(store, everything(store)).freed(gone) == held.footprint.freed(gone)
        freed = empty(store_at(folder), Order(gone, NOW, max_unneeded=0))
        assert packed(store) == held.footprint.size - held.footprint.freed(gone)
        assert freed.packs.frees == foreseen.frees == before - on_disk(store)
        assert (freed.packs.deleted, freed.packs.rewritten) == (foreseen.deleted, foreseen.rewritten)
        assert freed.left == ()
        for digest in Store(store.places.folder, store._locks).documents():
            if digest not in gone:
                assert verify(store_at(folder), entries_of(store_at(folder), digest)).ok
        again = empty(store_at(folder), Order({}, NOW, dropped=gone, max_unneeded=0))
        assert (again.packs.frees, again.packs.deleted, again.packs.rewritten) == (0, 0, 0)


def test_it_agrees_with_the_sizes_of_the_list(tmp_path):
    store = store_at(tmp_path)
    for number in range(4):
        kept(store, tmp_path, f"run{number}", range(number, number + 3))
    found = footprint(store, everything(store))
    for digest, (own, shared) in sizes(store, everything(store)).items():
        assert found.freed({digest: ["*"]}) == own
        others = {other: ["*"] for other in found.units if other != digest}
        assert found.size - found.freed(others) == own + shared


def test_a_part_and_a_manifest_are_told_apart(tmp_path):
    store = store_at(tmp_path)
    one = kept(store, tmp_path, "one", [1])
    found = footprint(store, everything(store))
    assert set(found.units[one]) == {MANIFEST, "data"}
    assert found.freed({one: ["data"]}) + found.freed({one: [MANIFEST]}) == found.size == found.freed({one: ["*"]})


def test_who_lost_what_is_told(tmp_path):
    store = store_at(tmp_path)
    one, two = kept(store, tmp_path, "one", [1]), kept(store, tmp_path, "two", [2])
    document = dict(store.document(one))
    assert holdings(store, everything(store)).missing == {}
    (pack,) = {where.pack for where in store.find(entries_of(store, two)[0].content[0])}
    store.places.pack(pack).unlink()
    assert holdings(store_at(tmp_path), everything(store)).missing.keys() == {two}
    assert document == dict(store.document(one))


def test_ten_thousand_snapshots_are_planned_at_once(tmp_path, capsys):
    store = store_at(tmp_path)
    digests = [kept(store, tmp_path, f"run{n}", range(n, n + 4)) for n in range(5)]
    real = {digest: store.document(digest) for digest in digests}
    documents = {f"b3:{number:064x}": real[digests[number % 5]] for number in range(10_000)}
    begin = time.process_time()
    held = holdings(store, documents)
    spent = time.process_time() - begin
    gone = dict.fromkeys(list(documents)[:9_999], ("*",))
    begin = time.process_time()
    work = held.work(gone)
    planned = time.process_time() - begin
    with capsys.disabled():
        print(f"\nfootprint of 10,000 snapshots {spent:.2f} s CPU, plan of removing 9,999 {planned:.3f} s")
    assert work.deleted > 0
