"""What was removed and can be brought back: list it, bring it back, or empty the trash for good.

Only emptying gives bytes back to the disk.
What is not yet due goes with `--now` alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from repro_tui.cli.call import Call
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project, opened
from repro_tui.cli.retention.asking import agreed
from repro_tui.cli.retention.documents import emptying_document, trash_document, undone_document
from repro_tui.cli.retention.printing import count, day, print_emptied, print_trash
from repro_tui.domain.retention import Trashed
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size

EXAMPLES = """\
examples:
  repro-tui trash                     # what is there, and until when
  repro-tui trash undo                # bring back what was removed last
  repro-tui trash undo calm-heron
  repro-tui trash empty               # what is due
  repro-tui trash empty --now         # all of it, at once
"""
_STOPPED = "Stopped: what is gone is gone, the rest is as it was; calling it again goes on."
_LEAST = 4
_TOGETHER_S = 60.0
"""Seconds within which what was removed counts as removed together, where no event tells."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `trash`."""
    parser.add_argument(
        "action", nargs="?", choices=("list", "undo", "empty"), default="list", help="list when not given"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, by name or digest")
    parser.add_argument("--now", action="store_true", help="empty: also what is not yet due")
    parser.add_argument("--yes", action="store_true", help="empty without a question")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """List, bring back or empty."""
    options = call.options
    if options.action != "empty" and (options.now or options.yes):
        raise UsageError("--now and --yes are for `trash empty`.", "See `repro-tui trash --help`.")
    project = named_project(call)
    return {"list": _list, "undo": _undo, "empty": _empty}[options.action](call, project)


def _list(call: Call, project: Project) -> int:
    with opened(project) as workbench:
        stock = workbench.retention.stock()
    trashed = _named(stock.trashed, call.options.names)
    if call.options.json:
        call.output.json(trash_document(project, trashed, stock))
    elif trashed:
        print_trash(call.output, trashed, time.time())
        call.output.note("Emptying frees the bytes: `repro-tui trash empty` what is due, with --now all of it.")
    else:
        call.output.note("The trash is empty.")
    return 0


def _undo(call: Call, project: Project) -> int:
    with opened(project) as workbench:
        retention = workbench.retention
        trashed = retention.trash()
        if not trashed:
            raise NotFoundError("The trash is empty: nothing can be brought back.")
        newest = trashed[0]
        last = [
            one for one in trashed if one.batch == newest.batch and (newest.batch or newest.t - one.t < _TOGETHER_S)
        ]
        chosen = _named(trashed, call.options.names) if call.options.names else last
        with shown(call.output, "bringing back") as progress:
            back = retention.undo(chosen, progress)
    if call.options.json:
        call.output.json(undone_document(project, back))
    else:
        names = ", ".join(one.name for one in back[:5]) + (f" and {len(back) - 5} more" if len(back) > 5 else "")  # noqa: PLR2004 - names in one line
        call.output.text(f"{count(len(back), 'snapshot')} brought back: {names}.")
        if len(back) < len(chosen):
            call.output.note(f"{count(len(chosen) - len(back), 'snapshot')} could not be: `repro-tui trash` says why.")
    return 0


def _empty(call: Call, project: Project) -> int:
    with opened(project) as workbench:
        retention = workbench.retention
        named = _named(retention.trash(), call.options.names) if call.options.names else ()
        plan = retention.plan_emptying(named, early=call.options.now)
        emptied = None
        if plan.trashed:
            question = f"{count(len(plan.trashed), 'snapshot')} will be gone for good; frees {size(plan.packs.frees)}."
            if agreed(call.output, question, yes=call.options.yes, number=len(plan.trashed)):
                with shown(call.output, "emptying the trash", _STOPPED) as progress:
                    emptied = retention.empty(plan, progress)
        elif plan.packs.frees > 0:  # what an earlier emptying has left: nobody misses it
            with shown(call.output, "emptying the trash", _STOPPED) as progress:
                emptied = retention.empty(plan, progress)
    if call.options.json:
        call.output.json(emptying_document(project, plan, emptied))
    elif emptied is not None:
        print_emptied(call.output, emptied)
    elif not plan.trashed and plan.waiting:
        first = min(one.until for one in plan.waiting)
        call.output.note(f"Nothing is due before {day(first)}; --now empties it at once.")
    elif not plan.trashed:
        call.output.note("The trash is empty.")
    return 0


def _named(trashed: Sequence[Trashed], names: Sequence[str]) -> Sequence[Trashed]:
    """Choose by name of the run, or by the beginning of a digest; raises NotFoundError."""
    if not names:
        return trashed
    found = []
    for name in names:
        digits = name.lower().removeprefix("b3:")
        hits = [one for one in trashed if one.name == name]
        hits = hits or [one for one in trashed if one.name.startswith(name)]
        hits = hits or [
            one for one in trashed if len(digits) >= _LEAST and one.digest.removeprefix("b3:").startswith(digits)
        ]
        if not hits:
            raise NotFoundError(f"There is no {name!r} in the trash.", "`repro-tui trash` lists what is.")
        found += [one for one in hits if one not in found]
    return found
