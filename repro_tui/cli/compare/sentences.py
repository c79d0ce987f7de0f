"""Sentences on lines of a readable length."""

from __future__ import annotations

from repro_tui.cli.compare.grid import safe
from repro_tui.cli.output import Output
from repro_tui.tui.render.lines import wrapped

_READABLE = 100
"""Cells of a line of prose, however wide the terminal is."""


def room_for(output: Output) -> int:
    """Give the cells that a line of prose may take."""
    return min(output.width, _READABLE)


def broken(output: Output, text: str, cells: int) -> list[str]:
    """Break foreign text at its words into lines of at most so many cells."""
    return ["".join(piece for piece, _ in line) for line in wrapped(safe(output, text), cells)]


def print_prose(output: Output, text: str, indent: str = "", *styles: str) -> None:
    """Print a text in lines of a readable length."""
    for line in broken(output, text, room_for(output) - len(indent)):
        output.line(indent + output.style(line, *styles))
