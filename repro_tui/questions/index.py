"""What is known of all runs, kept up to date without reading their journals again and again.

A quick look takes new folders, runs that have not ended or only just, and runs with an open question; a thorough one
compares the marks of every journal. What was learnt is remembered in `cache/questions.json`, which may be deleted at
any time.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from repro_tui.domain.question import Answer
from repro_tui.journal.layout import Layout
from repro_tui.questions.notes import RunNote, marks_of, read_note

VERSION = 1
MOST_RUNNING = 500
"""Runs without an end, newest first, that a quick look takes: of the older ones nobody will see an end."""
FRESH_S = 120.0
"""Seconds after its end in which a quick look takes a run without an answer: its question is noted a moment later."""


class _Remembered(msgspec.Struct):
    """What the file holds."""

    version: int
    notes: list[RunNote]


class RunIndex:
    """The notes of all runs. For one thread at a time."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._notes: dict[str, RunNote] = {}
        self._path = layout.cache / "questions.json"
        self._loaded = False
        self._changed = False

    @property
    def notes(self) -> Sequence[RunNote]:
        """Give one note a folder."""
        return list(self._notes.values())

    def refresh(self, *, thorough: bool = False) -> bool:
        """Look for what is new; tell whether anything was."""
        if not self._loaded:
            self._loaded = True
            self._load()
        names = self._names()
        if names is None:
            return False
        gone = self._notes.keys() - names
        for name in gone:
            del self._notes[name]
        news = self._read_all(names - self._notes.keys(), lambda _: True)
        known = self._notes.values() if thorough else self._unsettled()
        news += self._read_all([note.folder for note in known], self._is_newer)
        self._changed = self._changed or bool(gone) or news > 0
        return bool(gone) or news > 0

    def _names(self) -> set[str] | None:
        """Give the names of the run folders; None when that cannot be told right now."""
        try:
            with os.scandir(self._layout.runs) as entries:
                return {entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()}
        except FileNotFoundError:
            return set()
        except OSError:
            return None

    def _unsettled(self) -> Iterable[RunNote]:
        """Give the runs of which something may be heard at any moment."""
        waiting = [note for note in self._notes.values() if note.answer == Answer.LATER and not note.kept]
        running = [note for note in self._notes.values() if note.ended is None]
        running.sort(key=lambda note: note.began or float("inf"), reverse=True)
        since = time.time() - FRESH_S
        fresh = [note for note in self._notes.values() if not note.answer and (note.ended or 0.0) > since]
        return [*waiting, *running[:MOST_RUNNING], *fresh]

    def _read_all(self, names: Iterable[str], wanted: Callable[[RunNote], bool]) -> int:
        """Read folders again and give the number of them."""
        read = 0
        for name in names:
            if wanted(self._notes.get(name, RunNote(name))):
                self._notes[name] = read_note(self._layout.runs / name)
                read += 1
        return read

    def _is_newer(self, note: RunNote) -> bool:
        marks = marks_of(self._layout.runs / note.folder)
        return marks is not None and marks != note.marks

    def read(self, folders: Iterable[str]) -> None:
        """Read some folders again, because something was written there just now."""
        self._changed = self._read_all(folders, lambda _: True) > 0 or self._changed

    def _load(self) -> None:
        """Begin with what was remembered; a file that says something else is as good as none."""
        try:
            remembered = msgspec.json.decode(self._path.read_bytes(), type=_Remembered)
        except (OSError, msgspec.MsgspecError, RecursionError):
            return
        if remembered.version == VERSION:
            self._notes = {note.folder: note for note in remembered.notes}

    def remember(self) -> None:
        """Write down what was learnt; a folder that refuses is no trouble."""
        if not self._changed or not self._layout.home.is_dir():
            return
        self._changed = False
        temporary = self._path.with_name(f".questions-{os.getpid()}.tmp")
        data = msgspec.json.encode(_Remembered(VERSION, list(self._notes.values())))
        try:
            self._path.parent.mkdir(mode=self._layout.folder_mode, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            with open(os.open(temporary, flags, self._layout.file_mode), "wb") as stream:  # noqa: PTH123 - pathlib cannot open with modes
                stream.write(data)
            temporary.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
