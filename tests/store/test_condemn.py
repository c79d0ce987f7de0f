"""Deleting loses nothing that a document needs, with or without locks; who adds stores again what is to be deleted."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from blake3 import blake3

from repro_tui.errors import DamagedError, ReproError, StorageError
from repro_tui.store.condemn import GRACE_S, condemned_packs, read_condemned
from repro_tui.store.durable import RESERVE
from repro_tui.store.emptying import Order, empty
from repro_tui.store.store import Store
from tests.store.keeping import entries_of, keep, random_bytes

ROOT = Path(__file__).resolve().parents[2]
LATER = GRACE_S + 2
"""After packs that were condemned at time 0 may go."""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store", tmp_path / "locks", threads=1)


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    (root / "a").write_bytes(random_bytes(300_000, 1))
    (root / "b").write_bytes(random_bytes(3_000_000, 2))
    return root


def emptied(store: Store, now: float, dropped=None) -> list[str]:
    """Empty what is condemned, and give the packs that went by it."""
    before = {path.stem for path in store.places.packs.rglob("*.pack")}
    empty(store, Order({}, now, dropped=dropped or {}))
    return sorted(before - {path.stem for path in store.places.packs.rglob("*.pack")})


def remove(store: Store, digest) -> None:
    store.places.document(digest).unlink()


def packs(store: Store) -> list[str]:
    return sorted(store.refresh().packs)


def assert_whole(store: Store) -> None:
    for digest in store.documents():
        document = store.document(digest)
        assert store.read_all(bytes.fromhex(blob) for blob in document["manifest"])
        for entry in entries_of(store, digest):
            assert blake3(store.read_all(entry.content)).digest() == entry.digest


def test_packs_that_nobody_needs_go_after_their_time(store, data):
    remove(store, keep(store, data))
    condemned = packs(store)
    store.condemn(condemned, 0, now=0)
    assert emptied(store, GRACE_S - 1) == []
    assert condemned_packs(store.places) == frozenset(condemned)
    assert emptied(store, LATER) == condemned
    assert (store.usage().packs, store.usage().size) == (0, 0)
    assert read_condemned(store.places) == []


def test_they_never_go_earlier_than_a_day_after_they_were_condemned(store, data):
    keep(store, data)
    assert store.condemn(packs(store), 5, now=1000).until == 1000 + GRACE_S


def test_what_is_needed_again_is_spared_and_no_longer_condemned(store, data):
    keep(store, data)
    condemned = packs(store)
    store.condemn(condemned, 0, now=0)
    assert emptied(store, LATER) == []
    assert read_condemned(store.places) == []
    assert_whole(store)


def test_a_document_in_the_trash_needs_its_blobs(store, data):
    digest = keep(store, data)
    store.places.document(digest).rename(store.places.trash / store.places.document(digest).name)
    store.condemn(packs(store), 0, now=0)
    assert emptied(store, LATER) == []
    assert store.usage().trash > 3_300_000


def test_a_part_that_was_dropped_needs_nothing(store, data):
    digest = keep(store, data)
    with store.adder() as adder:  # the manifest alone, in a pack of its own
        manifest = [bytes.fromhex(blob) for blob in store.document(digest)["manifest"]]
        adder._claims._shunned = frozenset(range(99))
        adder.put(store.read_all(manifest))
        adder.commit({})
    old = [where.pack for where in store.refresh().find(entries_of(store, digest)[0].content[0])]
    store.condemn(old, 0, now=0)
    assert emptied(store, LATER, {digest: ["data"]}) == old


def test_nothing_goes_while_a_document_cannot_be_read(store, data):
    keep(store, data)
    path = store.places.document(store.documents()[0])
    path.write_bytes(path.read_bytes().replace(b"ada", b"bob"))
    store.condemn(packs(store), 0, now=0)
    with pytest.raises(DamagedError, match="is damaged"):
        emptied(store, LATER)
    assert store.usage().packs > 0


def test_who_adds_does_not_rely_on_condemned_packs(store, data):
    remove(store, keep(store, data))
    condemned = packs(store)
    store.condemn(condemned, 0, now=0)
    keep(store, data)
    assert emptied(store, LATER) == condemned
    assert_whole(store)


def test_what_was_condemned_meanwhile_is_stored_again(store, data, tmp_path):
    keep(store, data)
    other = Store(tmp_path / "store", tmp_path / "locks", use_locks=False)
    condemned = packs(store)
    with store.adder() as adder:
        blobs = [adder.put((data / "b").read_bytes()), adder.put(b"new")]
        other.condemn(condemned, 0, now=0)
        digest = adder.commit({"manifest": [blob.hex() for names in blobs for blob in names]})
        assert adder.added > 3_000_000
    for old in store.documents():
        if old != digest:
            remove(store, old)
    assert emptied(store, LATER) == condemned
    assert store.read_all(blobs[0]) == (data / "b").read_bytes()


def test_the_same_bytes_stored_again_are_a_pack_of_another_name(store):
    """Else the new pack would be the condemned one, and go with it."""
    for turn in range(2):
        with store.adder() as adder:
            adder.put(b"the same bytes")
            adder.commit({"turn": turn})
        if not turn:
            store.condemn(packs(store), 0, now=0)
    assert len(packs(store)) == 2


def test_a_snapshot_whose_packs_were_deleted_meanwhile_is_refused(store, data, tmp_path):
    first = keep(store, data)
    other = Store(tmp_path / "store", tmp_path / "locks", use_locks=False)
    with store.adder() as adder:
        adder.put((data / "b").read_bytes())
        remove(other, first)
        other.condemn(packs(other), 0, now=0)
        assert emptied(other, LATER)
        with pytest.raises(StorageError, match="was deleted meanwhile"):
            adder.commit({"never": "visible"})
    assert store.documents() == []


def test_two_condemnations_do_not_each_trust_the_others_pack(store, data):
    """The same blob in two packs, each condemned by somebody: one of them has to stay."""
    digest = keep(store, data)
    with store.adder() as adder:
        adder._claims._shunned = frozenset(range(99))
        adder.put((data / "b").read_bytes())
        adder.commit({"manifest": [blob.hex() for blob in adder.put((data / "b").read_bytes())]})
    remove(store, digest)
    for pack in packs(store):
        store.condemn([pack], 0, now=0)
    emptied(store, LATER)
    assert store.read_all(bytes.fromhex(name) for name in store.document(store.documents()[0])["manifest"])


def test_a_pack_that_lost_its_sidecar_is_looked_into(store, data):
    keep(store, data)
    [pack] = packs(store)
    raw = store.places.sidecar(pack).read_bytes()
    store.condemn([pack], 0, now=0)
    store.places.sidecar(pack).unlink()
    with pytest.raises(ReproError):
        emptied(store, LATER)
    store.places.sidecar(pack).write_bytes(raw)
    assert emptied(store, LATER) == []
    assert_whole(store)


def test_a_deletion_that_died_between_sidecar_and_pack_is_ended_by_the_next(store, data):
    remove(store, keep(store, data))
    [pack] = packs(store)
    store.condemn([pack], 0, now=0)
    store.places.sidecar(pack).unlink()
    assert emptied(store, LATER) == [pack]
    assert not store.places.pack(pack).exists()


@pytest.mark.parametrize("text", ["", "[]", '{"repro_condemned":2,"packs":[]}', '{"repro_condemned":1,"packs":3}'])
def test_a_condemnation_that_cannot_be_understood_deletes_nothing(store, data, text):
    remove(store, keep(store, data))
    (store.places.condemned / "0123456789abcdef.json").write_text(text)
    assert emptied(store, LATER) == []
    assert (store.places.condemned / "0123456789abcdef.json").exists()


@pytest.mark.parametrize("until", ["NaN", "Infinity", "-Infinity", "null"])
def test_a_time_that_is_none_never_comes(store, data, until):
    remove(store, keep(store, data))
    path = store.condemn(packs(store), 0, now=0).path
    path.write_text(path.read_text().replace(f'"until":{int(GRACE_S)}.0', f'"until":{until}'))
    assert until in path.read_text()
    assert emptied(store, LATER) == []


def test_the_reserve_is_there_and_comes_back(store, data):
    keep(store, data)
    assert store.places.reserve.stat().st_size == RESERVE
    store.places.reserve.unlink()
    emptied(store, LATER)
    assert store.places.reserve.stat().st_size == RESERVE


SWEEPER = """
import sys, time
from pathlib import Path
from repro_tui.errors import ReproError
from repro_tui.store.emptying import Order, empty
from repro_tui.store.store import Store
folder = Path(sys.argv[1])
store = Store(folder / "store", folder / "locks", use_locks=False)
count = 0
while not (folder / "over").exists():
    try:
        store.condemn(store.refresh().packs, 0, now=0)
        count += empty(store, Order({}, time.time())).packs.deleted
        (folder / "deleted").write_text(str(count))
    except ReproError:
        pass  # a document that is taken back just now; nothing is deleted then
print(count)
"""


def test_adding_beside_deleting_without_any_lock_loses_nothing(tmp_path, data):
    """Far worse than allowed: another process condemns everything and deletes it at once, without the day between."""
    store = Store(tmp_path / "store", tmp_path / "locks", use_locks=False, threads=2)
    keep(store, data)
    sweeper = subprocess.Popen(
        [sys.executable, "-c", SWEEPER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    (tmp_path / "deleted").write_text("0")
    taken, refused = 0, 0
    deadline = time.monotonic() + 30
    while (taken < 4 or int((tmp_path / "deleted").read_text() or 0) < 3) and time.monotonic() < deadline:
        (data / "a").write_bytes(random_bytes(200_000, taken))
        try:
            digest = keep(Store(tmp_path / "store", tmp_path / "locks", use_locks=False), data)
        except ReproError:
            refused += 1
            continue
        taken += 1
        assert_whole(Store(tmp_path / "store", tmp_path / "locks"))
        if taken % 2:
            remove(store, digest)
    (tmp_path / "over").touch()
    deleted = int(sweeper.communicate(timeout=60)[0])
    print(f"{taken} taken, {refused} refused, {deleted} packs deleted beside")
    assert taken
    assert deleted
    assert_whole(Store(tmp_path / "store", tmp_path / "locks"))
