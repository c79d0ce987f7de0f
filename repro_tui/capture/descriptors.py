"""Which descriptors a process of ours keeps open.

A pipe that one of our processes holds open by accident keeps its reader waiting for ever.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection


def leave_only(wanted: Collection[int]) -> None:
    """Close every descriptor but the wanted ones, and point 0, 1 and 2 to nowhere unless they are wanted."""
    try:
        opened = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - names are wanted, between forks
    except OSError:
        opened = list(range(3, 256))
    for descriptor in opened:
        if descriptor > 2 and descriptor not in wanted:  # noqa: PLR2004 - standard error
            with contextlib.suppress(OSError):
                os.close(descriptor)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in {0, 1, 2} - set(wanted):
        os.dup2(nowhere, descriptor, inheritable=True)
    if nowhere > 2:  # noqa: PLR2004 - standard error
        os.close(nowhere)


def fill_standard() -> None:
    """Open /dev/null in place of a standard descriptor that is closed, so that no file of ours takes its number."""
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:  # noqa: PLR2004 - standard error
            os.close(descriptor)
            return
        os.set_inheritable(descriptor, True)
