"""Emptying beside others: who adds, who copies, who reads, with locks and without."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repro_tui.errors import CancelledError, ReproError, StorageError
from repro_tui.store import documents, emptying
from repro_tui.store.check import check
from repro_tui.store.condemn import GRACE_S, condemned_packs
from repro_tui.store.emptying import Order, empty, plan_emptying
from repro_tui.store.store import Store
from repro_tui.store.trash import in_trash, move_to_trash
from repro_tui.store.verify import verify
from tests.store.keeping import entries_of, keep, prune, random_bytes

ROOT = Path(__file__).resolve().parents[2]
NOW = 4e9
"""Later than everything here was written."""


def at(folder: Path, *, use_locks: bool = True) -> Store:
    return Store(folder / "store", folder / "locks", threads=1, use_locks=use_locks)


def kept(store, tmp_path, name: str, *seeds: int, size: int = 20_000):
    root = tmp_path / f"data-{name}"
    root.mkdir(exist_ok=True)
    for seed in seeds:
        (root / str(seed)).write_bytes(random_bytes(size, seed))
    return keep(store, root, name)


def assert_whole(folder: Path) -> None:
    store = at(folder)
    for digest in store.documents():
        assert verify(store, entries_of(store, digest)).ok
    assert check(store).damages == ()


# Without locks.


def test_without_locks_nothing_goes_early_before_a_day_has_passed(tmp_path):
    store = at(tmp_path, use_locks=False)
    one = kept(store, tmp_path, "one", 1)
    kept(store, tmp_path, "two", 2)
    prune(store, [one], NOW, NOW + 7 * GRACE_S)
    with pytest.raises(StorageError, match=r"can be emptied early from \d{4}-\d\d-\d\d \d\d:\d\d on: locks are not"):
        empty(store, Order({one: "*"}, NOW + 60, early=True))
    assert [each.digest for each in in_trash(store)] == [one]
    freed = empty(store, Order({one: "*"}, NOW + GRACE_S, early=True))
    assert (freed.gone, freed.packs.deleted) == ((one,), 1)
    assert_whole(tmp_path)


def test_without_locks_what_was_never_condemned_is_when_it_is_asked_for(tmp_path):
    store = at(tmp_path, use_locks=False)
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])
    with pytest.raises(StorageError):
        empty(store, Order({one: "*"}, NOW, early=True))
    assert condemned_packs(store.places)
    assert empty(store, Order({one: "*"}, NOW + GRACE_S, early=True)).packs.deleted == 1


def test_without_locks_what_has_come_to_its_time_goes(tmp_path):
    store = at(tmp_path, use_locks=False)
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    prune(store, [one], NOW, NOW + 7 * GRACE_S)
    freed = empty(store, Order({one: "*"}, NOW + 7 * GRACE_S))
    assert (freed.gone, freed.packs.deleted, freed.left) == ((one,), 1, ())
    assert condemned_packs(store.places) == frozenset()
    assert store.documents() == [two]
    assert_whole(tmp_path)


def test_without_locks_a_pack_is_written_again_a_day_after_it_was_condemned(tmp_path):
    store = at(tmp_path, use_locks=False)
    one = kept(store, tmp_path, "one", 1, 2, 3)
    kept(store, tmp_path, "two", 3)
    prune(store, [one], NOW, NOW + 7 * GRACE_S)
    first = empty(store, Order({one: "*"}, NOW + 7 * GRACE_S))
    assert (first.gone, first.packs.frees) == ((one,), 0)
    second = empty(store, Order({}, NOW + 8 * GRACE_S + 1))
    assert second.packs.rewritten == 1
    assert second.packs.frees > 40_000
    assert_whole(tmp_path)


def test_without_locks_a_pack_of_which_most_is_needed_is_not_condemned(tmp_path):
    """Who adds would store all of it again."""
    store = at(tmp_path, use_locks=False)
    one = kept(store, tmp_path, "one", 1, 2, 3, 4)
    kept(store, tmp_path, "two", 1, 2, 3)
    prune(store, [one], NOW, NOW + 7 * GRACE_S)
    empty(store, Order({one: "*"}, NOW + 7 * GRACE_S))
    assert condemned_packs(store.places) == frozenset()
    assert_whole(tmp_path)


# What somebody copies into the store.


def test_packs_whose_documents_are_still_to_come_stay_for_a_day(tmp_path):
    """`rsync` brings packs before documents."""
    other = at(tmp_path / "other")
    came = kept(other, tmp_path, "came", 7, 8)
    store = at(tmp_path)
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])
    for folder in ("index", "packs"):
        subprocess.run(["cp", "-r", f"{tmp_path}/other/store/{folder}", f"{tmp_path}/store/"], check=True)
    freed = empty(store, Order({one: "*"}, time.time(), early=True))
    assert freed.packs.deleted == 1
    assert "go a day after they came" in freed.left[0]
    subprocess.run(["cp", "-r", f"{tmp_path}/other/store/snapshots", f"{tmp_path}/store/"], check=True)
    assert at(tmp_path).documents() == [came]
    assert_whole(tmp_path)


def test_packs_that_nobody_has_needed_for_a_day_go(tmp_path):
    store = at(tmp_path)
    one = kept(store, tmp_path, "one", 1)
    store.places.document(one).unlink()
    assert empty(store, Order({}, time.time())).packs.deleted == 0
    assert empty(store, Order({}, time.time() + GRACE_S + 60)).packs.deleted == 1
    assert store.usage().packs == 0


def test_a_document_that_comes_while_the_trash_is_emptied_keeps_its_packs(tmp_path, monkeypatch):
    store = at(tmp_path)
    one, two = kept(store, tmp_path, "one", 1), kept(store, tmp_path, "two", 2)
    path = store.places.document(two)
    raw = path.read_bytes()
    path.unlink()
    move_to_trash(store, [one])
    real = emptying.condemn

    def condemn_while_it_comes(*args, **fields):
        path.write_bytes(raw)
        return real(*args, **fields)

    monkeypatch.setattr(emptying, "condemn", condemn_while_it_comes)
    freed = empty(store, Order({one: "*"}, NOW))
    assert "came while the trash was emptied" in freed.left[0]
    assert_whole(tmp_path)
    monkeypatch.undo()
    assert empty(store, Order({}, NOW * 2)).packs.deleted == 1
    assert_whole(tmp_path)


# Who holds the lock.


def test_nothing_goes_while_somebody_adds(tmp_path):
    store = at(tmp_path)
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])
    adding = at(tmp_path)
    with adding.adder() as adder:
        adder.put(b"something")
        plan_emptying(store, Order({one: "*"}, NOW))
        impatient = store.lock(exclusive=True)
        impatient._wait_s = 0
        with pytest.raises(StorageError, match="Another process is adding"):
            impatient.__enter__()
    assert empty(store, Order({one: "*"}, NOW)).gone == (one,)


def test_two_cannot_decide_at_once(tmp_path):
    store = at(tmp_path)
    with store.deciding(), store.adder() as adder:
        adder.put(b"whoever adds is not in the way")
        second = store.deciding()
        second._wait_s = 0
        with pytest.raises(StorageError, match="Another process is removing snapshots"):
            second.__enter__()


def test_a_lock_that_works_is_known_as_one_whoever_holds_it(tmp_path):
    store = at(tmp_path)
    assert store.why_not_exclusive() == ""
    kept(store, tmp_path, "one", 1)
    assert store.why_not_exclusive() == ""
    for exclusive in (True, False):
        with store.lock(exclusive=exclusive):
            assert store.why_not_exclusive() == ""


def test_a_lock_without_effect_is_known_as_one(tmp_path, monkeypatch):
    store = at(tmp_path)
    kept(store, tmp_path, "one", 1)
    monkeypatch.setattr("repro_tui.store.locks.fcntl.flock", lambda _descriptor, _kind: None)
    assert "no effect" in store.why_not_exclusive()


def test_a_lock_that_other_hosts_do_not_see_is_known_as_one(tmp_path, monkeypatch):
    store = at(tmp_path)
    kept(store, tmp_path, "one", 1)
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mounts"
    number = f"{os.major(device)}:{os.minor(device)}"
    monkeypatch.setattr("repro_tui.store.locks._MOUNTS", mounts)
    for kind, options, seen in [
        ("nfs4", "rw,local_lock=none", True),
        ("nfs4", "rw,local_lock=all", False),
        ("nfs", "rw,nolock", False),
        ("fuse.sshfs", "rw", False),
        ("cifs", "rw,nobrl", False),
        ("lustre", "rw,flock", True),
        ("lustre", "rw,localflock", False),
        ("ext4", "rw", True),
    ]:
        mounts.write_text(f"1 2 {number} / /home rw shared:1 - {kind} host:/home {options}\n")
        assert (store.why_not_exclusive() == "") is seen, (kind, options)


# Who reads, stops, adds meanwhile.


def test_who_reads_finds_what_was_written_again_meanwhile(tmp_path):
    store, reader = at(tmp_path), at(tmp_path)
    one, two = kept(store, tmp_path, "one", 1, 2, 3), kept(store, tmp_path, "two", 3)
    entries = entries_of(reader, two)
    move_to_trash(store, [one])
    assert empty(store, Order({one: "*"}, NOW, max_unneeded=0)).packs.rewritten == 1
    assert verify(reader, entries).ok


def test_who_has_looked_in_vain_a_moment_ago_finds_it_too(tmp_path):
    store, reader = at(tmp_path), at(tmp_path)
    one, two = kept(store, tmp_path, "one", 1, 2, 3), kept(store, tmp_path, "two", 3)
    entries = entries_of(reader, two)
    move_to_trash(store, [one])
    assert not reader.has(bytes(32))
    empty(store, Order({one: "*"}, NOW, max_unneeded=0))
    assert reader.read(entries[0].content[0]) == random_bytes(20_000, 3)


@pytest.mark.parametrize("quick", [False, True])
def test_who_checks_meanwhile_finds_no_damage(tmp_path, quick, monkeypatch):
    store = at(tmp_path)
    one, two = kept(store, tmp_path, "one", 1, 2, 3), kept(store, tmp_path, "two", 3)
    three = kept(store, tmp_path, "three", 4)
    move_to_trash(store, [one, three])
    real, done = documents.read, []

    def read_and_empty(places, digest, folder=None):
        document = real(places, digest, folder)
        if digest == two and not done:
            done.append(1)
            done.append(empty(at(tmp_path), Order({one: "*", three: "*"}, NOW, max_unneeded=0)))
        return document

    monkeypatch.setattr(documents, "read", read_and_empty)
    assert check(at(tmp_path), quick=quick).damages == ()
    assert (done[1].packs.rewritten, done[1].packs.deleted) == (1, 1)


def test_it_can_be_stopped_and_goes_on_the_next_time(tmp_path):
    store = at(tmp_path)
    digests = [kept(store, tmp_path, str(n), n, n + 1) for n in range(4)]
    move_to_trash(store, digests[:3])

    def stop(done: int, _total: int, what: str) -> None:
        if what.startswith("Emptying") and done:
            raise CancelledError("stop")

    order = Order(dict.fromkeys(digests[:3], "*"), NOW, max_unneeded=0)
    before = store.usage().size
    freed = empty(store, order, stop)
    assert freed.stopped
    assert freed.packs.frees == before - at(tmp_path).usage().size
    assert_whole(tmp_path)
    assert not empty(at(tmp_path), order).stopped
    assert at(tmp_path).usage().packs == 2
    assert_whole(tmp_path)


def test_stopped_while_it_reads_nothing_was_deleted(tmp_path):
    store = at(tmp_path)
    one = kept(store, tmp_path, "one", 1)
    move_to_trash(store, [one])

    def stop(_done: int, _total: int, _what: str) -> None:
        raise CancelledError("stop")

    with pytest.raises(CancelledError):
        empty(store, Order({one: "*"}, NOW), stop)
    assert [each.digest for each in in_trash(store)] == [one]


ADDER = """
import sys
from pathlib import Path
from repro_tui.errors import ReproError
from repro_tui.store.store import Store
from tests.store.keeping import keep, random_bytes
folder, locks = Path(sys.argv[1]), sys.argv[2] == "locks"
count = 0
while not (folder / "over").exists():
    root = folder / f"more{count % 7}"
    root.mkdir(exist_ok=True)
    for seed in range(count % 7, count % 7 + 3):
        (root / str(seed)).write_bytes(random_bytes(8000, seed))
    try:
        keep(Store(folder / "store", folder / "locks", threads=1, use_locks=locks), root, f"more{count}")
    except ReproError as error:
        print(error.message)
        if locks:
            raise
    count += 1
    (folder / "count").write_text(str(count))
print(count)
"""


@pytest.mark.parametrize("locks", [True, False])
def test_what_somebody_adds_meanwhile_is_whole(tmp_path, locks):
    """It relies on the same files as what is removed and emptied beside it, again and again.

    Without locks the time that goes by between condemning and deleting is not waited for, only pretended.
    """
    store = at(tmp_path, use_locks=locks)
    kept(store, tmp_path, "one", 1, 2, 3, size=8000)
    adder = subprocess.Popen(
        [sys.executable, "-c", ADDER, str(tmp_path), "locks" if locks else "none"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    (tmp_path / "count").write_text("0")
    freed, rounds, now = 0, 0, time.time()
    deadline = time.monotonic() + 60
    while (int((tmp_path / "count").read_text() or 0) < 12 or freed < 4) and time.monotonic() < deadline:
        rounds += 1
        now += 3 * GRACE_S
        beside = at(tmp_path, use_locks=locks)
        try:
            prune(beside, beside.documents()[::2], now, now + GRACE_S)
            gone = dict.fromkeys([one.digest for one in in_trash(beside)], "*")
            done = empty(beside, Order(gone, now + 2 * GRACE_S, max_unneeded=0.01))
            freed += done.packs.deleted + done.packs.rewritten
        except ReproError:
            assert not locks
    (tmp_path / "over").touch()
    said = adder.communicate(timeout=60)[0]
    assert adder.returncode == 0, said
    assert freed
    assert_whole(tmp_path)
