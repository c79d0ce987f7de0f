"""The page of one snapshot: its parts, what is not in it, and how to get it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.snapshot import SnapshotRow
from repro_tui.errors import CancelledError, ReproError
from repro_tui.ports import Snapshots
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import snapshots as words
from repro_tui.tui.render.kept_files import MOST, Files
from repro_tui.tui.render.lines import plain
from repro_tui.tui.screens.page import PageScreen
from repro_tui.tui.screens.snapshot_actions import SnapshotActions
from repro_tui.tui.screens.snapshots import KeptRead, read_kept
from repro_tui.tui.widgets.lines import Page


@dataclass
class FilesRead(Message):
    """The largest files of the snapshot were listed."""

    files: Files


def read_files(snapshots: Snapshots, digest: Digest, is_wanted: Callable[[], bool]) -> FilesRead | None:
    """List the largest files, in a thread; None when nobody waits for them any more."""

    def go_on(_done: int, _total: int, _what: str) -> None:
        if not is_wanted():
            raise CancelledError("Nobody looks at this any more.")

    try:
        return FilesRead(tuple(snapshots.files(digest, MOST, go_on)))
    except CancelledError:
        return None
    except ReproError as error:
        return FilesRead(Unavailable(error.message))


class SnapshotScreen(PageScreen, SnapshotActions):
    """One snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("snapshot")

    scope = "snapshot"
    intro = "A snapshot: each of its parts can be restored by itself, also without the original repository."

    def __init__(self, row: SnapshotRow, versions: Mapping[Digest, str]) -> None:
        super().__init__()
        self._row = row
        self._versions = versions
        self._files: Files = None

    def on_mount(self) -> None:
        """Show it, and ask for its files."""
        self._draw()
        snapshots, digest = self.shell.workbench.snapshots, self._row.snapshot.digest
        if self._row.snapshot.parts:
            self.errands.ask("files", lambda: read_files(snapshots, digest, lambda: self.is_running))

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
        files = self._files
        self.show(lambda cells: Page(plain(words.page(row, versions, now, cells, files), ascii_only=ascii_only)))

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

    @on(FilesRead)
    def _take_files(self, message: FilesRead) -> None:
        self._files = message.files
        self._draw()
