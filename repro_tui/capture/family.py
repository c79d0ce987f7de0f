"""The command's process tree: who belongs to it, what it uses, and which files it has open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_WRITE_ONLY, _READ_WRITE = 1, 2
_MAX_PROCESSES = 512
_MAX_FILES = 2_000


def members(pid: int) -> list[int]:
    """Give a process and its descendants, at most some hundreds; children of threads are found too."""
    found = [pid] if Path(f"/proc/{pid}").exists() else []
    for parent in found:
        if len(found) >= _MAX_PROCESSES:
            break
        found += [child for child in _children(parent) if child not in found]
    return found[:_MAX_PROCESSES]


def _children(pid: int) -> Iterator[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - names are wanted, many times a minute
    except OSError:
        return
    for task in tasks:
        try:
            yield from map(int, Path(f"/proc/{pid}/task/{task}/children").read_text("ascii").split())
        except (OSError, ValueError):
            continue


def open_files(pid: int) -> Iterator[tuple[str, str]]:
    """Give (absolute path, `r`, `w` or `rw`) of the regular files that a process has open now."""
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)[:_MAX_FILES]  # noqa: PTH208 - the same
    except OSError:
        return
    for name in names:
        try:
            path = os.readlink(f"{folder}/{name}")  # noqa: PTH115 - a text with surrogates is wanted
            if not path.startswith("/") or path.endswith(" (deleted)"):
                continue
            mode = _mode(Path(f"/proc/{pid}/fdinfo/{name}").read_text("ascii"))
        except (OSError, ValueError):
            continue
        yield path, mode


def _mode(text: str) -> str:
    """Read the open mode from `/proc/<pid>/fdinfo/<n>`: `flags:` holds the octal flags of open(2)."""
    flags = next(int(line.split()[1], 8) for line in text.splitlines() if line.startswith("flags:"))
    return {_WRITE_ONLY: "w", _READ_WRITE: "rw"}.get(flags & 3, "r")
