"""Throw the index away and build it again from the journals, which are the truth.

Nothing that was recorded is changed.
"""

from __future__ import annotations

import argparse

from repro_tui.cli.call import Call
from repro_tui.cli.projects import named_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `rebuild`: it has none of its own."""
    del parser


def execute(call: Call) -> int:
    """Rebuild the catalog of the project."""
    project = named_project(call)
    from repro_tui.bootstrap import rebuild

    rebuild(project)
    call.output.note(f"The index of {project.name} was built again from its journals.")
    return 0
