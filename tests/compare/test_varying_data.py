"""Inputs of many runs as columns."""

from __future__ import annotations

from repro_tui.catalog.variation import UNSURE, Matrix
from repro_tui.compare.varying_data import data_columns

TEXTS = {"b3:aaaaaaaaaa": "b3:aaaaaaaa, 9 bytes", "b3:bbbbbbbbbb": "b3:bbbbbbbb, 8 bytes"}
A, B = TEXTS


def test_what_a_parameter_leads_to_is_one_column_whatever_its_paths():
    inputs = Matrix({"data/a.csv": [A, A, None, None], "data/b.csv": [None, None, B, A]}, TEXTS)
    (column,) = data_columns(inputs, {"csv": ["data/a.csv", "./data/a.csv", "data/b.csv", "data/b.csv"]}, {})
    assert (column.name, column.values) == ("csv", [A, A, B, A])
    assert column.texts == {A: "data/a.csv b3:aaaaaaaa", B: "data/b.csv b3:bbbbbbbb"}


def test_an_input_that_some_did_not_read_varies_and_one_of_a_single_run_does_not():
    inputs = Matrix({"a.csv": [A, A, None, UNSURE], "b.csv": [None, None, B, None]}, TEXTS)
    first, second = data_columns(inputs, {}, {"a.csv": "train"})
    assert (first.name, first.values) == ("train", [A, A, "not read", None])
    assert second.values == [None, None, B, None]
