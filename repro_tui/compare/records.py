"""Reads what was recorded of runs: the fold from the catalog, the facts documents beside it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from repro_tui.domain.changes import Side
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.errors import ReproError
from repro_tui.ingest.describe import decode
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.facts import read_document
from repro_tui.journal.layout import Layout

Facts = Mapping[str, object]
_MOST_DOCUMENTS = 64
"""Documents that are kept at hand; most runs of a project share theirs."""


class Records:
    """What is known of the runs of one project. Any thread."""

    def __init__(self, layout: Layout, ask: Asking) -> None:
        self._layout = layout
        self.ask = ask
        self._documents: OrderedDict[Digest, Facts] = OrderedDict()
        self._lock = threading.Lock()

    def runs(self, uids: Sequence[RunId]) -> dict[RunId, tuple[Run, State]]:
        """Give runs with their states, those that there are."""
        from msgspec import MsgspecError

        marks = ",".join("?" * len(uids))
        statement = f"SELECT uid, state, document FROM runs WHERE uid IN ({marks})"  # noqa: S608 - question marks
        found = {}
        for uid, state, document in self.ask(lambda catalog: catalog.fetch(statement, list(uids))) if uids else ():
            try:
                found[RunId(uid)] = (decode(document), State(state))
            except MsgspecError:
                continue  # its entry is damaged: it is as if it were not there
        return found

    def side(self, run: Run) -> Side:
        """Give a run with the documents that its traits are read from."""
        return Side(run, *(self.facts(run, section) for section in ("code", "environment", "host")))

    def facts(self, run: Run, section: str) -> Facts:
        """Read a document of a run; empty when there is none, or it cannot be read."""
        document = run.documents.get(section)
        return self.document(document.digest) if document is not None else {}

    def document(self, digest: Digest) -> Facts:
        """Read a document by its name; empty when it cannot be read."""
        with self._lock:
            if digest in self._documents:
                self._documents.move_to_end(digest)
                return self._documents[digest]
        try:
            found = read_document(self._layout, digest)
        except ReproError:
            return {}
        if isinstance(found, Unavailable):
            return {}
        with self._lock:
            self._documents[digest] = found
            while len(self._documents) > _MOST_DOCUMENTS:
                self._documents.popitem(last=False)
        return found
