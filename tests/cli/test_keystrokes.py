"""Which key is an answer, and which was meant for something else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.cli.keystrokes import GUARD_S, PAUSE_S, QUIET_S, Keystrokes
from repro_tui.cli.question_words import ANSWERS

STOPS = frozenset({b"\x03", b"\x04", b"\x1c"})


def answer(*typed: tuple[float, bytes], until: float = 30.0) -> str:
    """Type bytes at moments after the question appeared; gives the first answer."""
    keys = Keystrokes(dict(ANSWERS), STOPS, "yes", 0.0)
    for moment, data in typed:
        if word := keys.settle(moment):
            return word
        if word := keys.feed(data, moment):
            return word
    return keys.settle(until)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        (b"y", "yes"), (b"Y", "yes"), (b"n", "no"), (b"N", "no"), (b"l", "later"), (b"d", "details"),
        (b"a", "always"), (b"v", "never"), (b"\r", "yes"), (b"\n", "yes"), (b"\x1b", "later"),
        (b"\x03", "later"), (b"\x04", "later"), (b"\x1c", "later"),
        (b"q", ""), (b" ", ""), (b"\t", ""), (b"\x7f", ""), (b"\x1a", ""), (b"1", ""), (b"\xc3\xbf", ""), (b"\xff", ""),
        (b"\x00", ""),
    ],
)  # fmt: skip
def test_one_key_answers(key, word):
    assert answer((1.0, key)) == word


@pytest.mark.parametrize("moment", [0.0, GUARD_S - 0.01])
def test_what_comes_before_anybody_can_have_read_the_question_is_no_answer(moment):
    assert answer((moment, b"y")) == ""
    assert answer((moment, b"\r")) == ""


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[A", b"\x1b[B", b"\x1bOA", b"\x1b[1;5C", b"\x1b[200~y\x1b[201~", b"\x1b[200~y\n\x1b[201~", b"\x1by",
        b"\x1bn", b"\x1b[I", b"\x1b[24;80R", b"\x1b[<0;5;5M", b"\x1bP>|xterm\x1b\\", b"\x1b\x1b", b"\x1b\r",
    ],
)  # fmt: skip
def test_a_sequence_is_no_answer(sequence):
    assert answer((1.0, sequence)) == ""


def test_a_sequence_that_arrives_in_pieces_is_no_answer():
    assert answer((1.0, b"\x1b"), (1.1, b"["), (1.2, b"A")) == ""


@pytest.mark.parametrize(
    "text", [b"yarn build\n", b"nvidia-smi\n", b"y\nrm -rf x\n", b"yy", b"ls\n", b"y \n", b"y\r\r"]
)
def test_a_paste_is_no_answer(text):
    assert answer((1.0, text)) == ""


@pytest.mark.parametrize("text", ["nvidia-smi\r", "python train.py\r", "ls -la\r", "vim a\r", "yarn\r", "done\r"])
@pytest.mark.parametrize("pace", [0.06, 0.15, 0.22])
def test_a_command_that_is_being_typed_is_no_answer(text, pace):
    typed = [(1.0 + place * pace, letter.encode()) for place, letter in enumerate(text)]
    assert answer(*typed) == ""


def test_after_a_foreign_key_only_silence_makes_a_key_count_again():
    soon = PAUSE_S - 0.1
    assert answer((1.0, b"p"), (1.0 + soon, b"y")) == ""
    assert answer((1.0, b"p"), (1.0 + soon, b"y"), (1.0 + 2 * soon, b"y"), (2.0 + 3 * PAUSE_S, b"n")) == "no"


def test_ctrl_c_is_heard_however_often_it_is_pressed():
    assert answer(*((place * 0.1, b"\x03") for place in range(10))) == "later"
    assert answer((1.0, b"p"), (1.1, b"\x03")) == "later"


@pytest.mark.parametrize("text", ["y\r", "yes\r", "no\r", "later\n", "ALWAYS\r", "Never\r"])
def test_a_word_typed_out_with_enter_is_an_answer(text):
    typed = [(1.0 + place * 0.1, letter.encode()) for place, letter in enumerate(text)]
    assert answer(*typed)[:1] == text[:1].lower()


@pytest.mark.parametrize(("text", "word"), [(b"y\r", "yes"), (b"n\n", "no"), (b"yes\n", "yes")])
def test_a_slow_line_may_bring_a_letter_and_enter_together(text, word):
    assert answer((1.0, text)) == word


def test_a_key_waits_a_moment_for_what_may_follow():
    keys = Keystrokes(dict(ANSWERS), STOPS, "yes", 0.0)
    assert keys.feed(b"y", 1.0) == ""
    assert keys.settle(1.0 + QUIET_S / 2) == ""
    assert keys.due(1.0) == pytest.approx(QUIET_S)
    assert keys.settle(1.0 + QUIET_S) == "yes"
    assert keys.due(2.0) is None


def test_without_a_default_the_enter_key_answers_nothing():
    keys = Keystrokes({b"y": "yes"}, STOPS, "", 0.0)
    assert keys.feed(b"\r", 1.0) == ""
    assert keys.settle(2.0) == ""


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 0.2), st.binary(min_size=1, max_size=6)), min_size=2, max_size=8))
def test_no_flow_of_keys_answers_anything_but_a_word_with_enter(flow):
    """Keys that follow each other without a pause are a text, unless they spell an answer."""
    moment, typed = 1.0, []
    for pause, data in flow:
        moment += pause
        typed.append((moment, data))
    whole = b"".join(data for _, data in typed).lower().strip(b"\r\n")
    known = {key for word in ANSWERS.items() for key in (word[0], word[1].encode())} | {b""}
    if not any(part in whole for part in STOPS) and whole not in known and b"\r" not in whole and b"\n" not in whole:
        assert answer(*typed) == ""
