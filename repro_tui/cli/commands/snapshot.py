"""Keep a run so that it can be had again: code, environment, data and outputs.

Content is compared with what was recorded of the run first.
What has changed since is named and left out, and the snapshot is marked partial.
`link` keeps only the digest of the data and where it lies.
"""

from __future__ import annotations

import argparse

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.documents import FORMAT
from repro_tui.cli.keeping import print_snapshot, snapshot_document
from repro_tui.cli.output import Output, clean
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project
from repro_tui.cli.retention.hinting import hint
from repro_tui.domain.ids import short
from repro_tui.domain.level import Level, level_of
from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import DataChoice, Taken
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size

EXAMPLES = """\
examples:
  repro-tui snapshot                         # the newest run
  repro-tui snapshot amber-otter --data link # its data stays where it is
  repro-tui snapshot @2 --with-wheels        # the packages too, over the network
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `snapshot`."""
    parser.add_argument("run", nargs="?", default="@1", metavar="RUN", help="name, uid, or @1 for the newest (default)")
    parser.add_argument(
        "--data",
        choices=[str(choice) for choice in DataChoice],
        default=str(DataChoice.ASK),
        help="keep its data (yes), not (no), only digest and place (link), or as repro.yaml says (ask, the default)",
    )
    parser.add_argument(
        "--with-wheels",
        action="store_true",
        help="keep the wheels of all packages too; what is not in a cache is fetched over the network",
    )
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Take the snapshot."""
    project = named_project(call)
    finder = RunFinder(Layout.of(project))
    uid = finder.find(call.options.run)
    snapshots = open_services(project).snapshots
    with shown(call.output, "keeping", "Stopped: nothing of it was kept.") as progress:
        taken = snapshots.take(
            uid, data=DataChoice(call.options.data), wheels=bool(call.options.with_wheels), progress=progress
        )
    run = finder.load(uid)
    level = level_of(run) if isinstance(run, Run) else Level(0, run.reason)
    if call.options.json:
        call.output.json(_document(project, taken, level))
    else:
        _print(call.output, taken, level)
    hint(call.output, project, snapshots.usage())
    return 0


def _document(project: Project, taken: Taken, level: Level) -> dict[str, object]:
    return {
        "repro_tui": FORMAT,
        "project": project.name,
        "root": str(project.root),
        "snapshot": snapshot_document(taken.snapshot),
        "added": taken.added,
        "seconds": taken.seconds,
        "level": level.text,
        "level_why": level.why,
    }


def _print(output: Output, taken: Taken, level: Level) -> None:
    snapshot = taken.snapshot
    output.line(f"{output.style(clean(snapshot.name), 'bold')}  {short(snapshot.digest)}")
    print_snapshot(output, snapshot)
    was = f"{size(taken.added)} new" if taken.added else "nothing new: it was kept already"
    output.text(f"  {was}, {taken.seconds:.1f} s; level {level.text}" + (f": {level.why}" if level.why else ""))
