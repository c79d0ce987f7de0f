"""Tidying folders beside readers, and dying in the middle of it: no reader notices, and nobody has to mend anything."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from repro_tui.bootstrap import open_workbench
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.view import RunQuery
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.settings import open_project
from repro_tui.snapshots.outputs import printed
from tests.retention.old_runs import old_run

POLICY = "retention: {runs: {compress_after: 30d, remove_failed_after: 60d}}\n"
DYING = """
import os, sys
left = int(sys.argv.pop(1))
def counted(call):
    def die(*args, **fields):
        global left
        if any(word in str(args[:1]) for word in ("/runs/", ".sealing-")):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), 9)
        return call(*args, **fields)
    return die
for name in ("rename", "unlink", "statvfs"):
    setattr(os, name, counted(getattr(os, name)))
from repro_tui.__main__ import main
sys.exit(main())
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "digits"
    (folder / ".repro" / "runs").mkdir(parents=True)
    (folder / "repro.yaml").write_text(POLICY)
    return folder


def test_who_reads_meanwhile_misses_nothing(root):
    """A dashboard that looks, and commands that fold a run from its journals, while all of them are being sealed."""
    uids = [old_run(root / ".repro", number, end={"exit": 0}, rows=200) for number in range(1, 31)]
    session, other = (open_workbench(open_project(root, {})) for _ in range(2))
    while sum(each.advance(1.0) for each in (session, other)):
        pass
    plan = other.retention.plan_folders()
    work = threading.Thread(target=lambda: other.retention.tidy_folders(plan))
    finder = RunFinder(Layout(root / ".repro"))
    known = {uid: finder.load(uid) for uid in uids}
    log = session.log(uids[0])
    begin = log.read(0, 50)
    work.start()
    looks = 0
    while work.is_alive() or looks < 2:
        session.advance(0.05)
        assert len(session.runs(RunQuery()).keys) == 30
        for uid in uids[looks % 5 :: 5]:
            assert finder.load(uid) == known[uid]
            assert session.last_metrics(uid)["loss"][0] == 199
            fresh = session.log(uid)
            assert not isinstance(fresh, Unavailable)
            assert fresh.read(0, 50) == begin
            fresh.close()
        assert log.read(0, 50) == begin
        looks += 1
    work.join()
    assert not list((root / ".repro" / "runs").rglob("*.jsonl"))
    for each in (log, session, other):
        each.close()


def prune(root, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *before, "prune", "--runs", "--yes"],
        cwd=root, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=dict(os.environ),
    )  # fmt: skip


@pytest.mark.parametrize("step", [1, 3, 6])
def test_killed_in_the_middle_the_next_one_ends_it(root, step):
    done = old_run(root / ".repro", 1, end={"exit": 0})
    failed = old_run(root / ".repro", 2, end={"exit": 1})
    finder = RunFinder(Layout(root / ".repro"))
    known = finder.load(done)
    assert prune(root, "-c", DYING, str(step)).returncode == -9
    assert RunFinder(Layout(root / ".repro")).load(done) == known
    again = prune(root, "-m", "repro_tui")
    assert again.returncode == 0, again.stderr
    left = sorted(path.name for path in (root / ".repro" / "runs").rglob("*") if path.is_file())
    assert left == [f"{1:016x}.jsonl.zst", f"{2:016x}.jsonl.zst", "output.log.zst"]
    run = RunFinder(Layout(root / ".repro")).load(failed)
    assert [omission.what for omission in run.omissions] == ["output.log"]
    assert "by " in run.omissions[0].why


def test_a_snapshot_taken_later_keeps_what_was_printed(root):
    old_run(root / ".repro", 1, end={"exit": 0})
    finder = RunFinder(Layout(root / ".repro"))
    uid = finder.find("otter-1")
    assert [found.path for found in printed(finder.load(uid), finder.folders(uid))] == [b"_snapshot/log/output.log"]
    assert prune(root, "-m", "repro_tui").returncode == 0
    assert [found.path for found in printed(finder.load(uid), finder.folders(uid))] == [b"_snapshot/log/output.log.zst"]
