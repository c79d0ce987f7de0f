"""Run a command as you always do, and record everything that decides its result.

The command's output, exit status and signals pass through unchanged.
Options of repro-tui come before `--`; everything after it is the command.
"""

from __future__ import annotations

import argparse

from repro_tui.cli.call import Call
from repro_tui.cli.projects import project_for_recording
from repro_tui.errors import UsageError

EXAMPLES = """\
examples:
  repro-tui run -- python train.py --lr 0.1
  repro-tui run --tag paper --note "wider layer" -- python train.py --hidden 64
  nohup repro-tui run -- bash sweep.sh &
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `run`."""
    parser.usage = f"{parser.prog} [OPTIONS] -- COMMAND ..."
    parser.add_argument("--name", metavar="NAME", default="", help="a name of your own instead of amber-otter-41")
    parser.add_argument("--tag", metavar="TAG", action="append", default=[], help="a tag; may be given several times")
    parser.add_argument("--note", metavar="TEXT", default="", help="a note: what this run tries")
    parser.add_argument(
        "--lineage", metavar="NAME", default="", help="compare with the runs of this name, instead of the script's"
    )
    parser.add_argument(
        "--data", metavar="PATH", action="append", default=[], help="a file or folder that is data of this run"
    )
    parser.add_argument(
        "--out", metavar="PATH", action="append", default=[], help="a file or folder that results go to"
    )
    parser.add_argument("argv", metavar="COMMAND", nargs=argparse.REMAINDER, help="what to run, with its arguments")


def execute(call: Call) -> int:
    """Record one run; the exit status is the command's own."""
    options = call.options
    argv = options.argv[1:] if options.argv[:1] == ["--"] else options.argv
    if not argv:
        raise UsageError("There is nothing to run.", "Write the command after `--`: repro-tui run -- python train.py")
    if argv[0].startswith("-") and options.argv[:1] != ["--"]:
        hint = "See `repro-tui run --help`; options of your own program come after the program's name."
        raise UsageError(f"There is no option {argv[0]}.", hint)
    from repro_tui.capture.record import Ended, RunOptions, record

    project = project_for_recording(call)

    def then(ended: Ended) -> None:
        """Ask about the run; what that takes is imported only now."""
        try:
            from repro_tui.cli.after_run import after_run
            from repro_tui.cli.data.standing import keep_always

            keep_always(ended, project)
            after_run(ended, project, call.environment)
        except Exception as defect:  # noqa: BLE001 - while it ran for days another version of us may have been installed
            call.output.note(f"repro-tui: nothing more could be kept or asked about: {type(defect).__name__}: {defect}")

    chosen = RunOptions(
        name=options.name,
        tags=tuple(options.tag),
        note=options.note,
        lineage=options.lineage,
        data=tuple(options.data),
        out=tuple(options.out),
    )
    return record(project, argv, chosen, call.environment, then)
