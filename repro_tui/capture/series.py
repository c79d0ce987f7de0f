"""Which shell started this run, and when: the runs that one loop starts are one question."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from repro_tui.source.words import words

_BETWEEN = words("timeout time uv uvx sudo doas poetry pixi conda hatch nice ionice taskset numactl strace env")
"""Programs that stand between a shell and what it starts, anew for each command."""
_DEPTH = 4
_PARENT, _START = 1, 19
"""Places in /proc/PID/stat after the name: the parent's id, and the start in ticks since the boot."""


def series_of(environment: Mapping[str, str]) -> str:
    """Name what started this process, so that all it starts get the same name; empty when that cannot be known.

    The tasks of a Slurm array have no shell in common, but the array.
    """
    array = environment.get("SLURM_ARRAY_JOB_ID", "")
    if array.isdigit():
        return f"array:{environment.get('SLURM_CLUSTER_NAME', '')}:{array}"
    pid = os.getppid()
    for _ in range(_DEPTH):
        found = _stat(pid)
        if found is None:
            return ""
        name, fields = found
        if name not in _BETWEEN:
            return f"{os.uname().nodename}:{pid}:{fields[_START]}"
        pid = int(fields[_PARENT])
    return ""


def began() -> float:
    """Give the moment at which this process was started, seconds since the epoch: before it imported anything."""
    now = time.time()
    found = _stat(os.getpid())
    try:
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(found[1][_START]) / os.sysconf("SC_CLK_TCK") if found else 0
    except (AttributeError, OSError, ValueError):  # no such clock outside of Linux
        return now
    return now - max(age, 0.0)


def _stat(pid: int) -> tuple[str, list[str]] | None:
    """Read a process's name and the fields after it; None when it is gone, or where there is no /proc."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 - a hot path
            head, _, rest = stream.read().rpartition(") ")
    except OSError:
        return None
    fields = rest.split()
    return (head.partition("(")[2], fields) if len(fields) > _START else None
