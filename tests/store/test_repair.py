"""A repair brings back what is still there, names what is lost, and never makes anything worse."""

from __future__ import annotations

import os

import pytest

from repro_tui.errors import DamagedError, StorageError
from repro_tui.store import repair as repairing
from repro_tui.store.check import check
from repro_tui.store.pack import HEAD, scan
from repro_tui.store.repair import one_bit_off, repair
from repro_tui.store.restore import restore
from tests.store.keeping import entries_of, keep, random_bytes, state, store_at

NAMES = "abcdefgh"


@pytest.fixture
def kept(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    for name in NAMES:
        (root / name).write_bytes(random_bytes(5000, ord(name)))
    (root / "text").write_text("a,b,c\n" * 5000)
    store = store_at(tmp_path)
    return store, keep(store, root), root


def only_pack(store):
    (path,) = store.places.packs.rglob("*.pack")
    return path


def change(path, at: int, with_: bytes = b"\xa5") -> None:
    raw = bytearray(path.read_bytes())
    assert raw[at : at + len(with_)] != with_
    raw[at : at + len(with_)] = with_
    path.write_bytes(raw)


def content_at(path, name: str) -> int:
    return path.read_bytes().index(random_bytes(5000, ord(name)))


def comes_back(tmp_path, digest, root, out: str) -> list[str]:
    """Restore, and name what differs from what was kept."""
    store = store_at(tmp_path)
    restore(store, entries_of(store, digest), tmp_path / out)
    was, is_ = state(root), state(tmp_path / out)
    return sorted(name for name in was if was[name] != is_.get(name))


def test_a_store_that_is_whole_is_left_alone(tmp_path, kept):
    store, _, _ = kept
    before = state(tmp_path)
    report = repair(store)
    assert (report.ok, report.done) == (True, ())
    assert state(tmp_path) == before


@pytest.mark.parametrize("how", ["missing", "damaged", "of another pack", "empty"])
def test_a_sidecar_is_made_again(tmp_path, kept, how):
    store, digest, root = kept
    (path,) = store.places.index.rglob("*.idx")
    right = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "damaged":
        change(path, 100)
    else:
        path.write_bytes(b"" if how == "empty" else right[:24] + bytes(32) + right[56:])
    assert not check(store_at(tmp_path)).ok
    report = repair(store_at(tmp_path))
    assert report.ok
    assert report.done == (f"index/{path.parent.name}/{path.name} was made again from its pack",)
    assert path.read_bytes() == right
    assert check(store_at(tmp_path)).ok
    assert comes_back(tmp_path, digest, root, "out") == []


def test_what_is_undamaged_in_a_pack_is_kept_and_what_is_lost_is_named(tmp_path, kept):
    store, digest, root = kept
    pack = only_pack(store)
    change(pack, content_at(pack, "c"))
    report = repair(store_at(tmp_path))
    assert [(damage.why, damage.snapshots) for damage in report.damages] == [
        ("part data: 1 of 9 files cannot be restored: c", ("amber-otter-41",))
    ]
    assert "10 undamaged blobs are kept in another pack, 1 damaged" in report.done[0]
    assert (store.places.folder / "damaged" / pack.name).exists()
    assert comes_back(tmp_path, digest, root, "out") == ["c"]
    again = repair(store_at(tmp_path))
    assert again.done == ()
    assert again.damages == report.damages


def test_what_was_lost_comes_back_when_it_is_kept_again(tmp_path, kept):
    store, digest, root = kept
    pack = only_pack(store)
    change(pack, content_at(pack, "c"))
    repair(store_at(tmp_path))
    keep(store_at(tmp_path), root, "again")
    assert check(store_at(tmp_path)).ok
    assert comes_back(tmp_path, digest, root, "out") == []


@pytest.mark.parametrize("sidecar", [True, False])
@pytest.mark.parametrize("field", [0, 33, 37, 40, 42])
def test_what_lies_behind_a_damaged_head_is_found(tmp_path, kept, field, sidecar):
    """By its sidecar, or without one by what a head looks like."""
    store, digest, root = kept
    pack = only_pack(store)
    with pack.open("rb") as stream:
        rows = sorted((row for row, _ in scan(stream.fileno(), pack.stat().st_size)), key=lambda row: row.offset)
    change(pack, rows[3].offset + field, b"\xff")
    if not sidecar:
        next(store.places.index.rglob("*.idx")).unlink()
    assert not check(store_at(tmp_path)).ok
    report = repair(store_at(tmp_path))
    lost = comes_back(tmp_path, digest, root, "out")
    assert len(lost) <= (0 if sidecar else 1)
    assert report.ok == (not lost)


def test_a_pack_cut_short_gives_what_it_has(tmp_path, kept):
    store, _digest, _root = kept
    pack = only_pack(store)
    with pack.open("rb") as stream:
        rows = sorted((row for row, _ in scan(stream.fileno(), pack.stat().st_size)), key=lambda row: row.offset)
    data_rows = [row for row in rows if row.length == 5000]
    os.truncate(pack, rows[-1].offset + HEAD.size + rows[-1].stored - 1)
    report = repair(store_at(tmp_path))
    assert len(data_rows) == len(NAMES)
    assert f"{len(rows) - 1} undamaged blobs" in report.done[0]


def test_a_document_with_one_wrong_bit_is_put_right(tmp_path, kept):
    store, digest, _root = kept
    path = store.places.document(digest)
    right = path.read_bytes()
    change(path, 40, bytes([right[40] ^ 16]))
    report = repair(store_at(tmp_path))
    assert report.ok
    assert "had one wrong bit" in report.done[0]
    assert path.read_bytes() == right


def test_a_document_beyond_repair_is_set_aside_with_the_name_it_had(tmp_path, kept):
    store, digest, _ = kept
    path = store.places.document(digest)
    change(path, 10, b"\0\0\0")
    report = repair(store_at(tmp_path))
    assert "the snapshot of amber-otter-41 is lost" in report.done[0]
    assert not path.exists()
    assert check(store_at(tmp_path)).ok


def test_the_format_file_and_the_reserve_are_made_again(tmp_path, kept):
    store, digest, root = kept
    store.places.format.write_bytes(b'{"repro_stor')
    change(store.places.reserve, 100)
    store.condemn(["ab" * 32], 1.0)
    (condemned,) = store.places.condemned.iterdir()
    change(condemned, 5)
    report = repair(store_at(tmp_path))
    assert report.ok
    assert [note.split()[0].partition("/")[0] for note in report.done] == ["format", "reserve", "condemned"]
    assert check(store_at(tmp_path)).ok
    assert comes_back(tmp_path, digest, root, "out") == []


def test_a_newer_store_is_not_touched(tmp_path, kept):
    store, _, _ = kept
    store.places.format.write_text('{"repro_store":2}\n')
    before = state(tmp_path)
    with pytest.raises(DamagedError, match="newer version"):
        repair(store_at(tmp_path))
    assert {name: value for name, value in state(tmp_path).items() if "locks" not in name} == {
        name: value for name, value in before.items() if "locks" not in name
    }


def test_nothing_is_repaired_while_somebody_adds(tmp_path, kept, monkeypatch):
    store, _, _ = kept
    other = store_at(tmp_path)
    real = other.lock
    monkeypatch.setattr(other, "lock", lambda **how: setattr(lock := real(**how), "_wait_s", 0.0) or lock)
    with store.adder(), pytest.raises(StorageError, match="adding to the store"):
        repair(other)


def test_stopped_between_any_two_steps_it_can_be_called_again(tmp_path, kept, monkeypatch):
    """Each change of a name is a step; a death before any of them leaves everything that can be saved."""
    store, digest, root = kept
    pack = only_pack(store)
    change(pack, content_at(pack, "c"))
    change(store.places.document(digest), 40, bytes([store.places.document(digest).read_bytes()[40] ^ 16]))
    real = os.rename
    steps = 0

    class Death(BaseException):
        pass

    def run(deaths: int) -> bool:
        nonlocal steps
        count = 0

        def rename(*arguments, **fields):
            nonlocal count
            count += 1
            if count > deaths:
                raise Death
            return real(*arguments, **fields)

        monkeypatch.setattr(os, "rename", rename)
        try:
            repair(store_at(tmp_path))
        except Death:
            return False
        finally:
            monkeypatch.setattr(os, "rename", real)
            steps = max(steps, count)
        return True

    ended = [run(deaths % 3) for deaths in range(12)]
    assert not all(ended)
    report = repair(store_at(tmp_path))
    assert steps >= 2
    assert [damage.why for damage in report.damages] == ["part data: 1 of 9 files cannot be restored: c"]
    assert comes_back(tmp_path, digest, root, "out") == ["c"]


def test_a_disk_without_room_is_said_and_nothing_is_set_aside(tmp_path, kept, monkeypatch):
    store, _, _ = kept
    pack = only_pack(store)
    change(pack, content_at(pack, "c"))

    class Full(repairing.Packing):
        def add(self, *_: object) -> None:
            raise StorageError("There is no room left for the store.", "Free some space.")

    monkeypatch.setattr(repairing, "Packing", Full)
    with pytest.raises(StorageError, match="no room"):
        repair(store_at(tmp_path))
    assert pack.exists()
    assert not (store.places.folder / "damaged").exists()


def test_a_bit_is_found_by_trying():
    right = b'{"name":"x"}'
    from blake3 import blake3

    digest = blake3(right).digest()
    assert one_bit_off(b'{"nAme":"x"}', digest) == right
    assert one_bit_off(b'{"NAme":"x"}', digest) is None
