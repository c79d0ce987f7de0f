"""Read the kept bytes and compare them with what they should be.

By default every byte is read, and said in advance how long that takes; nothing is changed.
Ends with 5 when something is damaged, and names the snapshots that lose something by it.
"""

from __future__ import annotations

import argparse

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.care import print_damages, print_notes, report_document, status, what_was_read
from repro_tui.cli.output import Output
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Report

EXAMPLES = """\
examples:
  repro-tui check              # after a disk trouble, or now and then
  repro-tui check --quick      # is everything there?
  repro-tui check --json | jq .damages
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `check`."""
    parser.add_argument("--quick", action="store_true", help="only what says how the rest hangs together, not the rest")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Check the store of the project."""
    project = named_project(call)
    quick = bool(call.options.quick)
    with shown(call.output, "checking", "Stopped: it was not read to the end.") as show:
        report = open_services(project).snapshots.check(quick=quick, progress=_announced(call.output, show))
    if call.options.json:
        call.output.json(report_document(project, report) | {"quick": quick})
    else:
        _print(call.output, report, quick=quick)
    return status(report)


def _announced(output: Output, show: Progress | None) -> Progress:
    """Say before the reading begins how long it will take."""
    said = False

    def tell(done: int, total: int, what: str) -> None:
        nonlocal said
        if not said and total:
            said = True
            output.note(f"{what[:1].upper()}{what[1:]}.")
        if show is not None:
            show(done, total, what)

    return tell


def _print(output: Output, report: Report, *, quick: bool) -> None:
    """Print what was found."""
    print_damages(output, report.damages)
    print_notes(output, report.done)
    read = what_was_read(report)
    if not report.ok:
        output.note(f"{read}. `repro-tui repair` keeps what is still good, and names what is lost.")
    elif quick:
        output.line(f"Everything is there: {read}. What is in the packs was not compared.")
    else:
        output.line(f"Everything is as it should be: {read}.")
