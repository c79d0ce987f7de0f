"""One changed bit anywhere in a store is found by the check that reads everything, and by every restore it touches."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from repro_tui.errors import DamagedError, ReproError
from repro_tui.store.check import check
from repro_tui.store.pack import HEAD, PACK_MAGIC, ROW, scan
from repro_tui.store.restore import restore
from tests.store.keeping import entries_of, keep, random_bytes, state, store_at

SAMPLES = 200
_SIDECAR_FIELDS = (0, 8, 12, 16, 24, 56, 56 + 32, 56 + 36, 56 + 40, 56 + 44, 56 + 45, -1)
"""Magic, count, zero, size, name; id, offset, stored length, length, codec, zero of the first row; checksum."""


@pytest.fixture
def kept(tmp_path):
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "noise").write_bytes(random_bytes(30_000))
    (data / "text").write_text("a,b,c\n" * 5000)
    (data / "sub" / "small").write_text("small")
    (data / "link").symlink_to("text")
    store = store_at(tmp_path)
    digest = keep(store, data)
    store.condemn(["ab" * 32], 1.0)
    return store, digest, data


def structural(store) -> list[tuple[Path, int]]:
    """Give a byte of every field of the formats."""
    found = [(store.places.format, at) for at in range(store.places.format.stat().st_size)]
    for path in store.places.packs.rglob("*.pack"):
        with path.open("rb") as stream:
            rows = [row for row, _ in scan(stream.fileno(), path.stat().st_size)]
        found += [(path, at) for at in range(len(PACK_MAGIC))]
        found += [(path, row.offset + at) for row in rows for at in (0, 31, 32, 36, 40, 41, 43, HEAD.size)]
    for path in store.places.index.rglob("*.idx"):
        size = path.stat().st_size
        assert (size - 56 - 32) % ROW.size == 0
        found += [(path, at % size) for at in _SIDECAR_FIELDS]
    for folder in (store.places.snapshots, store.places.condemned):
        found += [(path, at) for path in folder.iterdir() for at in (0, path.stat().st_size - 1)]
    return found


def sampled(store) -> list[tuple[Path, int]]:
    """Give places anywhere, each byte of the store as likely as any other, the reserve aside."""
    files = [path for path in sorted(store.places.folder.rglob("*")) if path.is_file() and path.name != "reserve"]
    choice = random.Random(7)
    sizes = [path.stat().st_size for path in files]
    return [(path, choice.randrange(path.stat().st_size)) for path in choice.choices(files, sizes, k=SAMPLES)]


def flip(path: Path, at: int, bit: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1 << bit
    path.write_bytes(raw)


def restored(root: Path, digest, data: Path, out: Path) -> str:
    """Restore with what is damaged now: `found`, `same` when the damage is in nothing that it reads, or `WRONG`."""
    store = store_at(root)
    try:
        if not restore(store, entries_of(store, digest), out, threads=1).ok:
            return "found"
    except ReproError:
        return "found"
    return "same" if state(out) == state(data) else "WRONG"


def checked(root: Path) -> bool:
    """Tell whether the check finds something; a changed digit of the version looks like a newer store."""
    try:
        return not check(store_at(root)).ok
    except DamagedError as error:
        return "`format`" in error.message


def test_every_changed_bit_is_found(kept, tmp_path, capsys):
    store, digest, data = kept
    assert check(store).ok
    store.places.reserve.unlink()  # it would be read 300 times; the last test looks at it
    places = structural(store) + sampled(store)
    choice = random.Random(11)
    outcomes = {"found": 0, "same": 0, "WRONG": 0}
    missed, silent = [], []
    for number, (path, at) in enumerate(places):
        bit = choice.randrange(8)
        flip(path, at, bit)
        if not checked(tmp_path):
            missed.append((path.name, at, bit))
        outcome = restored(tmp_path, digest, data, tmp_path / f"out{number}")
        outcomes[outcome] += 1
        touched = path.suffix in {".pack", ".idx"} or path.parent.name == "snapshots"
        if outcome == "same" and touched:
            silent.append((path, at))
        flip(path, at, bit)
    assert check(store_at(tmp_path)).ok
    found, same, wrong = outcomes.values()
    with capsys.disabled():
        print(f"\n{len(places)} bits changed one by one: {len(places) - len(missed)} found by check;", end=" ")
        print(f"restore: {found} found, {same} in what it does not read, {wrong} wrong")
    assert missed == []
    assert wrong == 0
    assert [place for place in silent if not harmless(store, *place)] == []


def harmless(store, path: Path, at: int) -> bool:
    """Tell whether a byte of a pack is none that a restore reads: the pack's first bytes, or of the manifest."""
    if path.suffix != ".pack":
        return False
    manifest = b'{"name":"amber-otter-41"}'
    raw = path.read_bytes()
    where = raw.index(manifest)
    return at < len(PACK_MAGIC) or where - HEAD.size <= at < where + len(manifest) or unused(raw, at)


def unused(raw: bytes, at: int) -> bool:
    """Tell whether a byte is the descriptor of a zstd frame, one bit of which means nothing (RFC 8878, 3.1.1.1.1)."""
    return raw[at - 4 : at] == b"\x28\xb5\x2f\xfd"


def test_the_reserve_is_looked_at_too(kept, tmp_path):
    store, _, _ = kept
    flip(store.places.reserve, 5_000_000, 3)
    assert [damage.what for damage in check(store_at(tmp_path)).damages] == ["reserve"]
