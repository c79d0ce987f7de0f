"""What is printed fits the place it is printed to."""

from __future__ import annotations

import io
import json
import math

import pytest

from repro_tui.cli.output import Output, jsonable, process_output, wants_ascii
from repro_tui.errors import ReproError


def written(**options):
    stdout, stderr = io.StringIO(), io.StringIO()
    return Output(stdout, stderr, **{"terminal": False, "color": False, "width": 80, **options}), stdout, stderr


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({}, False),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.utf8"}, False),
        ({"LANG": "C.UTF-8", "LC_ALL": ""}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "ja_JP.EUC-JP"}, True),
        ({"LC_CTYPE": "en_US.ISO-8859-1", "LANG": "en_US.UTF-8"}, True),
    ],
)
def test_ascii_is_for_locales_that_name_another_character_set(environment, ascii_only):
    assert wants_ascii(environment) is ascii_only


def test_numbers_that_json_lacks_become_texts():
    value = {"a": math.nan, "b": [math.inf, -math.inf, 1.5], "c": frozenset({"y", "x"}), "d": ("t",)}
    assert jsonable(value) == {"a": "NaN", "b": ["Infinity", "-Infinity", 1.5], "c": ["x", "y"], "d": ["t"]}


def test_json_is_ascii_and_strict_for_any_text():
    output, stdout, _ = written()
    output.json({"name": "\x1b[31m\x9b2J naïve \udcff \u202e", "value": math.nan})
    text = stdout.getvalue()
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text, parse_constant=pytest.fail)["name"].endswith("\u202e")


def test_json_is_one_line_for_programs_and_indented_for_people():
    for terminal, lines in ((False, 1), (True, 4)):
        output, stdout, _ = written(terminal=terminal)
        output.json({"a": 1, "b": 2})
        assert len(stdout.getvalue().splitlines()) == lines


def test_an_error_is_cleaned_and_its_hint_is_indented():
    output, stdout, stderr = written()
    output.error(ReproError("Bad \x1b[31mname\nwith two lines.", "Do this.\nOr that."))
    assert stdout.getvalue() == ""
    lines = stderr.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[1:] == ["  Do this.", "  Or that."]
    assert "\x1b" not in stderr.getvalue()


def test_colours_are_only_for_terminals_that_have_them():
    assert written(color=True)[0].style("x", "red") == "\x1b[31mx\x1b[0m"
    assert written(color=False)[0].style("x", "red") == "x"
    assert not process_output({"TERM": "xterm"}).color, "under pytest standard output is no terminal"
