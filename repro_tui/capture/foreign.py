"""Metrics that the command writes for other tools or prints, taken into the run's journal while it goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

from repro_tui.capture.outbox import Outbox
from repro_tui.capture.prepare import Recording
from repro_tui.readers.discover import Discovery
from repro_tui.readers.stdout import Output

_POLL_S = 0.2
_CHUNK = 1 << 13
"""Bytes of output looked at together: few enough that no more rows are in it than a reader gives at once."""
_PULSE_S = 60.0


class Foreign:
    """Polls the readers of metric files, and the expressions over the output."""

    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        settings, project = recording.project.settings, recording.project
        folders = [Path(recording.cwd) / path for path in recording.options.out]
        folders += [project.root / path for path in settings.list("out")]
        self._outbox = outbox
        self._discovery = Discovery(
            project.root,
            recording.since,
            folders=folders,
            exclude=[project.home],
            patterns=settings.list("metrics.files"),
            guess=_Solitude(recording.folder, recording.since),
        )
        patterns = settings.list("metrics.stdout")
        names = recording.streams.names if patterns else ()
        self._outputs = {recording.folder / name: Output(patterns) for name in names}
        """One a stream: what is printed to two of them at once must not be read as one line."""
        self._positions = dict.fromkeys(self._outputs, 0)
        self._told: set[tuple[str, str]] = set()

    def observed(self, path: str, begin: int = 0) -> None:
        """Take note of a file that was written; `path` as journals have it, `begin`: its bytes before."""
        self._discovery.observed(path, begin)

    def poll(self, *, final: bool = False, seconds: float = _POLL_S) -> bool:
        """Send the rows that are new, for at most so many seconds; tell whether there may be more."""
        until = time.monotonic() + seconds
        while rows := self._discovery.poll(until, final=final):
            for row in rows:
                self._outbox.point(row.step, row.t, row.values, row.source)
            if time.monotonic() >= until:
                return True
        return self._read_output(until, final=final)

    def _read_output(self, until: float, *, final: bool) -> bool:
        """Look for metrics in what was printed since; True when the time is over before all was read."""
        for path, output in self._outputs.items():
            while True:
                block = _block(path, self._positions[path])
                self._positions[path] += len(block)
                for row in output.feed(block, time.time(), final=final and not block):
                    self._outbox.point(row.step, row.t, row.values, row.source)
                if not block:
                    break
                if time.monotonic() > until:
                    return True
            self._tell(output)
        return False

    def _tell(self, output: Output) -> None:
        """Name each expression that cannot be used, once for all streams."""
        for pattern, why in output.problems:
            if (pattern, why) not in self._told:
                self._told.add((pattern, why))
                self._outbox.problem("metrics.stdout", f"{pattern} is not used: {why}", "Correct it in repro.yaml.")


class _Solitude:
    """Tells whether no other run of the project went on at any time since this one began.

    Only then may one guess whose files are whose. A run's folder changes when the run begins and when it ends; one that
    began before and still goes is known by its `alive` files, which are looked at once.
    """

    def __init__(self, folder: Path, since: float) -> None:
        self._folder, self._since = folder, since
        now = time.time()
        self._ended = any(
            now - _changed(sign) < _PULSE_S for sign in folder.parent.glob("*/alive.*") if sign.parent != folder
        )

    def __call__(self) -> bool:
        """Look at the folders of the other runs; once there was one, it stays so."""
        if not self._ended:
            try:
                with os.scandir(self._folder.parent) as entries:
                    self._ended = any(e.stat().st_mtime >= self._since for e in entries if e.name != self._folder.name)
            except OSError:
                self._ended = True  # what cannot be seen cannot be ruled out
        return not self._ended


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _block(path: Path, position: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, _CHUNK, position)
    finally:
        os.close(descriptor)
