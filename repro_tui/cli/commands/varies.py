"""Say what varies over many runs, and how each goes with an outcome, the closest first.

Numbers are told by their rank correlation, other things by how far the means of their groups are apart.
What changes together is named, since the effects of such things cannot be told apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from repro_tui.cli.call import Call
from repro_tui.cli.commands import ls
from repro_tui.cli.compare.documents import head, variation_document
from repro_tui.cli.compare.variation import SHOWN, print_variation
from repro_tui.cli.projects import named_project, opened
from repro_tui.domain.filter_text import parse
from repro_tui.domain.view import RunQuery
from repro_tui.recorder.line import to_text

EXAMPLES = """\
examples:
  repro-tui varies --metric acc
  repro-tui varies 'state:done since:7d' --metric loss
  repro-tui varies tag:sweep --metric acc --json | jq '.varied[] | {name, rho, share}'
"""


def prepare(argv: Sequence[str]) -> list[str]:
    """Let `-state:failed` be a filter and no option."""
    return ls.prepare(argv)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `varies`."""
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="which runs, as in the dashboard: 'acc>=0.9 tag:x'")
    parser.add_argument("--metric", metavar="NAME", default="", help="the outcome (default: the project's main one)")
    parser.add_argument("--all", action="store_true", help=f"everything that varies, not only the first {SHOWN}")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Look at the matching runs and print what varies."""
    options = call.options
    where = parse(to_text(" ".join(options.filter)))
    with opened(named_project(call)) as workbench:
        matching = workbench.runs(RunQuery(where))
        if not matching.keys and not options.json:
            call.output.note(
                f"None of {matching.total:,} runs matches." if matching.total else "No run was recorded here yet."
            )
            return 0
        found = workbench.comparisons.varies(where, metric=options.metric)
        if options.json:
            call.output.json(head(workbench) | {"matching": len(matching.keys)} | variation_document(found))
        else:
            print_variation(call.output, found, every=options.all)
    return 0
