"""Earlier runs of the same command line, found by the beginnings of journals alone, the newest first."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from repro_tui.domain.ids import RunId, is_run_id
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.lines import decode_object
from repro_tui.journal.sealed import head_of

_HEAD = 1 << 14
"""Bytes at a journal's beginning in which its header and `start` stand; a command line that is longer is skipped."""


def called_alike(layout: Layout, argv: Sequence[str], own: Path, seconds: float) -> Iterator[tuple[RunId, Path]]:
    """Give the runs that were started by the same words, with their folders.

    Args:
        layout: where they are looked for.
        argv: the command as journals have it.
        own: the folder of the run that asks.
        seconds: how long to look at most.
    """
    deadline = time.monotonic() + seconds
    words = list(argv)
    for folder in reversed(list(layout.run_folders())):
        if time.monotonic() > deadline:
            return
        if folder != own and (uid := _started_by(folder, words)):
            yield uid, folder


def _started_by(folder: Path, words: list[str]) -> RunId | None:
    """Give the uid of a folder's run if its journals begin with this command."""
    for path in journals_in(folder / "journal"):
        try:
            lines = head_of(path, _HEAD).split(b"\n")[:-1]
        except OSError:
            continue
        uid: object = ""
        for line in lines:
            fields = decode_object(line) or {}
            uid = fields.get("run", uid) if "repro" in fields else uid
            if fields.get("k") == "start":
                if fields.get("argv") == words and isinstance(uid, str) and is_run_id(uid):
                    return RunId(uid)
                break
    return None
