"""Bring back what a damaged store still has, and name what each snapshot has lost.

Nothing is deleted: what is damaged is set aside in `.repro/store/damaged/`.
It may be stopped and called again.
Ends with 5 when something is lost, which comes back when the same content is kept once more.
"""

from __future__ import annotations

import argparse

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.care import print_damages, print_notes, report_document, status, what_was_read
from repro_tui.cli.output import Output
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project
from repro_tui.domain.snapshot import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `repair`."""
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Repair the store of the project."""
    project = named_project(call)
    with shown(
        call.output, "repairing", "Stopped: nothing is lost by that. `repro-tui repair` goes on with the rest."
    ) as show:
        report = open_services(project).snapshots.repair(show)
    if call.options.json:
        call.output.json(report_document(project, report))
    else:
        _print(call.output, report)
    return status(report)


def _print(output: Output, report: Report) -> None:
    """Print what was done and what is lost."""
    print_notes(output, report.done)
    print_damages(output, report.damages)
    read = what_was_read(report)
    if not report.ok:
        output.note(f"{read}. If the files are still there, keep them again: what is missing is then stored anew.")
    elif report.done:
        output.line(f"Nothing is lost: {read}.")
    else:
        output.line(f"There is nothing to repair: {read}.")
