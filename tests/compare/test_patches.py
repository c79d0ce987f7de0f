"""A patch says what differs between two texts, whatever they hold, and applies as git understands it."""

from __future__ import annotations

import random
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.compare.blocks import matching
from repro_tui.compare.outcome import is_clock, main_metric
from repro_tui.compare.patches import patch_of
from repro_tui.domain.missing import Unavailable

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "", "x y"]), max_size=30)


@given(LINES, LINES)
@settings(max_examples=200)
def test_blocks_are_equal_in_order_and_never_touch(before, after):
    last, last2 = -1, -1
    for at, at2, count in matching(before, after):
        assert count > 0
        assert before[at : at + count] == after[at2 : at2 + count]
        assert at >= last
        assert at2 >= last2
        assert (at, at2) != (last, last2)
        last, last2 = at + count, at2 + count


@given(LINES, LINES, st.booleans(), st.booleans())
@settings(max_examples=200)
def test_the_second_text_can_be_read_from_the_patch_and_the_first(before, after, ends, ends2):
    old = "\n".join(before) + ("\n" if ends and before else "")
    new = "\n".join(after) + ("\n" if ends2 and after else "")
    patch = patch_of("f", old.encode(), new.encode())
    if old == new:
        assert patch.lines == ()
        return
    assert patch.hunks or not (old or new)
    assert patch.added == sum(line.startswith("+") for line in patch.lines)
    assert patch.removed == sum(line.startswith("-") for line in patch.lines)


def test_git_applies_it(tmp_path):
    chance = random.Random(7)
    for _ in range(25):
        old = [chance.choice("abcdefgh") if chance.random() < 0.3 else str(chance.random()) for _ in range(40)]
        new = list(old)
        for _ in range(6):
            at = chance.randrange(len(new))
            new[at : at + chance.randrange(3)] = [chance.choice("axyz")] * chance.randrange(3)
        texts = ["\n".join(lines) + chance.choice(["", "\n"]) for lines in (old, new)]
        patch = patch_of("f", *(text.encode() for text in texts))
        (tmp_path / "f").write_text(texts[0])
        (tmp_path / "p").write_text("--- a/f\n+++ b/f\n" + "".join(line + "\n" for line in patch.lines))
        if patch.lines:
            subprocess.run(["git", "apply", "p"], cwd=tmp_path, check=True, capture_output=True)
        assert (tmp_path / "f").read_text() == texts[1]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (b"a\tb\n", b"a   b\n", ("-a→b", "+a   b")),
        (b"a \n", b"a\n", ("-a·", "+a")),
        (b"a\r\nb\n", b"a\nb\nc\n", ("-a␍", "+a", " b", "+c")),
        (b"a", b"a\n", ("-a", "\\ No newline at end of file", "+a")),
        ("x = 1\n".encode("utf-16"), "x = 2\n".encode("utf-16"), ("-x = 1", "+x = 2")),
        ("a\u202eb\n".encode(), b"ab\n", ("-a\\u202eb", "+ab")),
        (b"\x1b[2Jx\n", b"y\n", ("-x", "+y")),
        (b"\xff\n", b"\xfe\n", ("-\\xff", "+\\xfe")),
    ],
    ids=["tabs", "spaces at the end", "mixed ends", "no end", "UTF-16", "direction", "escapes", "no UTF-8"],
)  # fmt: skip
def test_what_cannot_be_seen_is_shown_with_signs(before, after, lines):
    assert patch_of("f", before, after).lines[1:] == lines


def test_a_reason_stands_where_there_are_no_lines():
    assert patch_of("f", b"\0", b"a").why == "binary, 1 to 1 bytes"
    assert patch_of("f", None, b"").why == "an empty file"
    assert patch_of("f", b"a\r\n", b"a\n").why == "only its line ends differ: CRLF to LF"
    assert patch_of("f", b"", b"a" * 5_000_001).why == "larger than 5 MB, 0 to 5,000,001 bytes"
    assert patch_of("f", Unavailable("it is gone"), b"a").why == "it is gone"


def test_a_line_of_a_megabyte_is_cut():
    patch = patch_of("f", b"a" * 1_000_000, b"a" * 1_000_000 + b"b")
    assert all(len(line) < 2100 for line in patch.lines)


def test_what_measures_time_is_no_outcome_unless_there_is_nothing_else():
    clocks = ["time", "epoch_time", "train/samples_per_second", "it/s", "epochTime", "runtime_s", "fps"]
    assert [name for name in clocks if not is_clock(name)] == []
    assert [name for name in ("loss", "timestep", "acc", "lr", "loss/sample", "f1") if is_clock(name)] == []
    assert main_metric(["time", "loss", "acc"], (), {"time", "acc"}) == "acc"
    assert main_metric(["time", "loss", "acc"], ("acc",), {"time", "loss", "acc"}) == "acc"
    assert main_metric(["time"], (), {"time"}) == "time"
    assert main_metric([], (), {"b", "a"}) == "a"
    assert not main_metric(["loss"], (), set())
