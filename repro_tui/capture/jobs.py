"""Jobs of a multirun: runs that begin and end inside the one that is supervised (`recorder/jobs.py` makes them).

What is known of the whole (code, environment, host) is said in each job's journal too, and each job's files are
fingerprinted for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from repro_tui.capture.foreign import Foreign
from repro_tui.capture.ledger import Ledger
from repro_tui.capture.material import Material
from repro_tui.capture.outbox import Outbox
from repro_tui.capture.prepare import Recording
from repro_tui.domain.events import Event
from repro_tui.domain.ids import RunId, is_run_id
from repro_tui.errors import StorageError
from repro_tui.journal.layout import journals_in
from repro_tui.journal.read import Tailer
from repro_tui.journal.write import open_writer

_SHARED = frozenset({"doc", "redacted", "withheld", "left_out"})
"""Kinds of events that say something of the whole multirun."""
_FINISH_S = 1.0
_MOST = 10_000


class Jobs:
    """The jobs of one supervised run."""

    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        self._recording = recording
        self._told: list[tuple[str, Mapping[str, object]]] = []
        self._open: dict[str, _Job] = {}
        self._known: set[str] = set()
        self._lock = threading.Lock()
        outbox.listener = self._hear

    def __bool__(self) -> bool:
        """Tell whether there was a job at all."""
        return bool(self._known)

    def begin(self, event: Event) -> None:
        """Take note of a job that the command's recorder has begun."""
        uid, folder = str(event.body.get("uid", "")), str(event.body.get("folder", ""))
        place = self._recording.layout.runs / folder
        inside = bool(folder) and "/" not in folder and not folder.startswith(".")
        if uid in self._known or not is_run_id(uid) or not inside or not place.is_dir() or len(self._known) >= _MOST:
            return
        self._known.add(uid)
        job = _Job(replace(self._recording, uid=RunId(uid), folder=place, name=folder))
        with self._lock:
            for kind, fields in self._told:
                job.sink.event(kind, **fields)
            self._open[uid] = job

    def poll(self) -> None:
        """Look at what the jobs that go on wrote; finish those that have ended."""
        for uid, job in list(self._open.items()):
            job.look()
            if job.ended is not None:
                job.finish()
                with self._lock:
                    del self._open[uid]

    def finish(self) -> None:
        """The command has ended: whatever job did not say how it ended was killed with it."""
        for job in self._open.values():
            job.look()
            job.finish()
        self._open.clear()

    def _hear(self, kind: str, fields: Mapping[str, object]) -> None:
        """Pass on what is found out about the whole, from whichever thread."""
        if kind in _SHARED:
            with self._lock:
                self._told.append((kind, dict(fields)))
                for job in self._open.values():
                    job.sink.event(kind, **fields)


class _Sink(Outbox):
    """Writes to a job's journal what an outbox would send to the keeper."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(None, recording.layout)
        self._ledger = Ledger(None, _unheard)
        try:
            writer = open_writer(
                recording.folder,
                run=recording.uid,
                role="supervisor",
                attempt=recording.identity.attempt,
                layout=recording.layout,
            )
            self._ledger = Ledger(writer, _unheard)
        except StorageError:
            self.gone = True

    def event(self, kind: str, /, **fields: object) -> None:
        """Write an event."""
        with self._lock:
            self._ledger.event(kind, **fields)

    def point(self, step: float, t: float, values: Mapping[str, float], source: str) -> None:
        """Write a row of metric values."""
        with self._lock:
            self._ledger.point(step, t, values, source)

    def alive(self) -> None:
        """Give a sign of life."""
        self._ledger.alive()

    def close(self) -> None:
        """Give back the file."""
        with self._lock:
            self._ledger.close()


def _unheard(_text: str) -> None:
    """A full disk is told by the keeper, once for all."""


class _Job:
    """One job while it goes on."""

    def __init__(self, recording: Recording) -> None:
        self.sink = _Sink(recording)
        self.ended: Mapping[str, object] | None = None
        self._folder = recording.folder
        self._tailers: dict[Path, Tailer] = {}
        started = time.time()
        own = replace(
            recording, started=started, since=started, streams=replace(recording.streams, relays={}, files={})
        )
        self._material = Material(own, self.sink)
        self._foreign = Foreign(own, self.sink)
        self._material.start()

    def look(self) -> None:
        """Read what the job's process wrote, and its metric files."""
        self.sink.alive()
        for path in journals_in(self._folder / "journal"):
            batch = self._tailers.setdefault(path, Tailer(path)).read()
            if batch.header is None or batch.header.role != "process":
                continue
            for event in batch.events:
                self._on_event(event)
        self._foreign.poll()

    def finish(self) -> None:
        """Fingerprint what is there now, and say the job's end for this supervisor too."""
        self._foreign.poll(final=True)
        self._material.finish(time.monotonic() + _FINISH_S)
        if self.ended is not None:
            self.sink.event("end", **self.ended)
        self.sink.close()

    def _on_event(self, event: Event) -> None:
        body = event.body
        if event.kind == "file" and not body.get("dir"):
            path, mode = str(body.get("path", "")), str(body.get("mode", "r"))
            self._material.seen(path, mode)
            if "w" in mode:
                self._foreign.observed(path)
        elif event.kind == "save":
            paths = body.get("paths")
            for path in paths if isinstance(paths, list) else []:
                self._material.saved(str(path))
        elif event.kind == "end":
            self.ended = {"t": event.t, "exit": body.get("exit", 0)}
