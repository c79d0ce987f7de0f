"""Every benchmark runs, at its smallest size; how fast is for people to judge, on a machine that they know."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import FOLDER, QUICK


def test_every_benchmark_is_in_the_list() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__main__", "make_files", "make_project", "test_they_run"}
    assert files == set(QUICK)


@pytest.mark.parametrize("name", QUICK)
def test_it_prints_figures(name: str, tmp_path: Path) -> None:
    if name == "recording" and importlib.util.find_spec("orjson") is None:
        pytest.skip("orjson, the floor of recording, is missing: pip install orjson")
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", name, "--quick"],
        cwd=FOLDER.parents[1],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert any(character.isdigit() for character in done.stdout)
