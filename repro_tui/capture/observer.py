"""The observer: looks around while the command runs, in a process of its own at low priority.

It may be slow, and it may be killed: the keeper has what it told so far, and the command never knew of it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from repro_tui.capture.channel import Lines
from repro_tui.capture.family import members, open_files
from repro_tui.capture.foreign import Foreign
from repro_tui.capture.inquiry import Inquiry
from repro_tui.capture.jobs import Jobs
from repro_tui.capture.material import Material
from repro_tui.capture.outbox import Outbox
from repro_tui.capture.prepare import Recording
from repro_tui.capture.probes import InterpreterFacts
from repro_tui.capture.repetition import Repetition
from repro_tui.capture.sample import Sampler
from repro_tui.domain.events import Event
from repro_tui.journal.layout import journals_in
from repro_tui.journal.read import Tailer
from repro_tui.recorder.line import from_text, to_text
from repro_tui.recorder.places import Places

_BLIND = "this Python did not load the recorder: seeds, arguments and files that were open but a moment are not known"
_TICK_S = 1.0
_MARGIN_S = 0.2
"""Seconds kept free before the keeper stops waiting for fingerprints, to tell of the last ones."""
_LATE_S = 50.0
"""Seconds after the command's end in which code and environment are still asked for."""


def observe(recording: Recording, keeper: socket.socket) -> None:
    """Look until the command has ended, and send what was found."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    Observer(recording, keeper).run()


@dataclass(frozen=True, slots=True)
class _Ground:
    """What the recorder's rule about places wants to know."""

    environment: dict[str, str]
    root: str
    folder: str


class Observer:
    """One run's observer."""

    def __init__(self, recording: Recording, keeper: socket.socket) -> None:
        self._recording = recording
        self._keeper = keeper
        self._outbox = Outbox(keeper, recording.layout)
        self._jobs = Jobs(recording, self._outbox)
        self._inquiry = Inquiry(recording, self._outbox)
        self._material = Material(recording, self._outbox)
        self._foreign = Foreign(recording, self._outbox)
        self._repetition = Repetition(recording, self._outbox)
        self._sampler = Sampler(recording.environment)
        ground = _Ground(dict(recording.environment), str(recording.project.root), str(recording.folder))
        self._places = Places(ground)  # type: ignore[arg-type]  # it reads these three of the recorder's session
        self._lines = Lines()
        self._tailers: dict[Path, Tailer] = {}
        self._noticed: dict[str, str] = {}
        self._modules: set[str] = set()
        self._main = False
        self._first = recording.identity.rank == 0
        """Of several supervisors the first asks for the facts that are the whole run's; all look at their processes."""
        self._pid = 0
        self._ended: float | None = None

    def run(self) -> None:
        """Look about once a second; after the end, once more at everything."""
        if self._first:
            self._inquiry.start()
            self._material.start()
            self._repetition.start()
        sampled = 0.0
        every = max(self._recording.project.settings.seconds("sample_every"), 0.5)
        while self._ended is None and not self._outbox.gone:
            if select.select([self._keeper], [], [], _TICK_S)[0] and not self._hear():
                return
            self._look()
            now = time.monotonic()
            if self._pid and now - sampled >= every:
                sampled = now
                if values := self._sampler.sample(self._pid):
                    self._outbox.event("res", v=values)
        self._inquiry.ended()
        self._finish()

    def _hear(self) -> bool:
        """Take what the keeper says; False when it is gone."""
        try:
            data = self._keeper.recv(4096)
        except OSError:
            return False
        import json

        for line in self._lines.feed(data):
            word, value = json.loads(line)
            if word == "pid":
                self._pid = int(value)
            elif word == "end":
                self._ended = time.monotonic() + max(float(value) - _MARGIN_S, 0.0)
        return bool(data)

    def _look(self) -> None:
        """Read what the command's own recorder wrote, see what it has open, and poll its metric files."""
        if self._first:
            self._read_journals()
        for pid in members(self._pid) if self._pid and self._ended is None else []:
            for path, mode in open_files(pid):
                self._notice(path, mode)
        if self._first:
            self._jobs.poll()
            if not self._jobs:
                self._foreign.poll()  # what a multirun's jobs write is theirs

    def _read_journals(self) -> None:
        for path in journals_in(self._recording.folder / "journal"):
            tailer = self._tailers.setdefault(path, Tailer(path))
            batch = tailer.read()
            if batch.header is not None and batch.header.role != "process" and batch.header.rank == 0:
                continue  # that is what this supervisor wrote itself, or a person
            for event in batch.events:
                self._on_event(event)

    def _on_event(self, event: Event) -> None:
        body = event.body
        if event.kind == "python" and (body.get("main") or not self._main):
            self._main = self._main or bool(body.get("main"))
            self._inquiry.python(InterpreterFacts.from_event(body))
        elif event.kind == "file" and not body.get("dir"):
            path, mode = str(body.get("path", "")), str(body.get("mode", "r"))
            self._noticed[path] = mode
            self._material.seen(path, mode)
            if "w" in mode:
                self._foreign.observed(path, _size_before(body.get("st")))
        elif event.kind == "libs":
            names = body.get("m")
            self._modules.update(str(name) for name in (names if isinstance(names, list) else []))
        elif event.kind == "job":
            self._jobs.begin(event)
        elif event.kind == "save":
            paths = body.get("paths")
            for path in paths if isinstance(paths, list) else []:
                self._material.saved(str(path))

    def _notice(self, path: str, mode: str) -> None:
        """Take note of a file that is open, if it is the run's and nobody has told of it yet."""
        kept = self._places.of(path, mode)
        if kept is None:
            return
        name = to_text(self._recording.inside(kept))
        before = self._noticed.get(name, "")
        if mode in before or before == "rw":
            return
        self._noticed[name] = mode if not before else "rw"
        self._outbox.event("file", path=name, mode=mode, by="fd", st=_stat(from_text(kept)))
        if not self._first:
            return
        self._material.seen(name, mode)
        if "w" in mode:
            self._foreign.observed(name)

    def _finish(self) -> None:
        """Look once more, within the time that a person waits; then wait for the slow answers without them."""
        if not self._first:
            return
        deadline = self._ended if self._ended is not None else time.monotonic()
        self._read_journals()
        self._jobs.poll()
        self._jobs.finish()
        more = not self._jobs and self._foreign.poll(final=True, seconds=0.5)
        self._material.finish(deadline)
        while more and time.monotonic() < deadline + _LATE_S / 2:
            more = self._foreign.poll(final=True)
        if not self._inquiry.join(_LATE_S):
            self._outbox.problem("inquiry", "code or environment could not be asked in time", "Is a disk very slow?")
        elif self._pid and self._inquiry.blind():
            self._outbox.problem("recorder", _BLIND, "Start Python 3.9 or newer without -I, -E and -S, where you can.")
        else:
            self._inquiry.used(self._modules)
        self._repetition.finish(deadline)
        self._outbox.done()
        self._material.linger(_LATE_S)


def _size_before(stat: object) -> int:
    """Give the size that a file had when it was opened: what is appended to begins there."""
    return stat[0] if isinstance(stat, list) and stat and isinstance(stat[0], int) else 0


def _stat(path: str) -> list[int] | None:
    try:
        info = os.stat(path)  # noqa: PTH116 - a text with surrogates
    except OSError:
        return None
    return [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
