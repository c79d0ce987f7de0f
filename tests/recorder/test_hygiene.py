"""The recorder loads in old Pythons, imports next to nothing, and is harmless where it cannot run."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

import repro_tui
from tests.recorder.conftest import INJECT, VERSIONS, Script

RECORDER = Path(repro_tui.__file__).parent / "recorder"
SOURCES = sorted(RECORDER.rglob("*.py"))

ALLOWED = {
    "__future__", "atexit", "_json", "_repro_tui_recorder", "itertools", "_thread",
}  # fmt: skip
"""What an interpreter that begins under the recorder may import beyond what a bare one has."""


@pytest.mark.parametrize("path", [*SOURCES, RECORDER.parent / "__init__.py"], ids=lambda p: p.name)
def test_the_source_is_python_3_9(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 9))


@pytest.mark.parametrize("name", ["2.7.18", "3.6.15", "3.7.16", "3.8.18"])
def test_an_old_interpreter_does_not_notice_us(script: Script, tmp_path: Path, name: str) -> None:
    python = VERSIONS / name / "bin" / "python"
    if not python.exists():
        pytest.skip(f"Python {name} is not installed here")
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import sys\nsys.stdout.write('mine\\n')\n")
    for extra, expected in ({}, "fine\n"), ({"PYTHONPATH": f"{INJECT}:{own}"}, "mine\nfine\n"):
        done = subprocess.run(
            [str(python), "-c", "print('fine')"],
            env=script.environment(PYTHONDONTWRITEBYTECODE="1", **extra),
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == (expected, "")
    assert script.journals() == []


def test_the_start_imports_next_to_nothing(any_python: Script) -> None:
    text = "import sys; print(' '.join(sorted({m.partition('.')[0] for m in sys.modules})))"
    recorded = set(any_python.run("-c", text).stdout.split())
    bare = set(any_python.run("-c", text, REPRO_TUI="off").stdout.split())
    assert recorded - bare <= ALLOWED, recorded - bare


def test_logging_imports_no_framework_and_no_slow_module(any_python: Script) -> None:
    text = "import repro_tui, sys; repro_tui.log(a=1); repro_tui.log_params(b=2); print(' '.join(sys.modules))"
    loaded = set(any_python.run("-c", text).stdout.split())
    assert not loaded & {
        "numpy",
        "torch",
        "json",
        "re",
        "typing",
        "pathlib",
        "logging",
        "threading",
        "hashlib",
        "socket",
    }


def test_the_tools_own_import_of_the_package_is_light(script: Script) -> None:
    text = "import sys; sys.path.insert(0, sys.argv[1]); import repro_tui; print(' '.join(sys.modules))"
    loaded = set(script.run("-I", "-c", text, str(RECORDER.parents[1])).stdout.split())
    assert not loaded & {"textual", "duckdb", "json", "typing", "repro_tui.recorder"}
