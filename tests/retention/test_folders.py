"""Folders of old runs: what is done with them, what is never touched, and that nobody who reads notices."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from repro_tui.bootstrap import open_workbench
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.tidying import COMPRESS, REMOVE_OUTPUT, FolderPolicy
from repro_tui.domain.view import Annotation, RunQuery
from repro_tui.errors import CancelledError, ChangedError, ReadOnlyError, StorageError, UsageError
from repro_tui.ingest.intake import Intake
from repro_tui.journal.write import boot_id, open_writer
from repro_tui.retention.sealing import on_disk, seal
from repro_tui.retention.telling import Teller
from repro_tui.settings import open_project
from tests.retention.old_runs import age, everything, old_run

FAILED = {"exit": 1}
DONE = {"exit": 0}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    root = tmp_path / "digits"
    (root / ".repro" / "runs").mkdir(parents=True)
    (root / "repro.yaml").write_text("retention:\n  runs: {compress_after: 30d, remove_failed_after: 60d}\n")
    return root / ".repro"


@pytest.fixture
def opened(home):
    """Opens sessions, which read everything first, and closes them at the end."""
    sessions = []

    def open_one(**fields):
        session = open_workbench(replace(open_project(home.parent, {}), **fields))
        sessions.append(session)
        catch_up(session)
        return session

    yield open_one
    for session in sessions:
        session.close()


def catch_up(session):
    for _ in range(100):
        if not session.advance(1.0) and not session.health().catching_up:
            return


def planned(session):
    return {(move.name, move.action) for move in session.retention.plan_folders().moves}


def seen(session):
    """Give what a reader sees of all runs, without how their files lie on the disk."""
    rows = session.rows(session.runs(RunQuery()).keys, ())
    return [(row.name, row.state, session.run(row.uid), dict(session.last_metrics(row.uid))) for row in rows]


def held(home):
    """Give the bytes that the files of runs take up."""
    return sum(on_disk(path.stat()) for path in (home / "runs").rglob("*") if path.is_file())


def names(home):
    return sorted(str(path.relative_to(home / "runs")) for path in (home / "runs").rglob("*") if path.is_file())


def test_old_folders_are_tidied_and_read_as_before(home, opened):
    done, failed = old_run(home, 1, end=DONE), old_run(home, 2, end=FAILED)
    young = old_run(home, 3, days=5, end=FAILED)
    session = opened()
    before = seen(session)
    lines = session.log(done).read(0, 1000)
    plan = session.retention.plan_folders()
    assert {(m.name, m.action) for m in plan.moves} == {
        ("otter-1", COMPRESS), ("otter-2", REMOVE_OUTPUT), ("otter-2", COMPRESS)
    }  # fmt: skip
    assert plan.policy == FolderPolicy(30 * 86_400.0, 60 * 86_400.0)
    assert plan.removes == 1
    assert plan.frees > 0
    was = held(home)
    tidied = session.retention.tidy_folders(plan)
    assert tidied.moves
    assert set(tidied.moves) == set(plan.moves)
    assert tidied.left == ()
    assert tidied.freed == was - held(home)
    assert [name for name in names(home) if "otter-2" in name] == [
        "20260102-000000-otter-2/journal/0000000000000002.jsonl.zst"
    ]
    assert session.retention.plan_folders().moves == ()
    for reader in (session, opened()):
        catch_up(reader)
        after = seen(reader)
        assert [row[:2] for row in after] == [row[:2] for row in before]
        assert [row[3] for row in after] == [row[3] for row in before]
        assert after[0][2] == before[0][2]
        assert reader.log(done).read(0, 1000) == lines
        assert reader.log(young).read(0, 1).lines == ("step 0 loss 0",)
        gone = reader.log(failed)
        assert isinstance(gone, Unavailable)
        assert gone.reason.startswith("output.log was removed (failed over 60d ago; by ")
        assert "removed" in {omission.kind for omission in reader.run(failed).omissions}


def test_the_index_stays_valid(home, opened, monkeypatch):
    """What was read of a journal is not read again because it lies there in another form."""
    for number in range(1, 6):
        old_run(home, number, end=DONE)
    opened().close()
    session = opened()
    session.retention.tidy_folders(session.retention.plan_folders())
    session.close()
    reads = []
    recall = Intake._recall
    monkeypatch.setattr(Intake, "_recall", lambda self, run: (reads.append(run), recall(self, run)))
    for _ in range(2):
        session = opened()
        assert len(session.runs(RunQuery()).keys) == 5
        session.close()
    assert reads == []


def test_planning_writes_nothing(home, opened):
    old_run(home, 1, end=FAILED)
    session = opened()
    before = everything(home / "runs")
    session.retention.plan_folders()
    assert everything(home / "runs") == before


def test_without_a_policy_nothing_is_done(home, opened):
    old_run(home, 1, end=FAILED)
    (home.parent / "repro.yaml").write_text("retention: {keep_last: 1}\n")
    plan = opened().retention.plan_folders()
    assert (plan.moves, plan.left, plan.policy) == ((), (), FolderPolicy())
    (home.parent / "repro.yaml").write_text("retention: {runs: {compress_after: soon}}\n")
    with pytest.raises(UsageError, match="compress_after"):
        opened().retention.plan_folders()


def test_what_is_not_over_is_never_touched(home, opened):
    old_run(home, 1)  # lost on another host: silent
    old_run(home, 2, end=DONE)
    old_run(home, 3, end=DONE)
    old_run(home, 4, end=FAILED)
    session = opened()
    assert {name for name, _ in planned(session)} == {"otter-2", "otter-3", "otter-4"}
    (home / "runs" / "20260102-000000-otter-2" / "alive.0123").touch()
    (home / "runs" / "20260103-000000-otter-3" / "output.log").touch()
    with open_writer(home / "runs" / "20260104-000000-otter-4", run=f"{4:032x}", role="supervisor", attempt=2):
        plan = session.retention.plan_folders()
        assert plan.moves == ()
        assert any("written there within the last hour" in sentence for sentence in plan.left)


def test_a_process_that_is_still_there_is_waited_for(home, opened):
    """An old journal of a process that lives: a daemon that the run left behind may write at any moment."""
    uid = old_run(home, 1, end=DONE)
    folder = home / "runs" / "20260101-000000-otter-1"
    writer = open_writer(folder, run=uid, role="process", attempt=1, t=time.time())
    writer.close()
    age(folder, 90)
    plan = opened().retention.plan_folders()
    assert plan.moves == ()
    assert "a process of the run is still there" in plan.left[0]
    assert boot_id()


def test_a_remark_of_today_does_not_keep_a_folder_from_it_and_is_not_lost(home, opened):
    uid = old_run(home, 1, end=DONE)
    session = opened()
    session.annotate([uid], Annotation(note="still in use"))
    catch_up(session)
    session.retention.tidy_folders(session.retention.plan_folders())
    session.annotate([uid], Annotation(note="and now"))
    catch_up(session)
    assert session.run(uid).note == "and now"
    assert opened().run(uid).note == "and now"
    assert sum(name.endswith(".jsonl") for name in names(home)) == 1


def test_annotating_what_was_sealed_while_the_session_was_open(home, opened):
    """The journal that a session had begun is sealed under it by another host's prune: it begins another."""
    uid = old_run(home, 1, end=DONE)
    session = opened()
    session.annotate([uid], Annotation(note="x" * 9_000))
    folder = home / "runs" / "20260101-000000-otter-1"
    mine = next(path for path in (folder / "journal").iterdir() if b'"person"' in path.read_bytes())
    seal(mine)
    session.annotate([uid], Annotation(note="later", add_tags=("kept",)))
    catch_up(session)
    assert session.run(uid).note == "later"
    assert opened().run(uid).tags == {"kept"}


def test_times_from_the_future_are_not_believed(home, opened):
    old_run(home, 1, end=FAILED)
    output = home / "runs" / "20260101-000000-otter-1" / "output.log"
    os.utime(output, (time.time() + 9_999,) * 2)
    plan = opened().retention.plan_folders()
    assert plan.moves == ()
    assert "from the future" in plan.left[0]
    old_run(home, 2, days=-400, end=FAILED)
    assert planned(opened()) == set()


def test_pins_win(home, opened):
    uid = old_run(home, 1, end=FAILED)
    session = opened()
    session.annotate([uid], Annotation(pinned=True))
    catch_up(session)
    assert planned(session) == {("otter-1", COMPRESS)}


def test_what_belongs_to_others_is_left(home, opened, monkeypatch):
    old_run(home, 1, end=FAILED)
    session = opened()
    monkeypatch.setattr("repro_tui.retention.old_files.os.geteuid", lambda: 4321)
    plan = session.retention.plan_folders()
    assert plan.moves == ()
    assert plan.left == ("1 folder of old runs is left as it is: they belong to other users.",)


def test_only_our_own_files_are_touched(home, opened):
    old_run(home, 1, end=FAILED)
    folder = home / "runs" / "20260101-000000-otter-1"
    for name in ("model.log", "output.log.bak", "journal/notes.txt", "output-2.log"):
        (folder / name).write_bytes(b"x" * 20_000)
    (folder / "output-2.0.log").write_bytes(b"y" * 20_000)
    (folder / "stderr.log").symlink_to(folder / "model.log")
    age(folder, 90)
    session = opened()
    plan = session.retention.plan_folders()
    assert {name for move in plan.moves for name in move.files} == {
        "journal/0000000000000001.jsonl", "output.log", "output-2.0.log"
    }  # fmt: skip
    session.retention.tidy_folders(plan)
    assert (folder / "model.log").stat().st_size == 20_000
    assert (folder / "output.log.bak").exists()


def test_a_plan_that_is_stale_is_not_carried_out(home, opened):
    old_run(home, 1, end=FAILED)
    session = opened()
    plan = session.retention.plan_folders()
    output = home / "runs" / "20260101-000000-otter-1" / "output.log"
    with output.open("a") as stream:
        stream.write("late\n")
    before = everything(home / "runs")
    with pytest.raises(ChangedError):
        session.retention.tidy_folders(plan)
    assert everything(home / "runs") == before


def test_a_reading_session_refuses(home, opened):
    old_run(home, 1, end=FAILED)
    session = opened(readonly=True)
    plan = session.retention.plan_folders()
    assert plan.moves
    with pytest.raises(ReadOnlyError):
        session.retention.tidy_folders(plan)


def test_stopping_leaves_each_file_whole(home, opened):
    uids = [old_run(home, number, end=DONE) for number in range(1, 5)]
    session = opened()
    before = seen(session)

    def stop(done, _total, _what):
        if done:
            raise CancelledError("Stopped.")

    tidied = session.retention.tidy_folders(session.retention.plan_folders(), stop)
    assert tidied.stopped
    assert 0 < sum(name.endswith(".zst") for name in names(home)) < 8
    catch_up(session)
    assert seen(session) == before
    again = session.retention.tidy_folders(session.retention.plan_folders())
    assert not again.stopped
    assert all(name.endswith(".zst") for name in names(home))
    assert all(session.log(uid).next_error(0) == 600 for uid in uids)


def test_a_merge_brings_the_unsealed_back_and_the_run_stays_one(home, opened):
    """What an `rsync` from a copy brings once more is the same file: it is read once, and sealed again."""
    uid = old_run(home, 1, end=DONE)
    folder = home / "runs" / "20260101-000000-otter-1"
    raw = (folder / "journal" / f"{1:016x}.jsonl").read_bytes()
    session = opened()
    before = seen(session)
    session.retention.tidy_folders(session.retention.plan_folders())
    copy = folder / "journal" / f"{1:016x}.jsonl"
    copy.write_bytes(raw)
    other = home / "runs" / "copy-of-it" / "journal" / copy.name
    other.parent.mkdir(parents=True)
    other.write_bytes(raw[: len(raw) // 2])
    age(folder, 90)
    age(other.parent.parent, 90)
    catch_up(session)
    fresh = opened()
    for reader in (session, fresh):
        assert [(row[0], row[1], row[3]) for row in seen(reader)] == [(row[0], row[1], row[3]) for row in before]
    fresh.retention.tidy_folders(fresh.retention.plan_folders())
    assert not copy.exists()
    assert fresh.run(uid).name == "otter-1"


def test_full_disk(home, opened, monkeypatch):
    """What removes needs no room, what compresses is left where there is none, and who removed it is told after all."""
    old_run(home, 1, end=DONE)
    uid = old_run(home, 2, end=FAILED)
    session = opened()
    plan = session.retention.plan_folders()
    real = os.statvfs

    class Full:
        f_bavail = 0
        f_frsize = 4096

    tell, refused = Teller.outputs_removed, []

    def full(self, moves, batch):
        if not refused:
            refused.append(batch)
            raise StorageError("full") from OSError(28, "No space left on device")
        tell(self, moves, batch)

    monkeypatch.setattr(os, "statvfs", lambda path: Full if "runs" in str(path) else real(path))
    monkeypatch.setattr(Teller, "outputs_removed", full)
    tidied = session.retention.tidy_folders(plan)
    assert [move.action for move in tidied.moves] == [REMOVE_OUTPUT]
    assert tidied.left[0].startswith("3 files are left as before: compressing needs up to ")
    assert not any(name.endswith(".zst") for name in names(home))
    catch_up(session)
    assert "by " in session.log(uid).reason
