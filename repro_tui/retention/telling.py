"""Writes what was removed, brought back and emptied to the project's journal: by whom, by which rule, until when.

One journal takes the events of all runs: a prune of thousands of snapshots would else touch thousands of folders.
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.tidying import FolderMove
from repro_tui.journal.datasets import user_name
from repro_tui.journal.layout import Layout
from repro_tui.journal.write import Writer, greatest_counter, open_writer
from repro_tui.retention.intents import Intent


class Teller:
    """Keeps one writer for the session; a journal is begun with the first event. Any thread."""

    def __init__(self, layout: Layout, user: Callable[[], str] = user_name) -> None:
        self._layout = layout
        self._user = user
        self._writer: Writer | None = None
        self._lock = threading.Lock()

    @property
    def user(self) -> str:
        """Name the person."""
        return self._user()

    @property
    def host(self) -> str:
        """Name this host."""
        return platform.node()

    def ready(self) -> None:
        """Begin the journal now; raises StorageError where it cannot be written, before anything was removed."""
        with self._lock:
            self._open()

    def removed(self, intent: Intent, moved: Iterable[Digest]) -> None:
        """Say what was removed of what was intended; raises StorageError."""
        wanted = set(moved)
        events = [
            {
                **_of(move.digest, move.run),
                "part": part,
                "on": True,
                "why": move.why,
                "rule": move.rule,
                "until": intent.until,
                "batch": intent.batch,
                "user": intent.user,
                "host": intent.host,
            }
            for move in intent.moves
            if move.digest in wanted
            for part in move.parts
        ]
        self._tell("dropped", events)

    def brought_back(self, what: Iterable[tuple[Digest, RunId | None, Iterable[str]]]) -> None:
        """Say what was brought back, by snapshot, run and parts; raises StorageError."""
        signed = {"on": False, "user": self.user, "host": self.host}
        self._tell("dropped", [{**_of(d, run), "part": part, **signed} for d, run, parts in what for part in parts])

    def emptied(self, what: Iterable[tuple[Digest, RunId | None, Iterable[str]]]) -> None:
        """Say what is gone for good; raises StorageError."""
        signed = {"user": self.user, "host": self.host}
        self._tell("emptied", [{**_of(d, run), "part": part, **signed} for d, run, parts in what for part in parts])

    def outputs_removed(self, moves: Iterable[tuple[FolderMove, Mapping[str, int]]], batch: str) -> None:
        """Say which files of run folders are given up, with their sizes; raises StorageError."""
        signed = {"batch": batch, "user": self.user, "host": self.host}
        self._tell(
            "removed",
            [
                {
                    "run": str(move.run),
                    "files": dict(files),
                    "why": move.reason.words,
                    "rule": move.reason.rule,
                    **signed,
                }
                for move, files in moves
            ],
        )

    def close(self) -> None:
        """Give back the descriptor."""
        with self._lock:
            if self._writer is not None:
                self._writer.close()
            self._writer = None

    def _tell(self, kind: str, events: Iterable[dict[str, object]]) -> None:
        told = list(events)
        if not told:
            return
        with self._lock:
            writer = self._open()
            writer.see(greatest_counter(self._folder / "journal"))
            for event in told:
                writer.event(kind, **event)
            writer.sync()

    @property
    def _folder(self) -> Path:
        return self._layout.project_journal.parent

    def _open(self) -> Writer:
        """Give the journal of this session; a new one when somebody deleted it."""
        if self._writer is not None and self._writer.removed:
            self._writer.close()
            self._writer = None
        if self._writer is None:
            self._layout.create()
            self._writer = open_writer(self._folder, run="", role="person", attempt=0, layout=self._layout)
        return self._writer


def _of(digest: Digest, run: RunId | None) -> dict[str, object]:
    return {"d": digest, "run": str(run)} if run else {"d": digest}
