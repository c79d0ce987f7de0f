"""A name means whole bytes or nothing: what is renamed was flushed, and the document comes after everything else."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from repro_tui.errors import StorageError
from repro_tui.store import durable
from repro_tui.store.durable import flush_folders, keep_reserve, temporary, write_all, write_durably
from repro_tui.store.places import Places
from repro_tui.store.store import Store
from tests.store.keeping import keep, random_bytes


@pytest.fixture
def places(tmp_path):
    tmp_path.joinpath("store").mkdir()
    return Places(tmp_path / "store")


@pytest.fixture
def calls(monkeypatch):
    """Note the flushes and renames of this process, in their order."""
    found: list[tuple[str, str, str]] = []
    fsync, rename = os.fsync, Path.rename

    def noted_fsync(descriptor: int) -> None:
        fsync(descriptor)
        found.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink()), ""))

    def noted_rename(path: Path, target: Path) -> Path:
        found.append(("rename", str(path), str(target)))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which file a descriptor is")
def test_everything_is_flushed_before_it_is_named_and_the_document_is_last(tmp_path, calls):
    (tmp_path / "data").write_bytes(random_bytes(70 << 20))  # more than one pack
    store = Store(tmp_path / "store", tmp_path / "locks", threads=1)
    digest = keep(store, tmp_path / "data")
    folder = str(store.places.folder)
    renames = [(at, call) for at, call in enumerate(calls) if call[0] == "rename" and "reserve" not in call[2]]
    for at, (_, source, _) in renames:
        assert ("fsync", source, "") in calls[:at]
    packs = [at for at, call in renames if call[2].endswith(".pack")]
    sidecars = [at for at, call in renames if call[2].endswith(".idx")]
    [document] = [at for at, call in renames if call[2] == str(store.places.document(digest))]
    assert len(packs) == len(sidecars) == 2
    assert all(pack < sidecar for pack, sidecar in zip(packs, sidecars, strict=True))
    flushed = {call[1] for call in calls[max(sidecars) : document] if call[0] == "fsync"}
    touched = {str(Path(calls[at][2]).parent) for at in (*packs, *sidecars)}
    assert flushed >= {*touched, f"{folder}/packs", f"{folder}/index", folder}
    assert ("fsync", f"{folder}/snapshots", "") in calls[document:]


def test_what_cannot_be_written_leaves_nothing_and_the_old_file(places, monkeypatch):
    target = places.folder / "file"
    write_durably(places, target, b"old")

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="Input/output error"):
        write_durably(places, target, b"new")
    assert [path.name for path in places.folder.iterdir()] == ["file"]
    assert target.read_bytes() == b"old"


def test_short_writes_are_gone_on_with(tmp_path, monkeypatch):
    writev = os.writev
    monkeypatch.setattr(os, "writev", lambda descriptor, pieces: writev(descriptor, [memoryview(pieces[0])[:3]]))
    with (tmp_path / "file").open("wb") as file:
        write_all(file.fileno(), [b"something", b"", b"and", memoryview(b"more")])
    assert (tmp_path / "file").read_bytes() == b"somethingandmore"


def test_a_file_system_that_cannot_flush_folders_is_used_all_the_same(tmp_path, monkeypatch):
    codes = iter([errno.EINVAL, errno.EIO])

    def fail(_descriptor: int) -> None:
        code = next(codes)
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    flush_folders([tmp_path, tmp_path])
    with pytest.raises(OSError, match="Input/output"):
        flush_folders([tmp_path])


def test_no_reserve_is_kept_where_there_is_no_room_for_it(places, monkeypatch):
    monkeypatch.setattr(durable, "_ENOUGH", 1 << 62)
    keep_reserve(places)
    assert not places.reserve.exists()


def test_the_reserve_is_really_taken_from_the_disk(places):
    keep_reserve(places)
    info = places.reserve.stat()
    assert info.st_size == 8 << 20
    assert info.st_blocks * 512 >= 8 << 20
    keep_reserve(places)
    assert places.reserve.stat().st_ino == info.st_ino


def test_temporary_names_are_all_different_and_hidden(places):
    names = {temporary(places, "pack").name for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith(".pack-") for name in names)
