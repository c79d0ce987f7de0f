"""Which project a command means, and its Workbench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from repro_tui.cli.call import Call
from repro_tui.errors import NotFoundError
from repro_tui.settings import Project, find_project, open_project

if TYPE_CHECKING:  # `repro-tui run` starts a command while a person waits, and needs nothing of it
    from repro_tui.ports import Workbench

READ_BUDGET_S = 0.5
"""Seconds of reading between two looks at whether everything was read."""


def named_project(call: Call, path: str | None = None) -> Project:
    """Find the project of `-C`, of a path, or of the working folder; raises NotFoundError."""
    named = path or call.options.project
    if named is None:
        return find_project(call.cwd, call.environment)
    folder = (call.cwd / Path(named).expanduser()).resolve()
    if not folder.exists():
        raise NotFoundError(f"{named} does not exist.", "Give the folder of a project, or a folder inside it.")
    return find_project(folder if folder.is_dir() else folder.parent, call.environment)


def project_for_recording(call: Call) -> Project:
    """Find the project that a new run belongs to; where there is none yet, one begins.

    It begins in the folder of `-C`, or at the top of the git repository, so that calls from its sub-folders meet
    in one project; otherwise in the working folder.
    """
    if call.options.project is not None:
        folder = (call.cwd / Path(call.options.project).expanduser()).resolve()
        if not folder.is_dir():
            raise NotFoundError(f"{call.options.project} is no folder.", "Make it first, or leave -C out.")
        return open_project(folder, call.environment)
    try:
        return find_project(call.cwd, call.environment)
    except NotFoundError:
        outer = call.environment.get("REPRO_ROOT", "")
        return open_project(Path(outer) if Path(outer).is_dir() and outer else _top(call.cwd), call.environment)


def _top(folder: Path) -> Path:
    """Give the top of the git repository around a folder, unless that is somebody's whole home; else the folder."""
    home = Path.home()
    for candidate in (folder, *folder.parents):
        if candidate in {home, Path("/")}:
            break
        if (candidate / ".git").exists():
            return candidate
    return folder


@contextmanager
def opened(project: Project, *, live: bool = False) -> Iterator[Workbench]:
    """Open a project's Workbench with everything read that is there now, and give it back at the end.

    Args:
        project: the project.
        live: for a command that goes on looking; others take the published index as it is when nothing is newer.
    """
    from repro_tui.bootstrap import open_workbench

    workbench = open_workbench(project, read_only=not live)
    try:
        if live:
            workbench.advance(READ_BUDGET_S)
            while workbench.health().catching_up:
                workbench.advance(READ_BUDGET_S)
        yield workbench
    finally:
        workbench.close()
