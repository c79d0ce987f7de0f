"""Steps back behind everything else on the machine: idle processor and disk priority."""

from __future__ import annotations

import contextlib
import os
import platform

_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "ppc64le": 273, "riscv64": 30, "s390x": 282}
"""Number of the system call `ioprio_set`, for which the C library has no function."""

_WHO_PROCESS, _CLASS_IDLE = 1, 3 << 13


def become_idle() -> None:
    """Give the calling thread, and threads it starts later, idle priority for processor and disk where that can be had.

    A thread at idle priority must not share an interpreter with one that has to answer at once: it may be set aside
    while it holds the interpreter's lock. Hashing therefore belongs in a process of its own.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    number = _IOPRIO_SET.get(platform.machine())
    if number is None or not hasattr(os, "sched_setscheduler"):
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).syscall(number, _WHO_PROCESS, 0, _CLASS_IDLE)
