"""The project's journals as one stream of events: what belongs to no run, told by any number of writers and hosts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from repro_tui.domain.events import Event
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.read import Tailer
from repro_tui.journal.sealed import find


class Fold(Protocol):
    """What events are put into, in any order."""

    def add(self, event: Event) -> None:
        """Take an event."""
        ...


F = TypeVar("F", bound=Fold)
T = TypeVar("T")

_Stat = tuple[int, int, int, int]


class ProjectJournal(Generic[F]):
    """Keeps a fold of the project's events up to date. Any thread."""

    def __init__(self, layout: Layout, make: Callable[[], F]) -> None:
        self._folder = layout.project_journal
        self._make = make
        self._fold = make()
        self._files: dict[Path, tuple[_Stat, Tailer]] = {}
        self._events: dict[Path, list[Event]] = {}
        self._lock = threading.Lock()

    def ask(self, question: Callable[[F], T]) -> T:
        """Read what is new, and put a question to the fold; it must not be kept beyond the question.

        A file that was replaced or deleted is forgotten. Files of which the stat is the same as before are not opened.
        """
        with self._lock:
            self._advance()
            return question(self._fold)

    def _advance(self) -> None:
        paths = journals_in(self._folder)
        again = not self._files.keys() <= set(paths)
        for path in paths:
            again = self._read(path) or again
        if again:
            self._fold = self._make()
            for gone in self._files.keys() - set(paths):
                del self._files[gone], self._events[gone]
            for events in self._events.values():
                for event in events:
                    self._fold.add(event)

    def _read(self, path: Path) -> bool:
        """Read on in one file; tell whether the fold has to be made anew."""
        stat = _stat(path)
        known = self._files.get(path)
        if stat is None or (known is not None and known[0] == stat):
            return False
        tailer = known[1] if known else Tailer(path)
        again = False
        more = True
        while more:
            batch = tailer.read()
            more = batch.more
            if batch.restart:
                self._events[path] = []
                again = True
            self._events.setdefault(path, []).extend(batch.events)
            for event in batch.events:
                self._fold.add(event)
        self._files[path] = (stat, tailer)
        return again


def _stat(path: Path) -> _Stat | None:
    found = find(path)
    return found and (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
