"""The run's journal as the supervisor writes it: trouble with the disk is told once and never becomes the command's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repro_tui.errors import StorageError
from repro_tui.journal.write import Writer


class Ledger:
    """A journal writer that never raises."""

    def __init__(self, writer: Writer | None, warn: Callable[[str], None]) -> None:
        self._writer = writer
        self._warn = warn
        self._warned = False

    @property
    def descriptor(self) -> int:
        """The journal's descriptor, -1 without one."""
        return -1 if self._writer is None else self._writer.descriptor

    def event(self, kind: str, **fields: object) -> None:
        """Append an event, or warn once that nothing can be written."""
        if self._writer is None:
            return
        try:
            self._writer.event(kind, **fields)
        except StorageError as error:
            self._trouble(error)

    def point(self, step: float, t: float, values: Mapping[str, float], source: str) -> None:
        """Append a row of metric values."""
        if self._writer is None:
            return
        try:
            self._writer.point(step, t, values, source)
        except StorageError as error:
            self._trouble(error)

    def alive(self) -> None:
        """Touch the sign of life."""
        if self._writer is not None:
            self._writer.alive()

    def sync(self) -> None:
        """Flush to the disk, as well as it can be done."""
        if self._writer is None:
            return
        try:
            self._writer.sync()
        except StorageError as error:
            self._trouble(error)

    def close(self) -> None:
        """Give back the file."""
        if self._writer is not None:
            self._writer.close()

    def disk_full(self) -> None:
        """Warn that the disk is full, before it keeps anything from being written."""
        self._tell("the disk is full: free some space, or what the run writes from now on is lost.")

    def _trouble(self, error: StorageError) -> None:
        self._tell(f"{error.message} {error.hint}")

    def _tell(self, text: str) -> None:
        """Warn once; without a journal it was said already that nothing is recorded."""
        if not self._warned and self._writer is not None:
            self._warned = True
            self._warn(text)
