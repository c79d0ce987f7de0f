"""Projects with a run in them that was really recorded, for the tests of snapshots."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from repro_tui.bootstrap import open_services
from repro_tui.domain.run import Run
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.settings import open_project
from repro_tui.snapshots.service import SnapshotService
from repro_tui.store.pack import ROW

DEADLINE_S = 30.0
CLEAN = {
    key: value for key, value in os.environ.items() if not key.startswith(("REPRO_", "GIT_", "SLURM_", "PYTHONPATH"))
} | {"GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *words: str) -> str:
    """Call git as a person would, with a configuration of its own."""
    options = (
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "protocol.file.allow=always",
        "-c",
        "core.hooksPath=/dev/null",
    )
    done = subprocess.run(["git", *options, *words], cwd=folder, env=CLEAN, check=True, capture_output=True, text=True)
    return done.stdout


def record(
    folder: Path,
    *command: str,
    name: str = "otter",
    environment: dict[str, str] | None = None,
    options: Sequence[str] = (),
    unread: bool = False,
) -> Run:
    """Record a command, and wait until everything about it was written; of what it read too, unless `unread`."""
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "repro_tui", "-C", str(folder), "run", "--name", name, *options, "--", *command],
        cwd=folder,
        env=CLEAN | {"PYTHONPATH": root} | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    finder = RunFinder(Layout.of(open_project(folder, {})))
    deadline = time.monotonic() + DEADLINE_S
    while True:
        run = finder.load(finder.find(name))
        assert isinstance(run, Run)
        if (
            run.ended is not None
            and {"code", "environment"} <= run.documents.keys()
            and (unread or not _is_pending(run))
        ):
            return run
        assert time.monotonic() < deadline, sorted(run.documents)
        time.sleep(0.05)


def _is_pending(run: Run) -> bool:
    return any(fact.digest is None and fact.role in {"in", "out"} for fact in run.files)


def service(folder: Path) -> SnapshotService:
    """Open the snapshots of a project."""
    found = open_services(open_project(folder, {})).snapshots
    assert isinstance(found, SnapshotService)
    return found


def tree(
    folder: Path, *, without: tuple[str, ...] = (".git", ".repro", "_snapshot", "__pycache__")
) -> dict[str, bytes]:
    """Give the files of a folder with their content; of a link its text."""
    found = {}
    for path in sorted(folder.rglob("*")):
        way = path.relative_to(folder)
        if set(way.parts) & set(without):
            continue
        if path.is_symlink():
            found[way.as_posix()] = b"-> " + os.fsencode(path.readlink())
        elif path.is_file():
            found[way.as_posix()] = path.read_bytes()
    return found


def kept_bytes(folder: Path) -> bytes:
    """Give every byte that the store of a project holds, unpacked, and its documents."""
    store = service(folder)._store
    index = store.refresh()
    blobs = {row[:32] for table in index.tables for row in _rows(table.rows)}
    found = [store.read(blob) for blob in sorted(blobs)]
    found += [path.read_bytes() for path in sorted((store.places.folder / "snapshots").iterdir())]
    return b"\n".join(found)


def _rows(rows: bytes) -> list[bytes]:
    size = ROW.size
    raw = bytes(rows)
    return [raw[at : at + size] for at in range(0, len(raw), size)]
