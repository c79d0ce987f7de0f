"""Asking before something is removed: a key for what can be undone, the number itself for what cannot."""

from __future__ import annotations

import sys

from repro_tui.cli.output import Output
from repro_tui.errors import UsageError

_YES = frozenset({"y", "yes"})


def can_ask(output: Output) -> bool:
    """Tell whether a person is there who reads the question and can answer it."""
    return output.stderr is not None and output.stderr.isatty() and sys.stdin is not None and sys.stdin.isatty()


def agreed(output: Output, question: str, *, yes: bool, number: int | None = None) -> bool:
    """Ask, and tell whether the person agreed; enter alone, the end of input and anything else mean no.

    Args:
        output: where it is asked.
        question: `Move 34 snapshots to the trash?`
        yes: it was agreed to on the command line.
        number: what has to be typed, where nothing can be undone.

    Raises:
        UsageError: nobody can be asked.
    """
    if yes:
        return True
    if not can_ask(output) or output.stderr is None:
        raise UsageError("Nothing was changed: nobody can be asked here.", "Add --yes to go on without a question.")
    choice = "[y/N]" if number is None else f"Type {number} to go on:"
    output.stderr.write(f"{question} {choice} ")
    output.stderr.flush()
    typed = sys.stdin.readline().strip().lower()
    return typed in _YES if number is None else typed.replace(",", "") == str(number)
