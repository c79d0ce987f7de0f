"""A list of many snapshots looks once at where runs lie and at what the project's journals say."""

from __future__ import annotations

from collections import Counter

from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_text import parse_line
from repro_tui.journal import one_run
from repro_tui.journal.layout import Layout
from repro_tui.retention.service import RetentionService
from repro_tui.settings import open_project
from repro_tui.snapshots import shelf
from repro_tui.snapshots.service import SnapshotService
from tests.retention.kept import make_kept

RUNS = 40


def prune(project, policy: str) -> None:
    service = RetentionService(project, lambda work: {})
    stock = service.stock()
    service.prune(service.plan(stock, decide(parse_line(policy), stock, {})))


def test_the_work_follows_the_number_of_snapshots(tmp_path, monkeypatch):
    make_kept(tmp_path, RUNS)
    project = open_project(tmp_path, {})
    prune(project, "keep_last=30 per=project")
    calls: Counter[str] = Counter()

    def counted(name, call):
        def count(*args, **fields):
            calls[name] += 1
            return call(*args, **fields)

        return count

    monkeypatch.setattr(Layout, "run_folders", counted("run_folders", Layout.run_folders))
    monkeypatch.setattr(one_run, "project_events", counted("project_events", one_run.project_events))
    monkeypatch.setattr(shelf, "load_run", counted("load_run", shelf.load_run))
    snapshots = SnapshotService(project)
    assert len(snapshots.rows()) == 30
    assert calls == {"run_folders": 1, "load_run": 30}
    assert len(snapshots.rows()) == 30
    assert calls["load_run"] == 30
    prune(project, "keep_last=20 per=project")
    assert len(snapshots.rows()) == 20
    assert calls["load_run"] == 30
    assert calls["project_events"] == 0


def test_a_pinned_version_of_a_dataset_is_kept_whatever_the_rules_say(tmp_path):
    digests = make_kept(tmp_path, 2, versions=3)
    project = open_project(tmp_path, {})
    SnapshotService(project).pin(digests[2], on=True)
    service = RetentionService(project, lambda work: {})
    found = {c.digest: c for c in service.stock().candidates}
    assert [found[digest].pinned for digest in digests[2:]] == [True, False, False]
    assert [found[digest].name for digest in digests[2:]] == ["scans@v1", "scans@v2", "scans@v3"]
    rows = {row.snapshot.digest: row.pinned for row in SnapshotService(project).rows()}
    assert [rows[digest] for digest in digests[2:]] == [True, False, False]
    prune(project, "keep_last=1")
    names = {one.name for one in service.trash()}
    assert "scans@v2" in names
    assert "scans@v1" not in names
    SnapshotService(project).pin(digests[2], on=False)
    assert not any(c.pinned for c in RetentionService(project, lambda work: {}).stock().candidates)


def test_a_level_falls_with_the_reason_and_comes_back(tmp_path):
    digests = make_kept(tmp_path, 3)
    project = open_project(tmp_path, {})
    snapshots = SnapshotService(project)
    prune(project, "keep_last=2 per=project give_up=data")
    row = next(row for row in snapshots.rows() if row.snapshot.digest == digests[0])
    assert row.level == "1/6"
    assert row.level_why == "of its snapshot was given up: data:train (beyond last 2)"
    service = RetentionService(project, lambda work: {})
    service.undo(service.trash())
    assert {row.level for row in snapshots.rows()} == {"2/6"}
