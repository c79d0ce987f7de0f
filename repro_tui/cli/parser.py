"""The command line's grammar, built from the table of commands."""

from __future__ import annotations

import argparse
from typing import NoReturn

from repro_tui.cli.table import COMMANDS, Command
from repro_tui.errors import UsageError

PROGRAM = "repro-tui"
DESCRIPTION = "What changed between your machine-learning runs, and whether you could get the result again."
EXAMPLES = """\
examples:
  repro-tui run -- python train.py --lr 0.1   # record a run; nothing in the script changes
  repro-tui                                   # watch it live, here or over SSH
  repro-tui ls 'acc>=0.9 since:2d'            # the same list as text, or with --json
  repro-tui demo                              # see it all on a real, small project
"""
VALUE_OPTIONS = frozenset({"-C", "--project", "--theme"})
"""Options before a command whose value is the next word."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are errors of ours, printed where all errors are."""

    def error(self, message: str) -> NoReturn:
        """Complain about the command line."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"See `{self.prog} --help`.")

    def format_help(self) -> str:
        """Write the help, in colour where there is any; what that takes is imported only now."""
        self.formatter_class = _help_formatter()
        return super().format_help()


def _help_formatter() -> type[argparse.HelpFormatter]:
    """Give the formatter of help texts."""
    from rich_argparse import RawDescriptionRichHelpFormatter

    class Formatter(RawDescriptionRichHelpFormatter):
        """Help in colour where there is any; brackets in texts are not markup."""

        text_markup = False
        help_markup = False

    return Formatter


def _parser(prog: str, description: str, epilog: str = "", *, add_help: bool = True) -> Parser:
    """Make a parser with our looks; abbreviations of options are refused, since they break when options are added."""
    return Parser(
        prog=prog,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=add_help,
    )


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-C", "--project", metavar="PATH", help="the project, instead of the one that the working folder lies in"
    )
    parser.add_argument(
        "--readonly", action="store_true", help="change nothing that was recorded or kept (also REPRO_TUI_READONLY=1)"
    )


def _add_dashboard(parser: argparse.ArgumentParser) -> None:
    """Declare the options that the dashboard alone has."""
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    parser.add_argument(
        "--mouse",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="use the mouse (default: yes, but not over SSH)",
    )
    parser.add_argument("--theme", metavar="NAME", help="a Textual theme instead of ours")


def _add_version(parser: argparse.ArgumentParser) -> None:
    from repro_tui import __version__

    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")


def dashboard_parser() -> Parser:
    """Make the parser of `repro-tui [PATH]`; its help lists the commands."""
    commands = "\n".join(f"  {command.name:<13}{command.summary}" for command in COMMANDS)
    listing = f"commands (each has --help; without one the dashboard opens):\n{commands}\n\n{EXAMPLES}"
    parser = _parser(PROGRAM, DESCRIPTION, listing)
    parser.usage = f"{PROGRAM} [OPTIONS] [PATH]\n       {PROGRAM} [-C PATH] COMMAND ..."
    parser.add_argument("path", nargs="?", metavar="PATH", help="open the dashboard on the project at PATH")
    _add_project(parser)
    _add_dashboard(parser)
    _add_version(parser)
    return parser


def command_parser(command: Command) -> Parser:
    """Make the parser of one command."""
    doc = command.module.__doc__ or command.summary
    parser = _parser(f"{PROGRAM} {command.name}", doc.strip(), getattr(command.module, "EXAMPLES", ""))
    _add_project(parser)
    command.add_arguments(parser)
    return parser


def whole_parser() -> Parser:
    """Make one parser of everything, from which shells' completions are written."""
    parser = _parser(PROGRAM, DESCRIPTION)
    _add_project(parser)
    _add_dashboard(parser)
    _add_version(parser)
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", prog=PROGRAM)
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.summary, allow_abbrev=False)
        _add_project(sub)
        command.add_arguments(sub)
    return parser
