"""What the recorder takes for a secret: all that the supervisor does, from one list."""

from __future__ import annotations

import pytest

from repro_tui.recorder.redaction import REDACTED, cut, inside_json, is_secret
from repro_tui.recorder.values import may_be_secret
from tests.capture.plants import NAMED, VALUES


@pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))
def test_a_secret_by_its_form_is_found_and_cut_out(value: str) -> None:
    assert may_be_secret("x", value)
    assert is_secret("x", value)
    assert value not in cut(f"cannot log in with {value} today")
    assert inside_json(f'[1, "{value}"]') == f'[1,"{REDACTED}"]'


@pytest.mark.parametrize("name", NAMED)
def test_a_secret_by_its_name_is_found_even_when_it_is_short(name: str) -> None:
    assert may_be_secret(name, "s3cr")
    assert is_secret(name, NAMED[name])


@pytest.mark.parametrize(("name", "value"), [("lr", 0.1), ("opt", "adam"), ("hidden", None), ("amp", True), ("x", "")])
def test_what_can_be_no_secret_is_told_without_a_look(name: str, value: object) -> None:
    assert not may_be_secret(name, value)
