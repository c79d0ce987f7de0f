"""List runs: the same filter language, columns and digits as the dashboard."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence

from repro_tui.cli.call import Call
from repro_tui.cli.columns import Shown, chosen_columns, column_named, default_columns, grouped_columns
from repro_tui.cli.documents import list_document
from repro_tui.cli.listing import print_rows
from repro_tui.cli.projects import named_project, opened
from repro_tui.domain.columns import Column, better_is_lower, split_key
from repro_tui.domain.filter_text import parse
from repro_tui.domain.grouping import DATA, FIELDS, REPEATS, split_group
from repro_tui.domain.view import AGE, RunList, RunQuery, Sort
from repro_tui.errors import UsageError
from repro_tui.ports import Workbench
from repro_tui.recorder.line import to_text

EXAMPLES = """\
examples:
  repro-tui ls
  repro-tui ls 'lr>0.01 state:done' --sort acc
  repro-tui ls 'tag:paper -state:failed' --columns run,acc,lr,commit
  repro-tui ls --group seed --sort acc
  repro-tui ls since:2d --json | jq '.runs[].name'
"""
_NEGATED = re.compile(r"-[\w./]+[:<>=!]")
LIMIT = 20
"""Lines on a terminal when nothing else was asked for: they leave room for the prompt on 24."""


def prepare(argv: Sequence[str]) -> list[str]:
    """Let `-state:failed` be a filter and no option: argparse takes a word with a space in it as no option."""
    return [f" {word}" if _NEGATED.match(word) else word for word in argv]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `ls`."""
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="which runs, as in the dashboard: 'acc>=0.9 tag:x'")
    parser.add_argument("--sort", metavar="COLUMN", help="a metric: best first; any other: smallest first")
    parser.add_argument("--reverse", action="store_true", help="the other way round")
    parser.add_argument(
        "--group",
        metavar="BY",
        nargs="?",
        const="seed",
        help="one line for runs that are alike: seed (equal but for it; the default), a parameter, tags, commit, data, "
        "a dataset",
    )
    parser.add_argument("--columns", metavar="NAMES", help="names between commas: run,acc,lr,commit")
    parser.add_argument("--limit", metavar="N", type=int, help=f"at most N runs (default: {LIMIT} on a terminal)")
    parser.add_argument("--all", action="store_true", help="every run that matches")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Print the runs that match."""
    options = call.options
    if options.limit is not None and options.limit < 0:
        raise UsageError(f"--limit must not be negative, but is {options.limit}.", "--all lists every run.")
    where = parse(to_text(" ".join(options.filter)))
    with opened(named_project(call)) as workbench:
        known = workbench.runs(RunQuery(where)).columns
        order = _sort(options.sort, known, reverse=options.reverse)
        found = workbench.runs(RunQuery(where, order, _group(options.group, known, workbench)))
        usual = grouped_columns if options.group else default_columns
        columns = chosen_columns(options.columns, known) if options.columns else usual(known)
        keys = found.keys[: _limit(call, len(found.keys))]
        if options.json:
            asked = [column.key for column in known]
            call.output.json(list_document(workbench, found, workbench.rows(keys, asked, found.folded)))
        else:
            _print(call, workbench, found, keys, columns)
    return 0


def _limit(call: Call, total: int) -> int:
    """Give the number of runs to print."""
    options = call.options
    if options.all:
        return total
    if options.limit is not None:
        return int(options.limit)
    return LIMIT if call.output.terminal and not options.json else total


def _sort(name: str | None, known: Sequence[Column], *, reverse: bool) -> Sort:
    """Read `--sort`; a metric begins with its best value, anything else with its smallest, the age with the newest."""
    if not name:
        return Sort(AGE, reverse)
    key = column_named(name, known).key
    kind, plain = split_key(key)
    best_is_greatest = kind == "metric" and not better_is_lower(plain)
    return Sort(key, best_is_greatest != reverse)


def _group(name: str | None, known: Sequence[Column], workbench: Workbench) -> str:
    """Read `--group`; raises UsageError for what names nothing."""
    if not name:
        return ""
    if name in {REPEATS, DATA}:
        return name
    if name == "tag":
        return "field:tags"
    params = [column for column in known if column.kind == "param"]
    wanted = name.removeprefix("param:").removeprefix("param.")
    if name == "seed":  # what people call runs that are equal but for it, whatever their scripts call the parameter
        return REPEATS
    if name in FIELDS:
        return f"field:{name}"
    if any(column.name == wanted for column in params):
        return f"param:{wanted}"
    specs = {spec.name: spec.path for spec in workbench.datasets.specs()}
    path = name.removeprefix(f"{DATA}:")
    if path in specs or path in specs.values():
        return f"{DATA}:{specs.get(path, path)}"
    raise UsageError(
        f"Runs cannot be grouped by {name!r}: it is no parameter and no dataset.",
        f"Write seed, data, {', '.join(FIELDS)}, the name of a parameter ({_few(params)}) or of a dataset.",
    )


def _few(params: Sequence[Column]) -> str:
    """Name the parameters that a person is likely to mean."""
    names = [column.name for column in params if column.distinct > 1][:6]
    return ", ".join(names) or "none varies"


def _nothing_folded(group: str) -> str:
    """Say why each run is a line of its own."""
    if group == REPEATS:
        return "No two of them are known to be equal but for the seed: something else differs, or not all is known."
    kind, name = split_group(group)
    none = ", or they have none" if kind == "field" else ""
    return f"No two of them have the same {name or kind}{none}."


def _print(call: Call, workbench: Workbench, found: RunList, keys: Sequence[int], columns: tuple[Shown, ...]) -> None:
    """Print the table, and beside it what it does not show."""
    if not found.total:
        call.output.note("No run was recorded here yet. Record one: repro-tui run -- python train.py")
        return
    if not found.keys:
        call.output.note(f"None of {found.total} runs matches.")
        return
    rows = workbench.rows(keys, [shown.key for shown in columns], found.folded)
    print_rows(call.output, rows, columns, time.time())
    if found.folded.group and not found.folded.members and len(found.keys) > 1:
        call.output.note(_nothing_folded(found.folded.group))
    if len(keys) < len(found.keys):
        what = "lines" if found.folded.group else "runs"
        call.output.note(f"{len(keys)} of {len(found.keys)} {what}; --all lists every one.")
    health = workbench.health()
    if health.skipped_lines:
        call.output.note(f"{health.skipped_lines} damaged journal lines were skipped; see repro-tui doctor.")
