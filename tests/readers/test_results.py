"""Final numbers that a script writes down once, in one JSON object."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest

from repro_tui.readers.discover import Discovery
from repro_tui.readers.interface import Row
from repro_tui.readers.results import ResultsReader, numbers


def values(folder: Path, *names: str) -> list[dict[str, float]]:
    discovery = Discovery(folder, time.time() - 60)
    for name in names:
        discovery.observed(name)
    rows = [*discovery.poll(time.monotonic() + 5), *discovery.poll(time.monotonic() + 5, final=True)]
    return [dict(row.values) for row in rows]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["metrics.json", "out/test_scores.json", "all_results.json", "eval.json"])
def test_an_object_of_results_is_one_row_whatever_its_layout(tmp_path: Path, name: str, indent: int | None) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(
        json.dumps({"accuracy": 0.97, "per": {"f1": 0.5}, "note": "x", "seed": 3}, indent=indent)
    )
    assert values(tmp_path, name) == [{"accuracy": 0.97, "per/f1": 0.5}]


def test_a_report_in_layers_is_joined_by_its_names(tmp_path: Path) -> None:
    report = {"0": {"precision": 1.0, "support": 3}, "accuracy": 0.9, "params": {"C": 10.0}}
    (tmp_path / "results.json").write_text(json.dumps(report, indent=4))
    assert values(tmp_path, "results.json") == [{"0/precision": 1.0, "0/support": 3.0, "accuracy": 0.9}]


@pytest.mark.parametrize("name", ["package.json", "config.json", "model.json", "settings.json"])
def test_other_objects_are_not_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps({"lr": 0.1, "width": 3, "name": "a", "kind": "b"}, indent=2))
    assert values(tmp_path, name) == []


def test_what_is_written_again_is_a_further_row(tmp_path: Path) -> None:
    discovery = Discovery(tmp_path, time.time() - 60)
    file = tmp_path / "metrics.json"
    discovery.observed("metrics.json")
    rows: list[Row] = []
    for accuracy in (0.5, 0.75):
        file.write_text(json.dumps({"accuracy": accuracy, "n": len(rows)}, indent=2))
        rows += discovery.poll(time.monotonic() + 5)
    assert [(row.step, row.values["accuracy"]) for row in rows] == [(0.0, 0.5), (1.0, 0.75)]


@pytest.mark.parametrize("text", ['{"a": 1', "[1, 2]", "{}x", '{"a": NAN}', '{"label": 1, "x": 2}', "{" * 9000])
def test_damaged_and_foreign_objects_give_nothing(text: str) -> None:
    assert not numbers(text.encode())


def test_a_final_number_that_is_none_is_given_once(tmp_path: Path) -> None:
    file = tmp_path / "metrics.json"
    tail = ResultsReader().open(file)
    rows: list[Row] = []
    for indent in (None, 1, 2):  # written anew, and saying the same
        file.write_text(json.dumps({"loss": math.nan, "step": math.nan}, indent=indent))
        rows += tail.poll(time.time(), time.monotonic() + 5)
    assert [(row.step, repr(row.values["loss"])) for row in rows] == [(0.0, "nan")]


def test_very_many_numbers_are_data() -> None:
    assert numbers(json.dumps({str(i): i for i in range(5000)}).encode()) is None
