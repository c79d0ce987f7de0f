"""Every blob is found in every pack it lies in, with 48 bytes of memory each; what does not count is named."""

from __future__ import annotations

import random

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.store.index import Index, extended, load, merge, numbered
from repro_tui.store.pack import ROW, Row, packed, sidecar
from repro_tui.store.places import Places


def identity(number: int) -> bytes:
    return blake3(number.to_bytes(8, "little")).digest()


def write_pack(places: Places, numbers, size: int = 100) -> str:
    """Write a sidecar that names blobs, and a pack of the size that it says."""
    rows = packed([Row(identity(n), 8 + n, 10, 20, 0) for n in numbers])
    name = blake3(rows).hexdigest()
    for path, content in (
        (places.pack(name), bytes(size)),
        (places.sidecar(name), sidecar(name, size, rows)),
    ):
        places.make(path.parent)
        path.write_bytes(content)
    return name


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path / "store")


def test_what_is_in_sidecars_is_found_and_nothing_else(places):
    first, second = write_pack(places, range(500)), write_pack(places, range(400, 900))
    index = load(places)
    assert len(index) == 1000
    assert [where.pack for where in index.find(identity(3))] == [first]
    assert {where.pack for where in index.find(identity(450))} == {first, second}
    assert index.find(identity(450))[0].offset == 458
    assert identity(899) in index
    assert identity(900) not in index
    assert index.find(identity(900)) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 300), max_size=60), max_size=30))
def test_adding_packs_one_by_one_finds_what_one_table_finds(packs):
    parts = [numbered(packed([Row(identity(n), n, 1, 1, 0) for n in set(pack)]), at) for at, pack in enumerate(packs)]
    tables: tuple = ()
    for part in parts:
        tables = extended(tables, [part])
    assert len(tables) <= 9
    whole = merge(parts)
    for number in range(301):
        expected = {at for at, pack in enumerate(packs) if number in pack}
        assert {table.pack(row) for table in tables for row in table.all(identity(number))} == expected
        assert {whole.pack(row) for row in whole.all(identity(number))} == expected


def test_ids_that_look_alike_across_rows_are_told_apart():
    zero = bytes(32)
    near = bytes(31) + b"\1"
    table = merge([numbered(packed([Row(near, 0, 0, 0, 0)]), 0)])
    assert table.first(zero) == -1
    assert table.first(near) == 0


def test_another_reading_takes_only_what_is_new(places):
    write_pack(places, range(100))
    before = load(places)
    assert load(places, before) is before
    write_pack(places, range(100, 200))
    after = load(places, before)
    assert after.tables[0] is before.tables[0]
    assert identity(150) in after
    assert identity(150) not in before


def test_a_pack_that_went_away_is_forgotten(places):
    gone = write_pack(places, range(100))
    write_pack(places, range(50, 200))
    before = load(places)
    places.sidecar(gone).unlink()
    places.pack(gone).unlink()
    after = load(places, before)
    assert identity(10) not in after
    assert [where.pack for where in after.find(identity(60))] == [p for p in before.packs if p != gone]


@pytest.mark.parametrize("what", ["sidecar missing", "sidecar damaged", "pack missing", "pack cut off"])
def test_a_pack_that_does_not_count_is_named_with_the_reason(places, what):
    name = write_pack(places, range(10))
    if what == "sidecar missing":
        places.sidecar(name).unlink()
    elif what == "sidecar damaged":
        raw = bytearray(places.sidecar(name).read_bytes())
        raw[70] ^= 1
        places.sidecar(name).write_bytes(raw)
    elif what == "pack missing":
        places.pack(name).unlink()
    else:
        places.pack(name).write_bytes(b"short")
    index = load(places)
    assert len(index) == 0
    assert set(index.problems) == {name}
    words = {"pack cut off": "5 bytes instead of 100"}.get(what, what.replace(" ", " is "))
    assert words in index.problems[name]


def test_an_empty_store_has_an_empty_index(places):
    assert load(places) == Index()


def test_memory_stays_at_48_bytes_a_blob():
    dice = random.Random(1)
    parts = [
        numbered(packed([Row(dice.randbytes(32), n, 1, 1, 0) for n in range(250)]), number) for number in range(80)
    ]
    table = merge(parts)
    held = len(table.rows) + len(table.starts) * table.starts.itemsize
    assert held <= len(table) * ROW.size + (1 << 18) + 8
    assert all(table.first(bytes(part[:32])) >= 0 for part in parts)
