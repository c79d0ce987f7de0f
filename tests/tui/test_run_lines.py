"""Lines of the run table as pure text: widths hold for any text, and choices are the ones that a person expects."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.columns import Column, column_key
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.domain.view import RunRow
from repro_tui.tui import run_lines
from repro_tui.tui.preview_lines import Asked, Preview, preview_lines
from repro_tui.tui.render import numbers
from repro_tui.tui.render.text import width

NASTY = st.text(
    st.sampled_from("ab1\x1b[]31m;\x07\n\r\t\0\u200d\u0301\u202e\ufe0f漢字한😀👩‍🚀é\x9b\u2028・") | st.characters(),
    max_size=40,
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | NASTY
KEYS = [run_lines.AGE, column_key("metric", "acc"), column_key("param", "lr"), column_key("field", "tags"),
        run_lines.CHANGED, run_lines.LEVEL]  # fmt: skip


@st.composite
def rows(draw):
    cells = {key: draw(SCALARS) for key in KEYS[1:3]}
    return RunRow(
        1, RunId("0" * 32), draw(NASTY), draw(st.sampled_from(list(State))), draw(st.floats()), None, cells,
        tuple(draw(st.lists(NASTY, max_size=3))), draw(NASTY), draw(st.booleans()), draw(NASTY), draw(NASTY),
        draw(NASTY), tuple(draw(st.lists(st.floats(), max_size=8))),
    )  # fmt: skip


def cells_of(pieces) -> int:
    return sum(width(text) for text, _ in pieces)


@given(st.lists(rows(), min_size=1, max_size=4), st.booleans())
def test_a_cell_is_exactly_as_wide_as_its_column_for_any_text(found, plain):
    layout = run_lines.measure(KEYS, found, 1e9, ascii_only=plain)
    for row in found:
        assert cells_of(run_lines.name_pieces(row, layout)) == 2 + layout.name_width
        assert cells_of(run_lines.column_pieces(row, layout, 1e9)) == layout.scrolled
        text = "".join(text for text, _ in run_lines.column_pieces(row, layout, 1e9))
        assert "\x1b" not in text
        assert "\n" not in text
        assert not plain or text.isascii()


@given(rows(), st.integers(0, 60), st.integers(0, 90), st.integers(0, 90))
def test_any_window_of_a_line_is_exactly_as_wide_as_asked(row, tail, skip, cells):
    layout = run_lines.measure(KEYS, [row], 1e9)
    line = [*run_lines.column_pieces(row, layout, 1e9), *run_lines.tail_pieces(row, tail)]
    assert cells_of(run_lines.tail_pieces(row, tail)) <= tail
    assert cells_of(run_lines.windowed(line, skip, cells)) == cells


@given(NASTY, NASTY, NASTY, st.integers(10, 120), st.integers(1, 40), st.integers(1, 3))
def test_the_pane_has_exactly_its_lines_and_none_is_too_wide(name, phrase, why, cells, height, count):
    asked = Asked(tuple((RunId(str(i) * 32), name) for i in range(count)), ("acc",), 40)
    preview = Preview(asked, (), ({},) * count, None, name, (phrase,) * 9, 1, why, phrase)
    drawn = preview_lines(preview, cells, height, ascii_only=False)
    assert len(drawn) == height
    assert all(cells_of(line) <= cells for line in drawn)


def columns() -> list[Column]:
    params = [Column(column_key("param", n), "param", n, d) for n, d in (("lr", 3), ("depth", 2), ("epochs", 1))]
    return [*params, *(Column(column_key("metric", n), "metric", n) for n in ("acc", "loss"))]


def test_parameters_that_never_vary_are_not_shown_by_themselves():
    assert column_key("param", "epochs") not in run_lines.choose(columns(), 500)


def test_metrics_and_parameters_take_turns_when_there_is_little_room():
    assert [k.partition(":")[2] for k in run_lines.choose(columns(), 50)] == ["age", "acc", "lr", "changed", "level"]


def test_a_parameter_is_never_rounded_to_look_like_another():
    digits = run_lines.Digits(2)
    assert run_lines.cell_text(0.012345678, digits, column_key("param", "lr")) == "0.012345678"
    assert run_lines.cell_text(0.5, digits, column_key("param", "lr")) == "0.50"
    assert run_lines.cell_text(0.012345678, run_lines.Digits(4), column_key("metric", "acc")) == "0.0123"


def test_the_arrow_in_a_head_is_the_good_direction():
    assert run_lines.head_of(column_key("metric", "val_loss")) == "val_loss↓"
    assert run_lines.head_of(column_key("metric", "acc")) == "acc↑"
    assert run_lines.head_of(column_key("metric", "acc"), ascii_only=True) == "acc^"


def test_columns_do_not_become_narrower_when_rows_go_out_of_sight():
    wide = RunRow(1, RunId("0" * 32), "a-very-long-name-4711", State.DONE, 0, 1, {KEYS[1]: 123.25})
    narrow = RunRow(2, RunId("1" * 32), "b", State.DONE, 0, 1, {KEYS[1]: 0.5})
    before = run_lines.measure(KEYS, [wide], 10)
    assert run_lines.measure(KEYS, [narrow], 10, before=before) == before


def test_a_number_that_is_cut_says_so():
    text = run_lines.cell_text(10**40, numbers.Digits(0), column_key("param", "p"))
    assert text.endswith("…")
    assert width(text) <= run_lines.CELL_MOST


def test_a_tag_is_written_as_such_so_that_it_is_no_reason_and_no_note():
    row = RunRow(1, RunId("0" * 32), "amber-otter-1", State.DONE, 0.0, 1.0, {}, tags=("paper",), note="good")
    assert [text for text, _ in run_lines.tail_pieces(row, 40) if text.strip()] == ["#paper", "good"]
