"""Make the demonstration's folder: a copy of `project/`, under git where there is git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

from repro_tui.errors import StorageError, UsageError

GIT_TIMEOUT_S = 20.0
EDIT = (
    "        lr *= settings.decay\n",
    "        lr = settings.lr * (1 - epoch / settings.epochs)\n",
)
"""The line of train.py that is edited on the way, before and after: the learning rate falls in a straight line."""


def make_folder(wanted: Path | None, environment: Mapping[str, str]) -> Path:
    """Copy the project into a new folder and give its path; raises UsageError where something is in the way."""
    try:
        folder = _empty_folder(wanted)
        with as_file(files("repro_tui.demo") / "project") as source:
            shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as error:
        raise StorageError(
            f"The demonstration cannot be written: {error}", "Name a folder that you may write: repro-tui demo DIR"
        ) from error
    begin_history(folder, environment)
    return folder


def _empty_folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="repro-tui-demo-")).resolve() / "digits"
    if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise UsageError(
            f"{wanted} is not empty.",
            f"Name a new folder, or open what is there: repro-tui {wanted}",
        )
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted.resolve()


def begin_history(folder: Path, environment: Mapping[str, str]) -> None:
    """Make a git repository with one commit; the demonstration works without one too."""
    if _git(folder, environment, "init", "--quiet", "--template="):
        for name, value in (("user.name", "repro-tui demo"), ("user.email", "demo@localhost")):
            _git(folder, environment, "config", name, value)
        commit(folder, environment, "Teach a small network to read digits")


def commit(folder: Path, environment: Mapping[str, str], message: str) -> None:
    """Commit everything, where there is a repository."""
    if (folder / ".git").is_dir():
        _git(folder, environment, "add", "--all")
        _git(folder, environment, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "-m", message)


def edit_script(folder: Path) -> None:
    """Change one line of train.py, as a person would between two runs."""
    script = folder / "train.py"
    script.write_text(script.read_text("utf-8").replace(*EDIT), "utf-8")


def _git(folder: Path, environment: Mapping[str, str], *words: str) -> bool:
    """Call git without the user's configuration, hooks or templates; tell whether it worked."""
    clean = {key: value for key, value in environment.items() if not key.startswith("GIT_")}
    clean |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", "-c", "init.defaultBranch=main", *words],
            cwd=folder,
            env=clean,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
