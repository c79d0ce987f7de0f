"""Dependencies point down: what import-linter sees in the graph, and what only a process shows."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"textual", "duckdb", "watchfiles", "yaml", "pynvml"}


def imported_by(code: str, *argv: str) -> set[str]:
    """Give the top-level packages that a fresh interpreter has loaded after some code."""
    report = "import sys, json\nprint('\\n' + json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    guarded = f"import sys\nsys.argv[1:] = {list(argv)!r}\ntry:\n    {code}\nexcept SystemExit: pass\n{report}"
    done = subprocess.run(
        [sys.executable, "-c", guarded], capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_contracts_of_import_linter_hold():
    """Run them as the gate does, where import-linter is installed; the gate installs it."""
    program = Path(sys.executable).parent / "lint-imports"
    if not program.exists() and not shutil.which("lint-imports"):
        pytest.skip("import-linter is missing: pip install -e '.[lint]'; .ci/run checks the contracts too")
    done = subprocess.run(
        [str(program), "--no-cache"], capture_output=True, text=True, cwd=ROOT, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_neither_textual_nor_duckdb(option):
    assert not imported_by("from repro_tui.__main__ import main; main()", option) & HEAVY


@pytest.mark.parametrize(
    "command", ["run", "ls", "show", "logs", "questions", "doctor", "demo", "rebuild", "completions"]
)
def test_help_of_a_command_loads_neither_textual_nor_duckdb(command):
    assert not imported_by("from repro_tui.__main__ import main; main()", command, "--help") & {"textual", "duckdb"}


def test_recording_a_run_loads_neither_textual_nor_duckdb(tmp_path):
    argv = ["-C", str(tmp_path), "run", "--", sys.executable, "-c", "print(1)"]
    loaded = imported_by("from repro_tui.__main__ import main; main()", *argv)
    assert (tmp_path / ".repro").is_dir()
    assert not loaded & {"textual", "duckdb"}


def test_asking_about_a_run_loads_neither_textual_nor_duckdb():
    code = "import repro_tui.cli.after_run, repro_tui.cli.question, repro_tui.cli.data_question"
    assert not imported_by(code) & {"textual", "duckdb"}


def test_what_asks_is_imported_only_when_the_command_has_ended():
    """A person waits for the command to start, and needs no question before its end."""
    code = "import repro_tui.cli.commands.run, repro_tui.capture.record; import sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT, check=True
    )
    loaded = done.stdout.split()
    late = ("repro_tui.questions", "repro_tui.snapshots", "repro_tui.datasets", "repro_tui.store")
    assert [name for name in loaded if name.startswith(late) or name.startswith("repro_tui.cli.question")] == []


def test_building_the_workbench_is_possible_before_duckdb_is_loaded():
    assert not imported_by("import repro_tui.bootstrap") & {"duckdb", "textual"}


def test_importing_repro_tui_in_a_script_loads_almost_nothing():
    """`import repro_tui` costs a script no package that a bare interpreter does not have."""
    assert imported_by("import repro_tui") - imported_by("pass") <= {"repro_tui"}


def test_the_recorder_is_written_for_python_3_9():
    """What runs in the user's interpreter parses at the oldest version that is promised."""
    files = [*(ROOT / "repro_tui" / "recorder").rglob("*.py"), ROOT / "repro_tui" / "__init__.py"]
    files += (ROOT / "repro_tui" / "demo" / "project").glob("*.py")
    assert len(files) > 5
    for file in files:
        ast.parse(file.read_text("utf-8"), str(file), feature_version=(3, 9))


def test_the_recorder_imports_only_the_standard_library():
    names = set()
    for file in [*(ROOT / "repro_tui" / "recorder").rglob("*.py"), ROOT / "repro_tui" / "__init__.py"]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add((node.module or "").partition(".")[0])
    # The user's own sitecustomize is run after ours; the recorder is loaded under a name of its own beside a script;
    # `_sha2` is what hashlib rests on from Python 3.12 on.
    own = {"repro_tui", "_repro_tui_recorder", "sitecustomize", "_sha2"}
    foreign = names - set(sys.stdlib_module_names) - own
    assert foreign == set()


def test_tests_leave_no_variable_of_the_terminal_behind():
    """Pictures and outputs must not depend on who runs the tests."""
    assert "NO_COLOR" not in os.environ
