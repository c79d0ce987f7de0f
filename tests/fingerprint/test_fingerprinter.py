"""Fingerprints say what a file or folder is by its content, and how well they know."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from repro_tui.domain.run import Coverage
from repro_tui.fingerprint import Budget, Fingerprinter
from tests.fingerprint.taking import b3, later_ns, take


def test_a_file_is_the_blake3_of_its_bytes(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"hello")
    found = take(tmp_path / "a.bin")
    assert (found.digest, found.size, found.files, found.coverage) == (b3(b"hello"), 5, None, Coverage.FULL)
    info = (tmp_path / "a.bin").stat()
    assert found.fields()["st"] == [5, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]


def test_an_empty_file_and_an_empty_folder_have_fingerprints(tmp_path):
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    assert take(tmp_path / "empty").digest == b3(b"")
    found = take(tmp_path / "folder")
    assert (found.digest, found.files, found.size) == (b3(b""), 0, 0)


def test_a_folder_is_the_blake3_of_its_sorted_file_list_as_the_format_says(tmp_path):
    (tmp_path / "b").mkdir()
    for name, content, mode in (("b/x", b"1", 0o644), ("b.txt", b"22", 0o600), ("a\nb", b"", 0o755)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(mode)
    lines = (
        b"a\nb\x000\x00755\0" + b3(b"").encode() + b"\n"
        b"b.txt\x002\x00600\0" + b3(b"22").encode() + b"\n"
        b"b/x\x001\x00644\0" + b3(b"1").encode() + b"\n"
    )
    found = take(tmp_path)
    assert (found.digest, found.files, found.size) == (b3(lines), 3, 3)


def test_names_that_are_not_utf8_are_counted_and_told_apart(tmp_path):
    folder = os.fsencode(tmp_path)
    for name in (b"\xff", b"\xfe"):
        with Path(os.fsdecode(folder + b"/" + name)).open("wb") as file:
            file.write(name)
    found = take(tmp_path)
    assert (found.coverage, found.files) == (Coverage.FULL, 2)
    assert take(Path(os.fsdecode(folder + b"/\xff"))).digest == b3(b"\xff")


def test_the_order_of_making_and_a_copy_elsewhere_do_not_matter(tmp_path):
    for root, names in (("one", "abc"), ("two", "cab")):
        (tmp_path / root).mkdir()
        for name in names:
            (tmp_path / root / name).write_text(name)
    assert take(tmp_path / "one").digest == take(tmp_path / "two").digest


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "a").write_text("B"),
        lambda root: (root / "a").rename(root / "c"),
        lambda root: (root / "a").unlink(),
        lambda root: (root / "c").touch(),
        lambda root: (root / "a").chmod(0o640),
    ],
    ids=["same size edit", "rename", "delete", "add", "mode"],
)
def test_any_change_in_a_folder_changes_it(tmp_path, change):
    root = tmp_path / "data"
    root.mkdir()
    (root / "a").write_text("A")
    before = take(root, tmp_path / "cache").digest
    change(root)
    assert take(root, tmp_path / "cache").digest != before


def test_an_unchanged_folder_is_known_without_reading_it(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    for number in range(20):
        (root / str(number)).write_text(str(number))
    full = take(root, tmp_path / "cache")
    with Fingerprinter(tmp_path / "cache", now_ns=later_ns) as printer:
        assert printer.check([root])[0] == full
        spent = Budget(deadline=time.monotonic() - 1)
        assert printer.take([root], spent)[0] == full


def test_checking_never_reads_what_is_not_known(tmp_path):
    (tmp_path / "a").write_text("A")
    with Fingerprinter(None) as printer:
        found = printer.check([tmp_path])[0]
    assert (found.digest, found.coverage, found.files) == (None, Coverage.PENDING, 1)


def test_a_file_written_just_now_is_not_trusted_to_show_its_next_change(tmp_path):
    (tmp_path / "a").write_text("A")
    with Fingerprinter(tmp_path / "cache") as printer:
        assert printer.take([tmp_path / "a"])[0].coverage is Coverage.FULL
    with Fingerprinter(tmp_path / "cache") as printer:
        assert printer.check([tmp_path / "a"])[0].coverage is Coverage.PENDING


def test_an_edit_that_restores_size_and_mtime_is_seen_by_its_ctime(tmp_path):
    file = tmp_path / "a"
    file.write_text("AAAA")
    before = file.stat()
    first = take(file, tmp_path / "cache")
    file.write_text("BBBB")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert take(file, tmp_path / "cache").digest != first.digest


@pytest.mark.parametrize("damage", [b"", b"garbage", None], ids=["empty", "garbage", "flipped"])
def test_a_damaged_cache_costs_reading_again_and_nothing_else(tmp_path, damage):
    (tmp_path / "a").write_text("A")
    cache = tmp_path / "cache"
    first = take(tmp_path / "a", cache)
    (shard,) = cache.iterdir()
    raw = bytearray(shard.read_bytes())
    raw[-5] ^= 1
    shard.write_bytes(bytes(raw) if damage is None else damage)
    with Fingerprinter(cache) as printer:
        assert printer.check([tmp_path / "a"])[0].coverage is Coverage.PENDING
        assert printer.take([tmp_path / "a"])[0].digest == first.digest


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "a").write_text("A")
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert take(tmp_path / "a", tmp_path / "cache").digest == b3(b"A")


def test_entries_of_deleted_files_leave_the_cache(tmp_path):
    root, cache = tmp_path / "data", tmp_path / "cache"
    root.mkdir()
    (root / "gone-file").write_text("1")
    take(root, cache)
    (root / "gone-file").unlink()
    (root / "new-file").write_text("2")
    take(root, cache)
    raw = b"".join(file.read_bytes() for file in cache.iterdir())
    assert b"new-file" in raw
    assert b"gone-file" not in raw


def test_several_processes_share_a_cache_without_damage(tmp_path):
    root = tmp_path / "data"
    for number in range(200):
        (root / f"d{number % 7}").mkdir(parents=True, exist_ok=True)
        (root / f"d{number % 7}" / str(number)).write_text(str(number))
    code = (
        "import pathlib, sys, time; from repro_tui.fingerprint import Fingerprinter\n"
        "for _ in range(5):\n"
        "    with Fingerprinter(pathlib.Path(sys.argv[2]), now_ns=lambda: time.time_ns() + 10**10) as p:\n"
        "        print(p.take([sys.argv[1]])[0].digest)\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, root, tmp_path / "cache"], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    answers = [run.communicate(timeout=60)[0].split() for run in runs]
    assert [len(answer) for answer in answers] == [5] * 4
    assert len({digest for answer in answers for digest in answer}) == 1
    with Fingerprinter(tmp_path / "cache") as printer:
        assert printer.check([root])[0].coverage is Coverage.FULL
    assert not list((tmp_path / "cache").glob(".*"))


def test_a_data_set_above_the_limit_is_known_by_names_sizes_and_times_without_reading(tmp_path):
    sparse = tmp_path / "huge.bin"
    with sparse.open("wb") as file:
        file.truncate(20_000_000_000)
    began = time.monotonic()
    found = take(sparse)
    assert found.coverage is Coverage.METADATA
    assert found.digest is not None
    assert "metadata_above" in found.why
    folder = take(tmp_path)
    assert (folder.coverage, folder.files, folder.size) == (Coverage.METADATA, 1, 20_000_000_000)
    assert time.monotonic() - began < 5
    os.utime(sparse, ns=(1, 1))
    assert take(sparse).digest != found.digest
    assert take(tmp_path).digest != folder.digest


def test_what_a_deadline_leaves_is_pending_and_is_finished_later_from_where_it_ended(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    for number in range(30):
        (root / str(number)).write_bytes(bytes(100_000))
    with Fingerprinter(tmp_path / "cache", threads=1, now_ns=later_ns) as printer:
        found = printer.take([root], Budget(bytes_per_s=1_000_000, deadline=time.monotonic() + 0.35))[0]
        assert (found.coverage, found.digest, found.files) == (Coverage.PENDING, None, 30)
        assert "not read yet" in found.why
        assert int(found.why.split()[0]) < 30
        assert printer.take([root])[0].coverage is Coverage.FULL


def test_a_stop_from_another_thread_ends_reading_soon(tmp_path):
    with (tmp_path / "big").open("wb") as file:
        file.truncate(3_000_000_000)
    budget = Budget(bytes_per_s=50_000_000)
    threading.Timer(0.2, budget.stop).start()
    began = time.monotonic()
    with Fingerprinter(None) as printer:
        assert printer.take([tmp_path / "big"], budget)[0].coverage is Coverage.PENDING
    assert time.monotonic() - began < 5


def test_the_rate_holds_over_all_threads_and_can_be_lifted(tmp_path):
    for number in range(8):
        (tmp_path / str(number)).write_bytes(bytes(250_000))
    with Fingerprinter(None, threads=4) as printer:
        began = time.monotonic()
        printer.take([tmp_path], Budget(bytes_per_s=4_000_000))
        assert time.monotonic() - began >= 0.4  # 2 MB at 4 MB a second, the first file at once
        budget = Budget(bytes_per_s=1)
        budget.limit(None)
        assert printer.take([tmp_path], budget)[0].coverage is Coverage.FULL
