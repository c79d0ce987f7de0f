"""What lies at a dataset's path: from the stat cache at once, or by reading what changed."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest
from repro_tui.errors import CancelledError
from repro_tui.fingerprint import Budget, FileList, Fingerprint, Fingerprinter
from repro_tui.journal.layout import Layout
from repro_tui.recorder.line import from_text
from repro_tui.settings import Project

if TYPE_CHECKING:  # protocols cost imports, and "did it change?" is asked in a hurry
    from repro_tui.domain.progress import Progress

_TOLD_EVERY_S = 0.2


class Looker:
    """Looks at datasets with the project's stat cache. Any thread; one look at a time."""

    def __init__(self, project: Project) -> None:
        settings = project.settings
        self._root = str(project.root)
        self._prints = Fingerprinter(
            Layout.of(project).cache / "stat",
            metadata_above=settings.number("hash.metadata_above"),
            exclude=settings.list("exclude"),
        )

    def place(self, path: str) -> str:
        """Give the absolute path of what journals call so."""
        plain = from_text(path)
        return plain if plain.startswith("/") else os.path.join(self._root, plain)  # noqa: PTH118 - it may hold bytes that are no UTF-8

    def glance(self, spec: Spec) -> Fingerprint:
        """Say what is known without reading."""
        return self._prints.check([self.place(spec.path)])[0]

    def digest(self, spec: Spec) -> Digest | None:
        """Give the version that lies there now; what was written a moment ago is read again."""
        found = self.glance(spec)
        return found.digest or (self.read(spec).fingerprint.digest if found.size is not None else None)

    def lies_there(self, spec: Spec, version: Digest) -> bool:
        """Tell whether a version lies there now."""
        return self.digest(spec) == version

    def read(self, spec: Spec, progress: Progress | None = None) -> FileList:
        """Read what is not known, and give the file list; raises CancelledError."""
        budget = Told(f"reading {spec.name}", progress) if progress else Budget()
        try:
            return self._prints.lists([self.place(spec.path)], budget)[0]
        finally:
            self._prints.close()


class Told(Budget):
    """A budget without limits that tells how far the reading is."""

    def __init__(self, what: str, progress: Progress) -> None:
        super().__init__()
        self._what = what
        self._progress = progress
        self._done = 0
        self._told = 0.0
        self._telling = threading.Lock()

    def spend(self, count: int) -> None:
        """Count bytes about to be read; raises CancelledError when the one who is told wants it."""
        super().spend(count)
        with self._telling:
            self._done += count
            now = time.monotonic()
            if now - self._told < _TOLD_EVERY_S:
                return
            self._told = now
            try:
                self._progress(self._done, 0, self._what)
            except CancelledError:
                self.stop()
                raise
