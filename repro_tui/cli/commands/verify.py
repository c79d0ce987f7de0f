"""Read everything that a snapshot needs and compare it, as restoring would, without writing it.

What is found is noted with the run: a damaged snapshot lowers its level.
Ends with 5 when something is damaged.
"""

from __future__ import annotations

import argparse

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.care import print_damages, report_document, status, what_was_read
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project

EXAMPLES = """\
examples:
  repro-tui verify             # the newest snapshot
  repro-tui verify amber-otter
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `verify`."""
    parser.add_argument(
        "snapshot",
        nargs="?",
        default="@1",
        metavar="SNAPSHOT",
        help="digest, name of its run, DATASET@vN, or @1 for the newest (default)",
    )
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Verify a snapshot."""
    project = named_project(call)
    snapshots = open_services(project).snapshots
    digest = snapshots.find(call.options.snapshot)
    with shown(call.output, "verifying", "Stopped: nothing was noted.") as progress:
        report = snapshots.verify(digest, progress)
    if call.options.json:
        call.output.json(report_document(project, report) | {"snapshot": digest})
        return status(report)
    print_damages(call.output, report.damages)
    for sentence in report.done:
        call.output.note(sentence)
    if report.ok:
        call.output.line(f"Everything is as it should be: {what_was_read(report)}.")
    else:
        call.output.note("`repro-tui repair` keeps what is still good; `repro-tui snapshot` keeps the run anew.")
    return status(report)
