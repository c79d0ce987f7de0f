"""The front: the process that the user's shell knows as `repro-tui run`.

It looks to the shell as the command itself would: passes keys, window sizes and signals on, prints what the command
prints, stops when it stops, and ends as it ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from repro_tui.capture.drain import Drain
from repro_tui.capture.holder import Report, Turn, read_reports, watch_end
from repro_tui.capture.outcome import say
from repro_tui.capture.relay import Relay
from repro_tui.capture.substitute import Substitute
from repro_tui.capture.terminal import Mode, copy_size
from repro_tui.capture.witness import Witness

OWN = frozenset({
    signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL,
    signal.SIGTRAP, signal.SIGABRT, signal.SIGSYS, signal.SIGPIPE, signal.SIGTTIN, signal.SIGTTOU, signal.SIGURG,
    signal.SIGPROF, signal.SIGVTALRM,
})  # fmt: skip
"""Signals that concern this process and nobody else."""

_KEYS = 256
"""Bytes of keys passed on at once: so few never block."""
_LONGEST_S = 1.0
_STOP_S = 0.05


@dataclass(slots=True)
class Front:
    """What the front holds; `run` is its life."""

    keeper: socket.socket
    """Messages from the keeper; at its end when the keeper is gone."""
    reports: int
    """What the holder reports."""
    wakeup: socket.socket
    """Numbers of signals as they arrive."""
    witness: Witness
    mode: Mode
    relays: list[Relay]
    drain: Drain | None
    """The pseudo-terminal, drained from here only when the keeper is gone."""
    screen: int
    """The original descriptor that is a terminal, -1 without one."""
    substitute: Substitute
    """Notes the end when the keeper cannot."""
    apart: bool = False
    """The command has a session of its own: it does not get what our process group gets."""
    pid: int = 0
    refused: int = 0
    """The errno that kept the command from starting."""
    status: int | None = None
    """The command's wait status, when it has ended."""
    quiet: list[tuple[str, str]] = field(default_factory=list)
    """What is said once the command has ended, to who was not told it before: the hint's name, and the line."""
    _finished: bool = False
    _kept: bool = True
    _heard: bool = True
    _watch: int = -1
    _typed: bytes = b""
    _eof: bool = False
    _waiting: list[int] = field(default_factory=list)
    _piped: bool = False

    def run(self) -> None:
        """Serve until the command has ended and everything it printed was passed on."""
        self.mode.enter()
        self._resize()  # the window may have changed after the pseudo-terminal was opened, when nobody listened
        for relay in self.relays:
            relay.start()
        while not self._over():
            self._serve(_LONGEST_S)
        for relay in self.relays:
            relay.end()
        for relay in self.relays:
            while not relay.join(0.1):
                self._signals()
        self.mode.leave()

    @property
    def in_line(self) -> bool:
        """Tell whether the command has left the screen in the middle of a line."""
        return any(relay.in_line for relay in self.relays if relay.target == self.screen)

    def _over(self) -> bool:
        ended = self.status is not None or self.refused
        return bool(ended) and (self._finished or not self._kept)

    def _serve(self, timeout_s: float) -> None:
        """Wait for whatever comes first and deal with it."""
        sources = self._sources()
        writing = [self.drain.master] if self._typed and self.drain else []
        readable, writable, _ = select.select(list(sources), writing, [], timeout_s)
        for descriptor in readable:
            sources[descriptor]()
        if writable and self.drain:
            self._type()
        self._reader_gone()

    def _sources(self) -> dict[int, Callable[[], None]]:
        """Give what may be read now, with what to do then; signals come first."""
        sources: dict[int, Callable[[], None]] = {self.wakeup.fileno(): self._signals}
        if self._kept:
            sources[self.keeper.fileno()] = self._on_keeper
        elif self.drain:
            sources[self.drain.master] = self._drain_here
        if self._heard:
            sources[self.reports] = self._on_reports
        if self._watch >= 0:
            sources[self._watch] = self._vanished
        if not self._typed and not self._eof and self.drain and self.mode.enter():
            sources[self.mode.descriptor] = self._on_key
        return sources

    def _vanished(self) -> None:
        """The command ended without a parent that could say how."""
        self._watch = -1
        self._end(os.EX_SOFTWARE << 8)

    def _on_keeper(self) -> None:
        try:
            message = self.keeper.recv(4096)
        except OSError:
            message = b""
        if not message:
            self._kept = False
            if not self._finished:
                self.substitute.begin(self.pid)
        elif message == b"f":
            self._finished = True
        elif message.startswith(b"w"):
            say(message[1:].decode("utf-8", "replace"), raw=self.mode.raw)
        elif message.startswith(b"i"):
            # In a log it is read later, which is still before the next of these runs.
            say(message[1:].decode("utf-8", "replace"), raw=self.mode.raw, anew=self.in_line and os.isatty(2))
        elif message.startswith(b"q"):
            hint, _, text = message[1:].decode("utf-8", "replace").partition("\0")
            self.quiet.append((hint, text))
        for relay in self.relays:
            relay.nudge()

    def _on_reports(self) -> None:
        reports = read_reports(self.reports)
        if reports is None:
            self._heard = False
            if self.status is None and not self.refused:
                self._watch = watch_end(self.pid)
                if self._watch < 0:
                    self._end(os.EX_SOFTWARE << 8)
            return
        for report in reports:
            self._on_report(report)

    def _on_report(self, report: Report) -> None:
        match report.turn:
            case Turn.STARTED:
                self.pid = report.value
                for number in self._waiting:
                    self._pass_on(number, group=False)
                self._waiting.clear()
            case Turn.REFUSED:
                self.refused = report.value
            case Turn.STOPPED:
                self._stop()
            case Turn.ENDED:
                self._end(report.value)

    def _end(self, status: int) -> None:
        self.status = status
        if not self._kept and self.drain:
            self.drain.finish()
        if not self._kept:
            self.substitute.end(status)

    def _drain_here(self) -> None:
        if self.drain is None:
            return
        if not self.drain.move():
            self.drain = None
        for relay in self.relays:
            relay.nudge()

    def _on_key(self) -> None:
        if not self.mode.foreground():
            return
        try:
            keys = os.read(self.mode.descriptor, _KEYS)
        except OSError:
            keys = b""
        self._eof = not keys
        self._typed += keys
        if keys:
            self._type()

    def _type(self) -> None:
        """Pass typed keys on as far as the command's terminal takes them."""
        assert self.drain is not None
        if not select.select([], [self.drain.master], [], 0)[1]:
            return
        try:
            self._typed = self._typed[os.write(self.drain.master, self._typed[:_KEYS]) :]
        except OSError:
            self._typed, self._eof = b"", True

    def _signals(self) -> None:
        """Deal with the signals that have arrived."""
        with contextlib.suppress(BlockingIOError):
            for number in self.wakeup.recv(256):
                self._on_signal(number)

    def _on_signal(self, number: int) -> None:
        if number == signal.SIGWINCH:
            self._resize()
        elif number == signal.SIGCONT:
            self._continue()
        elif not self.pid:
            self._waiting.append(number)
        else:
            group = self.witness.saw(number)
            if self.apart or not group:
                self._pass_on(number, group=group)

    def _pass_on(self, number: int, *, group: bool) -> None:
        """Send a signal to the command: to its whole process group when ours got it as a whole."""
        if self.status is not None:
            return
        with contextlib.suppress(OSError):
            if group:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

    def _resize(self) -> None:
        if self.drain and self.screen >= 0:
            copy_size(self.screen, self.drain.master)
            if not self.apart and self.pid and self.status is None:
                # The kernel told the command already, perhaps before its terminal had the new size.
                self._pass_on(signal.SIGWINCH, group=False)

    def _stop(self) -> None:
        """The command was stopped: stop too, so that the shell sees its job stopped; go on when it continues us."""
        if self.pid and not _is_stopped(self.pid):
            return
        self.mode.leave()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, _note)
        self._continue()

    def _continue(self) -> None:
        """We were continued: so is the command, if that has not reached it."""
        self.mode.enter()
        self._resize()
        if not self.pid or self.status is not None:
            return
        with contextlib.suppress(OSError):
            if self.apart:
                os.killpg(self.pid, signal.SIGCONT)
                return
            time.sleep(_STOP_S)  # a shell's `fg` reaches the whole group, and then there is nothing to do
            if _is_stopped(self.pid):
                os.kill(self.pid, signal.SIGCONT)

    def _reader_gone(self) -> None:
        """Where a pipe's reader left, the command is told as the kernel would tell it; most take that as the end."""
        if not self._piped and any(relay.broken and relay.piped for relay in self.relays) and self.pid:
            self._piped = True
            self._pass_on(signal.SIGPIPE, group=False)


def _note(_number: int, _frame: object) -> None:
    """Let a signal arrive; its number is read from the wakeup socket."""


def listen() -> socket.socket:
    """Begin to collect signals; what was ignored when we were started stays ignored, for the command too."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    for number in signal.valid_signals() - OWN:
        if signal.getsignal(number) is not signal.SIG_IGN:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, _note)
    signal.set_wakeup_fd(theirs.detach(), warn_on_full_buffer=False)
    return ours


def _is_stopped(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:  # noqa: PTH123 - a hot path without pathlib
            return stream.read().rpartition(b") ")[2][:1] in b"Tt"
    except OSError:
        return False


def end_as(status: int) -> int:
    """End this process as the command ended: the same signal, or give the same exit status."""
    if not os.WIFSIGNALED(status):
        return os.WEXITSTATUS(status)
    number = os.WTERMSIG(status)
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # one memory dump, the command's, is enough
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    os.kill(os.getpid(), number)
    return 128 + number
