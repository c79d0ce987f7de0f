"""The filter language by example."""

from __future__ import annotations

import pytest

from repro_tui.domain.alarms import MEANINGS, AlarmKind
from repro_tui.domain.filter_completion import Vocabulary, complete
from repro_tui.domain.filter_text import FilterError, parse, to_text, token_at
from repro_tui.domain.filters import EVERYTHING, AllOf, AnyOf, Compared, Not, Qualified, Word
from repro_tui.domain.quantities import to_moment, to_number

SEEN = Vocabulary(
    params=("lr", "seed", "two words"),
    metrics=("acc", "train/loss"),
    values={"lr": ("0.1", "0.01"), "tag": ("paper", "two words"), "name": ("amber-otter-41",)},
)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("", EVERYTHING),
        ("   ", EVERYTHING),
        ("otter", Word("otter")),
        ('"two words"', Word("two words")),
        ("don't", Word("don't")),
        ("lr>0.01", Compared("lr", ">", "0.01", 0.01)),
        ("lr==0.01", Compared("lr", "=", "0.01", 0.01)),
        ("batch>=64k", Compared("batch", ">=", "64k", 64_000.0)),
        ("mem<2GB", Compared("mem", "<", "2GB", 2e9)),
        ("acc>=90%", Compared("acc", ">=", "90%", 0.9)),
        ("time<1h", Compared("time", "<", "1h", 3600.0)),
        ("x>-0.5", Compared("x", ">", "-0.5", -0.5)),
        ("lr=1e-3", Compared("lr", "=", "1e-3", 1e-3)),
        ("param.opt=adam", Compared("param.opt", "=", "adam", None)),
        ("opt!=adam", Compared("opt", "!=", "adam", None)),
        ('"my key"="a b"', Compared("my key", "=", "a b", None)),
        ("state:running,done", Qualified("state", ("running", "done"))),
        ("name:otter|wren", Qualified("name", ("otter", "wren"))),
        ("name:otter|lr>1", AnyOf((Qualified("name", ("otter",)), Compared("lr", ">", "1", 1.0)))),
        ("-has:acc", Not(Qualified("has", ("acc",)))),
        ("-(a b)", Not(AllOf((Word("a"), Word("b"))))),
        ("a b|c", AllOf((Word("a"), AnyOf((Word("b"), Word("c")))))),
        ("(a b) | c", AnyOf((AllOf((Word("a"), Word("b"))), Word("c")))),
        ("since:2d", Qualified("since", ("2d",))),
        ("since:2026-11-20", Qualified("since", ("2026-11-20",))),
        ("train/loss<0.3", Compared("train/loss", "<", "0.3", 0.3)),
    ],
)
def test_a_filter_means(text, term):
    assert parse(text) == term
    assert parse(to_text(term)) == term


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("lr>", 3, "a value is expected"),
        (">3", 0, "a name is expected"),
        ("lr>1 stat:running", 5, "no qualifier"),
        ("state:runing", 6, "none of running"),
        ("since:soon", 6, "no time"),
        ("(a", 2, "has no )"),
        ("a)", 1, "closes nothing"),
        ("a | ", 4, "after |"),
        ("| a", 0, "before |"),
        ("tag:", 4, "a value is expected"),
        ('name:"otter', 5, "not closed"),
        ("a -", 3, "after -"),
    ],
)
def test_an_error_names_the_place_and_what_was_expected(text, position, words):
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.position == position
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "cursor", "first"),
    [
        ("", 0, "lr"),
        ("l", 1, "lr"),
        ("sta", 3, "state:"),
        ("lr=", 3, "lr=0.1"),
        ("param.lr>", 9, "param.lr>0.1"),
        ("-tag:pa", 7, "-tag:paper"),
        ("state:running,d", 15, "state:running,done"),
        ("tag:two", 7, 'tag:"two words"'),
        ("has:tra", 7, "has:train/loss"),
        ("two", 3, '"two words"'),
        ("acc>0.9 name:am", 15, "name:amber-otter-41"),
    ],
)
def test_completion_offers_first(text, cursor, first):
    assert complete(text, cursor, SEEN)[0].text == first


def test_every_completion_put_in_place_of_its_token_can_be_read():
    for text in ("state:", "tag:", "alarm:", "lr=", "name:", "has:", "pinned:", "since:", "-tag:paper,"):
        token = token_at(text, len(text))
        for candidate in complete(text, len(text), SEEN):
            parse(text[: token.start] + candidate.text + text[token.stop :])


def test_the_token_under_the_cursor_is_the_whole_term():
    assert token_at('acc>0.9 name:"a b" x', 12).text == 'name:"a b"'
    assert token_at("a  b", 2).text == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1_000", 1000.0), ("10M", 1e7), ("10m", 600.0), ("4GiB", 4 * 2.0**30), (".5", 0.5), ("+3", 3.0),
        ("adam", None), ("1e999", None), ("nan", None), ("", None), ("1 2", None), ("0x10", None), ("٣", None),
    ],
)  # fmt: skip
def test_a_quantity_is(text, number):
    assert to_number(text) == number


def test_moments_are_before_now_or_dates():
    assert to_moment("2d", 1e9) == 1e9 - 2 * 86400
    assert to_moment("2d ago", 1e9) == 1e9 - 2 * 86400
    assert to_moment("2026-11-20T00:00:00+00:00", 0) == 1795132800.0
    assert to_moment("9999999-1-1", 0) is None


def test_the_kinds_of_alarms_are_offered_with_what_they_mean():
    offered = {candidate.text: candidate.note for candidate in complete("lr=1 alarm:", 11, SEEN)}
    assert offered == {"alarm:any": "any of these"} | {f"alarm:{kind}": MEANINGS[kind] for kind in AlarmKind}
    assert [candidate.text for candidate in complete("-alarm:died,na", 14, SEEN)] == ["-alarm:died,nan"]


def test_an_alarm_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(FilterError, match="'fire' is none of any, died, nan, data, result, duplicate"):
        parse("alarm:fire")
