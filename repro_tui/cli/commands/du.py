"""Where the bytes of the store go: by dataset, by run and by kind of part, what each has for itself and what it shares.

`own` is what would be freed if it were removed; `shared` is needed by others too; `restored` is its size when restored.
"""

from __future__ import annotations

import argparse

from repro_tui.cli.call import Call
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project, opened
from repro_tui.cli.retention.documents import usage_document
from repro_tui.cli.retention.printing import print_usage

EXAMPLES = """\
examples:
  repro-tui du
  repro-tui du --json | jq '.rows[] | select(.kind == "dataset")'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `du`."""
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Say where the bytes go."""
    project = named_project(call)
    with opened(project) as workbench, shown(call.output, "looking") as progress:
        stock = workbench.retention.stock(progress)
        rows = workbench.retention.usage(progress)
    if call.options.json:
        call.output.json(usage_document(project, rows, stock))
    elif rows:
        print_usage(call.output, rows, stock)
    else:
        call.output.note("Nothing is kept yet. `repro-tui snapshot` keeps the newest run.")
    return 0
