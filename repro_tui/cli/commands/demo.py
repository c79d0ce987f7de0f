"""Make a small real project, train a few models in it, and watch them.

The project is plain Python that reads handwritten digits; its scripts know nothing of repro-tui.
It trains with several learning rates and seeds, keeps one run as a snapshot, changes its data and its code,
fails once and is killed once.
In the dashboard `!` shows the questions that wait, `4` what is kept, `5` the data.
"""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path

from repro_tui.cli import dashboard
from repro_tui.cli.call import Call
from repro_tui.cli.columns import default_columns
from repro_tui.cli.listing import print_rows
from repro_tui.cli.projects import opened
from repro_tui.demo.background import play_behind
from repro_tui.demo.folder import make_folder
from repro_tui.demo.plan import plan
from repro_tui.demo.play import demo_environment, play
from repro_tui.domain.view import RunQuery
from repro_tui.settings import Project, open_project

EXAMPLES = """\
examples:
  repro-tui demo               # in a temporary folder
  repro-tui demo ~/digits      # in a folder that you keep
  repro-tui demo --once        # without a terminal: train, print a summary, end
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `demo`."""
    parser.add_argument("folder", metavar="DIR", nargs="?", help="a new or empty folder (default: a temporary one)")
    parser.add_argument("--once", action="store_true", help="no dashboard: wait for the runs and print a summary")


def execute(call: Call) -> int:
    """Make the project, run the plan, and show it."""
    wanted = call.options.folder
    environment = demo_environment(call.environment)
    folder = make_folder(call.cwd / Path(wanted).expanduser() if wanted else None, environment)
    project = open_project(folder, environment)
    try:
        if not call.options.once and call.output.terminal:
            play_behind(folder, environment)
            return dashboard.show(call, project)
        call.output.note(f"repro-tui: training in {folder}, for half a minute")
        play(folder, plan(short=True), environment, lambda text: call.output.note(f"  {text}"))
        _summary(call, project)
        return 0
    finally:  # also when it was interrupted: what has run until then can be looked at
        call.output.note(f"The demonstration lies in {folder}. Open it again: repro-tui {shlex.quote(str(folder))}")


def _summary(call: Call, project: Project) -> None:
    """Print the list of runs."""
    with opened(project) as workbench:
        found = workbench.runs(RunQuery())
        columns = default_columns(found.columns)
        rows = workbench.rows(found.keys, [shown.key for shown in columns])
        print_rows(call.output, rows, columns, time.time())
