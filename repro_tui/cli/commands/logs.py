"""Print what a run printed, or is printing now.

A progress bar that was drawn over and over is one line: its last.
"""

from __future__ import annotations

import argparse

from repro_tui.cli.call import Call
from repro_tui.cli.compare.sides import RUN_HELP
from repro_tui.cli.naming import find_run
from repro_tui.cli.projects import named_project, opened
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import State
from repro_tui.errors import StorageError, UsageError
from repro_tui.ports import LogSource, Workbench

EXAMPLES = """\
examples:
  repro-tui logs
  repro-tui logs amber-otter-41 --tail 50
  repro-tui logs @1 --follow
"""
CHUNK = 1000
"""Lines read at a time."""
PAUSE_S = 1.0
"""Longest time between two looks at a run that goes on; news comes earlier where the kernel tells."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `logs`."""
    parser.add_argument("run", metavar="RUN", nargs="?", default="@1", help=f"{RUN_HELP} (default: @1)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    parser.add_argument("--stream", metavar="NAME", default="", help="stdout or stderr, where they were kept apart")
    parser.add_argument("-n", "--tail", metavar="N", type=int, help="only the last N lines")
    parser.add_argument("--json", action="store_true", help="one JSON object a line (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Print a run's output."""
    tail = call.options.tail
    if tail is not None and tail < 0:
        raise UsageError(f"--tail must not be negative, but is {tail}.", "Leave it out to see everything.")
    with opened(named_project(call), live=call.options.follow) as workbench:
        uid = find_run(call, workbench, call.options.run)
        source = workbench.log(uid, call.options.stream)
        if isinstance(source, Unavailable):
            raise StorageError(f"There is no output to show: {source.reason}.", "See repro-tui show for the run.")
        try:
            _print(call, workbench, uid, source)
        finally:
            source.close()
    return 0


def _print(call: Call, workbench: Workbench, uid: RunId, source: LogSource) -> None:
    """Print what is there, and with --follow what comes until the run has ended."""
    line = _first(source, call.options.tail)
    while True:
        # The state is asked before the lines are read: what a run wrote before it ended is then printed.
        over = not call.options.follow or workbench.state(uid) is not State.RUNNING
        line = _print_from(call, source, line)
        call.output.flush()
        if over:
            return
        workbench.wait(PAUSE_S)
        workbench.advance(PAUSE_S)


def _first(source: LogSource, tail: int | None) -> int:
    """Give the number of the first line to print."""
    if tail is None:
        return 0
    chunk = source.read(-max(tail, 1), max(tail, 1))
    return chunk.first if tail else chunk.first + len(chunk.lines)


def _print_from(call: Call, source: LogSource, line: int) -> int:
    """Print the lines from a number on, and give the number of the next."""
    while True:
        chunk = source.read(line, CHUNK)
        for number, text in enumerate(chunk.lines, chunk.first):
            if call.options.json:
                call.output.json_line({"line": number, "text": text})
            else:
                call.output.text(text)
        line = chunk.first + len(chunk.lines) if chunk.lines else line
        if chunk.at_end or not chunk.lines:
            return line
