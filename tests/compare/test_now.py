"""What would be another input if a run were started again now."""

from __future__ import annotations

from repro_tui.compare.now_files import parameters_now
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import Param, Run
from repro_tui.settings import open_project


def test_variables_are_asked_of_the_surroundings_as_they_are_now(tmp_path):
    (tmp_path / ".repro").mkdir()
    recorded = {
        "lr": Param(0.1, "argparse"),
        "env.LR": Param("0.1", "env"),
        "env.DEPTH": Param(None, "env"),
        "env.GONE": Param("x", "env"),
        "env.API_KEY": Param("[redacted]", "env"),
        "env.WORLD": Param("4", "env:child"),
        "env.MODE": Param("a", "env:child"),
    }
    variables = {"LR": "0.2", "DEPTH": "3", "API_KEY": "another-s3cret-of-mine", "MODE": "b"}
    now = parameters_now(open_project(tmp_path, {}), Run(RunId("a" * 32), params=recorded), (), variables)
    assert {name: param.value for name, param in now.items()} == {
        "lr": 0.1, "env.LR": "0.2", "env.DEPTH": "3", "env.GONE": None, "env.API_KEY": "[redacted]", "env.WORLD": "4",
        "env.MODE": "b",
    }  # fmt: skip
