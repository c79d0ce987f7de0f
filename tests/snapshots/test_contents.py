"""The files that a snapshot's page names: the largest of each part, whatever became of the listings."""

from __future__ import annotations

import sys

import pytest

from repro_tui.domain.snapshot import KeptFile
from repro_tui.errors import CancelledError, StorageError
from repro_tui.snapshots import contents
from repro_tui.store import documents
from tests.snapshots.projects import record, service
from tests.snapshots.test_restoring_code import a_project


def test_the_largest_files_of_each_part_are_named_and_what_cannot_be_read_says_why(tmp_path, monkeypatch):
    """Each part is listed by itself, so that one damaged listing does not hide the others."""
    folder = a_project(tmp_path / "project")
    (folder / "large.py").write_text("# " + "x" * 5_000)
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest
    parts = {part.name: part for part in snapshots.files(digest, 2)}
    assert list(parts) == [part.name for part in snapshots.rows()[0].snapshot.parts if part.kept]
    assert parts["code"].files[0] == KeptFile("large.py", 5_002)
    assert len(parts["code"].files) == 2 < parts["code"].count
    assert all(part.why == "" for part in parts.values())

    def stop(done: int, total: int, what: str) -> None:
        raise CancelledError("Nobody looks.")

    with pytest.raises(CancelledError):
        snapshots.files(digest, 2, stop)

    store = snapshots._store
    lost = next(blobs for name, blobs, _ in documents.roots(store.document(digest)) if name == "code")
    read = store.listing
    monkeypatch.setattr(store, "listing", lambda blobs: read([b"\0" * 32 if blob in lost else blob for blob in blobs]))
    found = {
        part.name: part
        for part in contents.largest_files(
            store, snapshots.rows()[0].snapshot, store.document(digest), (), 2, progress=None
        )
    }
    assert found["code"].why
    assert found["code"].files == ()
    assert found["environment"].files == parts["environment"].files


def test_what_a_verification_found_is_told_also_where_it_cannot_be_noted(tmp_path, monkeypatch):
    """A project on a read-only file system can be verified too; root cannot be forbidden to write."""
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    digest = snapshots.take(run.uid).snapshot.digest

    def refuse(*_args: object, **_options: object) -> None:
        raise StorageError("The journal cannot be written: Read-only file system.")

    monkeypatch.setattr(snapshots._taker, "verified", refuse)
    report = snapshots.verify(digest)
    assert report.ok
    assert report.done == ("The result could not be noted: The journal cannot be written: Read-only file system.",)
