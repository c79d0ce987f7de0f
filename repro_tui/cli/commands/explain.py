"""Say why the results of two runs differ, or that it cannot be told, with the evidence for each statement.

The distance is held against what repeats allow: runs whose inputs are equal but for the seed.
What differs is ranked by what other recorded runs show of it; a change that was tried alone without effect is no cause.
One run alone is compared with the previous one of its lineage.
"""

from __future__ import annotations

import argparse

from repro_tui.cli.call import Call
from repro_tui.cli.compare.documents import explanation_document, head
from repro_tui.cli.compare.explanation import SHOWN, print_explanation
from repro_tui.cli.compare.sides import RUN_HELP, sides
from repro_tui.cli.projects import named_project, opened
from repro_tui.domain.explanation import Explanation
from repro_tui.domain.ids import RunId
from repro_tui.errors import UsageError
from repro_tui.ports import Workbench

EXAMPLES = """\
examples:
  repro-tui explain                     # the newest run against the one before it
  repro-tui explain calm-heron amber-otter
  repro-tui explain best:acc @1 --metric loss
"""
_MOST = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `explain`."""
    parser.add_argument("runs", metavar="RUN", nargs="*", help=f"two of: {RUN_HELP} (default: @1)")
    parser.add_argument("--metric", metavar="NAME", default="", help="the outcome (default: the project's main one)")
    parser.add_argument("--all", action="store_true", help=f"every difference, not only the first {SHOWN}")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Explain two results and print it."""
    options = call.options
    if len(options.runs) > _MOST:
        raise UsageError(
            f"Two results are explained at a time, but {len(options.runs)} runs were named.",
            "See what differs between several: repro-tui diff RUN..., or over many: repro-tui varies",
        )
    with opened(named_project(call)) as workbench:
        before, after = sides(call, workbench, options.runs)
        found = workbench.comparisons.explain(before, after, metric=options.metric)
        names = _names(workbench, found)
        if options.json:
            call.output.json(head(workbench) | explanation_document(found, names))
        else:
            print_explanation(call.output, found, (names[before], names[after]), every=options.all)
    return 0


def _names(workbench: Workbench, found: Explanation) -> dict[RunId, str]:
    """Give the names of all runs that are spoken of; hundreds of repeats are asked for in one question."""
    evidence = [each for statement in found.paragraph for each in statement.evidence]
    evidence += [each for candidate in found.candidates for each in candidate.evidence]
    uids = {found.before, found.after, *(uid for each in evidence for uid in each.runs)}
    if found.allowance is not None:
        uids.add(found.allowance.of)
    named = {str(uid): str(name or "") for uid, name in workbench.sql("SELECT uid, name FROM runs").rows}
    return {uid: named.get(uid) or uid[:8] for uid in uids}
