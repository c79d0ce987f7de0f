"""Private copies and publications: killed, corrupted, refused, side by side."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repro_tui.bootstrap import open_workbench, rebuild
from repro_tui.catalog.connect import current_name
from repro_tui.domain.view import Annotation, RunQuery
from repro_tui.errors import StorageError
from repro_tui.ingest import books
from repro_tui.ingest.feed import Feed
from tests.ingest.conftest import catch_up, names

ROOT = Path(__file__).parents[2]
SESSION = """
import os, sys
from pathlib import Path
from repro_tui.bootstrap import open_workbench
from repro_tui.settings import open_project
session = open_workbench(open_project(Path(sys.argv[1]), {}))
print("open", flush=True)
rounds = int(sys.argv[2])
while rounds:
    changed = session.advance(0.05)
    if not session._feed.busy:
        session._feed.finish_positions()
        session._books.publish()
        rounds -= 1
session.close()
"""
WRITER = """
import json, sys, time
path, writer, uid, rows = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(path, "ab", buffering=0) as stream:
    head = {"repro": 1, "run": uid, "writer": writer, "role": "process", "attempt": 1, "rank": 0,
            "host": "h", "boot": "b", "pid": 1, "t": 1.0}
    stream.write(json.dumps(head).encode() + b"\\n")
    for step in range(rows):
        stream.write(json.dumps({"s": step, "t": 1763000000.0 + step, "m": {"loss": step}}).encode() + b"\\n")
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def private_files(tmp_path) -> list[Path]:
    return list((tmp_path / "xdg").glob("repro-tui/*"))


def test_the_private_copy_is_private_and_gone_afterwards(lines, opened, tmp_path, project):
    lines.run(1)
    session = opened()
    (private,) = private_files(tmp_path)
    assert private.stat().st_mode & 0o777 == 0o600
    assert private.parent.stat().st_mode & 0o777 == 0o700
    session.close()
    assert private_files(tmp_path) == []
    assert (project.home / "cache" / current_name()).stat().st_mode & 0o777 == 0o600


def test_a_question_uses_the_published_file_when_nothing_is_newer(lines, opened, tmp_path):
    lines.run(1)
    opened().close()
    session = opened(read_only=True, caught_up=False)
    assert names(session) == ["otter-1"]
    assert private_files(tmp_path) == []
    assert session._feed is None
    lines.run(2)
    assert names(opened(read_only=True, caught_up=False)) == ["otter-2", "otter-1"]
    catch_up(session)
    assert names(session) == ["otter-2", "otter-1"]


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "flipped", "foreign", "older", "folder"])
def test_a_published_catalog_that_cannot_be_used_is_built_again_without_a_question(lines, opened, project, damage):
    import duckdb

    for number in range(1, 4):
        lines.run(number)
    opened().close()
    published = project.home / "cache" / current_name()
    data = published.read_bytes()
    match damage:
        case "empty":
            published.write_bytes(b"")
        case "text":
            published.write_bytes(b"no database\n" * 1000)
        case "cut":
            published.write_bytes(data[: len(data) // 2])
        case "flipped":
            published.write_bytes(data[:100] + bytes(b ^ 0x5A for b in data[100:]))
        case "foreign":
            published.unlink()
            with duckdb.connect(str(published)) as other:
                other.execute("CREATE TABLE runs (key INTEGER)")
        case "older":
            with duckdb.connect(str(published)) as other:
                other.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
        case "folder":
            published.unlink()
            published.mkdir()
    assert names(opened(read_only=True, caught_up=False)) == ["otter-3", "otter-2", "otter-1"]
    session = opened()
    assert names(session) == ["otter-3", "otter-2", "otter-1"]


def test_one_flipped_byte_anywhere_never_stops_a_session(lines, opened, project):
    for number in range(1, 4):
        lines.run(number)
    opened().close()
    published = project.home / "cache" / current_name()
    data, chance = bytearray(published.read_bytes()), random.Random(3)
    for _ in range(12):
        place = chance.randrange(len(data))
        published.write_bytes(bytes(data[:place]) + bytes([data[place] ^ 0xFF]) + bytes(data[place + 1 :]))
        session = opened()
        names(session)
        assert len(names(catch_up(session))) == 3


def test_a_session_without_a_place_for_files_works_in_memory(lines, opened, monkeypatch):
    lines.run(1)
    monkeypatch.setattr(books, "private_folder", lambda *_, **__: None)
    session = opened()
    assert names(session) == ["otter-1"]
    assert session._books.private is None
    session.close()


def test_a_private_file_that_fails_is_left_for_memory(lines, opened, monkeypatch):
    lines.run(1)
    session = opened()
    lines.run(2)

    write, refusals = Feed._write, iter(range(2))

    def full(self, batch):
        if next(refusals, None) is not None:
            raise StorageError("The index could not answer: no space left on the device")
        write(self, batch)

    monkeypatch.setattr("repro_tui.ingest.feed.Feed._write", full)
    session._replaced = 1
    catch_up(session)
    assert names(session) == ["otter-2", "otter-1"]
    assert session._books.private is None


def test_a_cache_that_refuses_is_no_trouble(lines, opened, project):
    lines.run(1)
    cache = project.home / "cache"
    cache.write_text("a file is in the way")
    session = opened()
    assert names(session) == ["otter-1"]
    session.close()
    assert cache.read_text() == "a file is in the way"
    assert names(opened(read_only=True, caught_up=False)) == ["otter-1"]


def test_leftovers_of_killed_sessions_are_deleted_and_those_of_living_ones_are_not(lines, opened, project, tmp_path):
    lines.run(1)
    child = start(SESSION, project.root, 10**9)
    assert child.stdout.readline() == "open\n"
    living = opened()
    deadline = time.monotonic() + 20
    while len(private_files(tmp_path)) < 2 and time.monotonic() < deadline:
        living.advance(0.05)
    assert len(private_files(tmp_path)) == 2
    child.kill()
    child.wait()
    child.stdout.close()
    again = opened()
    assert sorted(private_files(tmp_path)) == sorted([living._books.private, again._books.private])


def test_killed_at_random_moments_the_next_session_works(lines, opened, project, tmp_path):
    for number in range(1, 301):
        lines.run(number, steps=20)
    chance = random.Random(11)
    for _ in range(8):
        child = start(SESSION, project.root, 10**9)
        child.stdout.readline()
        time.sleep(chance.random() * 0.6)  # the moment of death itself
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        session = opened()
        assert session.runs(RunQuery()).total == 300
        assert session._ready().fetch("SELECT count(*) FROM points") == [(300 * 40,)]
        session.close()
    assert private_files(tmp_path) == []


def test_two_sessions_and_four_writers_side_by_side_see_the_same(lines, opened, project, tmp_path):
    runs = []
    for number in range(4):
        uid, writer = f"{number + 1:032x}", f"{number + 100:016x}"
        lines.run(number + 1, steps=0)
        runs.append((uid, writer, lines.journal(f"2025-{number + 1:06d}-otter", writer)))
    writers = [start(WRITER, path, writer, uid, 3000) for uid, writer, path in runs]
    others = [start(SESSION, project.root, 15) for _ in range(2)]
    here = opened()
    while any(w.poll() is None for w in writers):
        here.advance(0.05)
    for process in (*writers, *others):
        assert process.wait(60) == 0
        process.stdout.close()
    catch_up(here)
    expected = {uid: (2999.0, 2999.0) for uid, _, _ in runs}
    assert {uid: here.last_metrics(uid)["loss"] for uid, _, _ in runs} == expected
    assert here._ready().fetch("SELECT count(*) FROM points") == [(4 * 3000,)]
    there = opened(read_only=True)
    assert {uid: there.last_metrics(uid)["loss"] for uid, _, _ in runs} == expected


def test_a_session_that_knows_less_does_not_publish_over_one_that_knows_more(lines, opened, project):
    lines.run(1)
    slow = opened()
    lines.run(2)
    opened().close()
    slow._feed.finish_positions()
    assert slow._books.publish() is False
    lines.run(3)
    catch_up(slow)
    slow._feed.finish_positions()
    assert slow._books.publish() is True
    assert names(opened(read_only=True, caught_up=False)) == ["otter-3", "otter-2", "otter-1"]


def test_rows_are_remembered_for_the_first_paint(lines, opened, project):
    lines.run(1)
    assert list(open_workbench(project).recent()) == []
    session = opened()
    rows = list(session.rows(session.runs(RunQuery()).keys, ["metric:loss"]))
    session.close()
    assert list(opened(caught_up=False).recent()) == rows
    (project.home / "cache" / "recent.json").write_text("{")
    assert list(opened(caught_up=False).recent()) == []


def test_asking_and_opening_import_duckdb_only_with_the_first_look(project):
    code = (
        "import sys; from pathlib import Path; from repro_tui.bootstrap import open_workbench;"
        "from repro_tui.settings import open_project;"
        f"s = open_workbench(open_project(Path({str(project.root)!r}), {{}})); s.recent();"
        "assert 'duckdb' not in sys.modules and 'textual' not in sys.modules;"
        "s.advance(0.1); assert 'duckdb' in sys.modules; s.close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_rebuild_counts_the_runs_and_replaces_the_published_file(lines, opened, project):
    lines.run(1)
    opened().close()
    published = project.home / "cache" / current_name()
    before = published.stat().st_ino
    published.with_name("catalog-v0-duckdb1.5.duckdb").write_bytes(b"old")
    assert rebuild(project) == 1
    assert published.stat().st_ino != before
    assert not published.with_name("catalog-v0-duckdb1.5.duckdb").exists()


def test_a_project_that_does_not_exist_yet_is_empty(tmp_path, monkeypatch):
    from repro_tui.settings import open_project

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    (tmp_path / "new").mkdir()
    session = open_workbench(open_project(tmp_path / "new", {}))
    assert session.advance(0.1) in {True, False}
    assert session.runs(RunQuery()).total == 0
    session.close()
    assert not (tmp_path / "new" / ".repro").exists()


def test_many_threads_ask_while_the_feed_reads(lines, opened):
    import threading

    for number in range(1, 60):
        lines.run(number, steps=20)
    session = opened(caught_up=False)
    session.advance(0.01)
    failures: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                found = session.runs(RunQuery())
                for row in session.rows(found.keys[:20], ["metric:loss", "param:lr"]):
                    session.last_metrics(row.uid)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is to see it
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(60, 90):
        lines.run(number, steps=20)
        session.advance(0.05)
    catch_up(session)
    session.annotate([session.find("otter-60")], Annotation(note="x"))
    catch_up(session)
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert session.runs(RunQuery()).total == 89
