"""Reading a journal that is being written, damaged or replaced."""

from __future__ import annotations

import math
import os
import time

import pytest

from repro_tui.journal.read import MAX_LINE, Tailer
from repro_tui.recorder.line import encode

UID, WRITER, OTHER = "a" * 32, "0" * 15 + "1", "0" * 15 + "2"


def header(**fields):
    base = {"repro": 1, "run": UID, "writer": WRITER, "role": "process", "attempt": 2, "host": "h", "pid": 1, "t": 1.0}
    return encode(base | fields)


def point(step, **values):
    return encode({"s": step, "t": 1.0, "m": values or {"a": 0.5}})


@pytest.fixture
def path(tmp_path):
    return tmp_path / f"{WRITER}.jsonl"


def steps(batch):
    return [line.s for line in batch.points]


def test_rows_and_events_come_with_their_offsets_and_attempt(path):
    path.write_bytes(header() + point(1) + encode({"k": "note", "c": 3, "t": 2.0, "text": "x"}) + point(2))
    batch = Tailer(path).read()
    assert (batch.writer, batch.attempt, batch.header.run) == (WRITER, 2, UID)
    assert [path.read_bytes()[at : at + 6] for at in batch.offsets] == [b'{"s":1', b'{"s":2']
    (event,) = batch.events
    assert (event.kind, event.counter, event.body, event.attempt) == ("note", 3, {"text": "x"}, 2)
    assert event.position == path.read_bytes().index(b'{"k"')


def test_nothing_is_read_while_the_header_is_not_whole(path):
    path.write_bytes(header()[:-1])
    tailer = Tailer(path)
    batch = tailer.read()
    assert (batch.header, batch.position.offset, batch.changed) == (None, 0, False)
    path.write_bytes(header() + point(1))
    assert steps(tailer.read()) == [1]


def test_a_file_without_a_header_is_read_by_its_name(path):
    path.write_bytes(point(1) + point(2))
    batch = Tailer(path).read()
    assert (batch.header, batch.writer, steps(batch)) == (None, WRITER, [1, 2])


def test_a_newer_format_is_named_and_not_guessed_at(path):
    path.write_bytes(header(repro=2) + point(1))
    batch = Tailer(path).read()
    assert (batch.newer, batch.points, batch.events) == (2, [], [])


@pytest.mark.parametrize("name", ["missing", "folder", "pipe", "link"])
def test_what_is_no_file_is_gone(tmp_path, name):
    place = tmp_path / name
    if name == "folder":
        place.mkdir()
    if name == "pipe":
        os.mkfifo(place)
    if name == "link":
        place.symlink_to("/etc/passwd")
    batch = Tailer(place).read()
    assert batch.gone
    assert not batch.more


def test_nan_is_read_as_a_text_as_a_bare_word_and_as_null(path):
    path.write_bytes(
        header()
        + b'{"s":1,"t":1,"m":{"a":"NaN","b":"Infinity","c":"-Infinity","d":"text"}}\n'
        + b'{"s":2,"t":1,"m":{"a":NaN,"b":-Infinity,"c":null}}\n'
    )
    one, two = Tailer(path).read().points
    assert math.isnan(one.m["a"])
    assert (one.m["b"], one.m["c"], "d" in one.m) == (math.inf, -math.inf, False)
    assert math.isnan(two.m["a"])
    assert two.m["b"] == -math.inf
    assert math.isnan(two.m["c"])


def test_mark_carriage_returns_zeros_and_empty_lines_cost_nothing(path):
    path.write_bytes(b"\xef\xbb\xbf" + header() + point(1)[:-1] + b"\r\n\n\n" + b"\0" * 5000 + point(2))
    batch = Tailer(path).read()
    assert batch.header is not None
    assert (steps(batch), batch.skipped) == ([1, 2], 0)


def test_bad_lines_are_counted_and_their_neighbours_read(path):
    bad = [b"\xff\xff", b'{"s":1', b"[" * 100_000, b"17", b'{"x":1}', b'{"s":1,"t":1,"m":{}}' + b"x"]
    path.write_bytes(header() + point(1) + b"\n".join(bad) + b"\n" + point(2))
    batch = Tailer(path).read()
    assert (steps(batch), batch.skipped) == ([1, 2], len(bad))


def test_a_line_that_is_too_long_is_passed_over_in_pieces_and_counted_once(path):
    path.write_bytes(header() + point(1) + b'{"s":2,"t":1,"m":{"' + b"x" * (3 * MAX_LINE))
    tailer = Tailer(path)
    first = tailer.read(max_bytes=1 << 19)
    assert (steps(first), first.more) == ([1], True)
    skipped = first.skipped
    while (batch := tailer.read(max_bytes=1)).more:
        skipped += batch.skipped
    assert skipped == 1
    again = Tailer(path, tailer.position)
    with path.open("ab") as stream:
        stream.write(b'":1}}\n' + point(3))
    batch = again.read()
    assert (steps(batch), batch.skipped, batch.restart) == ([3], 0, False)


def test_the_longest_line_that_is_allowed_is_read(path):
    line = encode({"k": "note", "t": 1.0, "c": 1, "text": "x" * (MAX_LINE - 60)})
    path.write_bytes(header() + line + point(1))
    batch = Tailer(path).read()
    assert len(batch.events) == 1
    assert steps(batch) == [1]


def test_a_hundred_thousand_keys_in_a_line_are_read_in_bounded_time(path):
    line = b'{"s":1,"t":1,"m":{' + b",".join(b'"%d":1' % n for n in range(100_000)) + b"}}\n"
    assert len(line) < MAX_LINE
    path.write_bytes(header() + line)
    began = time.perf_counter()
    (row,) = Tailer(path).read().points
    assert len(row.m) == 100_000
    assert time.perf_counter() - began < 5


def test_a_million_headers_in_a_file_are_read_in_bounded_time(path):
    path.write_bytes(header() + b'{"repro":1}\n{"s":1,"t":1,"m":{"a":1}}\n' * 20_000)
    began = time.process_time()
    tailer, skipped, more = Tailer(path), 0, True
    while more:
        batch = tailer.read()
        skipped, more = skipped + batch.skipped, batch.more
    assert skipped == 20_000
    assert time.process_time() - began < 5


def test_lines_of_another_writer_that_was_glued_on_are_not_taken_for_ours(path):
    path.write_bytes(header() + point(1) + header(writer=OTHER) + point(2) + header() + point(3))
    tailer = Tailer(path)
    batch = tailer.read()
    assert (steps(batch), batch.skipped) == ([1, 3], 1)
    with path.open("ab") as stream:
        stream.write(header(writer=OTHER))
    tailer.read()
    with path.open("ab") as stream:
        stream.write(point(4))
    batch = Tailer(path, tailer.position).read()
    assert (steps(batch), batch.skipped) == ([], 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: header(writer=OTHER) + raw,
        lambda raw: raw[:-10] + b"9" * 10 + raw[-10:] * 9,
        lambda raw: b"",
    ],
    ids=["cut", "another", "end rewritten", "emptied"],
)
def test_a_file_that_was_cut_or_rewritten_is_begun_anew(path, damage):
    path.write_bytes(header() + b"".join(map(point, range(50))))
    tailer = Tailer(path)
    tailer.read()
    path.write_bytes(damage(path.read_bytes()))
    assert tailer.read().restart


def test_a_file_that_was_deleted_and_made_again_is_begun_anew_whatever_its_inode(path):
    for number in range(20):
        path.write_bytes(header(pid=number + 1) + point(number))
        tailer = Tailer(path)
        tailer.read()
        path.unlink()
        path.write_bytes(header(pid=number + 2) + point(number) + point(number + 1))
        batch = tailer.read()
        assert batch.restart
        assert steps(batch) == [number, number + 1]


def test_a_reading_is_bounded_by_bytes_and_goes_on_where_it_ended(path):
    path.write_bytes(header() + b"".join(map(point, range(60_000))))
    tailer = Tailer(path)
    first = tailer.read(max_bytes=1)
    assert first.more
    assert 0 < len(first.points) < 60_000
    rest = tailer.read()
    assert steps(first) + steps(rest) == list(range(60_000))


def test_a_reading_is_bounded_by_time(path):
    path.write_bytes(header() + b"".join(map(point, range(200_000))))
    batch = Tailer(path).read(max_bytes=1 << 30, seconds=0.0)
    assert batch.more
    assert len(batch.points) < 20_000
