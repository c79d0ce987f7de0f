"""Adders share the lock, a deleter has it alone; it dies with its process, and where there is none nothing waits."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from repro_tui.errors import StorageError
from repro_tui.store import locks
from repro_tui.store.locks import StoreLock
from repro_tui.store.places import Places

ROOT = Path(__file__).resolve().parents[2]


def lock(folder: Path, *, exclusive: bool = False, **fields) -> StoreLock:
    return StoreLock(Places(folder / "store"), folder / "locks", exclusive=exclusive, wait_s=0, **fields)


def test_adders_share_it(tmp_path):
    with lock(tmp_path), lock(tmp_path):
        assert (tmp_path / "locks" / "store").stat().st_mode & 0o777 == 0o600


def test_who_deletes_has_it_alone(tmp_path):
    with lock(tmp_path), pytest.raises(StorageError, match="Another process is adding"), lock(tmp_path, exclusive=True):
        pass
    with lock(tmp_path, exclusive=True), pytest.raises(StorageError, match="is deleting from"), lock(tmp_path):
        pass
    with lock(tmp_path, exclusive=True):
        pass


def test_without_locks_nobody_waits(tmp_path):
    with lock(tmp_path, exclusive=True), lock(tmp_path, exclusive=True, use=False):
        pass


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS])
def test_a_file_system_without_locks_is_used_all_the_same(tmp_path, monkeypatch, code):
    def refuse(_descriptor: int, _kind: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with lock(tmp_path, exclusive=True), lock(tmp_path, exclusive=True):
        pass


def test_a_forked_worker_that_lives_on_does_not_hold_it(tmp_path):
    held = lock(tmp_path)
    with held:
        hears, says = os.pipe()
        child = os.fork()
        if not child:
            os.write(says, b"alive")
            signal.pause()
            os._exit(0)
        os.read(hears, 5)
        os.close(hears)
        os.close(says)
        with pytest.raises(StorageError), lock(tmp_path, exclusive=True):
            pass
    try:
        with lock(tmp_path, exclusive=True):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_it_dies_with_its_process(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from repro_tui.store.locks import StoreLock;"
        "from repro_tui.store.places import Places; folder = Path(sys.argv[1]);"
        "StoreLock(Places(folder / 'store'), folder / 'locks', exclusive=True).__enter__(); print(1, flush=True);"
        "time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout
    assert child.stdout.read(1) == b"1"
    with pytest.raises(StorageError), lock(tmp_path):
        pass
    child.kill()
    child.wait(30)
    child.stdout.close()
    with lock(tmp_path):
        pass


def test_waiting_ends_as_soon_as_it_is_free(tmp_path, monkeypatch):
    other = lock(tmp_path, exclusive=True)
    other.__enter__()
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        other.release()

    monkeypatch.setattr(locks.time, "sleep", pause)
    with StoreLock(Places(tmp_path / "store"), tmp_path / "locks", wait_s=30):
        assert len(pauses) == 1
