"""What is told of snapshots in the journals of their runs; in the project's where those cannot be written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path

from repro_tui.domain.ids import RunId
from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.write import Writer, greatest_counter, open_writer

_MOST_OPEN = 32
"""Journals that are kept open, so that several events of a session stand in one file."""


class Teller:
    """Writes events about runs. Any thread."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lock = threading.Lock()
        self._writers: dict[Path, Writer] = {}

    def tell(self, uid: RunId, folders: Sequence[Path], kind: str, /, **fields: object) -> None:
        """Append an event about a run; raises StorageError when neither journal can be written."""
        with self._lock:
            try:
                if not folders:
                    raise StorageError("The run has no folder.")
                self._writer(folders[0], uid).event(kind, **fields)
            except StorageError:
                # Somebody else's run in a shared project: the project's journal may speak of it.
                self._writer(self._layout.project_journal.parent, RunId("")).event(kind, **fields, run=str(uid))

    def tell_project(self, kind: str, /, **fields: object) -> None:
        """Append an event that is about no run; raises StorageError."""
        with self._lock:
            self._writer(self._layout.project_journal.parent, RunId("")).event(kind, **fields)

    def close(self) -> None:
        """Give back the descriptors."""
        with self._lock:
            for writer in self._writers.values():
                writer.close()
            self._writers.clear()

    def _writer(self, folder: Path, run: RunId) -> Writer:
        writer = self._writers.pop(folder, None)
        if writer is not None and writer.removed:
            with contextlib.suppress(OSError):
                writer.close()
            writer = None
        if writer is None:
            writer = open_writer(folder, run=run, role="person", attempt=0, layout=self._layout)
        writer.see(greatest_counter(folder / "journal"))
        self._writers[folder] = writer
        while len(self._writers) > _MOST_OPEN:
            self._writers.pop(next(iter(self._writers))).close()
        return writer
