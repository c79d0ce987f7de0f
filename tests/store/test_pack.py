"""A pack says all by itself what is in it; its sidecar says the same, with a checksum."""

from __future__ import annotations

import os

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.store.codec import RAW, ZSTD, Packer, unpack
from repro_tui.store.pack import MOST_BLOBS, MOST_BYTES, OpenPack, each, packed, read_sidecar, scan, sidecar
from repro_tui.store.places import Places
from tests.store.keeping import random_bytes


@pytest.fixture
def places(tmp_path):
    tmp_path.joinpath("store").mkdir()
    return Places(tmp_path / "store")


def fill(places: Places, contents: list[bytes]):
    packer, pack = Packer(1), OpenPack(places)
    for content in contents:
        codec, stored = packer.pack(content)
        pack.append(blake3(content).digest(), len(content), codec, stored)
    return pack.seal()


def rows_by_scan(path, size=None):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return list(scan(descriptor, size or os.fstat(descriptor).st_size))
    finally:
        os.close(descriptor)


def test_the_sidecar_can_be_made_again_from_the_pack_alone(places):
    contents = [b"a" * 5000, random_bytes(3_000_000), b"x", random_bytes(70_000, 2)]
    sealed = fill(places, contents)
    found = rows_by_scan(sealed.path)
    assert packed([row for row, _ in found]) == sealed.rows
    assert [unpack(row.codec, stored, row.length) for row, stored in found] == contents
    assert sealed.name == blake3(sealed.path.read_bytes()).hexdigest()
    assert sealed.path.stat().st_size == sealed.size


def test_the_bytes_are_those_of_the_format(places):
    sealed = fill(places, [b"abc"])
    name = blake3(b"abc").digest()
    head = name + (3).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"\0" + b"\0\0\0"
    assert sealed.path.read_bytes() == b"RPACK1\n\0" + head + b"abc"
    raw = sidecar(sealed.name, sealed.size, sealed.rows)
    top = b"RINDX1\n\0" + (1).to_bytes(4, "little") + bytes(4) + sealed.size.to_bytes(8, "little")
    row = name + (8).to_bytes(4, "little") + (3).to_bytes(4, "little") * 2 + b"\0" + b"\0\0\0"
    body = top + bytes.fromhex(sealed.name) + row
    assert raw == body + blake3(body).digest()
    assert [(r.offset, r.length) for r in each(sealed.rows)] == [(8, 3)]


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_sidecar_with_one_flipped_bit_is_refused(at, bit):
    name = "ab" * 32
    raw = bytearray(sidecar(name, 1234, packed([])))
    raw[at % len(raw)] ^= 1 << bit
    with pytest.raises(ValueError, match=r"it is no sidecar|its bytes do not|it belongs"):
        read_sidecar(bytes(raw), name)


def test_a_sidecar_under_the_name_of_another_pack_is_refused():
    with pytest.raises(ValueError, match="another pack"):
        read_sidecar(sidecar("ab" * 32, 1, b""), "cd" * 32)


def test_a_pack_that_was_cut_off_is_read_up_to_there(places):
    sealed = fill(places, [b"first" * 100, b"second" * 100])
    with sealed.path.open("r+b") as file:
        file.truncate(sealed.size - 3)
    descriptor = os.open(sealed.path, os.O_RDONLY)
    try:
        rows = scan(descriptor, sealed.size - 3)
        assert next(rows)[0].length == 500
        with pytest.raises(ValueError, match="ends within"):
            next(rows)
    finally:
        os.close(descriptor)


def test_a_pack_ends_at_its_size_and_at_its_number_of_blobs(places):
    pack = OpenPack(places)
    assert pack.fits(MOST_BYTES)  # one blob always fits
    pack.append(bytes(32), 1, RAW, b"x")
    assert not pack.fits(MOST_BYTES)
    assert pack.fits(1)
    for _ in range(MOST_BLOBS - 1):
        pack.append(bytes(32), 1, RAW, b"x")
    assert not pack.fits(1)
    pack.close()


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.binary(min_size=1, max_size=3000), st.binary(min_size=1, max_size=9).map(lambda b: b * 900)))
def test_what_is_packed_is_unpacked(content):
    for level in (1, 3):
        codec, stored = Packer(level).pack(content)
        assert unpack(codec, bytes(stored), len(content)) == content
        assert len(stored) <= len(content)


def test_what_hardly_shrinks_is_kept_raw():
    assert Packer(1).pack(random_bytes(100_000))[0] == RAW
    assert Packer(1).pack(bytes(100_000))[0] == ZSTD


@pytest.mark.parametrize(
    ("codec", "stored", "length"),
    [
        (RAW, b"abc", 2),
        (2, b"abc", 3),
        (ZSTD, b"no frame", 3),
        (ZSTD, bytes(Packer(1).pack(bytes(10_000_000))[1]), 9_999_999),
        (ZSTD, bytes(Packer(1).pack(bytes(1000))[1]) + b"more", 1000),
        (ZSTD, bytes(Packer(1).pack(bytes(1000))[1])[:-2], 1000),
    ],
)
def test_a_frame_that_no_writer_wrote_is_refused(codec, stored, length):
    with pytest.raises(ValueError, match=r"^its? "):
        unpack(codec, stored, length)
