"""Killed at any instant, nothing that was committed is lost, and the next call works without a step by hand."""

from __future__ import annotations

import shutil

import pytest

from repro_tui.errors import UsageError
from repro_tui.store.check import check
from repro_tui.store.repair import repair
from repro_tui.store.restore import restore
from repro_tui.store.tree import MARK
from repro_tui.store.verify import verify
from tests.store.deaths import KILLS, deaths, killed
from tests.store.keeping import entries_of, keep, random_bytes, state, store_at


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    (root / "large").write_bytes(random_bytes(3 << 20))
    for number in range(30):
        (root / f"{number:02d}").write_bytes(random_bytes(2000, number))
    return root


def test_killed_while_it_keeps(tmp_path, data, capsys):
    def work(say):
        for number in range(3):
            (data / "large").write_bytes(random_bytes(3 << 20, number + len(committed)))
            say(keep(store_at(tmp_path), data, f"run{number}"))

    committed: list[str] = []
    said, took = killed(work, None)
    assert took
    committed += said
    for said in deaths(work, took, seed=1):
        committed += said
        store = store_at(tmp_path)
        assert check(store).damages == ()
        assert set(committed) <= set(store.documents())
        assert verify(store, entries_of(store, committed[-1])).ok
    again = keep(store_at(tmp_path), data, "after")
    assert not [path for path in store.places.folder.iterdir() if path.name.startswith(".")]
    for digest in {*committed, again}:
        assert verify(store, entries_of(store_at(tmp_path), digest)).ok
    with capsys.disabled():
        print(f"\nkilled {KILLS} times while keeping: {len(committed)} of {len(committed)} committed snapshots whole")


def test_killed_while_it_restores(tmp_path, data, capsys):
    store = store_at(tmp_path)
    entries = entries_of(store, keep(store, data))
    out = tmp_path / "out"

    def work(_):
        restore(store_at(tmp_path), entries, out)

    _, took = killed(work, None)
    assert took
    assert state(out) == state(data)
    shutil.rmtree(out)
    incomplete = 0
    for _ in deaths(work, took, seed=2):
        if not out.exists() or not any(out.iterdir()):
            incomplete += 1
        elif (out / MARK).exists():
            incomplete += 1
            with pytest.raises(UsageError, match="did not come to its end"):
                restore(store, entries, out)
        else:
            assert state(out) == state(data)
        shutil.rmtree(out, ignore_errors=True)
    restore(store, entries, out)
    assert state(out) == state(data)
    assert check(store).ok
    with capsys.disabled():
        print(f"\nkilled {KILLS} times while restoring: {incomplete} incomplete folders, each of them says so")
    assert incomplete >= 5


def test_killed_while_it_repairs(tmp_path, data, capsys):
    digest = keep(store_at(tmp_path), data)
    whole = tmp_path / ".repro"
    (pack,) = store_at(tmp_path).places.packs.rglob("*.pack")
    raw = bytearray(pack.read_bytes())
    raw[raw.index(random_bytes(2000, 7)) + 5] ^= 1
    pack.write_bytes(raw)
    shutil.copytree(whole, tmp_path / "damaged")

    def work(_):
        repair(store_at(tmp_path))

    _, took = killed(work, None)
    assert took
    shutil.rmtree(whole)
    shutil.copytree(tmp_path / "damaged", whole)
    for _ in deaths(work, took, seed=3):
        report = repair(store_at(tmp_path))
        assert [damage.why for damage in report.damages] == ["part data: 1 of 31 files cannot be restored: 07"]
        left = verify(store_at(tmp_path), entries_of(store_at(tmp_path), digest))
        assert [damage.what for damage in left.damages] == ["07"]
        shutil.rmtree(whole)
        shutil.copytree(tmp_path / "damaged", whole)
    with capsys.disabled():
        print(f"\nkilled {KILLS} times while repairing: the other 30 of 31 files whole each time")
