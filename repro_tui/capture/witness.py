"""A witness in the process group: was a signal sent to us alone, or to everybody in the group?

A signal that went to the whole group (ctrl-c, `timeout`, a shell's `kill %1`) has reached the command already and must
not be passed on a second time; one that went to `repro-tui run` alone must be. The kernel does not tell the receiver,
so a tiny process waits in the same group with every signal blocked: what is pending there was sent to the group.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket

from repro_tui.capture.descriptors import leave_only
from repro_tui.capture.terminal import Mode

_NOTHING = b"\0"
_ANSWER_S = 0.5


class Witness:
    """The front's end: asks which signals the group got."""

    def __init__(self, asked: socket.socket) -> None:
        self._socket = asked

    def saw(self, number: int) -> bool:
        """Tell whether a signal reached the whole group since it was asked for last.

        The kernel delivers to a group one by one; a moment later the answer is complete.
        """
        select.select([], [], [], 0.005)
        try:
            self._socket.send(b"?")
            if not select.select([self._socket], [], [], _ANSWER_S)[0]:
                return False
            return number in self._socket.recv(128)
        except OSError:
            return False


def start_witness(mode: Mode) -> Witness:
    """Fork the witness; it ends with this process, and then puts the terminal right if that was left undone."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            ours.close()
            leave_only({theirs.fileno(), *mode.descriptors})
            _serve(theirs)
            mode.repair()
        finally:
            os._exit(0)
    theirs.close()
    return Witness(ours)


def _serve(asked: socket.socket) -> None:
    """Answer each question with the numbers of the signals that are pending, and forget them."""
    with contextlib.suppress(OSError):
        while asked.recv(1):
            pending = [number for number in signal.sigpending() if signal.sigtimedwait([number], 0)]
            asked.send(bytes(pending) or _NOTHING)
