"""Carry the plan out with the real `repro-tui run`, one stage after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from repro_tui.demo.folder import commit, edit_script
from repro_tui.demo.plan import Stage, Trial

LONGEST_S = 180.0
"""A trial that takes longer is ended: nothing of the demonstration runs for ever."""
LOOK_EVERY_S = 0.1

Tell = Callable[[str], None]


def demo_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of the demonstration's runs: they belong to no other run, job or project.

    `python` is the interpreter that repro-tui runs in, so that the commands can be read and typed as they are.
    """
    foreign = ("REPRO_", "SLURM_", "GIT_")
    kept = {key: value for key, value in environment.items() if not key.startswith(foreign)}
    for key in ("RANK", "LOCAL_RANK", "WORLD_SIZE"):
        kept.pop(key, None)
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    return kept


def play(folder: Path, stages: tuple[Stage, ...], environment: Mapping[str, str], tell: Tell) -> None:
    """Run every stage; the trials of one stage train side by side."""
    for stage in stages:
        if stage.before == "edit":
            edit_script(folder)
            tell("train.py was edited, and not committed")
        elif stage.before == "commit":
            commit(folder, environment, "Let the learning rate fall in a straight line")
        started = []
        for trial in stage.trials:
            tell(trial.command)
            started.append((trial, _start(folder, trial, environment)))
        deadline = time.monotonic() + LONGEST_S
        for trial, supervisor in started:
            _finish(folder, trial, supervisor, deadline)
        for words in stage.after:
            _after(folder, words, environment, tell)


def _start(folder: Path, trial: Trial, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start one `repro-tui run`, or one `repro-tui data transform`."""
    python = "python" if shutil.which("python", path=environment.get("PATH")) else sys.executable
    return _call(folder, trial.recorded(python), environment)


def _call(folder: Path, words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Call `repro-tui` in the project, without a terminal: nothing is asked."""
    return subprocess.Popen(
        [sys.executable, "-m", "repro_tui", "-C", str(folder), *words],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _after(folder: Path, words: Sequence[str], environment: Mapping[str, str], tell: Tell) -> None:
    """Call `repro-tui` and wait for it; what does not work, for want of room, takes nothing from the rest."""
    tell(f"repro-tui {' '.join(words)}")
    call = _call(folder, words, environment)
    try:
        if call.wait(LONGEST_S):
            tell("that did not work")
    except subprocess.TimeoutExpired:
        call.kill()
        call.wait()


def _finish(folder: Path, trial: Trial, supervisor: subprocess.Popen[bytes], deadline: float) -> None:
    """Wait for a trial; kill its training where the plan or the deadline says so."""
    metrics = folder / trial.metrics
    while supervisor.poll() is None:
        late = time.monotonic() > deadline
        if late or (trial.kill_after and _lines(metrics) > trial.kill_after):
            _kill_training(supervisor.pid)
        try:
            supervisor.wait(
                LOOK_EVERY_S if trial.kill_after or late else max(LOOK_EVERY_S, deadline - time.monotonic())
            )
        except subprocess.TimeoutExpired:
            continue


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except OSError:
        return 0


def _kill_training(supervisor: int) -> None:
    """Kill the script that a supervisor supervises, not the supervisor, as a machine without memory does it."""
    try:
        for process in psutil.Process(supervisor).children(recursive=True):
            if any(word.endswith(".py") for word in process.cmdline()[1:2]):
                process.kill()
    except psutil.Error:
        return
