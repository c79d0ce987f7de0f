"""Write a kept run, or a kept version of a dataset, into a new or empty folder.

Each file comes back at its place in the project; everything else lies below `_snapshot/`.
Every byte is compared with its digest.
Ends with 5 when something is damaged: it is named, and the rest is restored.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.care import print_damages, print_notes, report_document, status
from repro_tui.cli.output import clean
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project
from repro_tui.domain.snapshot import PartKind
from repro_tui.tui.render.numbers import size

EXAMPLES = """\
examples:
  repro-tui restore amber-otter /tmp/again           # everything
  repro-tui restore amber-otter /tmp/again --only code
  repro-tui restore train@v2 data/old                # a version of a dataset
"""

ONLY = {"code": PartKind.CODE, "data": PartKind.DATA, "env": PartKind.ENVIRONMENT, "outputs": PartKind.OUTPUTS}
"""What `--only` takes, and which parts it means; `env` means the wheels too."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `restore`."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", help="digest, name of its run, DATASET@vN, or @1")
    parser.add_argument("folder", metavar="DIR", help="a new or an empty folder")
    parser.add_argument(
        "--only", action="append", choices=sorted(ONLY), default=[], help="only this; may be given several times"
    )
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Restore."""
    project = named_project(call)
    snapshots = open_services(project).snapshots
    digest = snapshots.find(call.options.snapshot)
    version = snapshots.version(call.options.snapshot)
    folder = call.cwd / Path(call.options.folder).expanduser()
    only = [ONLY[word] for word in call.options.only]
    with shown(call.output, "restoring", "Stopped: what was written was taken away again.") as progress:
        report = snapshots.restore(digest, folder, only=only, version=version, progress=progress)
    if call.options.json:
        call.output.json(report_document(project, report) | {"snapshot": digest, "folder": str(folder)})
        return status(report)
    print_damages(call.output, report.damages)
    print_notes(call.output, report.done)
    files = "1 file" if report.files == 1 else f"{report.files:,} files"
    proved = "each compared with its digest" if report.ok else "the rest is damaged and not there"
    call.output.line(f"{files}, {size(report.read)}, restored to {clean(str(folder))}: {proved}.")
    return status(report)
