"""Expressions over the output: numbers are found, a progress bar is one row, and none can stop the supervisor."""

from __future__ import annotations

import time

import pytest

from repro_tui.readers.interface import Row
from repro_tui.readers.stdout import Output, refused


def plain(rows: list[Row]) -> list[tuple[float, dict[str, float]]]:
    return [(row.step, dict(row.values)) for row in rows]


def test_named_groups_become_metrics_at_the_step_that_they_name() -> None:
    output = Output([r"epoch (?P<epoch>\d+).*loss=(?P<loss>[\d.e+-]+)(?:.*acc[:=]\s*(?P<acc>[\d.]+))?"])
    rows = output.feed(b"epoch 1 loss=0.5 acc: 0.9\nnothing\nepoch 2 lo", 1.0)
    rows += output.feed(b"ss=1e-3\n", 2.0)
    assert plain(rows) == [(1, {"loss": 0.5, "acc": 0.9}), (2, {"loss": 0.001})]


def test_without_a_step_matches_are_counted_and_a_last_line_counts_at_the_end() -> None:
    output = Output([r"loss (?P<loss>[\d.]+)"])
    rows = output.feed(b"loss 3\nloss 2\nloss 1", 1.0)
    rows += output.feed(b"", 1.0, final=True)
    assert plain(rows) == [(0, {"loss": 3}), (1, {"loss": 2}), (2, {"loss": 1})]


def test_a_progress_bar_drawn_again_and_coloured_is_one_row() -> None:
    output = Output([r"step (?P<step>\d+) loss (?P<loss>[\d.]+)"])
    rows = output.feed(b"\r\x1b[32mstep 1\x1b[0m loss 2.5\r\x1b[32mstep 1\x1b[0m loss 2.5\rstep 2 loss 2.25\r\n", 1.0)
    assert plain(rows) == [(1, {"loss": 2.5}), (2, {"loss": 2.25})]


def test_an_expression_that_finds_only_the_step_speaks_for_the_lines_that_follow() -> None:
    output = Output([r"^Epoch (?P<epoch>\d+)", r"val_loss: (?P<val_loss>[\d.]+)"])
    rows = output.feed(b"Epoch 4\n ... val_loss: 0.5\nEpoch 5\n val_loss: 0.25\n", 1.0)
    assert plain(rows) == [(4, {"val_loss": 0.5}), (5, {"val_loss": 0.25})]


@pytest.mark.parametrize("pattern", [r"(?P<x>[0-9]+", r"loss [0-9]+"])
def test_an_expression_that_cannot_be_used_is_refused_with_a_reason(pattern: str) -> None:
    assert refused(pattern)
    output = Output([pattern])
    assert output.problems[0][0] == pattern
    assert output.feed(b"loss 1\n", 1.0) == []


@pytest.mark.parametrize("slow", [r"(?P<x>(a+)+)b", r"(?P<x>(a|aa)+)$", r"(?P<x>(\w+\s?)*)!"])
def test_an_expression_that_would_take_for_ever_is_given_up_and_the_stream_goes_on(slow: str) -> None:
    output = Output([slow, r"loss (?P<loss>[\d.]+)"])
    begin = time.monotonic()
    rows = []
    for i in range(5):
        rows += output.feed(b"a" * 900 + b"?\nloss %d\n" % i, 1.0)
    assert output.problems[0][0] == slow
    assert len([row for row in rows if "loss" in row.values]) == 5
    assert time.monotonic() - begin < 20
    output.close()


def test_binary_output_and_endless_lines_do_no_harm() -> None:
    output = Output([r"loss (?P<loss>[\d.]+)"])
    for _ in range(50):
        output.feed(bytes(range(256)).replace(b"\n", b"").replace(b"\r", b"") * 100, 1.0)
    assert len(output._rest) <= 4000
    assert plain(output.feed(b"\nloss 1\n", 1.0)) == [(0, {"loss": 1})]
