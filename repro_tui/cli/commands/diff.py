"""Show what differs between runs: results, parameters, code, data, environment, hardware, flags and command.

The first run named is the baseline.
One run alone is compared with the previous one of its lineage.
`now` stands for the working tree, the environment and the data as they are: what would differ if it ran again.
A run is named by its name, the beginning of its uid, @1 (the newest), best:acc, or baseline.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.cli.call import Call
from repro_tui.cli.compare.documents import code_document, comparison_document, head
from repro_tui.cli.compare.grid import is_unknown, print_comparison, without_unused
from repro_tui.cli.compare.patches import print_commits, print_exact, print_patch
from repro_tui.cli.compare.sides import RUN_HELP, sides
from repro_tui.cli.projects import named_project, opened
from repro_tui.domain.comparison import CodeChange, Comparison, Row
from repro_tui.domain.traits import Part, Section
from repro_tui.ports import Workbench

EXAMPLES = """\
examples:
  repro-tui diff                       # the newest run against the one before it
  repro-tui diff calm-heron amber-otter
  repro-tui diff best:acc @1 --only code --patch
  repro-tui diff now @1 --patch | git apply   # bring the code of a run back
  repro-tui diff amber-otter now       # what would differ if it ran again
  repro-tui diff @2 @1 --exit-code     # for scripts: 1 when the inputs differ
"""
ONLY: Mapping[str, frozenset[Section]] = {
    "code": frozenset({Section.CODE}),
    "env": frozenset({Section.ENVIRONMENT, Section.HARDWARE, Section.DETERMINISM}),
    "data": frozenset({Section.DATA}),
    "params": frozenset({Section.PARAMETERS, Section.COMMAND}),
    "metrics": frozenset({Section.OUTCOME}),
}
"""What `--only` leaves of the sections."""
_PAIR = 2
DIFFER = 1
"""Exit status of `--exit-code` where inputs differ, or are not known to be equal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `diff`."""
    parser.add_argument("runs", metavar="RUN", nargs="*", help=f"{RUN_HELP}; or now (default: @1)")
    parser.add_argument(
        "--only",
        action="append",
        choices=list(ONLY),
        help="only this: env is packages, machine and flags; params is parameters and command line; may be repeated",
    )
    parser.add_argument("--all", action="store_true", help="rows that are equal, too")
    parser.add_argument(
        "--patch", action="store_true", help="the patch of the code, too; in a file or a pipe as `git apply` takes it"
    )
    parser.add_argument(
        "--exit-code", action="store_true", help="end with 1 when inputs differ, or are not known to be equal"
    )
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Compare runs and print what differs."""
    options = call.options
    with opened(named_project(call)) as workbench:
        uids = sides(call, workbench, options.runs)
        comparison = workbench.comparisons.compare(uids)
        wanted = frozenset().union(*(ONLY[name] for name in options.only)) if options.only else frozenset(Section)
        rows = [row for row in comparison.rows if row.section in wanted]
        counting = len(uids) == _PAIR and any(_is_file(row) for row in rows)
        patches = [workbench.comparisons.code(uids[0], uid) for uid in uids[1:]] if options.patch or counting else []
        if counting:
            rows = _counted(rows, patches[0])
        shown = rows if options.all else [row for row in rows if row.differs or is_unknown(row)]
        verdict = inputs_differ(comparison, rows, wanted)
        if options.json:
            document = head(workbench) | comparison_document(comparison, shown, len(rows), differ=verdict)
            if options.patch:
                code = zip(uids[1:], patches, strict=True)
                document["code"] = [code_document(uids[0], uid, change) for uid, change in code]
            call.output.json(document)
        else:
            if not options.all:  # of what is not known at all, the notes say so once
                shown = [row for row in shown if row.differs or row.section not in comparison.unknown]
            left_out: Sequence[str] = ()
            if not (options.all or options.only):
                shown, left_out = without_unused(shown)
            print_comparison(call.output, comparison, shown, rows, partly=bool(wanted & comparison.unknown))
            for line in left_out:
                call.output.line(call.output.style(line, "dim"))
            if options.patch:
                _print_patches(call, workbench, comparison, patches)
            for note in comparison.notes:
                call.output.note(note)
    return DIFFER if options.exit_code and verdict is not False else 0


def inputs_differ(comparison: Comparison, rows: Sequence[Row], wanted: frozenset[Section]) -> bool | None:
    """Say whether something that decides a result differs, seeds included; None when that is not known.

    Results count where nothing else is asked for.
    """
    deciding = [
        row
        for row in rows
        if row.part in {Part.INPUT, Part.SEED} and (row.section is not Section.OUTCOME or wanted == ONLY["metrics"])
    ]
    if any(row.differs for row in deciding):
        return True
    unknown = any(cell.token is None for row in deciding for cell in row.cells)
    return None if unknown or wanted & comparison.unknown else False


def _counted(rows: Sequence[Row], change: CodeChange) -> list[Row]:
    """Say of two runs how many lines of a file differ, which tells a person more than its digest."""
    lines = {file.path: f"+{file.added} -{file.removed}" for file in change.files if file.lines}
    return [replace(row, note=lines[row.name]) if _is_file(row) and row.name in lines else row for row in rows]


def _is_file(row: Row) -> bool:
    return row.section is Section.CODE and row.differs and not row.note


def _print_patches(call: Call, workbench: Workbench, comparison: Comparison, patches: Sequence[CodeChange]) -> None:
    """Print the patch from the baseline to each other run: for a person to read, or for a program to apply."""
    base, *others = comparison.columns
    for column, change in zip(others, patches, strict=True):
        call.output.line()
        print_commits(call.output, (base.name, column.name), change)
        if call.output.terminal:
            print_patch(call.output, change)
        else:
            print_exact(call.output, change, workbench.comparisons.patch(base.uid, column.uid))
