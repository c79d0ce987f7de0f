"""The files that a snapshot's page names: the largest of each part, whatever became of the listings."""

from __future__ import annotations

import sys

import pytest

from repro_tui.domain.snapshot import KeptFile
from repro_tui.errors import CancelledError
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
