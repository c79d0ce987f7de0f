"""Journals become a catalog: incremental equals rebuilt, twice is once, one run's trouble stays with it."""

from __future__ import annotations

import json
import math
import random
import shutil

import pytest

from repro_tui.bootstrap import rebuild
from repro_tui.domain.filters import Compared, Qualified
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import CurveQuery
from repro_tui.domain.view import Annotation, RunQuery
from tests.ingest.conftest import T0, catch_up, dump, names

COLUMNS = ["metric:loss", "metric:acc"]


def test_reading_a_journal_in_any_pieces_gives_what_reading_it_at_once_gives(lines, opened, project):
    chance = random.Random(7)
    whole = {}
    for number in range(1, 6):
        lines.run(number, steps=50)
    for path in list((project.home / "runs").glob("*/journal/*.jsonl")):
        whole[path] = path.read_bytes()
        path.write_bytes(b"")
    session = opened()
    written = dict.fromkeys(whole, 0)
    while any(written[p] < len(whole[p]) for p in whole):
        path = chance.choice([p for p in whole if written[p] < len(whole[p])])
        cut = min(len(whole[path]), written[path] + chance.randint(1, 900))
        with path.open("ab") as stream:
            stream.write(whole[path][written[path] : cut])
        written[path] = cut
        if chance.random() < 0.5:
            session.advance(0.5)
    catch_up(session)
    grown = dump(session)
    session.close()
    rebuild(project)
    assert dump(opened()) == grown
    assert len(grown["points"]) == 5 * 50 * 2


def test_reading_twice_is_reading_once(lines, opened):
    for number in range(1, 4):
        lines.run(number)
    session = opened()
    before, revision = dump(session), session.runs(RunQuery()).revision
    for _ in range(3):
        assert session.advance(0.5) is False
    session._feed.hint({session._layout.runs})
    catch_up(session)
    assert dump(session) == before
    assert session.runs(RunQuery()).revision == revision


def test_a_second_session_starts_from_what_the_first_published_and_reads_only_what_is_new(lines, opened, project):
    lines.run(1)
    opened().close()
    uid = lines.run(2)
    session = opened()
    assert names(session) == ["otter-2", "otter-1"]
    assert session._feed.learnt < 20
    assert session.last_metrics(uid) == {"loss": (2.0, pytest.approx(1 / 3)), "acc": (2.0, 0.2)}


def test_a_rewritten_journal_is_read_anew(lines, opened):
    uid = lines.run(1, steps=5)
    session = opened()
    path = lines.journal("2025-000001-otter", f"{1:016x}")
    text = path.read_text().replace('"name": "otter-1"', '"name": "heron-1"').replace('"s": 4', '"s": 9')
    path.unlink()
    path.write_text(text)
    catch_up(session)
    assert names(session) == ["heron-1"]
    (curve,) = session.curves(CurveQuery((uid,), ("loss",)))
    assert [b.x for b in curve.buckets] == [0, 1, 2, 3, 9]


def test_a_shortened_journal_takes_back_what_it_said(lines, opened):
    uid = lines.run(1, steps=5)
    session = opened()
    path = lines.journal("2025-000001-otter", f"{1:016x}")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    catch_up(session)
    assert session.last_metrics(uid)["loss"] == (1.0, 0.5)
    assert session.state(uid) is not State.DONE


def test_a_deleted_folder_takes_its_run_with_it_and_a_new_one_brings_it_back(lines, opened, project):
    lines.run(1)
    lines.run(2)
    session = opened()
    key = session.runs(RunQuery()).keys[1]
    shutil.rmtree(project.home / "runs" / "2025-000001-otter")
    catch_up(session)
    assert names(session) == ["otter-2"]
    assert not session._ready().fetch("SELECT 1 FROM points p WHERE run = ?", [key])
    lines.run(1)
    catch_up(session)
    assert session.runs(RunQuery()).keys[1] == key
    shutil.rmtree(project.home)
    catch_up(session)
    assert names(session) == []


def test_two_folders_with_one_uid_are_one_run_whichever_copy_is_longer(lines, opened, project):
    uid = lines.run(1, steps=10)
    first, second = project.home / "runs" / "2025-000001-otter", project.home / "runs" / "2026-copy"
    shutil.copytree(first, second)
    lines.write("2026-copy", "aaaaaaaaaaaaaaaa", lines.header(uid, "aaaaaaaaaaaaaaaa", role="person", attempt=0),
                {"k": "tag", "t": T0, "c": 5, "tag": "merged", "on": True})  # fmt: skip
    session = opened()
    assert names(session) == ["otter-1"]
    assert len(session._ready().fetch("SELECT 1 FROM points")) == 20
    assert session.run(uid).tags == {"merged"}
    lines.write("2026-copy", f"{1:016x}", {"s": 10, "t": T0 + 20, "m": {"loss": 0.01}})
    catch_up(session)
    assert session.last_metrics(uid)["loss"] == (10.0, 0.01)
    assert len(session._ready().fetch("SELECT 1 FROM points")) == 21
    shutil.rmtree(second)
    catch_up(session)
    assert session.last_metrics(uid)["loss"][0] == 9.0
    assert len(session._ready().fetch("SELECT 1 FROM points")) == 20


def test_the_later_value_of_a_step_wins_and_broken_values_are_counted(lines, opened):
    uid = lines.run(1, steps=0)
    folder, writer = "2025-000001-otter", f"{1:016x}"
    for step, value in ((0, 1.0), (1, 2.0), (1, 5.0), (2, "NaN"), (3, "Infinity"), (0, 7.0)):
        lines.write(folder, writer, {"s": step, "t": T0 + 5, "m": {"loss": value}})
    session = opened()
    (curve,) = session.curves(CurveQuery((uid,), ("loss",)))
    assert [(b.x, b.last) for b in curve.buckets] == [(0.0, 7.0), (1.0, 5.0)]
    assert (curve.points, curve.broken) == (4, 2)
    assert session.last_metrics(uid)["loss"] == (3.0, math.inf)
    assert session.values_at(CurveQuery((uid,), ("loss",)), 1.5) == {(uid, "loss"): (1.0, 5.0)}


def test_a_resumed_attempt_overrides_the_steps_of_the_one_before(lines, opened):
    uid = lines.run(1, steps=5)
    folder, again = "2025-000001-otter", "0000000000000000"
    lines.write(folder, again, lines.header(uid, again, attempt=2, t=T0 + 100))
    lines.write(folder, again, *({"s": s, "t": T0 + 100 + s, "m": {"loss": 50.0 + s}} for s in range(3, 7)))
    session = opened()
    (curve,) = session.curves(CurveQuery((uid,), ("loss",)))
    assert [b.last for b in curve.buckets] == [1.0, 0.5, pytest.approx(1 / 3), 53.0, 54.0, 55.0, 56.0]
    assert session.last_metrics(uid)["loss"] == (6.0, 56.0)


def test_damaged_lines_are_counted_and_the_run_stays(lines, opened):
    uid = lines.run(1)
    lines.write("2025-000001-otter", f"{1:016x}", b"{torn\n", b"\xff\xfe\n", {"s": 9, "t": T0, "m": {"loss": 0.5}})
    session = opened()
    assert session.last_metrics(uid)["loss"] == (9.0, 0.5)
    assert session.health().skipped_lines == 2
    assert any("2 lines" in problem.what for problem in session.run(uid).problems)


def test_a_journal_of_a_newer_version_is_listed_with_the_reason(lines, opened):
    uid = "ab" * 16
    lines.write("2027-000001-future", "1" * 16, {**lines.header(uid, "1" * 16), "repro": 2})
    session = opened()
    run = session.run(uid)
    assert isinstance(run, Run)
    assert "newer version" in run.unreadable
    assert session.level(uid)[0] == 0


def test_a_folder_without_a_header_shows_nothing_until_one_comes(lines, opened):
    lines.write("2025-000001-otter", "2" * 16, b"not yet")
    session = opened()
    assert names(session) == []
    lines.write("2025-000001-otter", "2" * 16, b"\n", {"s": 1, "t": T0, "m": {"loss": 0.25}})
    catch_up(session)
    assert names(session) == []
    uid = lines.run(1)
    catch_up(session)
    assert session.last_metrics(uid)["loss"] == (2.0, pytest.approx(1 / 3))
    assert len(session._ready().fetch("SELECT 1 FROM points")) == 7


def test_two_thousand_runs_at_once_are_taken_in_slices_newest_first(lines, opened):
    for number in range(1, 2001):
        lines.run(number, steps=1)
    session = opened(caught_up=False)
    session.advance(0.2)
    first = names(session)
    assert 0 < len(first) < 2000
    assert first[0] == "otter-2000"
    assert session.health().catching_up
    catch_up(session)
    assert session.runs(RunQuery()).total == 2000
    assert not session.health().catching_up


@pytest.mark.parametrize("name", ["a'; DROP TABLE runs; --", "100%_", 'quo"te', "\u202eevil\x1b[31m", "x" * 5000, "🦦"])
def test_hostile_names_are_data(lines, opened, name):
    uid = lines.run(1, name=name)
    lines.write("2025-000001-otter", f"{1:016x}", {"k": "params", "t": T0, "c": 2, "src": "log", "v": {name: name}},
                {"s": 5, "t": T0 + 5, "m": {name: 0.5}})  # fmt: skip
    lines.run(2)
    session = opened()
    assert session.runs(RunQuery()).total == 2
    kept = name[:512]
    assert session.last_metrics(uid)[kept] == (5.0, 0.5)
    assert len(session.curves(CurveQuery((uid,), (kept,)))) == 1
    assert len(session.runs(RunQuery(Compared(kept, "=", "nothing of it", None))).keys) == 0
    assert len(session.runs(RunQuery(Qualified("has", (kept,)))).keys) == 1


def test_values_beyond_what_a_column_holds_do_not_hide_a_run(lines, opened):
    uid = lines.run(1)
    values = {
        "big": 2**200,
        "small": -(2**63) - 1,
        "nan": "NaN",
        "nested": {"a": [1, {"b": None}]},
        "no": None,
        "e": "",
    }
    lines.write("2025-000001-otter", f"{1:016x}", {"k": "params", "t": T0, "c": 2, "src": "log", "v": values},
                {"k": "end", "t": T0 + 11, "exit": 2**40},
                {"s": 1e308, "t": T0, "m": {"m": 1e308, "n": -1e308}})  # fmt: skip
    session = opened()
    assert session.run(uid).params["big"].value == 2**200
    (row,) = session.rows(session.runs(RunQuery()).keys, ["param:big", "param:e", "metric:m"])
    assert row.cells["metric:m"] == 1e308
    for axis in ("step", "time"):
        assert session.curves(CurveQuery((uid,), ("m", "n"), axis=axis))


def test_a_live_run_becomes_died_without_an_event(lines, opened):
    import os
    import subprocess

    from repro_tui.journal.write import boot_id

    child = subprocess.Popen(["sleep", "60"])
    try:
        uid, writer = "c" * 32, "c" * 16
        here = {"host": os.uname().nodename, "boot": boot_id(), "pid": child.pid}
        import time

        lines.write("2025-live", writer, lines.header(uid, writer, **here, t=time.time() + 1),
                    {"k": "start", "t": time.time(), "c": 1, "name": "live", "argv": ["x"]})  # fmt: skip
        session = opened()
        assert session.state(uid) is State.RUNNING
        assert session.runs(RunQuery()).live == 1
    finally:
        child.kill()
        child.wait()
    deadline = time.monotonic() + 10
    while session.state(uid) is State.RUNNING and time.monotonic() < deadline:
        session.advance(0.1)
    assert session.state(uid) is State.DIED


def test_annotations_are_events_and_the_later_word_wins(lines, opened, project):
    uid = lines.run(1)
    one, two = opened(), opened()
    one.annotate([uid], Annotation(add_tags=("paper",), note="first"))
    two.annotate([uid], Annotation(note="second"))
    one.annotate([uid], Annotation(note="third", pinned=True))
    for session in (one, two):
        run = catch_up(session).run(uid)
        assert (run.note, run.tags, run.pinned) == ("third", {"paper"}, True)
    journals = (project.home / "runs").glob("*/journal/*.jsonl")
    roles = [json.loads(path.read_text().splitlines()[0])["role"] for path in journals]
    assert roles.count("person") == 2


def test_an_annotation_of_a_folder_that_refuses_goes_to_the_projects_journal(lines, opened, project):
    from repro_tui.journal.layout import Layout
    from repro_tui.journal.write import open_writer

    uid = lines.run(1)
    Layout(project.home).create()
    with open_writer(project.home / "project", run="", role="person", attempt=0, layout=Layout(project.home)) as writer:
        writer.event("tag", tag="by project", on=True, run=uid)
        writer.event("tag", tag="other", on=True, run="e" * 32)
    session = opened()
    assert session.run(uid).tags == {"by project"}
    session.close()
    lines.write("2025-000001-otter", f"{1:016x}", {"k": "tag", "t": T0, "c": 1, "tag": "own", "on": True})
    assert opened().run(uid).tags == {"by project", "own"}


def test_the_first_nan_of_a_metric_is_remembered_wherever_the_reading_was_parted(lines, opened):
    uid, writer = lines.run(1, steps=2), f"{1:016x}"
    session = opened()
    for step, value in ((7, "NaN"), (8, 0.5), (5, "NaN"), (9, "Infinity")):
        lines.write("2025-000001-otter", writer, {"s": step, "t": T0 + step, "m": {"loss": value}})
        catch_up(session)
    told = [alarm.text for row in session.rows(session.runs(RunQuery()).keys, []) for alarm in row.alarms]
    assert told == ["loss NaN at step 5"]
    assert dump(session) == dump(opened())
    assert session.find(uid[:8]) == uid
