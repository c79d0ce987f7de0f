"""Alarms say what is known, name what they rest on, and are silent where nothing is known."""

from __future__ import annotations

import math

import pytest

from repro_tui.domain.alarms import Alarm, AlarmKind, Facts, MetricEnd, Twin, alarms_of, moved_inputs, told
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import FileFact, Run, State

NAN = math.nan
OTHER = RunId("b" * 32)


def end(name="loss", value=0.5, *, first=0.0, points=10, broken=0, nan=None):
    return MetricEnd(name, first, value, points, broken, nan)


def twin(state=State.DONE, **values):
    return Twin(OTHER, "calm-heron-40", state, values)


def texts(*endings, state=State.DONE, moved="", twins=()):
    return [(alarm.kind.value, alarm.text) for alarm in alarms_of(Facts(state, endings, moved, twins))]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (end(), []),
        (end(value=NAN, broken=6, nan=4.0), [("nan", "loss NaN at step 4")]),
        (end(value=0.5, broken=1, nan=1240.0), [("nan", "loss NaN at step 1,240")]),
        (end(value=NAN, broken=10, nan=0.0), [("nan", "loss never a number")]),
        (end(value=0.5, broken=3, nan=0.0), []),
        (end(value=NAN, broken=3, nan=0.0), [("nan", "loss NaN")]),
        (end(value=math.inf, broken=1), []),
        (end(value=NAN, broken=1, nan=2.5), [("nan", "loss NaN at step 2.5")]),
    ],
)
def test_a_metric_that_went_nan_is_named_with_its_step(ending, expected):
    assert texts(ending) == expected


def test_of_several_metrics_the_first_is_named_and_the_others_are_counted():
    broken = [end(name, NAN, broken=1, nan=9.0) for name in ("loss", "acc", "f1")]
    assert texts(*broken) == [("nan", "loss NaN at step 9, and 2 more")]


def test_the_same_inputs_with_another_result_name_the_run_and_the_metric():
    said = texts(end("loss", 0.5), end("acc", 0.9), twins=[twin(loss=0.5, acc=0.8)])
    assert said == [("result", "same inputs as calm-heron-40, other acc")]


def test_the_same_inputs_with_the_same_result_are_a_duplicate():
    assert texts(end("loss", NAN, broken=10, nan=0.0), twins=[twin(loss=NAN)])[-1] == (
        "duplicate",
        "ran before: calm-heron-40",
    )
    assert texts(end("acc", 0.9), twins=[twin(acc=0.9)]) == [("duplicate", "ran before: calm-heron-40")]
    assert texts(twins=[twin(acc=0.9)]) == [("duplicate", "ran before: calm-heron-40")]


def test_how_long_it_took_is_no_other_result():
    assert texts(end("epoch_time", 3.0), twins=[twin(epoch_time=4.0)]) == [("duplicate", "ran before: calm-heron-40")]


@pytest.mark.parametrize("state", [State.FAILED, State.DIED])
def test_a_result_is_that_of_a_run_that_is_done(state):
    mine = [text for kind, text in texts(end("acc", 0.9), state=state, twins=[twin(acc=0.8)]) if kind != "died"]
    assert mine == ["ran before: calm-heron-40"]
    theirs = texts(end("acc", 0.9), twins=[twin(state, acc=0.8)])
    assert theirs == [("duplicate", f"ran before: calm-heron-40 ({state.value})")]


def test_the_latest_that_is_done_is_what_a_result_is_compared_with():
    failed = Twin(RunId("c" * 32), "plain-wren-41", State.FAILED, {"acc": 0.1})
    found = alarms_of(Facts(State.DONE, [end("acc", 0.9)], "", [failed, twin(acc=0.9)]))
    assert found == (Alarm(AlarmKind.DUPLICATE, "ran before: calm-heron-40", OTHER, "ran before"),)


def test_the_gravest_comes_first():
    said = texts(end(value=NAN, broken=1, nan=3.0), state=State.DIED, moved="a.csv", twins=[twin(loss=0.1)])
    assert [kind for kind, _ in said] == ["died", "nan", "data", "duplicate"]


def test_that_a_run_died_is_said_in_words_only_where_nothing_else_tells():
    died = alarms_of(Facts(State.DIED))
    assert [alarm.text for alarm in told(died, "")] == ["died"]
    assert told(died, "step 810") == []


def fact(path, mode="r", *, role="in", moved=True, files=None):
    return FileFact(path, mode, role, changed_during=moved, files=files)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], ""),
        ([fact("a.csv", moved=False)], ""),
        ([fact("a.csv")], "a.csv"),
        ([fact("a.csv"), fact("b.csv")], "2 inputs"),
        ([fact("a.csv", "rw")], ""),
        ([fact("out.csv", "w", role="out")], ""),
        ([fact("data", files=3), fact("data/new.csv", "w", role="")], ""),
        ([fact("data", files=3), fact("database/new.csv", "w", role="")], "data"),
    ],
)
def test_what_the_run_itself_wrote_to_did_not_move_under_it(files, expected):
    assert moved_inputs(Run(RunId("a" * 32), files=tuple(files))) == expected
