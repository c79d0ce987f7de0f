"""A run's output as lines: whatever was written, what is shown is text, and the work has an end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.errors import StorageError
from repro_tui.journal.output import LogFile
from repro_tui.journal.plain import MAX_COLUMNS, plain


@pytest.fixture
def log(tmp_path):
    found = LogFile(tmp_path / "output.log")
    yield found
    found.close()


def shown(log, first=0, count=1000):
    return log.read(first, count).lines


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;a title\x07text", "text"),
        (b"\x1b]52;c;c2VjcmV0\x1b\\text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bP1$r0m\x1b\\x", "x"),
        (b"\x1b(Bx\x1b7\x1b8", "x"),
        (b" 10%|#   |\r 50%|###|\r100%|####|\r", "100%|####|"),
        (b"crlf\r", "crlf"),
        (b"a\tb", "a       b"),
        (b"\xff\xfe ok", "\ufffd\ufffd ok"),
        (b"abc\b\b\bxy", "xy"),
        (b"bell\x07 nul\x00 c1\xc2\x9b31m", "bell nul c131m"),
        ("left\u202eright".encode(), "leftright"),
        (b"\x1b]unfinished", "]unfinished"),
        (b"x\x1b", "x"),
    ],
)
def test_what_is_shown_of_a_line_is_text_only(raw, text):
    assert plain(raw) == text


@given(st.binary(max_size=200))
def test_no_bytes_make_a_control_character(raw):
    assert not [sign for sign in plain(raw) if sign < " " or "\x7f" <= sign <= "\x9f" or sign in "\u202e\u2028"]


def test_a_long_line_is_cut_with_a_sign():
    text = plain(b"x" * 100_000)
    assert len(text) == MAX_COLUMNS
    assert text.endswith("…")


@given(st.lists(st.text(alphabet="ab c", max_size=9), max_size=30), st.integers(-40, 40), st.integers(0, 12))
def test_any_window_of_a_file_is_that_part_of_its_lines(tmp_path_factory, lines, first, count):
    log = LogFile(tmp_path_factory.mktemp("log") / "output.log")
    log.index.path.write_text("\n".join(lines))
    whole = "\n".join(lines).split("\n") if "\n".join(lines) else []
    whole = whole[:-1] if whole and not whole[-1] else whole
    chunk = log.read(first, count)
    log.close()
    begin = max(len(whole) + first, 0) if first < 0 else min(first, len(whole))
    assert chunk.total == len(whole)
    assert list(chunk.lines) == whole[begin : begin + count]
    assert chunk.first == begin
    assert chunk.at_end == (begin + len(chunk.lines) >= len(whole))


def test_a_file_is_followed_before_it_exists_and_while_it_grows(log):
    assert log.read(-10, 10).total == 0
    with log.index.path.open("ab", buffering=0) as stream:
        stream.write(b"one\ntw")
        assert shown(log) == ("one", "tw")
        stream.write(b"o\n")
        assert shown(log) == ("one", "two")
        stream.write(b"x" * 70_000 + b"\nlast")
        assert [line[:5] for line in shown(log)] == ["one", "two", "xxxxx", "last"]


def test_a_file_that_is_cut_or_replaced_is_read_anew(log):
    path = log.index.path
    path.write_text("one\ntwo\nthree\n")
    assert log.read(0, 9).total == 3
    path.write_text("new\n")
    assert shown(log) == ("new",)
    path.write_text("longer than it was before\nand more\n")
    assert shown(log) == ("longer than it was before", "and more")
    path.unlink()
    assert shown(log) == ("longer than it was before", "and more")
    path.write_text("again\n")
    assert shown(log) == ("again",)


def test_searching_goes_both_ways_and_ignores_case_and_colours(log):
    lines = [f"line {n}" for n in range(10_000)]
    lines[17] = "a \x1b[31mNee\x1b[0mdle"
    lines[9_000] = "ÜBER needle"
    log.index.path.write_text("\n".join(lines))
    assert log.find("NEEDLE", 0) == 17
    assert log.find("needle", 18) == 9_000
    assert log.find("needle", 9_001) is None
    assert log.find("needle", 9_999, backward=True) == 9_000
    assert log.find("needle", 8_999, backward=True) == 17
    assert log.find("über", 0) == 9_000
    assert log.find("", 0) is None


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        ("Traceback (most recent call last):", True),
        ("ValueError: bad", True),
        ("KeyboardInterrupt", False),
        ("torch.cuda.OutOfMemoryError: CUDA out of memory.", True),
        ("RuntimeError: CUDA error: out of memory", True),
        ("[ERROR] cannot open", True),
        ("error: no such file", True),
        ("step 3 loss: nan", True),
        ("{'train_loss': nan}", True),
        ("loss is NaN, stopping", True),
        ("error: 0.25", False),
        ("val_error: 0.25", False),
        ("0 errors", False),
        ("loss 0.3 info", False),
        ("Killed", True),
    ],
)
def test_an_error_is_found_and_a_metric_called_error_is_not(log, line, is_error):
    log.index.path.write_text(f"fine\n{line}\nfine\n")
    assert log.next_error(0) == (1 if is_error else None)
    assert log.next_error(2, backward=True) == (1 if is_error else None)


def test_a_hundred_megabytes_without_a_line_end_are_read_in_bounded_pieces(log):
    with log.index.path.open("wb") as stream:
        for _ in range(100):
            stream.write(b"#" * (1 << 20))
        stream.write(b"\rdone\nafter\n")
    began = time.perf_counter()
    assert shown(log, -2) == ("done", "after")
    assert log.find("after", 0) == 1
    assert time.perf_counter() - began < 5


def test_a_folder_in_place_of_the_output_is_an_error_a_person_can_read(log):
    log.index.path.mkdir()
    with pytest.raises(Exception, match="cannot be read") as caught:
        log.read(0, 1)
    assert caught.value.hint


def test_a_search_that_is_ended_early_says_so(tmp_path, monkeypatch):
    """It had said "not found", although it had not looked at all of it."""
    from repro_tui.journal import search

    path = tmp_path / "output.log"
    path.write_text("a line\n" * 50_000 + "the end\n")
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.0)
    log = LogFile(path)
    log.read(-1, 1)
    with pytest.raises(StorageError, match="ended after 0 s, at line"):
        log.find("the end", 0)
    monkeypatch.undo()
    assert log.find("the end", 0) == 50_000
    log.close()
