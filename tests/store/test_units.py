"""What is needed together is found once, wherever its blobs lie."""

from __future__ import annotations

import pytest
from blake3 import blake3

from repro_tui.domain.footprint import MANIFEST
from repro_tui.errors import DamagedError
from repro_tui.store.pack import HEAD
from repro_tui.store.units import Units, first_rows
from tests.store.keeping import keep, random_bytes, store_at


@pytest.fixture
def store(tmp_path):
    return store_at(tmp_path)


@pytest.fixture
def kept(store, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_bytes(random_bytes(9000, 1))
    (tmp_path / "data" / "b").write_bytes(random_bytes(9000, 2))
    return keep(store, tmp_path / "data")


def test_a_document_needs_its_manifest_and_its_parts(store, kept):
    units = Units(store.refresh(), store.read)
    needed = units.of(store.document(kept))
    assert [part for part, _ in needed] == [MANIFEST, "data"]
    (row,) = units.rows(needed[0].unit)
    assert units.pack(row) in store.refresh().packs
    assert len(units.rows(needed[1].unit)) == 3
    assert max(map(units.stored, units.rows(needed[1].unit))) == 9000 + HEAD.size
    assert [part for part, _ in units.of(store.document(kept), ["data"])] == [MANIFEST]
    assert units.of(store.document(kept), ["*"]) == []


def test_what_is_missing_is_counted(store, kept):
    contents = {}
    full = Units(store.refresh(), store.read, contents)
    needed = full.of(store.document(kept))
    for path in store.places.index.rglob("*.idx"):
        path.unlink()
    empty = Units(store.refresh(), store.read, contents)
    assert [empty.missing(unit) for _, unit in empty.of(store.document(kept))] == [1, 3]
    assert [full.missing(unit) for _, unit in needed] == [0, 0]


def test_what_lies_twice_is_known_in_one_table_and_in_several(store, tmp_path):
    data = random_bytes(9000, 1)
    for turn in range(3):
        with store.adder() as adder:
            adder.put(data)
            adder.put(random_bytes(100, turn))
            adder.commit({"turn": turn})
        store.condemn(store.refresh().packs, 10**10)
    for index in (store.refresh(), store_at(tmp_path).refresh()):
        (item,) = Units(index, store.read).twice().items()
        assert item[0] == item[1][0]
        assert len(item[1]) == len(index.find(blake3(data).digest())) == 3
        assert first_rows({item[0]: item[1]}) == dict.fromkeys(item[1], item[0])


def test_names_of_blobs_that_are_none_are_damage(store):
    line = b'{"c":["%s","%s"],"d":"b3:%s","m":1,"p":"a","s":9,"t":"f","u":1}\n' % (b"z" * 64, b"0" * 64, b"0" * 64)
    with store.adder() as adder:
        listing = [blob.hex() for blob in adder.put(line)]
        digest = adder.commit({"parts": [{"name": "data", "kind": "data", "listing": listing}]})
    units = Units(store.refresh(), store.read)
    with pytest.raises(DamagedError, match="no known form"):
        units.of(store.document(digest), strict=True)
    ((_, unit),) = units.of(store.document(digest))
    assert len(units.rows(unit)) == 1
