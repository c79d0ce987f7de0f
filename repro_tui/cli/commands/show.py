"""Show everything that is known about one run.

A run is named by its name, the beginning of its uid, @1 (the newest), @2 (the one before), best:acc, or baseline.
"""

from __future__ import annotations

import argparse
import time

from repro_tui.cli.call import Call
from repro_tui.cli.compare.sides import RUN_HELP
from repro_tui.cli.documents import run_document
from repro_tui.cli.naming import find_run
from repro_tui.cli.page import print_run
from repro_tui.cli.projects import named_project, opened
from repro_tui.domain.missing import Unavailable
from repro_tui.errors import DamagedError

EXAMPLES = """\
examples:
  repro-tui show @1
  repro-tui show amber-otter-41
  repro-tui show @1 --json | jq .params
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `show`."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="@1", help=f"{RUN_HELP} (default: @1)")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Print one run."""
    with opened(named_project(call)) as workbench:
        run = workbench.run(find_run(call, workbench, call.options.run))
        if isinstance(run, Unavailable):
            raise DamagedError(f"{call.options.run} cannot be shown: {run.reason}.", "See repro-tui doctor.")
        if call.options.json:
            call.output.json(run_document(workbench, run))
        else:
            print_run(call.output, workbench, run, time.time())
    return 0
