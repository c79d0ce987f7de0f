"""`repro-tui [PATH]`: the dashboard on a project."""

from __future__ import annotations

from repro_tui.cli.call import Call
from repro_tui.cli.output import wants_ascii
from repro_tui.cli.projects import named_project, project_for_recording
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.settings import Project


def execute(call: Call) -> int:
    """Open the dashboard and give its exit status."""
    if not call.output.terminal:
        raise UsageError(
            "The dashboard needs a terminal, and standard output is none.",
            "For text use `repro-tui ls`, for programs `repro-tui ls --json`; over SSH call `ssh -t HOST repro-tui`.",
        )
    if call.environment.get("TERM", "") in {"", "dumb"}:
        raise UsageError(
            f"The terminal says that it can do nothing (TERM={call.environment.get('TERM', '')!r}).",
            "Set TERM to what it is, for example `TERM=xterm-256color repro-tui`, or use `repro-tui ls`.",
        )
    return show(call, _project(call))


def show(call: Call, project: Project) -> int:
    """Show a project until the person leaves."""
    from repro_tui.bootstrap import open_workbench
    from repro_tui.tui.app import run_dashboard
    from repro_tui.tui.options import TuiOptions

    options = call.options
    remote = any(call.environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    chosen = TuiOptions(
        ascii=getattr(options, "ascii", False) or wants_ascii(call.environment),
        mouse=getattr(options, "mouse", None),
        color="none" if call.environment.get("NO_COLOR") else "auto",
        keymap=project.settings.map("keys"),
        theme=getattr(options, "theme", None) or project.settings.text("theme"),
        remote=remote,
    )
    workbench = open_workbench(project)
    try:
        return run_dashboard(workbench, chosen)
    finally:
        workbench.close()


def _project(call: Call) -> Project:
    """Find the project to show; where nothing was recorded yet, the one that a first run here would begin."""
    path = getattr(call.options, "path", None)
    try:
        return named_project(call, path)
    except NotFoundError:
        if path is not None or call.options.project is not None:
            raise
        return project_for_recording(call)
