"""The rows that the last session showed, remembered as JSON for a first paint before DuckDB is imported."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.view import RunRow
from repro_tui.journal.layout import Layout

VERSION = 1
MOST = 200
"""Rows that are remembered: more than the tallest terminal shows."""


class Remembered(msgspec.Struct):
    """What the file holds."""

    version: int
    columns: tuple[ColumnKey, ...]
    rows: tuple[RunRow, ...]


def path_of(layout: Layout) -> Path:
    """Give the file's place."""
    return layout.cache / "recent.json"


def read_recent(layout: Layout) -> Sequence[RunRow]:
    """Give the remembered rows; none when there are none, or when the file says something else."""
    try:
        remembered = msgspec.json.decode(path_of(layout).read_bytes(), type=Remembered)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return ()
    return remembered.rows if remembered.version == VERSION else ()


def write_recent(layout: Layout, columns: Sequence[ColumnKey], rows: Sequence[RunRow]) -> None:
    """Remember rows; a folder that refuses is no trouble."""
    target = path_of(layout)
    temporary = target.with_name(f".recent-{os.getpid()}.tmp")
    data = msgspec.json.encode(Remembered(VERSION, tuple(columns), tuple(rows[:MOST])))
    try:
        if layout.home.is_dir():
            target.parent.mkdir(mode=layout.folder_mode, exist_ok=True)
        if target.is_file() and target.read_bytes() == data:
            return
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, layout.file_mode)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - pathlib cannot open with modes
            os.fchmod(descriptor, layout.file_mode)
            stream.write(data)
        temporary.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
