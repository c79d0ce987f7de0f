"""A check says what is damaged and who loses what by it, and changes nothing."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from repro_tui.errors import CancelledError
from repro_tui.store import survey
from repro_tui.store.check import check
from repro_tui.store.entry import Entry
from tests.store.keeping import commit, entries_of, keep, random_bytes, state, store_at


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    for name in "abcdefgh":
        (root / name).write_bytes(random_bytes(1000, ord(name)))
    return root


def only(paths) -> Path:
    (path,) = paths
    return path


def packs(store):
    return sorted(store.places.packs.rglob("*.pack"))


def test_a_store_that_is_whole_is_ok_and_stays_as_it_is(tmp_path, data):
    store = store_at(tmp_path)
    keep(store, data)
    before = state(tmp_path)
    for quick in (False, True):
        report = check(store, quick=quick)
        assert (report.damages, report.done) == ((), ())
        assert (report.read > 8000) or quick
    assert state(tmp_path) == before


def test_a_store_that_is_not_there_is_no_damage(tmp_path):
    report = check(store_at(tmp_path))
    assert (report.damages, report.done) == ((), ("there is no store yet: nothing was kept here",))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_pack_is_named_with_what_each_snapshot_loses(tmp_path, data):
    store = store_at(tmp_path)
    keep(store, data, "first")
    (data / "a").write_bytes(random_bytes(1000, 5))
    before = set(packs(store))
    keep(store, data, "second")
    pack = next(path for path in packs(store) if path in before)
    pack.unlink()
    for quick in (False, True):
        report = check(store_at(tmp_path), quick=quick)
        found = {damage.what: damage for damage in report.damages}
        assert set(found[pack.relative_to(store.places.folder).as_posix()].snapshots) == {"first", "second"}
        whys = {damage.snapshots: damage.why for damage in report.damages if damage.what.startswith("snapshots/")}
        assert whys[("second",)] == "part data: 7 of 8 files cannot be restored: b, c, d, e, f and 2 more"
        assert "part data: all of it, because its listing cannot be read" in {
            damage.why for damage in report.damages if damage.snapshots == ("first",)
        }


def test_a_missing_sidecar_is_damage_only_when_something_is_needed_from_its_pack(tmp_path, data):
    store = store_at(tmp_path)
    digest = keep(store, data)
    sidecar = only(store.places.index.rglob("*.idx"))
    sidecar.unlink()
    for quick in (False, True):
        report = check(store_at(tmp_path), quick=quick)
        assert sidecar.relative_to(store.places.folder).as_posix() in {damage.what for damage in report.damages}
    store.places.document(digest).unlink()
    for quick in (False, True):
        report = check(store_at(tmp_path), quick=quick)
        assert report.ok
        assert "is missing, and no snapshot needs it" in report.done[0]


def test_only_the_full_check_reads_what_is_in_packs(tmp_path, data):
    store = store_at(tmp_path)
    keep(store, data)
    pack = only(packs(store))
    raw = bytearray(pack.read_bytes())
    raw[raw.index(random_bytes(1000, ord("c")))] ^= 1
    pack.write_bytes(raw)
    assert check(store_at(tmp_path), quick=True).ok
    report = check(store_at(tmp_path))
    assert [(damage.why, damage.snapshots) for damage in report.damages] == [
        ("is damaged: its bytes do not match its name, in 1 of 10 blobs", ("amber-otter-41",)),
        ("part data: 1 of 8 files cannot be restored: c", ("amber-otter-41",)),
    ]


def test_a_pack_cut_short_is_seen_by_its_size(tmp_path, data):
    store = store_at(tmp_path)
    keep(store, data)
    pack = only(packs(store))
    os.truncate(pack, pack.stat().st_size // 2)
    assert not check(store_at(tmp_path), quick=True).ok
    assert any("it ends within" in damage.why for damage in check(store_at(tmp_path)).damages)


def test_a_damaged_or_newer_document_is_named_and_the_rest_is_checked(tmp_path, data):
    store = store_at(tmp_path)
    digest = keep(store, data)
    path = store.places.document(digest)
    path.write_bytes(path.read_bytes().replace(b"amber", b"ember"))
    with store.adder() as adder:
        newer = adder.commit({"repro_snapshot": 2, "parts": []})
    report = check(store_at(tmp_path))
    whys = {damage.what: damage.why for damage in report.damages}
    assert whys[f"snapshots/{path.name}"] == "is damaged: its bytes do not match its name."
    assert "newer version" in whys[f"snapshots/{store.places.document(newer).name}"]


def test_what_is_no_damage_is_told(tmp_path, data):
    store = store_at(tmp_path)
    digest = keep(store, data)
    (store.places.folder / ".pack-00-1-aa").write_bytes(b"x" * 100)
    (store.places.snapshots / "notes.txt").touch()
    store.places.document(digest).rename(tmp_path / "elsewhere")
    report = check(store_at(tmp_path))
    assert report.ok
    assert [note.partition("(")[0] for note in report.done] == [
        "no snapshot needs what is in 1 pack ",
        "1 unfinished file ",
        "not of repro-tui: snapshots/notes.txt",
    ]


def test_what_was_given_up_is_not_missed(tmp_path, data):
    store = store_at(tmp_path)
    digest = keep(store, data)
    listing = store.document(digest)["parts"][0]["listing"]
    shutil.rmtree(store.places.packs)
    dropped = {digest: frozenset({"data"})}
    whys = [damage.why for damage in check(store_at(tmp_path), dropped=dropped).damages if damage.snapshots]
    assert len(listing) == 1
    assert [why.partition(":")[0] for why in whys if "manifest" in why] == ["its manifest"]
    assert not any("part data" in why for why in whys)
    assert not [d for d in check(store_at(tmp_path), dropped={digest: frozenset("*")}).damages if d.snapshots]


def test_documents_in_the_trash_still_need_their_blobs(tmp_path, data):
    store = store_at(tmp_path)
    path = store.places.document(keep(store, data))
    path.rename(store.places.trash / path.name)
    assert check(store).done == ()
    only(packs(store)).unlink()
    assert any(damage.snapshots == ("amber-otter-41",) for damage in check(store_at(tmp_path)).damages)


def test_a_listing_that_no_writer_writes_is_named(tmp_path):
    store = store_at(tmp_path)
    with store.adder() as adder:
        commit(adder, [Entry(b"../../etc/cron.d/x", "d", 0o755)])
    assert "its listing is refused: ../../etc/cron.d/x has the part '..'" in check(store, quick=True).damages[0].why


def test_it_says_first_how_long_it_will_take_and_may_be_stopped(tmp_path, data):
    store = store_at(tmp_path)
    keep(store, data)
    told: list[tuple[int, int, str]] = []
    check(store, progress=lambda *what: told.append(what))
    assert told[0][0] == 0
    assert re.fullmatch(r"reading [0-9.]+ kB, about 1 s", told[0][2])
    assert told[-1][0] == told[-1][1] == packs(store)[0].stat().st_size

    def stop(*_: object) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        check(store, progress=stop)


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (75, "75 s"), (600, "10 min"), (20_000, "5.6 h")])
def test_durations_are_said_in_round_numbers(seconds, text):
    assert survey._duration(seconds) == text


def test_a_read_only_store_can_be_checked_and_read(tmp_path, data):
    store = store_at(tmp_path)
    digest = keep(store, data)
    for path in [*store.places.folder.rglob("*"), store.places.folder]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    reader = store_at(tmp_path)
    assert check(reader).ok
    assert len(entries_of(reader, digest)) == 8
