"""Lines of a journal: their encoding, and a file that survives short writes, closed descriptors and forks."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.recorder.line import LINE_LIMIT, JournalFile, dumps, encode, from_text, points, to_text

HEADER = {"repro": 1, "run": "0" * 32, "writer": "a" * 16, "role": "process"}


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


@given(st.binary(max_size=40).filter(lambda raw: b"\0" not in raw))
def test_a_path_of_any_bytes_comes_back_from_the_nul_encoding(raw: bytes) -> None:
    name = os.fsdecode(raw)
    text = to_text(name)
    text.encode()
    assert os.fsencode(from_text(text)) == raw


@given(st.text(max_size=20))
def test_text_with_nul_comes_back(text: str) -> None:
    assert from_text(to_text(text)) == text


@pytest.mark.parametrize("text", ["\0", "a\0", "\0zz", "\0f", "x\0\0"])
def test_a_nul_that_begins_no_code_is_kept(text: str) -> None:
    assert from_text(text) == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_what_is_written_is_what_json_reads(value: object) -> None:
    assert json.loads(dumps(value)) == value


def test_nan_and_infinities_are_texts_and_huge_integers_are_exact() -> None:
    text = encode({"a": math.nan, "b": math.inf, "c": -math.inf, "d": 2**70}).decode()
    assert json.loads(text) == {"a": "NaN", "b": "Infinity", "c": "-Infinity", "d": 2**70}
    assert json.loads(dumps(10**5000)) == hex(10**5000)


def test_a_lone_surrogate_anywhere_becomes_valid_utf8() -> None:
    raw = encode({"path": "caf\udce9", "\ud800": ["\udcff"]})
    assert json.loads(raw.decode()) == {"path": "caf\0e9", "\0ed\0a0\080": ["\0ff"]}


def test_a_row_of_a_hundred_thousand_metrics_is_split_into_lines_below_the_limit() -> None:
    values = {f"metric_{'é' * 20}_{n}": float(n) for n in range(100_000)}
    written = list(points(3, 1.0, values, "logs/m.csv"))
    assert len(written) > 1
    assert max(map(len, written)) <= LINE_LIMIT
    rows = [json.loads(line) for line in written]
    assert {row["s"] for row in rows} == {3}
    assert {row["f"] for row in rows} == {"logs/m.csv"}
    assert {k: v for row in rows for k, v in row["m"].items()} == values


def test_a_file_begins_with_its_header_and_is_private(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "a.jsonl", HEADER)
    file.event("seed", lib="random", v=1, at="train.py:3")
    file.point(1, 12.5, {"loss": 0.5, 'weird"\n': math.nan})
    file.close()
    header, seed, point = lines(tmp_path / "a.jsonl")
    assert header == HEADER
    assert seed["k"] == "seed"
    assert point == {"s": 1, "t": 12.5, "m": {"loss": 0.5, 'weird"\n': "NaN"}}
    assert (tmp_path / "a.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_shared_file_is_for_the_group_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        JournalFile(tmp_path / "a.jsonl", HEADER, mode=0o660).close()
    finally:
        os.umask(before)
    assert (tmp_path / "a.jsonl").stat().st_mode & 0o777 == 0o660


def test_a_line_above_one_mebibyte_is_refused_and_the_file_stays_whole(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "a.jsonl", HEADER)
    with pytest.raises(ValueError, match="limit"):
        file.event("note", text="x" * LINE_LIMIT)
    file.event("note", text="small")
    file.close()
    assert [line.get("k") for line in lines(tmp_path / "a.jsonl")] == [None, "note"]


def test_after_a_torn_line_the_next_begins_on_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    file = JournalFile(path, HEADER)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
        for _ in range(3):
            with pytest.raises(OSError, match=r".+"):
                file.event("note", text="will be torn")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    file.event("note", text="whole")
    file.event("note", text="whole too")
    file.close()
    raw = path.read_bytes().split(b"\n")
    assert len(raw[1]) == 10
    assert [json.loads(line)["text"] for line in raw[2:] if line] == ["whole", "whole too"]


def test_a_continued_file_with_a_torn_tail_gets_a_new_line_and_no_second_header(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(encode(HEADER) + b'{"s":1,"t":1,"m"')
    file = JournalFile(path, HEADER)
    file.point(2, 2.0, {"x": 1.0})
    file.close()
    first, torn, last, end = path.read_bytes().split(b"\n")
    assert (json.loads(first), torn, json.loads(last)["s"], end) == (HEADER, b'{"s":1,"t":1,"m"', 2, b"")


def test_a_descriptor_that_the_script_gave_to_another_file_is_noticed(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "a.jsonl", HEADER)
    assert file.ours()
    foreign = os.open(tmp_path / "users.txt", os.O_WRONLY | os.O_CREAT)
    os.dup2(foreign, file.fd)
    assert not file.ours()
    file.open()
    file.event("note", text="after")
    file.close()
    os.close(foreign)
    assert (tmp_path / "users.txt").read_bytes() == b""
    assert lines(tmp_path / "a.jsonl")[-1]["text"] == "after"
