"""Fingerprints over files that change, vanish, lead in circles or are no files at all."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from repro_tui.domain.run import Coverage
from repro_tui.fingerprint import Budget, Fingerprinter
from repro_tui.fingerprint.hashing import hash_all
from tests.fingerprint.taking import b3, later_ns, take


class Meddling(Budget):
    """Does something to the files each time that some are about to be read."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        super().__init__()
        self._meddle = meddle

    def spend(self, count: int) -> None:
        self._meddle()
        super().spend(count)


class Once:
    """Does something the first time that it is called."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._acts = [act]

    def __call__(self) -> None:
        while self._acts:
            self._acts.pop()()


def append(file: Path) -> None:
    with file.open("ab") as target:
        target.write(b"x")


def test_a_file_that_keeps_changing_while_it_is_read_is_pending_and_says_so(tmp_path):
    file = tmp_path / "growing.log"
    file.write_bytes(bytes(4_000_000))
    with Fingerprinter(tmp_path / "cache", now_ns=later_ns) as printer:
        alone, folder = printer.take([file, tmp_path], Meddling(lambda: append(file)))
        assert (alone.coverage, alone.digest) == (Coverage.PENDING, None)
        assert folder.coverage is Coverage.PENDING
        assert "growing.log changes while it is read" in folder.why
        assert printer.take([file])[0].coverage is Coverage.FULL


def test_a_file_that_changes_once_while_it_is_read_is_read_again(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"A")
    with Fingerprinter(None) as printer:
        found = printer.take([file], Meddling(Once(lambda: append(file))))[0]
    assert (found.digest, found.size) == (b3(b"Ax"), 2)


def test_a_file_that_is_cut_off_while_it_is_read_does_no_harm(tmp_path):
    file = tmp_path / "cut.bin"
    file.write_bytes(bytes(8_000_000))
    with Fingerprinter(None, threads=2) as printer:
        found = printer.take([file], Meddling(Once(lambda: os.truncate(file, 10))))[0]
    assert (found.coverage, found.digest) == (Coverage.FULL, b3(bytes(10)))


def test_pipes_sockets_and_devices_are_named_and_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock")
        Path("a").write_text("A")
        found = take(tmp_path)
        assert (found.coverage, found.files) == (Coverage.FULL, 1)
        assert sorted(found.notes) == ["pipe is a pipe: not counted", "sock is a socket: not counted"]
        alone = take(tmp_path / "pipe")
        assert (alone.coverage, alone.why) == (Coverage.PENDING, "is no file or folder")
    assert take(Path("/dev/zero")).coverage is Coverage.PENDING


def test_links_to_files_and_to_folders_elsewhere_count_as_what_they_lead_to(tmp_path):
    shared, data, plain = tmp_path / "shared", tmp_path / "data", tmp_path / "plain"
    for folder in (shared, data, plain / "more"):
        folder.mkdir(parents=True)
    (shared / "x").write_text("X")
    (data / "more").symlink_to(shared)
    (data / "file").symlink_to(shared / "x")
    for name in ("more/x", "file"):
        (plain / name).write_text("X")
    before = take(data, tmp_path / "cache")
    assert before.digest == take(plain).digest
    (shared / "x").write_text("Y")
    assert take(data, tmp_path / "cache").digest != before.digest


def test_links_in_a_circle_broken_ones_and_those_back_into_the_folder_are_counted_as_links(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "self").symlink_to("self")
    (data / "up").symlink_to("..")
    (data / "here").symlink_to(".")
    (data / "nowhere").symlink_to("/nonexistent/target")
    (data / "a").write_text("A")
    found = take(data)
    assert (found.coverage, found.files) == (Coverage.FULL, 5)
    assert len(found.notes) == 4
    (data / "nowhere").unlink()
    (data / "nowhere").symlink_to("/nonexistent/other")
    assert take(data).digest != found.digest


def test_folders_that_link_to_each_other_outside_of_the_data_end(tmp_path):
    for name in ("p", "q", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "p" / "to-q").symlink_to(tmp_path / "q")
    (tmp_path / "q" / "to-p").symlink_to(tmp_path / "p")
    (tmp_path / "p" / "x").write_text("X")
    (tmp_path / "data" / "in").symlink_to(tmp_path / "p")
    found = take(tmp_path / "data")
    assert found.coverage is Coverage.FULL
    assert found.files == 2


def test_our_own_folder_git_and_nfs_leftovers_are_no_data_and_patterns_are_heard(tmp_path):
    for name in (".repro/x", ".git/y", "a", "b.tmp", "skip/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".nfs0000000123").write_text("held open")
    assert take(tmp_path, exclude=("*.tmp", "skip/")).files == 1


def test_a_path_that_is_missing_says_so(tmp_path):
    found = take(tmp_path / "nothing")
    assert (found.digest, found.size, found.coverage, found.why) == (None, None, Coverage.PENDING, "is not there")
    assert take(Path("nul\0name")).coverage is Coverage.PENDING


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_pending_with_the_reason(tmp_path):
    (tmp_path / "secret").write_text("S")
    (tmp_path / "secret").chmod(0)
    assert "Permission denied" in take(tmp_path).why
    (tmp_path / "closed").mkdir(mode=0)
    assert take(tmp_path / "closed").coverage is Coverage.PENDING


def test_a_file_that_vanishes_between_listing_and_reading_is_pending(tmp_path, monkeypatch):
    for name in "ab":
        (tmp_path / name).write_text(name)

    with Fingerprinter(None, threads=1) as printer:
        found = printer.take([tmp_path], Meddling(lambda: (tmp_path / "b").unlink(missing_ok=True)))[0]
    assert (found.coverage, found.why) == (Coverage.PENDING, "b vanished")


def test_many_paths_are_answered_in_the_order_they_were_asked_and_read_once(tmp_path):
    (tmp_path / "a").write_text("A")
    (tmp_path / "b").write_text("B")
    with Fingerprinter(None) as printer:
        found = printer.take([tmp_path / "b", tmp_path / "a", tmp_path, tmp_path / "b"])
    assert [Path(f.path).name for f in found] == ["b", "a", tmp_path.name, "b"]
    assert found[0].digest == found[3].digest == b3(b"B")


def test_a_large_file_is_hashed_the_same_by_several_threads(tmp_path):
    content = bytes(range(256)) * 300_000
    (tmp_path / "large").write_bytes(content)
    assert len(content) > 64 << 20
    assert take(tmp_path / "large", threads=4).digest == take(tmp_path / "large", threads=1).digest == b3(content)


def test_hashing_threads_step_back_and_the_caller_does_not(tmp_path):
    (tmp_path / "a").write_text("A")
    with Fingerprinter(None, idle=True) as printer:
        assert printer.take([tmp_path / "a"])[0].digest == b3(b"A")
    assert os.sched_getscheduler(0) != os.SCHED_IDLE


def test_the_cache_is_private(tmp_path):
    (tmp_path / "a").write_text("A")
    take(tmp_path / "a", tmp_path / "cache")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "cache").iterdir()]
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    assert modes == [0o600]


def test_importing_it_brings_neither_textual_nor_duckdb():
    code = (
        "import sys, repro_tui.fingerprint, repro_tui.capture.probes, repro_tui.capture.parameters\n"
        "print([m for m in sys.modules if m in {'textual', 'duckdb', 'psutil', 'pynvml', 'packaging', 'yaml'}])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_who_waits_no_longer_is_not_kept_until_a_large_file_is_read(tmp_path):
    (tmp_path / "small").write_text("1")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    results = hash_all([os.fsencode(tmp_path / name) for name in ("small", "huge")], Budget(), 2)
    assert next(results)[0] == 0
    leaving = threading.Thread(target=results.close, daemon=True)
    leaving.start()
    leaving.join(30)
    assert not leaving.is_alive()
