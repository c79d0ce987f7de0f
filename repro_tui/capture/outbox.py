"""The observer's way of telling the keeper what it found: one JSON list a line, from any of its threads."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping

from repro_tui.capture.probes import Finding
from repro_tui.errors import StorageError
from repro_tui.journal.facts import write_document
from repro_tui.journal.layout import Layout


class Outbox:
    """Sends events and points. A keeper that is gone is noticed by `gone`, never by an exception."""

    def __init__(self, keeper: socket.socket | None, layout: Layout) -> None:
        self._keeper = keeper
        self._layout = layout
        self._lock = threading.Lock()
        self.gone = False
        """Nobody listens any more."""
        self.listener: Callable[[str, Mapping[str, object]], None] | None = None
        """Is told of each event too."""

    def event(self, kind: str, /, **fields: object) -> None:
        """Have an event written to the journal."""
        if self.listener is not None:
            self.listener(kind, fields)
        self._send(["event", kind, fields])

    def point(self, step: float, t: float, values: Mapping[str, float], source: str) -> None:
        """Have a row of metric values written to the journal."""
        self._send(["point", step, t, dict(values), source])

    def quiet(self, hint: str, text: str) -> None:
        """Have a line said when the run has ended, to a person who was not told this hint before."""
        self._send(["quiet", hint, text])

    def say(self, text: str) -> None:
        """Have a line said at once, on standard error."""
        self._send(["say", text])

    def done(self) -> None:
        """Say that nothing comes any more that somebody should wait for."""
        self._send(["done"])

    def problem(self, where: str, what: str, hint: str = "") -> None:
        """Have it noted that something could not be observed."""
        self.event("problem", where=where, what=what, hint=hint)

    def redacted(self, where: str, names: Iterable[str]) -> None:
        """Have it noted that values were cut out."""
        for name in names:
            self.event("redacted", where=where, what=name)

    def finding(self, finding: Finding) -> None:
        """Store a finding's document, then have the events about it written."""
        try:
            digest = write_document(self._layout, finding.document)
        except StorageError as error:
            self.problem(finding.section, error.message, error.hint)
        else:
            size = self._layout.document(digest).stat().st_size
            self.event("doc", sec=finding.section, d=digest, size=size, v=dict(finding.summary))
        for omission in finding.omissions:
            match omission.kind:
                case "redacted":
                    where = "env" if finding.section == "environment" else finding.section
                    self.event("redacted", where=where, what=omission.what)
                case "withheld":
                    self.event("withheld", path=omission.what, why=omission.why)
                case _:
                    self.event("left_out", path=omission.what, size=omission.size, why=omission.why)
        for problem in finding.problems:
            self.problem(problem.where, problem.what, problem.hint)

    def _send(self, message: list[object]) -> None:
        line = json.dumps(message, default=str).encode() + b"\n"
        if self._keeper is None:
            return
        with self._lock:
            try:
                self._keeper.sendall(line)
            except OSError:
                self.gone = True
