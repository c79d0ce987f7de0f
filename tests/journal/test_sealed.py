"""A sealed file is read as the file that it was: whoever sealed it, from any place on, and also when it is damaged."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.run import Attempt, Run
from repro_tui.journal import sealed
from repro_tui.journal.earlier import called_alike
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.liveness import Pulses
from repro_tui.journal.one_run import RunFinder
from repro_tui.journal.output import LogFile
from repro_tui.journal.project import ProjectJournal
from repro_tui.journal.read import Position, Tailer
from repro_tui.journal.write import greatest_counter
from tests.journal import sealed_files as files

UID = "ab" * 16
WRITER = "cd" * 8
HEADER = {"repro": 1, "run": UID, "writer": WRITER, "role": "supervisor", "attempt": 1, "host": "h", "t": 1.0}
START = {"k": "start", "t": 1.0, "c": 7, "name": "old-otter", "argv": ["python", "train.py"]}
END = {"k": "end", "t": 900.0, "exit": 1}


def journal(folder: Path, rows: int = 2_000) -> Path:
    path = folder / "journal" / f"{WRITER}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    points = [{"s": s, "t": 2.0 + s, "m": {"loss": 1 / (s + 1)}} for s in range(rows)]
    path.write_text("".join(json.dumps(line) + "\n" for line in (HEADER, START, *points, END)))
    return path


def read_all(path: Path, position: Position | None = None):
    tailer = Tailer(path, position or Position())
    points, events, skipped, more = [], [], 0, True
    while more:
        batch = tailer.read(max_bytes=1 << 16, seconds=30.0)
        points += [(point.s, point.m) for point in batch.points]
        events += [(event.kind, event.position) for event in batch.events]
        skipped += batch.skipped
        more = batch.more
    return points, events, skipped, batch.position


@given(
    data=st.binary(max_size=4_000).map(lambda raw: raw * 3),
    frame=st.integers(1, 5_000),
    places=st.lists(st.tuples(st.integers(0, 13_000), st.integers(0, 13_000)), max_size=8),
    how=st.sampled_from(["framed", "single", "glued"]),
)
@settings(deadline=None, max_examples=60)
def test_any_part_of_it_is_what_it_was(tmp_path_factory, data, frame, places, how):
    path = tmp_path_factory.mktemp("sealed") / "x.log"
    half = len(data) // 2
    raw = {
        "framed": files.framed(data, max(frame, len(data) // 50 + 1)),
        "single": files.compress(data),
        "glued": files.framed(data[:half], 700) + files.compress(data[half:]),
    }[how]
    sealed.sealed_path(path).write_bytes(raw)
    with sealed.opened(path) as source:
        for length, offset in places:
            assert source.pread(length, offset) == data[offset : offset + length]
        assert source.size == len(data)
        assert source.pread(len(data) + 1, 0) == data
    assert b"".join(sealed.blocks_of(path, 999)) == data


@pytest.mark.parametrize("how", ["framed", "single"])
def test_a_journal_is_read_as_before(tmp_path, how):
    plain = read_all(journal(tmp_path / "a"))
    path = journal(tmp_path / "b")
    target = sealed.sealed_path(path)
    target.write_bytes(files.framed(path.read_bytes(), 9_000) if how == "framed" else files.compress(path.read_bytes()))
    path.unlink()
    assert journals_in(path.parent) == [path]
    assert read_all(path) == plain
    assert len(plain[0]) == 2_000


def test_what_was_read_before_is_not_read_again(tmp_path):
    path = journal(tmp_path)
    *_, end = read_all(path)
    files.seal_by_hand(path, 9_000)
    batch = Tailer(path, Position.from_text(end.to_text())).read()
    assert not batch.changed
    assert batch.position == end
    assert batch.header is not None


def test_reading_goes_on_in_the_middle(tmp_path):
    path = journal(tmp_path, 10_000)
    tailer = Tailer(path)
    first = tailer.read(max_bytes=1, seconds=0.0)
    assert first.more
    files.seal_by_hand(path, 5_000)
    rest = tailer.read(seconds=30.0)
    assert not rest.restart
    assert len(first.points) + len(rest.points) == 10_000


def test_where_both_are_there_the_longer_is_read(tmp_path):
    path = journal(tmp_path)
    whole = path.read_bytes()
    sealed.sealed_path(path).write_bytes(files.framed(whole))
    assert len(journals_in(path.parent)) == 1
    path.write_bytes(whole[:500])
    assert len(read_all(path)[0]) == 2_000
    path.write_bytes(whole)
    sealed.sealed_path(path).write_bytes(files.framed(whole[:500]))
    assert len(read_all(path)[0]) == 2_000
    sealed.sealed_path(path).write_bytes(b"no zstd at all")
    assert read_all(path)[2] == 0


def test_a_damaged_frame_costs_its_lines_and_is_counted(tmp_path):
    path = journal(tmp_path)
    target = files.seal_by_hand(path, 20_000)
    raw = bytearray(target.read_bytes())
    with sealed.opened(path) as source:
        begin = source._packed[2]
    raw[begin + 30 : begin + 60] = os.urandom(30)
    target.write_bytes(raw)
    points, events, skipped, _ = read_all(path)
    assert 1_000 < len(points) < 2_000
    assert [kind for kind, _ in events] == ["start", "end"]
    assert 1 <= skipped <= 3


@pytest.mark.parametrize("how", ["framed", "single"])
def test_of_a_cut_file_what_is_before_the_cut_is_read(tmp_path, how):
    path = journal(tmp_path, 10_000)
    data = path.read_bytes()
    raw = files.framed(data, 20_000) if how == "framed" else files.compress(data)
    sealed.sealed_path(path).write_bytes(raw[: len(raw) * 2 // 3])
    path.unlink()
    points, events, skipped, _ = read_all(path)
    assert len(points) > 500
    assert events[0][0] == "start"
    assert skipped >= 1


@pytest.mark.parametrize("raw", [b"", b"\x28\xb5\x2f\xfd", b"hello\n", b"\x00" * 40])
def test_what_is_no_sealed_file_is_read_as_nothing(tmp_path, raw):
    path = tmp_path / "journal" / f"{WRITER}.jsonl"
    path.parent.mkdir()
    sealed.sealed_path(path).write_bytes(raw)
    assert read_all(path)[:2] == ([], [])


def test_unpacking_has_an_end(tmp_path, monkeypatch):
    path = tmp_path / "output.log"
    sealed.sealed_path(path).write_bytes(files.compress(bytes(64 << 20)))
    monkeypatch.setattr(sealed, "MOST_STREAMED", 8 << 20)
    assert 8 << 20 < sealed.length_of(path) < 9 << 20


def test_a_table_that_lies_is_not_believed(tmp_path):
    path = journal(tmp_path)
    raw = bytearray(files.framed(path.read_bytes(), 20_000))
    path.unlink()
    raw[-13:-9] = (1 << 31).to_bytes(4, "little")  # the last frame's length when unpacked
    sealed.sealed_path(path).write_bytes(raw)
    with sealed.opened(path) as source:
        assert isinstance(source, sealed.Streamed)
    assert len(read_all(path)[0]) == 2_000


def test_links_and_pipes_are_no_journals(tmp_path):
    path = journal(tmp_path)
    target = files.seal_by_hand(path)
    elsewhere = tmp_path / "elsewhere.zst"
    target.rename(elsewhere)
    target.symlink_to(elsewhere)
    assert journals_in(path.parent) == []
    assert Tailer(path).read().gone
    target.unlink()
    os.mkfifo(target)
    assert Tailer(path).read().gone


def test_whoever_asks_for_a_run_finds_it(tmp_path):
    layout = Layout(tmp_path / ".repro")
    layout.create()
    folder = layout.runs / "20260101-000000-old-otter"
    before = RunFinder(layout)
    path = journal(folder)
    was = before.load(before.find("old-otter"))
    files.seal_by_hand(path)
    finder = RunFinder(layout)
    assert finder.load(finder.find("old-otter")) == was
    assert isinstance(was, Run)
    assert was.attempts[-1].endings[0].exit == 1
    assert [uid for uid, _ in called_alike(layout, ["python", "train.py"], tmp_path, 30.0)] == [UID]
    assert greatest_counter(path.parent) == 7


def test_a_sealed_journal_of_the_project_counts(tmp_path):
    class Kinds(list):
        def add(self, event):
            self.append(event.kind)

    layout = Layout(tmp_path / ".repro")
    layout.create()
    path = layout.project_journal / f"{WRITER}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in ({**HEADER, "run": ""}, {"k": "standing", "t": 1.0})))
    asked = ProjectJournal(layout, Kinds)
    assert asked.ask(list) == ["standing"]
    files.seal_by_hand(path)
    assert asked.ask(list) == ["standing"]
    assert ProjectJournal(layout, Kinds).ask(list) == ["standing"]


def test_sealing_is_no_sign_of_life(tmp_path):
    path = journal(tmp_path)
    os.utime(path, (1.0, 1.0))
    run = Run(UID, attempts=(Attempt(1, 1.0),))
    pulses = Pulses(host="elsewhere", boot="b")
    now = time.time()
    assert not pulses.look(run, [tmp_path], monotonic=1.0, now=now).alive
    files.seal_by_hand(path)
    assert not pulses.look(run, [tmp_path], monotonic=2.0, now=now).alive
    (path.parent / f"{'ef' * 8}.jsonl").write_text("{}\n")
    assert pulses.look(run, [tmp_path], monotonic=3.0, now=now).alive


# Output


def output(path: Path, lines: int = 30_000) -> Path:
    rows = (f"step {n} loss {n * 7919 % 1000}" if n % 997 else f"ValueError: bad {n}" for n in range(lines))
    path.write_text("\n".join(rows) + "\nlast without an end")
    return path


@pytest.fixture
def logs(tmp_path):
    opened = [LogFile(output(tmp_path / "plain.log")), LogFile(output(tmp_path / "output.log"))]
    files.seal_by_hand(tmp_path / "output.log", 100_000)
    yield opened
    for log in opened:
        log.close()


def test_output_is_read_and_searched_as_before(logs):
    plain, packed = logs
    assert packed.read(0, 10) == plain.read(0, 10)
    assert packed.read(-5, 5) == plain.read(-5, 5)
    assert packed.read(17_000, 40) == plain.read(17_000, 40)
    assert packed.find("LOSS 77", 5_000) == plain.find("LOSS 77", 5_000) is not None
    assert packed.find("step 12 ", -1, backward=True) == plain.find("step 12 ", -1, backward=True) == 12
    assert packed.next_error(3_000) == plain.next_error(3_000) is not None
    assert packed.find("nowhere", 0) is None
    assert len(packed.index._source._kept) <= 4


def test_output_that_is_sealed_while_it_is_looked_at(tmp_path):
    path = output(tmp_path / "output.log", 500)
    log = LogFile(path)
    before = log.read(0, 1000)
    files.seal_by_hand(path)
    assert log.read(0, 1000) == before
    sealed.sealed_path(path).unlink()
    assert log.read(0, 1000) == before
    log.close()


def test_damaged_output_says_where(tmp_path):
    path = output(tmp_path / "output.log")
    target = files.seal_by_hand(path, 100_000)
    raw = bytearray(target.read_bytes())
    with sealed.opened(path) as source:
        begin = source._packed[1]
    raw[begin + 20 : begin + 50] = bytes(30)
    target.write_bytes(raw)
    log = LogFile(path)
    line = log.find("cannot be read", 0)
    assert line is not None
    assert "[100,000 bytes here cannot be read: the compressed file is damaged]" in log.read(line, 1).lines[0]
    assert log.read(-1, 1).lines == ("last without an end",)
    log.close()
