"""Reads a run's output for its log view; used in one thread, off the interface."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.view import LogChunk
from repro_tui.errors import StorageError
from repro_tui.ports import LogSource, Workbench


@dataclass
class LogRead(Message):
    """Lines of a run's output were read, or it is not to be had."""

    stream: str
    chunk: LogChunk | Unavailable


@dataclass
class LogSought(Message):
    """A search in a run's output ended."""

    line: int | None
    """Number of the line, from 0; None when there is none."""
    text: str
    """What was looked for; empty for an error."""
    around: bool = False
    """It was found only after going on from the other end."""

    @property
    def words(self) -> str:
        """Say what a person would not expect, empty when it was simply found."""
        what = self.text or "a line that looks like an error"
        if self.line is None:
            return f"not found: {what}"
        return f"went on from the other end for {what}" if self.around else ""


class LogReader:
    """One run's output; opened when it is first asked for, and again after it was gone."""

    def __init__(self, workbench: Workbench, uid: RunId) -> None:
        self._workbench = workbench
        self._uid = uid
        self._stream = ""
        self._source: LogSource | None = None

    def _open(self, stream: str) -> LogSource | Unavailable:
        if self._source is not None and stream == self._stream:
            return self._source
        self.close()
        opened = self._workbench.log(self._uid, stream)
        if isinstance(opened, Unavailable):
            return opened
        self._stream, self._source = stream, opened
        return opened

    def read(self, stream: str, first: int, count: int) -> LogRead:
        """Read lines; a negative `first` counts from the end."""
        source = self._open(stream)
        if isinstance(source, Unavailable):
            return LogRead(stream, source)
        try:
            return LogRead(stream, source.read(first, count))
        except StorageError as error:
            self.close()
            return LogRead(stream, Unavailable(error.message))

    def seek(self, stream: str, text: str, start: int, *, backward: bool) -> LogSought:
        """Look for a text, or for an error when the text is empty, and go on from the other end."""
        source = self._open(stream)
        if isinstance(source, Unavailable):
            return LogSought(None, text)
        line = self._next(source, text, start, backward=backward)
        if line is not None:
            return LogSought(line, text)
        other_end = max(0, source.read(-1, 1).total - 1) if backward else 0
        return LogSought(self._next(source, text, other_end, backward=backward), text, around=True)

    @staticmethod
    def _next(source: LogSource, text: str, start: int, *, backward: bool) -> int | None:
        if start < 0:
            return None
        return source.find(text, start, backward=backward) if text else source.next_error(start, backward=backward)

    def close(self) -> None:
        """Give the file back."""
        if self._source is not None:
            self._source.close()
            self._source = None
