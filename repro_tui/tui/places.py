"""The places, made when somebody first goes there: a start of the dashboard pays for one of them."""

from __future__ import annotations

from collections.abc import Iterator

from textual.screen import Screen

from repro_tui.ports import Workbench
from repro_tui.tui.render import patch

PLACES = ("runs", "compare", "snapshots", "data")
"""Their names, in the order of their digits."""


def made(place: str) -> Screen[None]:
    """Make the screen of a place; an unknown one is Runs."""
    if place == "compare":
        from repro_tui.tui.screens.compare import CompareScreen

        return CompareScreen()
    if place == "snapshots":
        from repro_tui.tui.screens.snapshots import SnapshotsScreen

        return SnapshotsScreen()
    if place == "data":
        from repro_tui.tui.screens.data import DataScreen

        return DataScreen()
    from repro_tui.tui.screens.runs import RunsScreen

    return RunsScreen()


def warm(workbench: Workbench) -> Iterator[None]:
    """Load, piece by piece, what a run and a comparison need, for which somebody would wait when first going there."""
    from repro_tui.tui.screens import run

    yield
    from repro_tui.tui.screens import compare

    yield
    del run, compare
    yield
    patch.lexer_of("train.py")
    yield
    yield from workbench.comparisons.warm()
