"""What a snapshot takes is what no other needs, and what it shares."""

from __future__ import annotations

import time

from repro_tui.store.pack import HEAD
from repro_tui.store.sizes import sizes
from tests.store.keeping import keep, random_bytes, store_at

FILE = 10_000 + HEAD.size
"""Stored bytes of a file that cannot be compressed."""
NEAR = 1000
"""Bytes that listings and manifests may take."""


def folder(tmp_path, name: str, *seeds: int):
    root = tmp_path / name
    root.mkdir()
    for seed in seeds:
        (root / str(seed)).write_bytes(random_bytes(10_000, seed))
    return root


def near(value: int, files: int) -> bool:
    return 0 <= value - files * FILE < NEAR


def measured(store, dropped=None):
    return sizes(store, {digest: store.document(digest) for digest in store.documents()}, dropped)


def test_own_and_shared_bytes(tmp_path):
    store = store_at(tmp_path)
    one = keep(store, folder(tmp_path, "one", 1, 2, 3), "one")
    assert near(measured(store)[one][0], 3)
    assert measured(store)[one][1] == 0
    two = keep(store, folder(tmp_path, "two", 3, 4), "two")
    found = measured(store)
    assert near(found[one][0], 2)
    assert near(found[two][0], 1)
    assert found[one][1] == found[two][1] == FILE


def test_what_was_given_up_is_needed_by_nobody(tmp_path):
    store = store_at(tmp_path)
    one = keep(store, folder(tmp_path, "one", 1, 2), "one")
    two = keep(store, folder(tmp_path, "two", 2), "two")
    found = measured(store, {two: {"data"}})
    assert near(found[one][0], 2)
    assert near(found[two][0], 0)
    assert measured(store, {two: {"*"}})[two] == (0, 0)


def test_a_snapshot_that_cannot_be_read_takes_what_is_known_of_it(tmp_path):
    store = store_at(tmp_path)
    one = keep(store, folder(tmp_path, "one", 1), "one")
    document = dict(store.document(one)) | {"parts": [{"name": "data", "kind": "data", "listing": ["zz"]}]}
    assert sizes(store, {one: document}) == {one: (0, 0)}


def test_many_snapshots_of_one_dataset_cost_one_look(tmp_path, capsys):
    """10,000 documents that name the same listings: each listing is read once, whoever names it."""
    store = store_at(tmp_path)
    digests = [keep(store, folder(tmp_path, f"d{n}", *range(n, n + 20)), f"d{n}") for n in range(3)]
    real = {digest: store.document(digest) for digest in digests}
    documents = {f"b3:{number:064x}": real[digests[number % 3]] for number in range(10_000)}
    begin = time.process_time()
    found = sizes(store, documents)
    spent = time.process_time() - begin
    with capsys.disabled():
        print(f"\nsizes of 10,000 snapshots of three versions: {spent:.2f} s CPU")
    assert len(found) == 10_000
    assert {own for own, _ in found.values()} == {0}
    assert all(0 < shared - 20 * FILE < 10 * NEAR for _, shared in found.values())
