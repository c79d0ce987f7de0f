"""What a person says about runs, written to their journals; where those cannot be written, to the project's."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from repro_tui.domain.ids import RunId
from repro_tui.domain.view import Annotation
from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.write import Writer, greatest_counter, open_writer


class Annotator:
    """Keeps one writer a run for the session, so that a person's words do not become a file each."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lock = threading.Lock()
        self._writers: dict[Path, Writer] = {}

    def annotate(self, uid: RunId, folders: Sequence[Path], annotation: Annotation) -> None:
        """Write a change; raises StorageError when neither the run's nor the project's journal can be written."""
        events = events_of(annotation)
        if not events:
            return
        with self._lock:
            try:
                if not folders:
                    raise StorageError("The run has no folder.")
                self._write(folders[0], str(uid), events)
            except StorageError:
                # Somebody else's run in a shared project: the project's journal may speak of it.
                self._write_to_project(uid, folders, events)

    def close(self) -> None:
        """Give back the descriptors."""
        with self._lock:
            for writer in self._writers.values():
                writer.close()
            self._writers.clear()

    def _write(self, folder: Path, run: str, events: Sequence[dict[str, object]]) -> None:
        writer = self._writer(folder, run)
        # Others may have annotated since: what a person says now must win over what was there to be seen.
        writer.see(greatest_counter(folder / "journal"))
        for event in events:
            writer.event(**event)  # type: ignore[arg-type]

    def _write_to_project(self, uid: RunId, folders: Sequence[Path], events: Sequence[dict[str, object]]) -> None:
        folder = self._layout.project_journal.parent
        try:
            writer = self._writer(folder, "")
            writer.see(max((greatest_counter(place / "journal") for place in (*folders, folder)), default=0))
            for event in events:
                writer.event(**event, run=str(uid))  # type: ignore[arg-type]
        except StorageError as error:
            raise StorageError(
                f"The annotation could not be written: {error.message}",
                "Ask the project's owner for write permission, or work on a copy of the project (rsync -a).",
            ) from error

    def _writer(self, folder: Path, run: str) -> Writer:
        writer = self._writers.get(folder)
        if writer is not None and writer.removed:
            writer.close()
            del self._writers[folder]
            writer = None
        if writer is None:
            writer = open_writer(folder, run=run, role="person", attempt=0, layout=self._layout)
            self._writers[folder] = writer
        return writer


def events_of(annotation: Annotation) -> list[dict[str, object]]:
    """Give the events that an annotation means."""
    events: list[dict[str, object]] = []
    events += [{"kind": "tag", "tag": tag, "on": True} for tag in annotation.add_tags if tag.strip()]
    events += [{"kind": "tag", "tag": tag, "on": False} for tag in annotation.remove_tags]
    if annotation.note is not None:
        events.append({"kind": "note", "text": annotation.note})
    if annotation.pinned is not None:
        events.append({"kind": "pin", "on": annotation.pinned})
    if annotation.name is not None:
        events.append({"kind": "name", "name": annotation.name})
    return events
