"""Reads what was recorded of runs: the fold from the catalog, the facts documents beside it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.catalog import history
from repro_tui.catalog.connect import Catalog, Row
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.domain.traits import Traits
from repro_tui.domain.traits_of import Side, traits_of
from repro_tui.errors import ReproError
from repro_tui.ingest.describe import decode
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.facts import read_document
from repro_tui.journal.layout import Layout

Facts = Mapping[str, object]
_SECTIONS = ("code", "environment", "host", "tree", "patch")
_MOST_DOCUMENTS = 64
"""Documents that are kept at hand; most runs of a project share theirs."""
_MOST_TRAITS = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A run as the catalog has it now."""

    run: Run
    state: State
    mark: int
    """Another one when anything in the run's journal that counts is another."""


class Records:
    """What is known of the runs of one project. Any thread."""

    def __init__(self, layout: Layout, ask: Asking, names: Callable[[], Mapping[str, str]]) -> None:
        self._layout = layout
        self.ask = ask
        self.names = names
        """Gives the path of each declared dataset with its name."""
        self._documents: OrderedDict[Digest, Facts] = OrderedDict()
        self._traits: OrderedDict[object, Traits] = OrderedDict()
        self._lock = threading.Lock()

    def runs(self, uids: Sequence[RunId]) -> dict[RunId, Known]:
        """Give runs with their states, those that there are."""
        from msgspec import MsgspecError

        found = {}
        for uid, state, document in self._rows(uids):
            try:
                found[RunId(uid)] = Known(decode(document), State(state), hash(document))
            except MsgspecError:
                continue  # its entry is damaged: it is as if it were not there
        return found

    def _rows(self, uids: Sequence[RunId]) -> list[Row]:
        """Read the entries by their keys: a condition on uids would unpack the documents of all runs."""

        def read(catalog: Catalog) -> list[Row]:
            keys = ",".join(map(str, sorted(history.keys_of(catalog, uids))))
            statement = f"SELECT uid, state, document FROM runs WHERE key IN ({keys})"  # noqa: S608 - integers
            return catalog.fetch(statement) if keys else []

        return self.ask(read)

    def traits(self, known: Known, names: Mapping[str, str] | None = None) -> Traits:
        """Reduce a run to traits; of a run that did not change since, the same as before.

        `names` are the declared datasets, where the caller has asked for them already.
        """
        datasets = self.names() if names is None else names
        key = (known.run.uid, known.mark, frozenset(datasets.items()))
        with self._lock:
            if key in self._traits:
                self._traits.move_to_end(key)
                return self._traits[key]
        traits = traits_of(self.side(known.run, datasets))
        with self._lock:
            self._traits[key] = traits
            while len(self._traits) > _MOST_TRAITS:
                self._traits.popitem(last=False)
        return traits

    def side(self, run: Run, names: Mapping[str, str]) -> Side:
        """Give a run with the documents that its traits are read from."""
        code, environment, host, tree, patch = (self.facts(run, section) for section in _SECTIONS)
        return Side(run, code, environment, host, tree, patch, names)

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
