"""The Workbench of one session: the screens and commands ask it, and nothing else."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repro_tui.domain.changes import Side, phrases
from repro_tui.domain.columns import Column
from repro_tui.domain.ids import ColumnKey, Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import Curve, CurveQuery
from repro_tui.domain.view import Annotation, Candidate, Health, RunList, RunQuery, RunRow
from repro_tui.errors import ReproError, StorageError
from repro_tui.ingest.annotate import Annotator
from repro_tui.ingest.recent import MOST, read_recent, write_recent
from repro_tui.journal.layout import Layout
from repro_tui.ports import LogSource
from repro_tui.settings import Project

if TYPE_CHECKING:  # DuckDB is imported with the first look at the catalog, after the first paint
    from repro_tui.catalog.connect import Catalog
    from repro_tui.ingest.books import Books
    from repro_tui.ingest.feed import Feed
    from repro_tui.journal.watch import Watcher

_DEFAULT_COLUMNS = (ColumnKey("field:age"),)
_REMEMBER_EVERY = 30.0
_PUBLISH_EVERY = 600.0
_WORTH_PUBLISHING = 20_000
"""Points and runs that a query command must have read before it publishes them."""


class Session:
    """Answers for one project. `advance` and `wait` are for one thread, everything else for any."""

    def __init__(self, project: Project, *, read_only: bool, environment: Mapping[str, str]) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._asks_only = read_only
        self._environment = environment
        self._lock = threading.RLock()
        self._books: Books | None = None
        self._catalog: Catalog | None = None
        self._feed: Feed | None = None
        self._watcher: Watcher | None = None
        self._waited = False
        self._closed = False
        self._annotator = Annotator(self._layout)
        self._columns: tuple[int, tuple[Column, ...]] = (0, ())
        self._asked: Sequence[ColumnKey] = _DEFAULT_COLUMNS
        self._remembered = self._published = time.monotonic()

    # Names

    @property
    def project(self) -> str:
        """Name of the project."""
        return self._project.name

    @property
    def root(self) -> str:
        """Absolute path of the project's folder."""
        return str(self._project.root)

    @property
    def host(self) -> str:
        """Name of this host."""
        return os.uname().nodename

    # The feed

    def recent(self) -> Sequence[RunRow]:
        """Give the rows remembered from the last session."""
        return read_recent(self._layout)

    def advance(self, budget_s: float) -> bool:
        """Read what is new in the journals for about so many seconds; tell whether anything changed."""
        fresh = self._feed is None and self._catalog is None
        self._ready()
        feed = self._feed
        if feed is None:
            return fresh
        if not self._waited:
            feed.look_everywhere()
        self._waited = False
        try:
            changed = feed.advance(budget_s)
        except StorageError:
            changed = self._retreat(budget_s)
        if not feed.busy:
            self._now_and_then()
        return changed or fresh

    def wait(self, timeout_s: float) -> None:
        """Return when there may be news, or after the timeout."""
        feed = self._feed
        if feed is None or feed.busy:
            self._waited = feed is not None
            return
        if self._watcher is None:
            from repro_tui.journal.watch import Watcher

            self._watcher = Watcher(self._layout)
        self._watcher.follow(feed.live_folders())
        feed.hint(self._watcher.wait(timeout_s))
        self._waited = True

    def health(self) -> Health:
        """Tell how news arrives and what could not be read."""
        feed = self._feed
        watcher = self._watcher
        skipped = sum(file.skipped for file in list(feed.shelf.files.values())) if feed else 0
        return Health(
            watch=watcher.mode() if watcher else "still",
            why=watcher.why() if watcher else "",
            skipped_lines=skipped,
            read_only=not self._writable(),
            catching_up=feed is not None and not feed.caught_up,
        )

    def _writable(self) -> bool:
        place = self._layout.runs if self._layout.runs.is_dir() else self._layout.home
        return os.access(place if place.exists() else place.parent, os.W_OK)

    # Lists

    def runs(self, query: RunQuery) -> RunList:
        """List the runs that match, in order."""
        from repro_tui.catalog import listing

        catalog = self._ready()
        revision = self._revision()
        keys = listing.matching(catalog, query, time.time())
        total, live = listing.counts(catalog)
        return RunList(revision, query, keys, total, live, self._all_columns(catalog))

    def rows(self, keys: Sequence[int], columns: Sequence[ColumnKey]) -> Sequence[RunRow]:
        """Give the lines for row keys."""
        from repro_tui.catalog.rows import rows

        catalog = self._ready()
        if columns:
            self._asked = tuple(columns)
        return rows(catalog, keys, columns, time.time())

    def find(self, name: str) -> RunId:
        """Find a run by uid, uid prefix, name, or `@1`."""
        from repro_tui.catalog import listing

        return RunId(listing.find(self._ready(), name))

    def complete(self, text: str, cursor: int) -> Sequence[Candidate]:
        """Complete a filter at a cursor."""
        from repro_tui.catalog.vocabulary import values_seen
        from repro_tui.domain.filter_completion import Vocabulary, complete

        catalog = self._ready()
        columns = self._all_columns(catalog)
        params = tuple(c.name for c in columns if c.kind == "param")
        metrics = tuple(c.name for c in columns if c.kind == "metric")
        return complete(text, cursor, Vocabulary(params, metrics, values_seen(catalog)))

    def _all_columns(self, catalog: Catalog) -> tuple[Column, ...]:
        from repro_tui.catalog import listing

        revision = self._feed.columns_revision if self._feed else 1
        known, columns = self._columns
        if known != revision:
            columns = listing.all_columns(listing.param_columns(catalog), listing.metric_columns(catalog))
            self._columns = (revision, columns)
        return columns

    def _revision(self) -> int:
        return self._feed.revision if self._feed else 1

    # One run

    def run(self, uid: RunId) -> Run | Unavailable:
        """Give everything that is known about a run."""
        from msgspec import MsgspecError

        from repro_tui.ingest.describe import decode

        rows = self._ready().fetch("SELECT document FROM runs WHERE uid = ?", [uid])
        if not rows:
            return Unavailable(f"there is no run {uid[:8]} in this project (any more)")
        try:
            return decode(rows[0][0])
        except MsgspecError as error:
            return Unavailable(f"its entry in the index is damaged ({error}); `repro-tui rebuild` repairs it")

    def state(self, uid: RunId) -> State:
        """Give a run's state now."""
        rows = self._ready().fetch("SELECT state FROM runs WHERE uid = ?", [uid])
        return State(rows[0][0]) if rows else State.SILENT

    def last_metrics(self, uid: RunId) -> Mapping[str, tuple[float, float]]:
        """Give each metric's last step and value."""
        from repro_tui.catalog.curves import last_metrics

        return last_metrics(self._ready(), uid)

    def curves(self, query: CurveQuery) -> Sequence[Curve]:
        """Give min/max buckets for each run and metric that has points."""
        from repro_tui.catalog.curves import curves

        return curves(self._ready(), query)

    def values_at(self, query: CurveQuery, x: float) -> Mapping[tuple[RunId, str], tuple[float, float]]:
        """Give (x, value) of the last point at or before `x`."""
        from repro_tui.catalog.curves import values_at

        return values_at(self._ready(), query, x)

    def since_previous(self, uid: RunId) -> Sequence[str]:
        """Say in short phrases what changed since the previous run of the lineage."""
        before = self.previous(uid)
        runs = [self.run(uid), self.run(before)] if before else []
        sides = [self._side(run) for run in runs if isinstance(run, Run)]
        return phrases(sides[1], sides[0]) if len(sides) == 2 else ()  # noqa: PLR2004 - this run and the one before

    def previous(self, uid: RunId) -> RunId | None:
        """Give the previous run of the same lineage."""
        rows = self._ready().fetch("SELECT b.uid FROM runs a JOIN runs b ON b.key = a.previous WHERE a.uid = ?", [uid])
        return RunId(rows[0][0]) if rows else None

    def level(self, uid: RunId) -> tuple[int, str]:
        """Give the reproducibility level and why it is not higher."""
        rows = self._ready().fetch("SELECT level, level_why FROM runs WHERE uid = ?", [uid])
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "there is no such run in this project (any more)")

    def document(self, digest: Digest) -> Mapping[str, object] | Unavailable:
        """Read a facts document."""
        from repro_tui.journal.facts import read_document

        return read_document(self._layout, digest)

    def _side(self, run: Run) -> Side:
        return Side(run, self._facts(run, "code"), self._facts(run, "environment"), self._facts(run, "host"))

    def _facts(self, run: Run, section: str) -> Mapping[str, object]:
        """Read a document for a comparison; what is missing or damaged is compared by its digest alone."""
        document = run.documents.get(section)
        try:
            found = self.document(document.digest) if document else None
        except ReproError:
            return {}
        return found if isinstance(found, Mapping) else {}

    def log(self, uid: RunId, stream: str = "") -> LogSource | Unavailable:
        """Open a run's output."""
        from repro_tui.journal.output import LogFile

        run = self.run(uid)
        if not isinstance(run, Run):
            return run
        names = [stream] if stream else list(run.output)
        for folder in self._folders(uid):
            for name in names or ["output.log", "stdout.log", "stderr.log"]:
                path = folder / name
                if path.parent == folder and path.is_file():
                    return LogFile(path)
        return Unavailable("no output was recorded" if not names else f"{', '.join(names)} is not in the run's folder")

    # Changing

    def annotate(self, uids: Sequence[RunId], annotation: Annotation) -> None:
        """Write a person's change to the journals of runs."""
        for uid in uids:
            self._annotator.annotate(uid, self._folders(uid), annotation)
        watcher = self._watcher
        if watcher is not None:
            watcher.wake()

    def close(self) -> None:
        """Publish what was learnt, and give everything back."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._annotator.close()
            if self._watcher is not None:
                self._watcher.close()
            if self._books is not None:
                self._leave(self._books)

    def _leave(self, books: Books) -> None:
        """Publish and remember at the end; whatever refuses, the session ends."""
        try:
            if self._catalog is not None:
                self._remember()
            if self._feed is not None and self._feed.learnt > (_WORTH_PUBLISHING if self._asks_only else 0):
                self._feed.finish_positions()
                books.publish()
        except ReproError:
            pass  # the catalog is a cache: the next session reads the journals
        finally:
            books.close()

    # Inside

    def _ready(self) -> Catalog:
        """Open the catalog when it is needed for the first time."""
        catalog = self._catalog
        if catalog is not None:
            return catalog
        with self._lock:
            if self._closed:
                raise StorageError("The session is closed.", "Open the project again.")
            if self._catalog is None:
                self._open()
            assert self._catalog is not None
            return self._catalog

    def _open(self) -> None:
        from repro_tui.ingest.books import Books

        self._books = Books(self._layout, self._environment)
        if self._asks_only:
            opened = self._books.open_published()
            if opened is not None and not opened[1].live:
                self._catalog = opened[0]
                return
            if opened is not None:
                opened[0].close()
        feed = self._begin()
        if self._asks_only:  # a command gives one answer, so it waits until all is read
            feed.look_everywhere()
            while feed.busy:
                feed.advance(1.0)

    def _begin(self, *, afresh: bool = False) -> Feed:
        from repro_tui.ingest.feed import Feed
        from repro_tui.journal.liveness import Pulses

        assert self._books is not None
        catalog, shelf = self._books.open_private(afresh=afresh)
        self._feed = Feed(catalog, self._layout, shelf, Pulses())
        self._catalog = catalog
        return self._feed

    def _retreat(self, budget_s: float) -> bool:
        """Go on in memory when the private file fails, as on a full disk; raises StorageError when that fails too."""
        assert self._books is not None
        with self._lock:
            old, retreated = self._catalog, self._books.retreat()
            if not retreated or old is None:
                raise StorageError("The index could not be written, not even in memory.", "Close other programs.")
            revision = self._feed.revision if self._feed else 0
            feed = self._begin(afresh=True)
            feed.revision = feed.columns_revision = revision + 1
        feed.look_everywhere()
        return feed.advance(budget_s)

    def _now_and_then(self) -> None:
        """Remember rows for the next first paint, and publish, so that a killed session was not for nothing."""
        now = time.monotonic()
        feed, books = self._feed, self._books
        if feed is None or books is None or self._asks_only:
            return
        if now - self._remembered > _REMEMBER_EVERY and feed.revision > 1:
            self._remembered = now
            self._remember()
        first = feed.learnt > _WORTH_PUBLISHING and books.seen is None
        if first or (feed.learnt and now - self._published > _PUBLISH_EVERY):
            self._published = now
            feed.finish_positions()
            if books.publish():
                feed.learnt = 0

    def _remember(self) -> None:
        keys = self.runs(RunQuery()).keys[:MOST]
        if keys or self.recent():
            write_recent(self._layout, self._asked, self.rows(keys, self._asked))

    def _folders(self, uid: RunId) -> list[Path]:
        rows = self._ready().fetch(
            "SELECT DISTINCT p.folder FROM runs r JOIN positions p ON p.run = r.key WHERE r.uid = ? AND p.folder <> ''",
            [uid],
        )
        return [self._layout.runs / folder for (folder,) in rows]
