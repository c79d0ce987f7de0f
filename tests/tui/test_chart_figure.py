"""A chart as cells: exactly as large as asked, honest about what it cannot draw, and readable without colour."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import Bucket, Curve
from repro_tui.tui.render.braille import Raster
from repro_tui.tui.render.canvas import Canvas, changes, spans
from repro_tui.tui.render.figure import Figure, draw
from repro_tui.tui.render.plot import Frame, Reading, read_at, smooth, trace
from repro_tui.tui.render.scale import Scale
from repro_tui.tui.render.series import ChartData, ChartView, Series
from tests.tui.curve_samples import chart, curve


def text(figure: Figure) -> list[str]:
    return ["".join(c for c, _ in row) for row in figure.canvas.rows]


def drawn(data: ChartData, view: ChartView | None = None, width: int = 80, height: int = 20, **kwargs: bool) -> str:
    return "\n".join(text(draw(data, view or ChartView(), width, height, **kwargs)))


values = st.floats(-1e308, 1e308) | st.sampled_from([0.0, 1.0, -1.0, math.nan, math.inf, 1e-308])


@st.composite
def curves(draw_from):
    xs = sorted(draw_from(st.lists(st.floats(-1e6, 1e12), min_size=1, max_size=12, unique=True)))
    made = []
    for n, x in enumerate(xs):
        low, high = sorted((draw_from(values), draw_from(values)))
        room = (xs[n + 1] - x) if n + 1 < len(xs) else 1.0
        made.append(Bucket(x, low, high, high, x + room * draw_from(st.floats(0, 0.99)), draw_from(st.integers(1, 9))))
    return Curve(RunId(draw_from(st.sampled_from("abc"))), "acc", tuple(made), len(made), draw_from(st.integers(0, 2)))


@given(
    st.lists(curves() | st.none(), max_size=4),
    st.integers(0, 90),
    st.integers(0, 24),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.0, 0.6, 0.98]),
    st.none() | st.floats(-1e6, 1e12),
    st.sampled_from(["step", "time"]),
)
def test_a_figure_is_exactly_as_large_as_asked_for_any_data(  # noqa: PLR0917 - what a figure depends on
    samples, width, height, ascii_only, log, smoothing, cursor, axis
):
    series = tuple(Series(RunId(str(n)), "漢字\x1b[31m" * n, c) for n, c in enumerate(samples))
    view = ChartView(axis=axis, log=log, smoothing=smoothing, cursor=cursor)
    figure = draw(ChartData("a\ncc", axis, series), view, width, height, ascii_only=ascii_only)
    rows = text(figure)
    assert len(rows) == height
    assert all(cell_len(row) == width for row in rows)
    assert all(row.isprintable() for row in rows)
    assert not ascii_only or all(row.isascii() for row in rows)


def test_the_legend_reads_all_runs_at_the_cursor_and_the_first_against_each_other():
    data = chart(
        curve("otter", value=lambda x: x / 1000, buckets=1601), curve("heron", value=lambda x: x / 2000, buckets=1601)
    )
    rows = text(draw(data, ChartView(cursor=1240.0), 80, 20))
    assert rows[0].startswith("acc by step")
    assert rows[0].endswith("cursor at 1,240")
    assert rows[1].endswith("1 otter         1.24")
    assert rows[2].endswith("2 heron         0.62")
    assert rows[3].endswith("  difference   +0.62")
    assert "1,240" in rows[-1]


def test_a_run_that_ended_before_the_cursor_says_where_it_is_read():
    data = chart(curve("long"), curve("short", points=811, buckets=81))
    assert "at 810" in drawn(data, ChartView(cursor=1240.0))


def test_without_a_cursor_last_values_are_read():
    rows = text(draw(chart(curve("otter", value=lambda x: x / 1000)), ChartView(), 80, 20))
    assert rows[0].endswith("last values")
    assert rows[1].endswith("1.6")


def test_runs_are_told_apart_without_colour_by_a_digit_at_the_end_of_each_line():
    data = chart(curve("a", value=lambda x: x), curve("b", value=lambda x: x / 2), curve("c", value=lambda x: x / 4))
    plot = [row[:58] for row in text(draw(data, ChartView(), 80, 24))]
    for mark in "123":
        assert sum(mark in re.split("[│┤]", row)[-1] for row in plot if "│" in row or "┤" in row) == 1


@pytest.mark.parametrize(
    ("data", "view", "words"),
    [
        (ChartData(), ChartView(), "No metrics yet."),
        (ChartData("acc", note=("This run has no metrics.",)), ChartView(), "This run has no metrics."),
        (chart(Curve(RunId("a"), "acc", (), 3, 3)), ChartView(), "All 3 points of acc are nan or infinite."),
        (chart(curve(value=lambda x: -x)), ChartView(log=True), "No value of acc is positive"),
        (chart(Curve(RunId("a"), "acc", (), 0)), ChartView(start=5.0), "No points here."),
    ],
)
def test_what_cannot_be_drawn_is_said_in_words(data, view, words):
    assert words in drawn(data, view)


def test_broken_points_are_counted_beside_the_run():
    assert "3 nan or infinite" in drawn(chart(curve(broken=3)))


def test_a_log_scale_says_that_it_hides_values():
    page = drawn(chart(curve(value=lambda x: x - 200)), ChartView(log=True))
    assert "<= 0 is not shown" in page
    assert "by step, log" in page


def test_a_run_without_points_stands_in_the_legend_and_says_so():
    assert "no points" in drawn(chart(curve("a"), None))


@pytest.mark.parametrize("constant", [0.0, 0.5, -3.0, 1e300, 1e-300])
def test_a_constant_series_has_room_above_and_below(constant):
    rows = text(draw(chart(curve(value=lambda x: constant)), ChartView(), 60, 16))
    assert any("⠤" in r or "⠒" in r or "⣀" in r or "⠉" in r for r in rows[4:12])


def test_one_point_is_drawn_as_its_run_s_digit():
    rows = text(draw(chart(curve(points=1)), ChartView(), 60, 12))
    assert any("1" in row.split("│")[-1] for row in rows[1:-2])


def test_smoothing_is_announced_and_leaves_the_raw_curve_faintly():
    figure = draw(chart(curve(value=lambda x: math.sin(x / 9))), ChartView(smoothing=0.9), 80, 20)
    styles = {style for row in figure.canvas.rows for _, style in row}
    assert {"raw", "run-1"} <= {style.split()[0] for style in styles if style}
    assert "smoothed 0.9, raw faint" in text(figure)[0]


def test_a_line_is_not_drawn_across_the_start_of_a_further_attempt():
    buckets = tuple(Bucket(x, 1.0, 1.0, 1.0, x, 1) for x in (0.0, 10.0, 90.0, 100.0))
    frame = Frame(50, 4, Scale(0, 100), Scale(0, 2))
    whole, parted = Raster(50, 4), Raster(50, 4)
    trace(whole, frame, buckets)
    trace(parted, frame, buckets, breaks=(80.0,))
    assert all(whole.columns)
    assert not any(parted.columns[20:80])
    assert parted.columns[0]
    assert parted.columns[95]


def test_moving_the_cursor_changes_few_cells():
    data = chart(curve("a"), curve("b"), curve("c"))
    before = draw(data, ChartView(cursor=1000.0), 80, 20)
    after = draw(data, ChartView(cursor=1010.0), 80, 20, before=before)
    assert after.ink is before.ink
    assert sum(width for _, _, width in changes(before.canvas.rows, after.canvas.rows)) < 200


@given(st.lists(st.text("ab ", min_size=6, max_size=6), min_size=2, max_size=2))
def test_sending_the_changes_gives_the_new_page(lines):
    old, new = Canvas(6, 1), Canvas(6, 1)
    old.put(0, 0, lines[0])
    new.put(0, 0, lines[1])
    shown = list(old.rows[0])
    for x, _, width in changes(old.rows, new.rows):
        shown[x : x + width] = new.rows[0][x : x + width]
    assert shown == new.rows[0]


def test_neighbouring_cells_of_one_style_are_sent_as_one_piece():
    assert list(spans([("a", "x"), ("b", "x"), ("c", "y")])) == [("ab", "x"), ("c", "y")]


def test_a_blank_goes_with_its_neighbour_unless_that_would_show():
    blank = (" ", "")
    assert list(spans([blank, ("a", "x"), blank, ("b", "y")])) == [(" a ", "x"), ("b", "y")]
    assert list(spans([("a", "x reverse"), blank])) == [("a", "x reverse"), (" ", "")]
    assert list(spans([blank, ("a", "x reverse")])) == [(" ", ""), ("a", "x reverse")]


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=30), st.sampled_from([0.0, 0.3, 0.9, 0.98]))
def test_a_smoothed_curve_stays_between_the_least_and_the_greatest_value(ys, weight):
    buckets = [Bucket(float(n), y, y, y, float(n), 1) for n, y in enumerate(ys)]
    smoothed = smooth(buckets, weight)
    assert len(smoothed) == len(ys)
    assert all(min(ys) - 1e-6 <= b.last <= max(ys) + 1e-6 for b in smoothed)
    assert smoothed[0].last == pytest.approx(ys[0])


def test_reading_between_two_buckets_gives_the_last_point_before_the_place():
    buckets = (Bucket(0, 1, 1, 1, 0, 1), Bucket(10, 2, 4, 3, 19, 10))
    sample = Curve(RunId("a"), "acc", buckets, 11)
    assert read_at(sample, -1.0) is None
    assert read_at(sample, 5.0) == Reading(0, 1, exact=True)
    assert read_at(sample, 15.0) == Reading(0, 1, exact=False)
    assert read_at(sample, 25.0) == Reading(19, 3, exact=True)
    assert read_at(sample, None) == Reading(19, 3, exact=True)


def test_a_window_too_small_for_a_plot_still_reads_the_raised_run():
    page = drawn(chart(curve("otter", value=lambda x: x / 1000), curve("heron")), width=20, height=8)
    assert "1 otter" in page
    assert "1.6" in page
