"""Runs commands under `repro-tui run` as a user does: through pipes, and on a real pseudo-terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

DEADLINE_S = 30.0


def wait_for(condition: Callable[[], object], what: str = "condition", deadline_s: float = DEADLINE_S):
    """Wait until something holds and give it; fail with its name after a deadline."""
    end = time.monotonic() + deadline_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            pytest.fail(f"timed out waiting for: {what}")
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


@dataclass
class Recorded:
    """One run's folder, read without the code under test."""

    folder: Path

    def lines(self) -> list[dict]:
        found = []
        for path in sorted((self.folder / "journal").glob("*.jsonl")):
            whole, _, _ = path.read_bytes().rpartition(b"\n")  # a line that is being written is no line yet
            found += [json.loads(line) for line in whole.splitlines() if line.strip()]
        return found

    def events(self, kind: str) -> list[dict]:
        return [line for line in self.lines() if line.get("k") == kind]

    def event(self, kind: str) -> dict:
        (found,) = self.events(kind)
        return found

    def points(self) -> list[dict]:
        return [line for line in self.lines() if "m" in line and "k" not in line]

    def output(self, name: str = "output.log") -> bytes:
        return (self.folder / name).read_bytes()

    def supervisor(self) -> int:
        headers = [line for line in self.lines() if line.get("role") == "supervisor"]
        return headers[0]["pid"] if headers else 0


@dataclass
class Bench:
    """A project folder and the ways to run something in it."""

    root: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def argv(self, *command: str, options: tuple[str, ...] = ()) -> list[str]:
        return [sys.executable, "-m", "repro_tui", "run", *options, "--", *command]

    def run(self, *command: str, options: tuple[str, ...] = (), **kwargs) -> subprocess.CompletedProcess[bytes]:
        kwargs.setdefault("stdin", subprocess.DEVNULL if "input" not in kwargs else None)
        if "input" in kwargs:
            del kwargs["stdin"]
        return subprocess.run(
            self.argv(*command, options=options),
            cwd=self.root,
            env=self.environment | kwargs.pop("env", {}),
            capture_output=True,
            timeout=60,
            check=False,
            **kwargs,
        )

    def start(self, *command: str, **kwargs) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self.argv(*command, options=kwargs.pop("options", ())),
            cwd=self.root,
            env=self.environment | kwargs.pop("env", {}),
            stdin=kwargs.pop("stdin", subprocess.DEVNULL),
            stdout=kwargs.pop("stdout", subprocess.PIPE),
            stderr=kwargs.pop("stderr", subprocess.PIPE),
            **kwargs,
        )
        self.started.append(process)
        return process

    def terminal(self, *command: str) -> pexpect.spawn:
        program, *arguments = self.argv(*command)
        return pexpect.spawn(
            program, arguments, cwd=str(self.root), env=self.environment, timeout=DEADLINE_S, dimensions=(24, 80)
        )

    def runs(self) -> list[Recorded]:
        return [Recorded(folder) for folder in sorted((self.root / ".repro" / "runs").glob("[!.]*"))]

    def recorded(self) -> Recorded:
        return wait_for(lambda: [r for r in self.runs() if r.events("start")], "a run that has begun")[0]

    def child(self) -> int:
        return wait_for(lambda: self.recorded().events("child"), "the command's start")[0]["pid"]

    def end(self) -> dict:
        return wait_for(lambda: self.recorded().events("end"), "the end of the run")[0]


@pytest.fixture
def bench(tmp_path):
    """Give a project; whatever is still running in it is ended afterwards."""
    root = tmp_path / "project"
    (root / ".repro").mkdir(parents=True)
    source = str(Path(__file__).parent.parent.parent)
    made = Bench(root, {**os.environ, "PYTHONPATH": source, "TERM": "xterm", "REPRO_DEBUG": "1"})
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
            process.wait(DEADLINE_S)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()
    for recorded in made.runs():
        for event in recorded.events("child"):
            if alive(event["pid"]):
                os.kill(event["pid"], signal.SIGKILL)
