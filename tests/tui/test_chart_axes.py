"""Axes: round places inside the axis, labels that differ; keys that change the view in steps a person can undo."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repro_tui.tui.render import looking
from repro_tui.tui.render.figure import draw
from repro_tui.tui.render.scale import Scale, around, step_label, ticks, time_label, value_labels, x_ticks
from repro_tui.tui.render.series import ChartView
from tests.tui.curve_samples import chart, curve


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(1, 12))
def test_ticks_lie_inside_the_axis_in_order_and_are_not_too_many(a, b, most):
    low, high = sorted((a, b))
    assume(high - low > max(abs(low), abs(high)) * 1e-9)
    found = ticks(Scale(low, high), most)
    room = (high - low) * 1e-6
    assert len(found) <= most
    assert all(low - room <= value <= high + room for value in found)
    assert all(x < y for x, y in pairwise(found))


@given(st.floats(1e-300, 1e300), st.floats(1.01, 1e10), st.integers(1, 9))
def test_a_logarithmic_axis_has_ticks_inside_too(low, ratio, most):
    high = low * ratio
    assume(math.isfinite(high))
    found = ticks(Scale(low, high, log=True), most)
    assert len(found) <= most
    assert all(low * 0.999 <= value <= high * 1.001 for value in found)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0.1, 0.97, ("0.2", "0.4", "0.6", "0.8")),
        (0.0, 1600.0, ("0", "500", "1000", "1500")),
        (-1.0, 1.0, ("-1.0", "-0.5", "0.0", "0.5", "1.0")),
        (1e7, 3e7, ("1e7", "1.5e7", "2e7", "2.5e7", "3e7")),
        (0.97123, 0.97131, ("0.97124", "0.97126", "0.97128", "0.97130")),
    ],
)
def test_labels_of_values_have_the_digits_that_tell_them_apart(low, high, labels):
    assert value_labels(ticks(Scale(low, high), 5)) == labels


def test_steps_have_whole_ticks():
    assert x_ticks(Scale(0, 3), 9, "step") == (0, 1, 2, 3)
    assert x_ticks(Scale(0, 1600), 4, "step") == (0, 500, 1000, 1500)


def test_times_have_ticks_of_seconds_minutes_and_hours():
    assert [time_label(x) for x in x_ticks(Scale(0, 252), 5, "time")] == ["0", "1m", "2m", "3m", "4m"]
    assert [time_label(x) for x in x_ticks(Scale(0, 90_000), 4, "time")] == ["0", "12h", "1d"]


@pytest.mark.parametrize(
    ("step", "label"),
    [
        (0, "0"),
        (1240, "1,240"),
        (999_999, "999,999"),
        (1_250_000, "1.25M"),
        (2e9, "2G"),
        (0.5, "0.5"),
        (1292.06, "1,292"),
    ],
)
def test_a_step_is_short_and_has_its_thousands_set_apart(step, label):
    assert step_label(step) == label


@given(st.lists(st.floats(-1e308, 1e308), min_size=1), st.booleans())
def test_an_axis_around_values_holds_all_that_it_can_show(values, log):
    scale = around(values, log=log)
    drawable = [value for value in values if value > 0 or not log]
    assert (scale is None) == (not drawable)
    if scale:
        assert scale.low < scale.high
        assert all(-1e-9 <= scale.share(value) <= 1 + 1e-9 for value in drawable)


DATA = chart(curve("a"), curve("b", points=811, buckets=81))


def frame_of(view: ChartView):
    frame = draw(DATA, view, 80, 20).frame
    assert frame
    return frame


@given(st.lists(st.sampled_from([-10, -1, 1, 10]), max_size=40))
def test_the_cursor_only_stands_where_a_point_was_logged(moves):
    view = ChartView()
    places = {bucket.x_last for bucket in DATA.series[0].curve.buckets}
    for cells in moves:
        view = looking.moved(DATA, view, frame_of(view), cells)
        assert view.cursor is None or view.cursor in places


def test_right_moves_back_to_where_left_came_from_and_lets_go_at_the_end():
    frame = frame_of(ChartView())
    once = looking.moved(DATA, ChartView(), frame, -1)
    twice = looking.moved(DATA, once, frame, -1)
    assert twice.cursor < once.cursor < 1600
    assert looking.moved(DATA, twice, frame, 1) == once
    assert looking.moved(DATA, looking.moved(DATA, once, frame, 1), frame, 1).cursor is None


def test_zooming_in_keeps_the_cursor_in_sight_and_out_again_shows_all():
    view = ChartView(cursor=1200.0)
    for _ in range(3):
        view = looking.zoomed_in(DATA, view, frame_of(view))
        assert view.start <= 1200 <= view.stop
    assert view.stop - view.start == pytest.approx(1600 / 8)
    for _ in range(3):
        view = looking.zoomed_out(view, frame_of(view), (0.0, 1600.0))
    assert (view.start, view.stop) == (None, None)


def test_zooming_without_a_cursor_follows_the_end():
    view = looking.zoomed_in(DATA, ChartView(), frame_of(ChartView()))
    assert (view.start, view.stop) == (800.0, None)


def test_zooming_ends_before_nothing_is_left_to_see():
    view = ChartView(cursor=1200.0)
    for _ in range(40):
        view = looking.zoomed_in(DATA, view, frame_of(view))
    assert view.stop - view.start >= 1


def test_the_edge_of_a_zoomed_chart_moves_the_window_along():
    view = ChartView(start=400.0, stop=800.0, cursor=0.0)
    assert looking.moved(DATA, view, frame_of(view), -1).start == 200.0


def test_another_axis_forgets_window_and_cursor():
    view = looking.turned(ChartView(start=1.0, stop=2.0, cursor=1.5))
    assert view == ChartView(axis="time")


def test_smoothing_and_raising_go_in_steps_and_round():
    view = looking.smoothed(ChartView(), 1)
    assert view.smoothing == looking.SMOOTHINGS[1]
    assert looking.smoothed(looking.smoothed(view, -1), -1).smoothing == 0
    assert looking.raised(DATA, ChartView(), 1).raised == 1
    assert looking.raised(DATA, ChartView(), -1).raised == 1
    assert looking.raised(chart(), ChartView(), 1).raised == 0
