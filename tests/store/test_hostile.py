"""A store that somebody made to do harm fills neither memory nor disk, and writes nothing where it should not."""

from __future__ import annotations

import json
import sys
import tracemalloc

import pytest
from blake3 import blake3

from repro_tui.errors import DamagedError
from repro_tui.store.check import check
from repro_tui.store.codec import ZSTD
from repro_tui.store.entry import Entry
from repro_tui.store.packing import Packing
from repro_tui.store.restore import restore
from tests.store.keeping import commit, entries_of, store_at

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MEMORY = 40 << 20


def bomb() -> bytes:
    """Give a gigabyte of zeros as a few kilobytes, without ever holding them."""
    packer = zstd.ZstdCompressor(level=1)
    pieces = [packer.compress(bytes(1 << 20)) for _ in range(1024)]
    return b"".join([*pieces, packer.flush()])


def planted(store, blob: bytes, length: int, stored: bytes) -> None:
    """Put a blob into the store that is not what its head says."""
    packing = Packing(store.places)
    packing.add(blob, length, ZSTD, stored)
    packing.publish()


def test_a_blob_that_unpacks_to_a_gigabyte_is_stopped_at_its_length(tmp_path):
    store = store_at(tmp_path)
    name = blake3(b"small").digest()
    with store.adder() as adder:
        digest = commit(adder, [Entry(b"a", "f", 0o644, 5, 0, name)])
    planted(store, name, 5, bomb())
    tracemalloc.start()
    try:
        report = restore(store_at(tmp_path), entries_of(store_at(tmp_path), digest), tmp_path / "out")
        found = check(store_at(tmp_path))
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert [damage.what for damage in report.damages] == ["a"]
    assert "it unpacks to another length" in report.damages[0].why
    assert not found.ok
    assert list((tmp_path / "out").iterdir()) == []


def test_a_listing_that_names_the_same_lines_without_end_is_refused(tmp_path):
    store = store_at(tmp_path)
    with store.adder() as adder:
        lines = adder.put_listing([Entry(b"%05d" % number, "d", 0o755) for number in range(1000)])
        part = {"name": "data", "kind": "data", "listing": [lines[0].hex()] * 50_000}
        digest = adder.commit({"name": "evil", "parts": [part]})
    with pytest.raises(DamagedError, match="does not belong there"):
        entries_of(store, digest)
    assert "evil" in {name for damage in check(store, quick=True).damages for name in damage.snapshots}


@pytest.mark.parametrize(
    "line",
    [
        {"p": "../../evil", "t": "f", "m": 420, "s": 0, "u": 0, "d": "b3:" + blake3(b"").hexdigest()},
        {"p": "/etc/evil", "t": "d", "m": 493, "u": 0},
        {"p": "sub/../../evil", "t": "l", "m": 511, "u": 0, "to": "x"},
        {"p": "zero", "t": "c", "m": 438, "u": 0},
        {"p": "big", "t": "f", "m": 420, "s": -1, "u": 0, "d": "b3:" + blake3(b"").hexdigest()},
    ],
)
def test_lines_that_no_writer_writes_restore_nothing(tmp_path, line):
    store = store_at(tmp_path / "store")
    raw = (json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n").encode()
    with store.adder() as adder:
        part = {"name": "data", "kind": "data", "listing": [blob.hex() for blob in adder.put(raw)]}
        digest = adder.commit({"name": "evil", "parts": [part]})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DamagedError) as raised:
        restore(store, entries_of(store, digest), tmp_path / "a" / "b" / "out")
    assert line["p"] in raised.value.message
    assert sorted(tmp_path.rglob("*")) == before
