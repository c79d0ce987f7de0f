"""The page of one snapshot: its parts, what is not in it, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from repro_tui.domain.ids import Digest
from repro_tui.domain.snapshot import SnapshotRow
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import snapshots as words
from repro_tui.tui.render.lines import plain
from repro_tui.tui.screens.page import PageScreen
from repro_tui.tui.screens.snapshot_actions import SnapshotActions
from repro_tui.tui.screens.snapshots import KeptRead, read_kept
from repro_tui.tui.widgets.lines import Page


class SnapshotScreen(PageScreen, SnapshotActions):
    """One snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("snapshot")

    scope = "snapshot"
    intro = "A snapshot: each of its parts can be restored by itself, also without the original repository."

    def __init__(self, row: SnapshotRow, versions: Mapping[Digest, str]) -> None:
        super().__init__()
        self._row = row
        self._versions = versions

    def on_mount(self) -> None:
        """Show it."""
        self._draw()

    @property
    def chosen(self) -> SnapshotRow | None:
        """Give the snapshot."""
        return self._row

    @property
    def versions(self) -> Mapping[Digest, str]:
        """Give the names of dataset versions."""
        return self._versions

    def _draw(self) -> None:
        row, versions, now, ascii_only = self._row, self._versions, self.shell.options.clock(), self.ascii_only
        self.show(lambda cells: Page(plain(words.page(row, versions, now, cells), ascii_only=ascii_only)))

    def changed(self) -> None:
        """Read it again."""
        workbench = self.shell.workbench
        self.errands.ask("read", lambda: read_kept(workbench))

    @on(KeptRead)
    def _take(self, message: KeptRead) -> None:
        digest = self._row.snapshot.digest
        found = next((row for row in message.kept.rows if row.snapshot.digest == digest), None)
        if found is not None:
            self._row = found
            self._draw()
