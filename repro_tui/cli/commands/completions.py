"""Print completions for a shell, to be put where the shell looks for them."""

from __future__ import annotations

import argparse

from repro_tui.cli.call import Call

EXAMPLES = """\
examples:
  repro-tui completions bash > ~/.local/share/bash-completion/completions/repro-tui
  repro-tui completions zsh > ~/.zfunc/_repro-tui
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the argument of `completions`."""
    parser.add_argument("shell", metavar="SHELL", choices=("bash", "zsh", "tcsh"), help="bash, zsh or tcsh")


def execute(call: Call) -> int:
    """Write the completions to standard output."""
    import shtab

    from repro_tui.cli.parser import whole_parser

    call.output.line(shtab.complete(whole_parser(), shell=call.options.shell).rstrip("\n"))
    return 0
