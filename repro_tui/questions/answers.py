"""Writing answers down: in the journal of the run that they are about, else in the project's."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from repro_tui.domain.question import SNAPSHOT, Answer, Standing
from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.write import Writer, greatest_counter, open_writer

_MOST_OPEN = 64


def user_name() -> str:
    """Name the person who looks; an arbitrary uid inside a container has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


class AnswerBook:
    """Keeps one writer a folder, so that answers do not become a file each. Any thread."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._writers: dict[Path, Writer] = {}
        self._lock = threading.Lock()
        self.user = user_name()
        """Whose answers these are."""

    def note(self, folder: Path | None, uid: str, answer: Answer, by: str, question: str = SNAPSHOT) -> None:
        """Note an answer about a run; raises StorageError when neither its journal nor the project's can be written."""
        fields = {"question": question, "answer": str(answer), "by": by, "user": self.user}
        with self._lock:
            try:
                if folder is None or not folder.is_dir():
                    raise StorageError("The run has no folder.")
                self._write(folder, uid, folder, "answer", fields)
            except StorageError:
                # Somebody else's run in a shared project: the project's journal may speak of it.
                self._write(self._project, "", folder, "answer", {**fields, "run": uid})

    def note_dataset(self, question: str, answer: Answer, by: str) -> None:
        """Note an answer about a dataset; raises StorageError."""
        fields = {"question": question, "answer": str(answer), "by": by, "user": self.user}
        with self._lock:
            self._write(self._project, "", None, "answer", fields)

    def stand(self, standing: Standing) -> None:
        """Note what all runs of the project shall do; raises StorageError."""
        fields = {"question": SNAPSHOT, "answer": str(standing), "user": self.user}
        with self._lock:
            self._write(self._project, "", None, "standing", fields)

    def close(self) -> None:
        """Give back the descriptors."""
        with self._lock:
            for writer in self._writers.values():
                writer.close()
            self._writers.clear()

    @property
    def _project(self) -> Path:
        return self._layout.project_journal.parent

    def _write(self, folder: Path, uid: str, seen: Path | None, kind: str, fields: Mapping[str, object]) -> None:
        """Append an event that wins over all that can be seen now, in the folder and in another."""
        writer = self._writers.get(folder)
        if writer is not None and writer.removed:
            self._writers.pop(folder).close()
            writer = None
        if writer is None:
            if len(self._writers) >= _MOST_OPEN:
                self._writers.pop(next(iter(self._writers))).close()
            if folder == self._project:
                self._layout.make_folder(folder)
            writer = open_writer(folder, run=uid, role="person", attempt=0, layout=self._layout)
            self._writers[folder] = writer
        for place in {folder, seen} - {None}:
            assert place is not None
            writer.see(greatest_counter(place / "journal"))
        writer.event(kind, **fields)
