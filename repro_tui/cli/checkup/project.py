"""How the project stands: where it lies, whether it can be written, how news arrives, what could not be read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from repro_tui.cli.checkup.finding import Finding
from repro_tui.cli.checkup.machine import first_line
from repro_tui.domain.view import Health, RunQuery
from repro_tui.errors import ReproError
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size

LITTLE_ROOM = 1_000_000_000
WRITTEN = ("runs", "facts", "project", "cache")
"""Folders below `.repro` that recording and the dashboard write."""


def check_project(project: Project) -> Iterable[Finding]:
    """Look at a project's folders, file system, git and journals."""
    yield Finding("project", "folder", str(project.root))
    yield Finding("project", "records", str(project.home) + ("" if project.home.is_dir() else " (not there yet)"))
    yield _file_system(project.home)
    yield _room(project.home)
    yield from _unwritable(project)
    yield _repository(project.root)
    yield from _session(project)


def existing(path: Path) -> Path:
    """Give the path itself or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _file_system(home: Path) -> Finding:
    """Name the file system that the records lie on."""
    import psutil

    real = existing(home).resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if real.is_relative_to(part.mountpoint)]
    if not mounts:
        return Finding("project", "file system", "unknown")
    mount = max(mounts, key=lambda part: len(Path(part.mountpoint).parts))
    return Finding("project", "file system", f"{mount.fstype} at {mount.mountpoint}")


def _room(home: Path) -> Finding:
    """Say how much space is left."""
    usage = shutil.disk_usage(existing(home))
    found = f"{size(usage.free)} free of {size(usage.total)}"
    if usage.free < LITTLE_ROOM:
        advice = "Free some space, or put `home: /scratch/…` into repro.yaml; a full disk ends recording, not training."
        return Finding("project", "disk", found, "problem", advice)
    return Finding("project", "disk", found)


def _unwritable(project: Project) -> Iterable[Finding]:
    """Name the folders that this user cannot write."""
    folders = [project.home / name for name in WRITTEN] if project.home.is_dir() else []
    for folder in (existing(project.home), *folders):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            advice = (
                "Reading works; to record, ask its owner for `shared: group`, or set REPRO_HOME to a folder of yours."
            )
            yield Finding("project", "permissions", f"{folder} cannot be written", "problem", advice)


def _repository(root: Path) -> Finding:
    """Say which commit the project is at, as a new run would record it."""
    git = ["git", "-c", "core.fsmonitor=false", "-C", str(root)]
    if first_line([*git, "rev-parse", "--is-inside-work-tree"]) != "true":
        if any((folder / ".git").exists() for folder in (root, *root.parents)):
            advice = f"See `git -C {root} status`; if it belongs to somebody else, git asks for safe.directory."
            return Finding("project", "git", "a repository that git refuses to read", "note", advice)
        return Finding(
            "project", "git", "no repository", "note", "`git init` lets runs name their commit and its changes."
        )
    commit = first_line([*git, "rev-parse", "--short", "HEAD"])
    return Finding("project", "git", f"at {commit}" if commit else "a repository without a commit")


def _session(project: Project) -> Iterable[Finding]:
    """Read the project as a dashboard does, and tell what came of it."""
    from repro_tui.cli.projects import opened

    if not project.home.is_dir():
        advice = "Record a first run: repro-tui run -- python train.py"
        yield Finding("project", "runs", "none yet", "note", advice)
        return
    try:
        with opened(project, live=True) as workbench:
            # How news arrives is known only after it was waited for.
            workbench.wait(0.0)
            found = workbench.runs(RunQuery())
            health = workbench.health()
            yield Finding("project", "runs", f"{found.total:,}, {found.live:,} of them running")
    except ReproError as error:
        yield Finding("project", "index", error.message, "problem", error.hint or "Try repro-tui rebuild.")
        return
    yield _watching(health)
    yield _lines(health)


def _watching(health: Health) -> Finding:
    """Say how news arrives."""
    if health.watch == "inotify":
        return Finding("project", "watching", "inotify: news arrives at once")
    advice = "News arrives within some seconds. A local disk (`home:` in repro.yaml) would be told at once."
    found = f"{health.watch}: {health.why}" if health.why else health.watch
    return Finding("project", "watching", found, "note" if health.watch == "polling" else "ok", advice)


def _lines(health: Health) -> Finding:
    """Say how many journal lines could not be read."""
    if not health.skipped_lines:
        return Finding("project", "journals", "every line can be read")
    found = f"{health.skipped_lines:,} damaged lines were skipped"
    advice = "The rest is used. A crash or a full disk leaves such lines; copies made while a run went on may be whole."
    return Finding("project", "journals", found, "note", advice)
