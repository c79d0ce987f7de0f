"""The life of one session: which catalog it works on, how that is kept up to date, and how it ends."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from repro_tui.domain.columns import Column
from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.view import Health
from repro_tui.errors import ReproError, StorageError
from repro_tui.ingest.annotate import Annotator
from repro_tui.journal.layout import Layout
from repro_tui.ports import Comparisons, Services
from repro_tui.ports.retention import Retention
from repro_tui.settings import Project

if TYPE_CHECKING:  # DuckDB is imported with the first look at the catalog, after the first paint
    from repro_tui.catalog.connect import Catalog
    from repro_tui.ingest.books import Books
    from repro_tui.ingest.feed import Feed
    from repro_tui.ingest.shelf import Shelf
    from repro_tui.journal.watch import Watcher

T = TypeVar("T")
Comparing = Callable[["Asking"], Comparisons]
"""Builds what compares runs, from a way to ask this session's catalog."""
Retaining = Callable[["Asking"], Retention]
"""Builds what decides about snapshots, likewise."""

_MOST_REPLACED = 2
_DEFAULT_COLUMNS = (ColumnKey("field:age"),)
_REMEMBER_EVERY = 30.0
_PUBLISH_EVERY = 600.0
_WORTH_PUBLISHING = 20_000
"""Points and runs that a query command must have read before it publishes them."""


class Asking(Protocol):
    """Asks the catalog that a session has by then."""

    def __call__(self, work: Callable[[Catalog], T], /) -> T:
        """Give what `work` answers; raises StorageError."""
        ...


class Lifecycle:
    """Opens, feeds, replaces, publishes and leaves the catalog of one project; `Session` answers from it."""

    def __init__(
        self,
        project: Project,
        *,
        read_only: bool,
        environment: Mapping[str, str],
        services: Services | None = None,
        comparing: Comparing | None = None,
        retaining: Retaining | None = None,
    ) -> None:
        self._project = project
        self._services = services
        self._comparing = comparing
        self._retaining = retaining
        self._layout = Layout.of(project)
        self._asks_only = read_only
        self._environment = environment
        self._lock = threading.RLock()
        self._books: Books | None = None
        self._catalog: Catalog | None = None
        self._feed: Feed | None = None
        self._shelf: Shelf | None = None
        """What the published file knows, while that is what is asked."""
        self._left: list[Catalog] = []
        self._replaced = 0
        self._watcher: Watcher | None = None
        self._waited = False
        self._closed = False
        self._annotator = Annotator(self._layout)
        self._columns: tuple[int, tuple[Column, ...]] = (0, ())
        self._asked: Sequence[ColumnKey] = _DEFAULT_COLUMNS
        self._remembered = self._published = time.monotonic()

    # The feed

    def advance(self, budget_s: float) -> bool:
        """Read what is new in the journals for about so many seconds; tell whether anything changed."""
        fresh = self._feed is None and self._catalog is None
        self._ready()
        feed = self._feed or self._move_on()
        if feed is None:
            return fresh
        if not (self._waited and feed.caught_up):
            feed.look_everywhere()
        self._waited = False
        try:
            changed = feed.advance(budget_s)
        except StorageError:
            if not self._replace(feed.catalog) or self._feed is None:
                raise
            feed = self._feed
            feed.look_everywhere()
            changed = feed.advance(budget_s)
        if not feed.busy:
            self._now_and_then()
        return changed or fresh

    def wait(self, timeout_s: float) -> None:
        """Return when there may be news, or after the timeout."""
        feed = self._feed
        if feed is None or feed.busy or not feed.caught_up:
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
        if self._layout.readonly:
            return False
        place = self._layout.runs if self._layout.runs.is_dir() else self._layout.home
        return os.access(place if place.exists() else place.parent, os.W_OK)

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
            if self._catalog is not None and not self._asks_only:
                self._remember()
            if self._feed is not None and self._feed.learnt > (_WORTH_PUBLISHING if self._asks_only else 0):
                self._feed.finish_positions()
                books.publish()
        except ReproError:
            pass  # the catalog is a cache: the next session reads the journals
        finally:
            books.close()
            for catalog in self._left:
                catalog.close()

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
                self._catalog, self._shelf = opened
                return
            if opened is not None:
                opened[0].close()
        feed = self._begin()
        if self._asks_only:  # a command gives one answer, so it waits until all is read
            _catch_up(feed)

    def _move_on(self) -> Feed | None:
        """Leave the published file for a private copy when a journal is newer by now; None when none is."""
        from repro_tui.ingest.books import is_current

        if self._shelf is None or is_current(self._layout, self._shelf):
            return None
        with self._lock:
            if self._catalog is not None:
                self._left.append(self._catalog)  # another thread may still be asking it
            return self._begin()

    def _begin(self, *, afresh: bool = False) -> Feed:
        from repro_tui.ingest.feed import Feed
        from repro_tui.journal.liveness import Pulses

        assert self._books is not None
        catalog, shelf = self._books.open_private(afresh=afresh)
        old, self._feed = self._feed, Feed(catalog, self._layout, shelf, Pulses())
        if old is not None:
            self._feed.revision = self._feed.columns_revision = old.revision + 1
        self._catalog = catalog
        return self._feed

    def _fetch(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        return self._ask(lambda catalog: catalog.fetch(sql, parameters))

    def _ask(self, work: Callable[[Catalog], T]) -> T:
        """Ask the catalog; when it turns out to be damaged, build it anew and ask again."""
        catalog = self._ready()
        try:
            return work(catalog)
        except StorageError:
            if not self._replace(catalog):
                raise
            return work(self._ready())

    def _replace(self, broken: Catalog) -> bool:
        """Begin an empty catalog in place of one that failed: first in a file, then in memory; False after that."""
        with self._lock:
            if self._closed or self._books is None:
                return False
            if self._catalog is not broken:
                return True
            if self._replaced >= _MOST_REPLACED:
                return False
            self._replaced += 1
            self._left.append(broken)  # another thread may still be asking it
            self._books.give_up(in_memory=self._replaced == _MOST_REPLACED)
            feed = self._begin(afresh=True)
            if self._asks_only:
                _catch_up(feed)
            return True

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
        """Write down rows for the next first paint; `Session` knows which."""
        raise NotImplementedError


def _catch_up(feed: Feed) -> None:
    """Read everything that there is."""
    feed.look_everywhere()
    while feed.busy:
        feed.advance(1.0)
