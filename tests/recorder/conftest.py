"""Start interpreters as the supervisor does, and read what they wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

import repro_tui

INJECT = Path(repro_tui.__file__).resolve().parent / "recorder" / "inject"
VERSIONS = Path.home() / ".pyenv" / "versions"
OTHERS = {name: VERSIONS / name / "bin" / "python" for name in ("3.9.18", "3.13.0")}


@dataclass
class Script:
    """A project folder in which scripts are run under the recorder."""

    root: Path
    run_folder: Path
    python: str = sys.executable

    def environment(self, **extra: str) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("REPRO", "PYTHON", "RANK", "SLURM"))}
        recorded = {
            "REPRO_RUN_UID": "ab" * 16,
            "REPRO_RUN_DIR": str(self.run_folder),
            "REPRO_ATTEMPT": "1",
            "REPRO_ROOT": str(self.root),
            "PYTHONPATH": str(INJECT),
        }
        return {**plain, **recorded, **extra}

    def write(self, text: str, name: str = "train.py") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def start(self, *command: str, **extra: str) -> subprocess.Popen[str]:
        environment = self.environment(**extra)
        return subprocess.Popen(
            [self.python, *command],
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *command: str, check: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self.python, *command],
            cwd=self.root,
            env=self.environment(**extra),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def recorded(self, text: str, *args: str, check: bool = True, **extra: str) -> list[dict]:
        self.write(text)
        self.run("train.py", *args, check=check, **extra)
        return self.events()

    def journals(self) -> list[Path]:
        return sorted((self.run_folder / "journal").glob("*.jsonl"))

    def events(self) -> list[dict]:
        return [json.loads(line) for file in self.journals() for line in file.read_bytes().splitlines() if line]

    def points(self) -> list[dict]:
        return [event for event in self.events() if "s" in event]


def of(events: list[dict], kind: str) -> list[dict]:
    """Give the events of a kind."""
    return [event for event in events if event.get("k") == kind]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    root = tmp_path.resolve() / "project"
    run_folder = root / ".repro" / "runs" / "20260101-000000-test-otter-1"
    (run_folder / "journal").mkdir(parents=True)
    return Script(root, run_folder)


@pytest.fixture(params=["own", *OTHERS])
def any_python(request: pytest.FixtureRequest, script: Script) -> Script:
    if request.param != "own":
        if not OTHERS[request.param].exists():
            pytest.skip(f"Python {request.param} is not installed here")
        script.python = str(OTHERS[request.param])
    return script
