"""A check tells of snapshots that only journals know, and levels follow what it found."""

from __future__ import annotations

import sys

from repro_tui.domain.level import level_of
from tests.snapshots.projects import record, service
from tests.snapshots.test_restoring_code import a_project


def test_a_document_that_vanished_is_told_noted_and_taken_back(tmp_path):
    """The store cannot know what it lacks; the run's level must not go on to claim it."""
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    taken = snapshots.take(run.uid).snapshot
    assert snapshots.check().ok
    document = snapshots._store.places.document(taken.digest)
    away = document.rename(tmp_path / "away")
    for _ in range(2):
        report = service(folder).check(quick=True)
        assert [(damage.why, damage.snapshots) for damage in report.damages] == [
            (f"is missing: {run.name} is not kept any more", (run.name,))
        ]
    fallen = level_of(service(folder)._shelf.run(run.uid))
    assert fallen.number == 1
    assert "is missing" in fallen.why
    away.rename(document)
    assert service(folder).check(quick=True).ok
    assert level_of(service(folder)._shelf.run(run.uid)).number == 1, "a quick check does not read what it would claim"
    assert service(folder).check().ok
    assert level_of(service(folder)._shelf.run(run.uid)).number == 2


def test_a_run_that_was_kept_again_has_lost_nothing(tmp_path):
    folder = a_project(tmp_path / "project")
    run = record(folder, sys.executable, "train.py")
    snapshots = service(folder)
    first = snapshots.take(run.uid).snapshot.digest
    (folder / ".repro" / "store" / "snapshots" / f"{first[3:]}.json").unlink()
    snapshots = service(folder)
    second = snapshots.take(run.uid, wheels=False).snapshot.digest
    assert second != first
    report = service(folder).check()
    assert report.ok
    assert report.done[-1] == f"an earlier snapshot of {run.name} is not in the store; it was kept again since"
