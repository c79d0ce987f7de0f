"""Foreign text in a cell: never wider than asked, never a control character."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from repro_tui.tui.render.text import clean, cut_left, fit, shorten, to_ascii, window

anything = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Mn", "Me", "Cf", "Cc", "Cs", "So"]),
        st.sampled_from("漢한🇩👩\u200d\ufe0f\u202e\x1b[]m;07\x9b\n\r\t"),
    ),
    max_size=60,
)


@given(anything, st.integers(-3, 40), st.sampled_from(["left", "right", "centre"]), st.booleans(), st.booleans())
def test_a_fitted_text_takes_exactly_its_cells(text, cells, align, ascii_only, from_end):
    keep = "end" if from_end else "start"
    fitted = fit(text, cells, align, keep=keep, ascii_only=ascii_only)
    assert cell_len(fitted) == max(0, cells)
    assert fitted.isascii() or not ascii_only


@given(anything)
def test_a_clean_text_has_no_control_bidi_or_surrogate_character(text):
    cleaned = clean(text)
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean(cleaned) == cleaned


@given(anything)
def test_the_width_of_a_clean_text_is_the_sum_of_its_characters(text):
    cleaned = clean(text)
    assert cell_len(cleaned) == sum(cell_len(c) for c in cleaned)


@given(anything)
def test_ascii_has_the_same_width(text):
    assert cell_len(to_ascii(clean(text))) == cell_len(clean(text))


@given(anything, st.integers(0, 30), st.integers(0, 30))
def test_a_window_takes_exactly_its_cells(text, start, cells):
    assert cell_len(window(clean(text), start, cells)) == cells


@given(anything, st.integers(0, 30))
def test_the_end_of_a_text_is_no_wider_than_asked(text, cells):
    assert cell_len(cut_left(clean(text), cells)) <= cells


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("loss\x1b[31m red\x1b[0m", "loss red"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]52;c;aGk=\x1b\\name", "name"),
        ("two\nlines", "two␤lines"),
        ("tab\there", "tab here"),
        ("a\x00b\x07c", "a\ufffdb\ufffdc"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\udce9t\udce9", "\ufffdt\ufffd"),
        ("e" + "\u0301" * 40, "é\u0301\u0301\u0301"),
        ("\u0301lead", "lead"),
        ("[bold]not markup[/]", "[bold]not markup[/]"),
    ],
)
def test_what_cannot_stand_in_a_cell_is_replaced(text, shown):
    assert clean(text) == shown


def test_a_path_keeps_its_end():
    assert shorten("/scratch/data/train/a.csv", 12, keep="end") == "…rain/a.csv"[:1] + "train/a.csv"


def test_a_wide_character_that_does_not_fit_leaves_a_space():
    assert fit("漢字漢字", 4) == "漢… "
    assert window("漢字漢字", 1, 4) == " 字 "


def test_ascii_stand_ins_keep_the_meaning():
    assert to_ascii("● ✓ ✗ ·D·· …é") == "* + x .D.. ~e"
