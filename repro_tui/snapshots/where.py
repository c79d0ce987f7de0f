"""Where things are restored: a file of the project at its place in it, everything else below `_snapshot/`."""

from __future__ import annotations

import os
from pathlib import Path

from repro_tui.recorder.line import from_text, to_text

RESERVED = b"_snapshot"
OUTSIDE = RESERVED + b"/outside"
ENVIRONMENT = RESERVED + b"/environment"
OUTPUTS = RESERVED + b"/outputs"
LOG = RESERVED + b"/log"
MANIFEST = RESERVED + b"/manifest.json"
README = RESERVED + b"/README"


def to_bytes(path: str) -> bytes:
    """Give the bytes of a name as journals write it."""
    return os.fsencode(from_text(path))


def to_name(path: bytes) -> str:
    """Give a name as journals write it."""
    return to_text(os.fsdecode(path))


def full_path(path: str, root: Path) -> bytes:
    """Give the absolute path of what a journal names: relative to the project, or absolute."""
    return os.path.normpath(os.path.join(os.fsencode(root), to_bytes(path)))  # noqa: PTH118 - bytes


def inside(full: bytes, root: Path) -> bytes | None:
    """Give a path relative to the project; None when it lies elsewhere, or in what snapshots use themselves."""
    folder = os.fsencode(root).rstrip(b"/") + b"/"
    if full + b"/" == folder:
        return b""
    if not full.startswith(folder):
        return None
    way = full[len(folder) :]
    return None if way == RESERVED or way.startswith(RESERVED + b"/") else way


def restored(full: bytes, root: Path) -> bytes:
    """Say where a file is restored."""
    way = inside(full, root)
    return OUTSIDE + full if way is None else way


def is_below(path: bytes, folders: frozenset[bytes]) -> bool:
    """Tell whether a path, or a folder on the way to it, is one of several."""
    while path:
        if path in folders:
            return True
        path = path.rpartition(b"/")[0]
    return False
