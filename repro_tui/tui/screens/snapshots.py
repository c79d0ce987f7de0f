"""The Snapshots place."""

from __future__ import annotations

from typing import cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.header import Header


class SnapshotsScreen(Screen[None]):
    """Snapshots of the project."""

    place = "snapshots"
    scope = "snapshots"

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        shell = cast("Shell", self.app)
        yield Header(shell.workbench.project, shell.workbench.host, "snapshots", ascii_only=shell.options.ascii)
        yield Static("reading ...", markup=False)
        yield Footer(shell.keymap, self.scope, ascii_only=shell.options.ascii)
