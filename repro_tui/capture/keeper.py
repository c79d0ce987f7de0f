"""The keeper: writes the journal of a run while it goes, whatever becomes of the terminal it was started in.

It has one thread and does nothing slow, because the command's terminal output passes through it. Whatever may take
long (git, packages, hashes) is done by the observer, a process of its own at low priority, which sends its findings.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector

from repro_tui.capture.alive import HEARTBEAT_S, SYNC_S, on_network
from repro_tui.capture.channel import Lines
from repro_tui.capture.drain import Drain
from repro_tui.capture.holder import Report, Turn, read_reports, watch_end
from repro_tui.capture.lag import Lag
from repro_tui.capture.ledger import Ledger
from repro_tui.capture.prepare import Recording
from repro_tui.capture.reserve import Reserve

GRACE_S = 1.6
"""Seconds after the command's end in which facts are still gathered while a person waits."""
FLOOD_S = 1.9
"""Seconds after it in which output that is still coming is waited for: it may be another's, who never stops."""
LATE_S = 60.0
"""Seconds after the command's end after which the observer is given up."""
_TICK_S = 0.2
_LONGEST_LINE = 2000


@dataclass(frozen=True, slots=True)
class Ends:
    """The keeper's ends of what connects it with the others."""

    front: socket.socket
    """Messages to the front; at its end when the front is gone."""
    reports: int
    """What the holder reports."""
    observer: socket.socket
    """Findings of the observer, one JSON list a line."""
    linger: int
    """Closing it lets the holder go."""


class Keeper:
    """One run's keeper."""

    def __init__(
        self, recording: Recording, ledger: Ledger, ends: Ends, drain: Drain | None, lag: Lag, reserve: Reserve
    ) -> None:
        self._reserve = reserve
        self._recording = recording
        self._ledger = ledger
        self._ends = ends
        self._drain = drain
        self._lag = lag
        self._selector = DefaultSelector()
        self._findings = Lines()
        self._front = True
        self._observer = True
        self._done = False
        """The observer has told everything that a person may wait for."""
        self._pid = 0
        self._cut = False
        self._ended_at: float | None = None
        self._finished = False
        self._network = on_network(recording.folder)
        self._begun = time.monotonic()

    def run(self) -> None:
        """Keep the run until its command has ended, everything was noted and nobody uses its terminal any more."""
        register = self._selector.register
        register(self._ends.front, EVENT_READ, self._on_front)
        register(self._ends.reports, EVENT_READ, self._on_report)
        register(self._ends.observer, EVENT_READ, self._on_finding)
        if self._drain:
            register(self._drain.master, EVENT_READ, self._on_output)
        pulse = synced = time.monotonic()
        self._ledger.alive()
        self._reserve.extend()
        while not self._over():
            for key, _ in self._selector.select(self._pause()):
                key.data()
            now = time.monotonic()
            if now - pulse >= HEARTBEAT_S:
                pulse = now
                self._ledger.alive()
            if self._network and now - synced >= SYNC_S:
                synced = now
                self._ledger.sync()
            self._throttle()
            self._mind_files()
            self._wrap_up(now)
        self._reserve.release()
        self._ledger.close()

    def _mind_files(self) -> None:
        """Keep room behind the output files, and say what became of them."""
        self._reserve.extend()
        if self._reserve.full:
            self._ledger.disk_full()
        if self._reserve.cut and not self._cut:
            self._cut = True
            what = (
                "the command emptied its own output by opening /dev/stdout or /dev/stderr; the earlier part is not kept"
            )
            self._ledger.event("problem", where="output", what=what, hint="In a shell script write >&2 instead.")

    def _over(self) -> bool:
        return self._finished and not self._observer and self._drain is None

    def _pause(self) -> float:
        return 0.02 if self._lag.waiting or self._ended_at is not None else _TICK_S

    def _on_front(self) -> None:
        """The front says nothing; it only goes."""
        with contextlib.suppress(OSError):
            if self._ends.front.recv(64):
                return
        self._front = False
        self._lag.alone()
        self._selector.unregister(self._ends.front)

    def _on_report(self) -> None:
        reports = read_reports(self._ends.reports)
        if reports is None:
            self._selector.unregister(self._ends.reports)
            if self._ended_at is None:
                self._lost()
            return
        for report in reports:
            self._report(report)

    def _lost(self) -> None:
        """The holder was killed: the command goes on, and only its end can still be seen."""
        self._ledger.event("problem", where="supervise", what="the process that waited for the command was killed")
        watch = watch_end(self._pid)
        if watch < 0:
            self._end(None)
            return

        def gone() -> None:
            self._selector.unregister(watch)
            self._end(None)

        self._selector.register(watch, EVENT_READ, gone)

    def _report(self, report: Report) -> None:
        if report.turn is Turn.STARTED:
            delay = max(round(report.t - self._recording.started, 4), 0.0)
            self._pid = report.value
            self._ledger.event("child", t=round(report.t, 3), pid=report.value, delay=delay)
            self._tell_observer("pid", report.value)
        elif report.turn is Turn.REFUSED:
            why = "not-found" if report.value == 2 else "not-executable"  # noqa: PLR2004 - ENOENT
            self._end({"t": round(report.t, 3), "exit": 127 if why == "not-found" else 126, "why": why})
        elif report.turn is Turn.ENDED and self._ended_at is None:
            status = report.value
            how = {"signal": os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {"exit": os.WEXITSTATUS(status)}
            self._end({"t": round(report.t, 3), **how})

    def _end(self, how: Mapping[str, object] | None) -> None:
        """Note the command's end at once; what is gathered after it may take its time."""
        self._ended_at = time.monotonic()
        if how is not None:
            self._ledger.event("end", **how)
        self._tell_observer("end", GRACE_S)

    def _tell_observer(self, word: str, value: float) -> None:
        import json

        with contextlib.suppress(OSError):
            self._ends.observer.sendall(json.dumps([word, value]).encode() + b"\n")

    def _on_finding(self) -> None:
        import json

        try:
            data = self._ends.observer.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._observer = False
            self._selector.unregister(self._ends.observer)
            return
        for line in self._findings.feed(data):
            self._note(json.loads(line))

    def _note(self, finding: Sequence[object]) -> None:
        match finding:
            case ["event", str(kind), dict(fields)]:
                self._ledger.event(kind, **fields)
            case ["point", int() | float() as step, int() | float() as t, dict(values), str(source)]:
                self._ledger.point(step, t, values, source)
            case ["quiet", str(hint), str(text)]:
                with contextlib.suppress(OSError):
                    message = f"q{hint}\0{text}".encode("utf-8", "replace")
                    self._ends.front.send(message[:_LONGEST_LINE], socket.MSG_DONTWAIT)
            case ["say", str(text)]:
                with contextlib.suppress(OSError):
                    message = f"i{text}".encode("utf-8", "replace")
                    self._ends.front.send(message[:_LONGEST_LINE], socket.MSG_DONTWAIT)
            case ["done"]:
                self._done = True

    def _on_output(self) -> None:
        assert self._drain is not None
        going = self._drain.move()
        self._lag.written = self._drain.written
        if self._front:
            with contextlib.suppress(OSError):
                self._ends.front.send(b"n", socket.MSG_DONTWAIT)
        if not going:
            self._selector.unregister(self._drain.master)
            self._drain = None
            os.close(self._ends.linger)

    def _throttle(self) -> None:
        """Read no further while the front is far behind, as a terminal would make the command wait; or go on."""
        if self._drain is None:
            return
        known = self._drain.master in self._selector.get_map()
        if self._lag.too_far() and known and self._ended_at is None:
            self._selector.unregister(self._drain.master)
        elif not known and not self._lag.too_far():
            self._selector.register(self._drain.master, EVENT_READ, self._on_output)

    def _wrap_up(self, now: float) -> None:
        """After the end: let the front go as soon as everything is noted, or when its time is up."""
        if self._ended_at is None:
            return
        since = now - self._ended_at
        if not self._finished and (self._done or not self._observer or since >= GRACE_S):
            if since < FLOOD_S and self._drain is not None and self._drain.ready():
                return
            self._finished = True
            with contextlib.suppress(OSError):
                self._ends.front.send(b"f", socket.MSG_DONTWAIT)
        if self._observer and since >= LATE_S:
            self._observer = False
            self._selector.unregister(self._ends.observer)


def become_keeper() -> None:
    """Leave the user's session, and let no signal of the terminal or of a scheduler's courtesy end the record."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
