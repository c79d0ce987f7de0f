"""The command line: which command is meant, and the one place where errors end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from repro_tui.cli.call import Call
from repro_tui.cli.output import Output, abandon_stdout, process_output
from repro_tui.cli.parser import PROGRAM, VALUE_OPTIONS, command_parser, dashboard_parser
from repro_tui.cli.table import BY_NAME
from repro_tui.errors import ReproError, StorageError, UsageError
from repro_tui.settings import READONLY_VARIABLE

INTERRUPTED = 130
"""128 + SIGINT, as a shell says it."""
NO_READER = 141
"""128 + SIGPIPE: whoever read our output left."""


def run(argv: Sequence[str]) -> int:
    """Carry out a command line (without the program's name) and give the exit status."""
    environment = dict(os.environ)
    output = process_output(environment)
    try:
        return _guarded(argv, environment, output)
    except ReproError as error:
        output.error(error)
        return error.exit_code
    except BrokenPipeError:
        abandon_stdout()
        return NO_READER
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        output.error(_refused(error))
        return StorageError.exit_code
    except Exception as defect:  # noqa: BLE001 - the outermost guard: what is no ReproError is a defect, shown as one
        output.error(_defect(defect, environment))
        return 1


def _guarded(argv: Sequence[str], environment: dict[str, str], output: Output) -> int:
    """Dispatch, and hand the output on; argparse ends `--help` and `--version` by SystemExit."""
    try:
        status = _dispatch(argv, environment, output)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    output.flush()
    return status


def _dispatch(argv: Sequence[str], environment: dict[str, str], output: Output) -> int:
    """Find the command in a command line and carry it out."""
    at = _first_positional(argv)
    word = argv[at] if at is not None else ""
    if at is None or word not in BY_NAME:
        if at is not None and not _is_path(word):
            raise _unknown(word)
        call = _call(dashboard_parser().parse_args(argv), environment, output)
        from repro_tui.cli import dashboard

        return dashboard.execute(call)
    command = BY_NAME[word]
    options = command_parser(command).parse_args([*argv[:at], *command.prepare(argv[at + 1 :])])
    return command.execute(_call(options, environment, output))


def _call(options: argparse.Namespace, environment: dict[str, str], output: Output) -> Call:
    """Put together what a command is given; that it only reads is said to whatever it starts, too."""
    if options.readonly:
        environment[READONLY_VARIABLE] = "1"
    return Call(options, environment, _cwd(), output)


def _first_positional(argv: Sequence[str]) -> int | None:
    """Give the place of the first word that is neither an option nor the value of one."""
    skip = False
    for place, word in enumerate(argv):
        if skip:
            skip = False
        elif word == "--":
            return None
        elif word in VALUE_OPTIONS:
            skip = True
        elif not word.startswith("-"):
            return place
    return None


def _is_path(word: str) -> bool:
    return os.sep in word or word in {".", "..", "~"} or Path(word).exists()


def _unknown(word: str) -> UsageError:
    """Say that there is no such command, and what may have been meant."""
    import difflib

    close = difflib.get_close_matches(word, BY_NAME, n=1)
    if close:
        return UsageError(f"There is no command {word!r}.", f"Did you mean `{PROGRAM} {close[0]}`?")
    hint = f"See `{PROGRAM} --help` for the commands; to record a program: `{PROGRAM} run -- {word} …`."
    return UsageError(f"There is no command, folder or file {word!r}.", hint)


def _cwd() -> Path:
    """Name the working folder; it may have been deleted under us."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise StorageError("The working folder was deleted.", "Change to a folder that exists: `cd ~`.") from error


def _refused(error: OSError) -> StorageError:
    """Say what the system refused, and on which file."""
    reason = error.strerror or str(error)
    name = f"{error.filename}: " if error.filename else ""
    return StorageError(f"{name}{reason}.", "Look at permissions and free space; repro-tui doctor names them.")


def _defect(defect: Exception, environment: dict[str, str]) -> ReproError:
    """Show something unexpected as what it is: a defect of ours, with what helps to correct it."""
    import traceback

    name = type(defect).__name__
    place = traceback.extract_tb(defect.__traceback__)[-1:]
    where = f" ({Path(place[0].filename).name}:{place[0].lineno})" if place else ""
    if environment.get("REPRO_TUI_DEBUG"):
        traceback.print_exception(defect, file=sys.stderr)
    return ReproError(
        f"Something went wrong that should not have: {name}: {defect}{where}",
        "Nothing that was recorded is lost. Call it again with REPRO_TUI_DEBUG=1 for the full report, "
        "and `repro-tui doctor` to look at the project.",
    )
