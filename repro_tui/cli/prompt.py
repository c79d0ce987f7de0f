"""The terminal of a question: opened apart from what the command used, read key by key, and given back as it was.

Nothing here ever waits without an end: the terminal is opened without blocking, writing gives up, and reading watches
for signals too. Keys that would send signals are read as bytes, so that a shell's loop around us is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import socket
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from repro_tui.cli.claim import claimed

_CC, _LFLAG, _IFLAG = 6, 3, 0
_WRITE_S = 2.0
_READ = 4096
_PASTES = (b"\x1b[?2004h", b"\x1b[?2004l")
"""Ask the terminal to mark what is pasted, and no longer."""
_STOPS = frozenset({signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT})

Attributes = list[int | list[bytes | int]]


class Gone(Exception):  # noqa: N818 - it is no error: somebody left
    """There is nobody to ask: hung up, told to end, put into the background, or somebody else has the keys."""


@dataclass
class Prompt:
    """The terminal that this process belongs to, while a question is open."""

    descriptor: int
    wakeup: socket.socket
    dumb: bool = False
    """It understands no sequences."""
    resized: bool = False
    """The window has another size since this was last set to False."""
    resumed: bool = False
    """We were stopped and go on; the same."""
    _saved: Attributes = field(default_factory=list)
    _set: Attributes = field(default_factory=list)
    """The modes as we have set them: others mean that another program has taken the keys since."""
    _lines: bool = False

    # Modes

    @property
    def foreground(self) -> bool:
        """Tell whether the terminal is ours to read and to set."""
        try:
            return os.tcgetpgrp(self.descriptor) == os.getpgrp()
        except OSError:
            return False

    @property
    def width(self) -> int:
        """Give the cells in a line."""
        try:
            return os.get_terminal_size(self.descriptor).columns or 80
        except OSError:
            return 80

    def enter(self) -> None:
        """Read key by key, and forget what was typed before; raises Gone when the terminal is not ours.

        Where keys are read one by one already, a pager at the end of our pipe does so: they are meant for it.
        """
        if not self.foreground:
            raise Gone
        try:
            found = termios.tcgetattr(self.descriptor)
            if not self._saved and not _in_lines(found):
                raise Gone
            self._saved = self._saved or found
            self._apply()
            termios.tcflush(self.descriptor, termios.TCIFLUSH)
        except termios.error as error:
            raise Gone from error
        if not self.dumb:
            self.write(_PASTES[0])

    def leave(self) -> None:
        """Put the terminal back as it was found; modes that somebody else has set since are left alone."""
        if self._saved and self.foreground and self._is_ours():
            if not self.dumb:
                self.write(_PASTES[1])
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.descriptor, termios.TCSANOW, self._saved)

    def by_line(self, *, on: bool) -> None:
        """Have the terminal gather a line, as it does for a shell's `read`; ctrl-c ends the line instead of a loop."""
        self._lines = on
        if not self.foreground:
            raise Gone
        with contextlib.suppress(termios.error):
            self._apply()

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Give the terminal to a command that is waited for; raises Gone when it does not come back to us.

        Keys that send signals reach the command then; that we heard of them too is forgotten.
        """
        self.leave()
        try:
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                self.wakeup.recv(256)
        self.enter()

    def forget_typed(self) -> None:
        """Forget what was typed until now."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self.descriptor, termios.TCIFLUSH)

    def _apply(self) -> None:
        modes = list(self._saved)
        local, input_, control = modes[_LFLAG], modes[_IFLAG], modes[_CC]
        assert isinstance(local, int)
        assert isinstance(input_, int)
        assert isinstance(control, list)
        control = [*control]
        if self._lines:
            modes[_LFLAG] = (local | termios.ICANON | termios.ECHO) & ~termios.ISIG
            modes[_IFLAG] = input_ | termios.ICRNL
            control[termios.VEOL] = control[termios.VINTR]
        else:
            modes[_LFLAG] = local & ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
            modes[_IFLAG] = input_ & ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
            control[termios.VMIN], control[termios.VTIME] = 1, 0
        modes[_CC] = control
        termios.tcsetattr(self.descriptor, termios.TCSANOW, modes)
        self._set = termios.tcgetattr(self.descriptor)

    def _is_ours(self) -> bool:
        """Tell whether the modes are still the ones that we have set."""
        try:
            return termios.tcgetattr(self.descriptor) == self._set
        except termios.error:
            return False

    def key(self, place: int) -> bytes:
        """Give the byte that a control key sends on this terminal, by its place (`termios.VINTR`)."""
        control = self._saved[_CC] if self._saved else []
        found = control[place] if isinstance(control, list) and control else b""
        return found if isinstance(found, bytes) and found != b"\0" else b""

    # Bytes

    def write(self, data: bytes) -> None:
        """Write, as far as the terminal takes it in time: one that was stopped by ctrl-s must not hold us."""
        view = memoryview(data)
        deadline = time.monotonic() + _WRITE_S
        while view:
            left = deadline - time.monotonic()
            try:
                if left <= 0 or not select.select([], [self.descriptor], [], left)[1]:
                    return
                view = view[os.write(self.descriptor, view) :]
            except BlockingIOError:
                continue
            except OSError:
                return

    def say(self, text: str) -> None:
        """Write text whose foreign parts were made harmless."""
        self.write(text.encode("utf-8", "replace"))

    def read(self, seconds: float) -> bytes:
        """Give what is typed next, nothing when the time is over; raises Gone.

        Signals are dealt with here: a new size is noted, a stop is a stop, and to be told to end is Gone.
        """
        deadline = time.monotonic() + seconds
        while True:
            left = max(deadline - time.monotonic(), 0.0)
            readable, _, _ = select.select([self.descriptor, self.wakeup.fileno()], [], [], left)
            if self.wakeup.fileno() in readable:
                self._signals()
                return b""
            if not readable:
                return b""
            try:
                typed = os.read(self.descriptor, _READ)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    continue
                raise Gone from error  # EIO: hung up, or in the background
            if not typed or not self._is_ours():
                raise Gone
            if typed == self.key(termios.VSUSP) and self._saved:
                self._stop(everybody=True)
                return b""
            return typed

    # Signals

    def _signals(self) -> None:
        numbers = b""
        with contextlib.suppress(BlockingIOError):
            numbers = self.wakeup.recv(256)
        if _STOPS & set(numbers):
            raise Gone
        if signal.SIGWINCH in numbers:
            self.resized = True
        if signal.SIGTSTP in numbers:
            self._stop(everybody=False)
        elif signal.SIGCONT in numbers:
            self._go_on()

    def _stop(self, *, everybody: bool) -> None:
        """Stop, as the kernel does it for ctrl-z: the whole group, the loop around us too; go on when continued."""
        self.leave()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0 if everybody else os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)
        with contextlib.suppress(BlockingIOError):
            self.wakeup.recv(256)
        self._go_on()

    def _go_on(self) -> None:
        """Go on after a stop; raises Gone when that was into the background."""
        self.enter()
        self.resumed = True


def _in_lines(modes: Attributes) -> bool:
    """Tell whether a terminal gathers lines, as it does while nobody reads single keys."""
    local = modes[_LFLAG]
    assert isinstance(local, int)
    return bool(local & termios.ICANON)


@contextlib.contextmanager
def open_prompt(*, dumb: bool) -> Iterator[Prompt]:
    """Open the terminal that this process belongs to, and put everything back at the end; raises Gone without one."""
    try:
        descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Gone from error
    try:
        claim = claimed()
    except BlockingIOError as error:
        os.close(descriptor)
        raise Gone from error
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    prompt = Prompt(descriptor, ours, dumb)
    try:
        prompt.enter()
        yield prompt
    finally:
        prompt.leave()
        signal.set_wakeup_fd(before)
        ours.close()
        theirs.close()
        os.close(descriptor)
        if claim >= 0:
            os.close(claim)
