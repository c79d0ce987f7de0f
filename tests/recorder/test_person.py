"""The recorder and the supervisor call the same person by the same name."""

from __future__ import annotations

import getpass

import pytest

from repro_tui.recorder.person import user_name


@pytest.mark.parametrize("known", [{}, {"USER": "ada"}, {"LOGNAME": "ada", "USER": "bo"}, {"USERNAME": "ada"}])
def test_the_name_is_the_one_that_the_standard_library_gives(
    monkeypatch: pytest.MonkeyPatch, known: dict[str, str]
) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    for variable, name in known.items():
        monkeypatch.setenv(variable, name)
    assert user_name() == getpass.getuser()
