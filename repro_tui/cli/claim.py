"""One question at a time on a terminal: two runs that end beside each other must not share its keys."""

from __future__ import annotations

import fcntl
import os


def claimed() -> int:
    """Claim the terminal that this process belongs to; raises BlockingIOError while another question is open on it.

    The claim is on the terminal's own name, because `/dev/tty` is the same file for everybody, and it ends with the
    descriptor that is given; that is -1 where the terminal has no name that can be opened, as in some containers.
    """
    for descriptor in (0, 1, 2):
        try:
            os.tcgetpgrp(descriptor)  # fails for a terminal that is not the one we belong to
            claim = os.open(os.ttyname(descriptor), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(claim)
            raise
        except OSError:  # its file system knows no locks
            os.close(claim)
            return -1
        return claim
    return -1
