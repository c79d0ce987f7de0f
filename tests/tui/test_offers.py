"""What a question shows: every line fits its room, whatever the names are, and the level is never left out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.snapshot import LeftOut, Offer, PartKind, PartOffer
from repro_tui.tui.keymap import STANDARD, resolve
from repro_tui.tui.queue import Entry, Queue
from repro_tui.tui.render import offers, questions
from repro_tui.tui.render.lines import Line, line_width
from tests.tui.fake_questions import CHANGED, CRANE, MOTH, OFFERS, OTTER, QUESTIONS, TRAIN

GB = 10**9


def plain(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def entry(index: int) -> Entry:
    question = (*QUESTIONS, CHANGED)[index]
    return Entry(question, OFFERS[question.id])


def test_an_offer_says_what_is_kept_left_out_and_redacted_and_the_level():
    assert plain(offers.brief(OFFERS[OTTER], 70)) == [
        "code         3 files, 1 uncommitted patch                         4 kB",
        "environment  31 packages, Python 3.11.7, CUDA 12.4                9 kB",
        "data         train 51,204 rows, test 10,000          1.9 GB, 31 MB new",
        "outputs      model.npz, table.csv                                12 MB",
        "left out     checkpoints/ 38 GB (limit 2 GB)               1.2 TB free",
        "redacted     HF_TOKEN, --api-key",
        "level        2/6  not higher: it was never rebuilt from its snapshot",
    ]
    assert offers.cost(OFFERS[OTTER]) == "43 MB new, 4 s"


def test_what_is_linked_says_so_and_is_not_counted_as_new():
    lines = plain(offers.brief(OFFERS[CRANE], 70))
    assert "61 GB, linked" in lines[2]
    assert lines[1].endswith("9 kB, nothing new")
    assert lines[4].startswith("left out     nothing")
    assert lines[5].startswith("level        2 linked  not higher: data train is known")


def test_what_has_changed_since_is_named_and_called_partial():
    lines = plain(offers.brief(OFFERS[MOTH], 90))
    assert any(line.startswith("changed") and "model.py has changed since" in line for line in lines)
    assert any("partial" in line for line in lines)
    assert any(line.startswith("withheld") and "keys.py" in line for line in lines)


def test_a_disk_without_room_is_shown_as_trouble():
    full = replace(OFFERS[OTTER], free=10_000_000)
    line = next(line for line in offers.brief(full, 70) if line[0][0].startswith("left out"))
    assert line[-1] == ("10 MB free", "bad")


def test_nobody_can_promise_less_than_a_second():
    assert offers.seconds(0.02) == "1 s"
    assert offers.seconds(19.6) == "20 s"
    assert offers.seconds(130) == "2m10s"
    assert offers.seconds(float("nan")) == "-"


def test_the_exact_words_are_asked():
    head = " ".join(plain(questions.head(Queue().merged(QUESTIONS), 76)))
    assert " ".join(head.split()) == (
        "Before saving results, snapshot environment and dataset. This creates a reproducible package (recommended). "
        "Save snapshot? 1 of 3"
    )
    head = " ".join(plain(questions.head(Queue().merged([CHANGED]), 76)))
    assert " ".join(head.split()) == (
        "Dataset train changed since calm-heron-39: +1,204 rows, label 3 10.1 % to 12.2 %. "
        "Checkpoint this version? [Yes / No / Always / Never] 1 of 1"
    )


def test_with_little_room_the_level_stays_and_the_rest_is_counted():
    lines = plain(questions.told(entry(2), 70, 6))
    assert len(lines) == 6
    assert lines[-2].startswith("level        1/6")
    assert "more lines (d)" in lines[-3]


def test_details_say_everything_that_is_left_out_and_why():
    many = tuple(LeftOut(f"big-{n}.bin", "limit 2 GB", 3 * GB) for n in range(40))
    said = plain(offers.details(replace(OFFERS[OTTER], left_out=many), None, 70))
    assert sum("limit 2 GB" in line for line in said) == 40


def test_keys_are_those_of_the_user_and_say_what_they_do_to_a_dataset():
    moved = resolve({"questions.always": "W"})
    pairs = questions.key_pairs("questions", moved, entry(0))
    assert ("W", "Always here") in pairs
    assert pairs[:3] == [("y", "Yes"), ("n", "No"), ("L", "Later")]
    assert ("a", "Always") in questions.key_pairs("questions", STANDARD, entry(3))
    lines = questions.keys(pairs, 76, 2)
    assert len(lines) == 2
    assert "esc leave" in plain(lines)[0]


NAMES = st.text(min_size=1, max_size=60) | st.sampled_from(["\x1b[2J", "a\nb", "数据" * 20, "x" * 300, "\u202e evil"])
PARTS = st.builds(
    PartOffer, NAMES, st.sampled_from(PartKind), NAMES, st.integers(0, 10**6), st.integers(0, 10**18),
    st.integers(0, 10**18), st.booleans(),
)  # fmt: skip
LEFT = st.builds(LeftOut, NAMES, NAMES, st.integers(0, 10**15), st.sampled_from(list(offers.KINDS)))
ANY_OFFER = st.builds(
    Offer, st.none(), NAMES, st.lists(PARTS, max_size=8).map(tuple), st.floats(), st.integers(0, 10**15),
    st.lists(LEFT, max_size=5).map(tuple), st.lists(NAMES, max_size=3).map(tuple), st.just("2/6"), NAMES,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ANY_OFFER, st.integers(36, 120), st.integers(1, 20))
def test_no_offer_is_wider_or_higher_than_its_room_or_sends_an_escape(offer, cells, rows):
    shown = replace(entry(0), told=offer)
    for lines in (questions.told(shown, cells, rows), questions.told(shown, cells, rows, ascii_only=True)):
        assert len(lines) <= rows
        assert all(line_width(line) <= cells for line in lines)
        assert "\x1b" not in "".join(plain(lines))
    assert "".join(plain(questions.told(shown, cells, rows, ascii_only=True))).isascii()
    assert all(line_width(line) <= cells for line in offers.details(offer, None, cells))


def test_a_change_of_data_is_explained_with_its_classes():
    said = "\n".join(plain(questions.told(entry(3), 76, 12)))
    assert OFFERS[TRAIN].added[0].path in said
    assert "50,000 to 51,204" in said
    assert "shared with test: 0 rows" in said
