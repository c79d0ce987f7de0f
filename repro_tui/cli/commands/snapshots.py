"""List what is kept: each snapshot with its age, its size, and what removing it would free (own)."""

from __future__ import annotations

import argparse
import time

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.keeping import print_rows, rows_document
from repro_tui.cli.projects import named_project
from repro_tui.cli.retention.hinting import hint

EXAMPLES = """\
examples:
  repro-tui snapshots
  repro-tui snapshots --json | jq '.snapshots[] | {name, own, level}'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `snapshots`."""
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """List the snapshots of the project."""
    project = named_project(call)
    snapshots = open_services(project).snapshots
    rows, usage = snapshots.rows(), snapshots.usage()
    if call.options.json:
        call.output.json(rows_document(project, rows, usage))
    elif rows:
        print_rows(call.output, rows, usage, time.time())
    else:
        call.output.note("Nothing is kept yet. `repro-tui snapshot` keeps the newest run.")
    hint(call.output, project, usage)
    return 0
