"""Metrics that the command writes for other tools or prints, taken into the run's journal while it goes."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from repro_tui.capture.outbox import Outbox
from repro_tui.capture.prepare import Recording
from repro_tui.readers.interface import Row

_POLL_S = 0.1
_CHUNK = 1 << 18


class _Discovery(Protocol):
    """Finds metric files and reads them."""

    def observed(self, path: str) -> None: ...
    def poll(self, *, deadline: float, final: bool = False) -> Iterable[Row]: ...


class Foreign:
    """Polls the readers of metric files, and the expressions over the output."""

    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        settings, project = recording.project.settings, recording.project
        folders = [Path(recording.cwd) / path for path in recording.options.out]
        folders += [project.root / path for path in settings.list("out")]
        self._outbox = outbox
        self._discovery: _Discovery | None = None
        if find_spec("repro_tui.readers.discover"):
            made = importlib.import_module("repro_tui.readers.discover").Discovery
            self._discovery = made(project.root, recording.started, folders=folders, exclude=[project.home])
        patterns = settings.list("metrics.stdout")
        self._output = importlib.import_module("repro_tui.readers.stdout").Output(patterns) if patterns else None
        self._logs = {recording.folder / name: 0 for name in recording.streams.names}

    def observed(self, path: str) -> None:
        """Take note of a file that was written; `path` as journals have it."""
        if self._discovery is not None:
            self._discovery.observed(path)

    def poll(self, *, final: bool = False, deadline: float | None = None) -> None:
        """Send the rows that are new."""
        until = deadline if deadline is not None else time.monotonic() + _POLL_S
        for row in self._discovery.poll(deadline=until, final=final) if self._discovery else ():
            self._outbox.point(row.step, row.t, row.values, row.source)
        if self._output is not None:
            self._read_output(until, final=final)

    def _read_output(self, until: float, *, final: bool) -> None:
        assert self._output is not None
        for path, position in self._logs.items():
            at = position
            while block := _block(path, at):
                at += len(block)
                for row in self._output.feed(block, time.time()):
                    self._outbox.point(row.step, row.t, row.values, row.source)
                if time.monotonic() > until and not final:
                    break
            self._logs[path] = at


def _block(path: Path, position: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, _CHUNK, position)
    finally:
        os.close(descriptor)
