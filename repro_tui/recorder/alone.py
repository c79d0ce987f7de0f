"""Whether this process was the only one: then no file can have been used that only another program can use."""

from __future__ import annotations

import os


def was_alone() -> bool:
    """Tell whether this process never started another, by what the system counted; False where it does not tell.

    What was waited for is summed up in the use of resources of children; what still goes on is listed.
    """
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if used.ru_minflt or used.ru_majflt or used.ru_maxrss:
        return False
    tasks = "/proc/self/task"
    try:
        return not any(_children(f"{tasks}/{task}/children") for task in os.listdir(tasks))
    except OSError:
        return False


def _children(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY)
    try:
        return os.read(fd, 64).strip()
    finally:
        os.close(fd)
