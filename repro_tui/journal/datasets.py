"""Writing what was learnt of datasets to the project's journal, and reading the documents that its events name."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from repro_tui.domain.dataset import Spec, Version
from repro_tui.domain.dataset_fold import DatasetFold
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Coverage
from repro_tui.errors import ReproError
from repro_tui.journal.facts import read_document, write_document
from repro_tui.journal.layout import Layout
from repro_tui.journal.project import ProjectJournal
from repro_tui.journal.write import Writer, greatest_counter, open_writer
from repro_tui.recorder.line import from_text

if TYPE_CHECKING:  # imported when a list is read
    from repro_tui.domain.profile import FileLine, Profile

MAX_LISTED = 500_000
"""Files of a version that are listed; a list of more would not be read again by anybody."""
_MAX_FAULTS = 3
"""Things that could not be read which the journal names of a version; its profile names all."""
_LONGEST_FAULT = 300
_UNSIGNED = frozenset({"profile", "overlap"})
"""Kinds that tell what anybody would have found."""

T = TypeVar("T")


def user_name() -> str:
    """Name the person who runs this process."""
    import getpass  # it costs as much as all else together, and is needed only to write

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an arbitrary uid inside a container has no name
        return str(os.getuid())


class DatasetLedger:
    """What the project's journal says of datasets, and the writer of what is new. Any thread.

    A journal is begun with the first thing that is written.
    """

    def __init__(self, layout: Layout, user: Callable[[], str] = user_name) -> None:
        self.layout = layout
        self._user = user
        self._journal = ProjectJournal(layout, DatasetFold)
        self._writer: Writer | None = None
        self._lock = threading.Lock()

    def ask(self, question: Callable[[DatasetFold], T]) -> T:
        """Put a question to everything that was said so far."""
        return self._journal.ask(question)

    def known(self, name: str, version: Digest) -> Version | None:
        """Give what is known of a version, None when nobody has seen it."""
        return self.ask(lambda fold: fold.known(name, version))

    def write(self, kind: str, /, **fields: object) -> None:
        """Append an event; raises StorageError."""
        with self._lock:
            folder = self.layout.project_journal.parent
            if self._writer is not None and self._writer.removed:
                self._writer.close()
                self._writer = None
            if self._writer is None:
                self.layout.create()
                self._writer = open_writer(folder, run="", role="person", attempt=0, layout=self.layout)
            self._writer.see(greatest_counter(folder / "journal"))
            signed = {} if kind in _UNSIGNED else {"user": self._user()}
            self._writer.event(kind, **fields, **signed)

    def declare(self, spec: Spec, *, on: bool = True) -> None:
        """Note a declaration, or that it holds no longer."""
        self.write(
            "dataset",
            name=spec.name,
            path=spec.path,
            form=spec.kind,
            watch=str(spec.watch),
            label=spec.label,
            key=spec.key,
            on=on,
        )

    def note_version(
        self, spec: Spec, version: Digest, coverage: Coverage, files: Sequence[FileLine], run: RunId | None = None
    ) -> bool:
        """Note a version with its file list, unless it is known with one; tell whether it is new.

        Raises StorageError.
        """
        known = self.known(spec.name, version)
        if known is not None and (known.listing is not None or len(files) > MAX_LISTED):
            return False
        fields: dict[str, object] = {
            "name": spec.name,
            "path": spec.path,
            "d": version,
            "files": len(files),
            "size": sum(line.size for line in files),
            "cov": str(coverage),
        }
        if len(files) <= MAX_LISTED:
            fields["list"] = write_document(self.layout, {"files": [_row(line) for line in files]})
        if run:
            fields["run"] = run
        self.write("version", **fields)
        return known is None

    def note_profile(self, name: str, version: Digest, document: Mapping[str, object], profile: Profile) -> None:
        """Note what a version holds; `document` is the profile as a document. Raises StorageError."""
        faults = [fault[:_LONGEST_FAULT] for fault in profile.faults[:_MAX_FAULTS]]
        doc = write_document(self.layout, document)
        self.write(
            "profile", name=name, d=version, doc=doc, rows=profile.rows, **({"faults": faults} if faults else {})
        )

    def listing(self, name: str, version: Digest) -> tuple[FileLine, ...] | Unavailable:
        """Give the file list of a version."""
        known = self.known(name, version)
        if known is None:
            return Unavailable("it was never seen")
        if known.listing is None:
            return Unavailable(f"its {known.files:,} files were not listed")
        return read_list(self.layout, known.listing)

    def profile(self, name: str, version: Digest) -> Mapping[str, object] | Unavailable | None:
        """Give the document that says what a version holds; None when nobody has looked."""
        known = self.known(name, version)
        if known is None or known.profile is None:
            return None
        return _read(self.layout, known.profile)

    def close(self) -> None:
        """Give back the descriptor."""
        with self._lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None


def read_list(layout: Layout, document: Digest) -> tuple[FileLine, ...] | Unavailable:
    """Read a file list."""
    import msgspec

    from repro_tui.domain.profile import FileLine

    found = _read(layout, document)
    if isinstance(found, Unavailable):
        return found
    try:
        rows = msgspec.convert(found.get("files"), list[tuple[str, int, int, Digest | None, int]])
    except msgspec.ValidationError as error:
        return Unavailable(f"its file list is not understood: {error}")
    return tuple(FileLine(path, size, digest, mode, mtime) for path, size, mode, digest, mtime in rows)


def _read(layout: Layout, document: Digest) -> Mapping[str, object] | Unavailable:
    try:
        return read_document(layout, document)
    except ReproError as error:
        return Unavailable(error.message)


def _row(line: FileLine) -> list[object]:
    """Give an entry of a list; documents encode names by themselves."""
    return [from_text(line.path), line.size, line.mode, line.digest, line.mtime_ns]
