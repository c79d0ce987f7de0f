"""Projects whose runs were really recorded, and what compares them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from repro_tui.bootstrap import open_workbench
from repro_tui.domain.comparison import CodeChange, FilePatch
from repro_tui.ingest.session import Session
from repro_tui.settings import open_project
from tests.snapshots.projects import git, record

TRAIN = """\
import argparse
import helper
from repro_tui import log

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()
rows = open("data/train.csv").read().split()
for step in range(5):
    log(step, loss=helper.loss(step, options.lr) + options.seed / 1000, rows=len(rows))
"""
HELPER = """\
def loss(step, lr):
    return lr / (step + 1)
"""


def make_project(folder: Path, *, with_git: bool = True) -> Path:
    """Make a project with a script, a module, prose and data."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "train.py", TRAIN)
    write(folder, "helper.py", HELPER)
    write(folder, "README.md", "# A project\n")
    write(folder, "data/train.csv", "x,label\n1,a\n2,b\n")
    if with_git:
        write(folder, ".gitignore", ".repro/\n__pycache__/\ndata/\n")
        git(folder, "init", "-q")
        commit(folder, "begin")
    return folder


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def commit(folder: Path, message: str) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD").strip()


def train(folder: Path, name: str, *words: str) -> str:
    """Record a run of the script; gives its uid."""
    return record(folder, "python3", "train.py", *words, name=name).uid


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """Open a project as a command does."""
    session = open_workbench(open_project(folder, {}), read_only=True)
    assert isinstance(session, Session)
    try:
        yield session
    finally:
        session.close()


def code_between(folder: Path, before: str, after: str) -> CodeChange:
    with opened(folder) as session:
        uids = [name if name == "now" else session.find(name) for name in (before, after)]
        return session.comparisons.code(*uids)


def patches(change: CodeChange) -> dict[str, FilePatch]:
    return {patch.path: patch for patch in change.files}
