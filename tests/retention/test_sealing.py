"""Sealing one file: what it holds is there at every instant, and what stands in the way leaves it as it was."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.errors import StorageError
from repro_tui.journal import sealed
from repro_tui.retention import sealing
from repro_tui.retention.sealing import clear_unfinished, seal, unfinished

STEPS = ("open", "fsync", "rename", "unlink", "utime", "writev", "fchmod")
DATA = b"".join(b'{"s":%d,"m":{"loss":%d}}\n' % (n, n * 7919 % 1000) for n in range(60_000))


def content(path):
    return b"".join(sealed.blocks_of(path))


@given(data=st.binary(max_size=3_000), copies=st.sampled_from([0, 1, 2, 900]))
@settings(deadline=None, max_examples=25)
def test_what_comes_out_is_what_went_in(tmp_path_factory, data, copies):
    path = tmp_path_factory.mktemp("seal") / "x.jsonl"
    path.write_bytes(data * copies)
    seal(path)
    assert not path.exists()
    assert content(path) == data * copies


def test_it_keeps_the_mode_and_the_time_and_others_can_read_it(tmp_path):
    path = tmp_path / "output.log"
    path.write_bytes(DATA)
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18 + 7))
    freed = seal(path)
    found = sealed.sealed_path(path).stat()
    assert stat.S_IMODE(found.st_mode) == 0o640
    assert found.st_mtime_ns == 10**18 + 7
    assert freed > len(DATA) // 2
    with sealed.opened(path) as source:
        assert isinstance(source, sealed.Framed)
        assert source.frames == -(-len(DATA) // (1 << 20))
    if shutil.which("zstd"):
        assert subprocess.run(["zstd", "-dc", sealed.sealed_path(path)], capture_output=True, check=True).stdout == DATA


def test_both_there_becomes_one(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(DATA)
    seal(path)
    path.write_bytes(DATA)
    inode = sealed.sealed_path(path).stat().st_ino
    assert seal(path) > len(DATA) // 2
    assert sealed.sealed_path(path).stat().st_ino == inode
    path.write_bytes(DATA[:1_000])
    seal(path)
    assert content(path) == DATA
    path.write_bytes(DATA + b"more\n")
    seal(path)
    assert content(path) == DATA + b"more\n"


def test_a_sealed_copy_that_is_cut_or_damaged_gives_way(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(DATA)
    seal(path)
    target = sealed.sealed_path(path)
    whole = target.read_bytes()
    for raw in (whole[:-40], b"", whole[:100] + bytes(100) + whole[200:]):
        path.write_bytes(DATA)
        target.write_bytes(raw)
        seal(path)
        assert content(path) == DATA
        assert not path.exists()


def test_a_sealed_copy_that_says_something_else_is_left(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"one" * 3_000)
    seal(path)
    path.write_bytes(b"two" * 3_000)
    with pytest.raises(StorageError, match="differs"):
        seal(path)
    assert path.read_bytes() == b"two" * 3_000
    assert sealed.sealed_path(path).exists()


def test_what_is_written_to_meanwhile_stays(tmp_path, monkeypatch):
    path = tmp_path / "x.jsonl"
    path.write_bytes(DATA)
    write = sealing._write

    def late(*args):
        write(*args)
        with path.open("ab") as stream:
            stream.write(b"late\n")

    monkeypatch.setattr(sealing, "_write", late)
    with pytest.raises(StorageError, match="written to"):
        seal(path)
    assert content(path) == DATA + b"late\n"
    assert [each.name for each in tmp_path.iterdir()] == ["x.jsonl"]


def test_without_room_nothing_is_begun(tmp_path, monkeypatch):
    path = tmp_path / "x.jsonl"
    path.write_bytes(DATA)
    full = os.statvfs(tmp_path)

    class Full:
        f_bavail = 10
        f_frsize = full.f_frsize

    monkeypatch.setattr(os, "statvfs", lambda _: Full)
    with pytest.raises(StorageError, match="free room"):
        seal(path)
    assert [each.name for each in tmp_path.iterdir()] == ["x.jsonl"]


@pytest.mark.parametrize("name", ["fsync", "rename", "writev"])
def test_a_disk_that_refuses_leaves_the_file(tmp_path, monkeypatch, name):
    path = tmp_path / "x.jsonl"
    path.write_bytes(DATA)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, refuse)
    with pytest.raises(StorageError, match="No space left"):
        seal(path)
    monkeypatch.undo()
    assert [each.name for each in tmp_path.iterdir()] == ["x.jsonl"]
    assert path.read_bytes() == DATA


def test_links_are_not_sealed(tmp_path):
    (tmp_path / "elsewhere").write_bytes(DATA)
    path = tmp_path / "x.jsonl"
    path.symlink_to("elsewhere")
    with pytest.raises(StorageError):
        seal(path)
    assert path.is_symlink()


def _dies_before(path, step: int) -> bool:
    """Seal in a child that dies before its step of that number; tells whether it did."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads: nothing of theirs is used
        pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 77
    left = step

    def counted(call):
        def die(*args, **fields):
            nonlocal left
            left -= 1
            if left < 0:
                os._exit(77)
            return call(*args, **fields)

        return die

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    try:
        seal(path)
    finally:
        os._exit(0)


def test_dying_before_each_step_loses_nothing(tmp_path):
    """Whatever is left is read as the file, and sealing it again needs nobody's help."""
    step, died = 0, True
    while died:
        folder = tmp_path / str(step)
        folder.mkdir()
        path = folder / "x.jsonl"
        path.write_bytes(DATA)
        os.utime(path, (1.0, 1.0))
        died = _dies_before(path, step)
        assert content(path) == DATA
        clear_unfinished(folder)
        if path.exists():
            seal(path)
        assert content(path) == DATA
        assert [each.name for each in folder.iterdir()] == ["x.jsonl.zst"]
        step += 1
    assert step > 8


def test_what_a_living_process_is_about_to_seal_is_let_alone(tmp_path):
    mine = tmp_path / f".sealing-{sealing.process_mark()}-00000000"
    mine.write_bytes(b"half")
    (tmp_path / ".sealing-notes").write_text("not ours")
    assert list(unfinished(tmp_path)) == []
    clear_unfinished(tmp_path)
    assert mine.exists()
