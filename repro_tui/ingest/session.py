"""The Workbench of one session: the screens and commands ask it, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.answer import TableAnswer
from repro_tui.domain.changes import phrases
from repro_tui.domain.columns import Column
from repro_tui.domain.directions import direction_of
from repro_tui.domain.grouping import NOT_FOLDED, Folded
from repro_tui.domain.ids import ColumnKey, Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import REMOVED, Run, State
from repro_tui.domain.series import Curve, CurveQuery
from repro_tui.domain.traits_of import Side
from repro_tui.domain.view import Annotation, Candidate, RunList, RunQuery, RunRow
from repro_tui.errors import ReproError
from repro_tui.ingest.lifecycle import Lifecycle
from repro_tui.ingest.recent import MOST, read_recent, write_recent
from repro_tui.ports import Comparisons, Datasets, LogSource, Questions, Services, Snapshots
from repro_tui.ports.retention import Retention

if TYPE_CHECKING:  # DuckDB is imported with the first look at the catalog, after the first paint
    from repro_tui.catalog.connect import Catalog


class Session(Lifecycle):
    """Answers for one project. `advance` and `wait` are for one thread, everything else for any."""

    # Names and memory

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

    def recent(self) -> Sequence[RunRow]:
        """Give the rows remembered from the last session."""
        return read_recent(self._layout)

    def _remember(self) -> None:
        keys = self.runs(RunQuery()).keys[:MOST]
        if keys or self.recent():
            write_recent(self._layout, self._asked, self.rows(keys, self._asked))

    # What works without the index

    @property
    def snapshots(self) -> Snapshots:
        """Give what takes and restores snapshots."""
        return self._serving().snapshots

    @property
    def datasets(self) -> Datasets:
        """Give what knows the datasets."""
        return self._serving().datasets

    @property
    def questions(self) -> Questions:
        """Give the questions that wait."""
        return self._serving().questions

    @cached_property
    def comparisons(self) -> Comparisons:
        """Give what compares runs."""
        assert self._comparing is not None, "a session that only rebuilds the index compares nothing"
        return self._comparing(self._ask)

    @cached_property
    def retention(self) -> Retention:
        """Give what decides which snapshots stay, and removes the others."""
        assert self._retaining is not None, "a session that only rebuilds the index removes nothing"
        return self._retaining(self._ask)

    def _serving(self) -> Services:
        assert self._services is not None, "a session that only rebuilds the index has no services"
        return self._services

    # Lists

    def runs(self, query: RunQuery) -> RunList:
        """List the runs that match, in order."""
        from repro_tui.catalog import groups, listing

        def ask(catalog: Catalog) -> RunList:
            revision = self._revision()
            if query.group:
                keys, folded = groups.folded(catalog, query, time.time())
            else:
                keys, folded = listing.matching(catalog, query, time.time()), NOT_FOLDED
            total, live = listing.counts(catalog)
            return RunList(revision, query, keys, total, live, self._all_columns(catalog), folded)

        return self._ask(ask)

    def rows(self, keys: Sequence[int], columns: Sequence[ColumnKey], folded: Folded = NOT_FOLDED) -> Sequence[RunRow]:
        """Give the lines for row keys."""
        from repro_tui.catalog.groups import line_rows

        if columns:
            self._asked = tuple(columns)
        return self._ask(lambda catalog: line_rows(catalog, keys, columns, folded, time.time()))

    def brief(self, keys: Sequence[int]) -> Sequence[RunRow]:
        """Give the lines for keys of runs without cells, alarms and progress."""
        from repro_tui.catalog.rows import brief

        return self._ask(lambda catalog: brief(catalog, keys))

    def find(self, name: str) -> RunId:
        """Find a run by uid, name, the beginning of either, `@1`, `best:acc`, or `baseline`."""
        from repro_tui.catalog.naming import find

        declared = self._project.settings.records("metrics")
        better = {metric: record.get("better", "") for metric, record in declared.items()}
        return RunId(self._ask(lambda catalog: find(catalog, name, lambda metric: direction_of(metric, better))))

    def sql(self, statement: str) -> TableAnswer:
        """Answer a statement that only reads."""
        from repro_tui.catalog.asking import ask

        return self._ask(lambda catalog: ask(catalog, statement))

    def complete(self, text: str, cursor: int) -> Sequence[Candidate]:
        """Complete a filter at a cursor."""
        from repro_tui.catalog.vocabulary import values_seen
        from repro_tui.domain.filter_completion import Vocabulary, complete

        columns = self._ask(self._all_columns)
        params = tuple(c.name for c in columns if c.kind == "param")
        metrics = tuple(c.name for c in columns if c.kind == "metric")
        return complete(text, cursor, Vocabulary(params, metrics, self._ask(values_seen)))

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

        rows = self._fetch("SELECT document FROM runs WHERE uid = ?", [uid])
        if not rows:
            return Unavailable(f"there is no run {uid[:8]} in this project (any more)")
        try:
            return decode(rows[0][0])
        except MsgspecError as error:
            return Unavailable(f"its entry in the index is damaged ({error}); `repro-tui rebuild` repairs it")

    def state(self, uid: RunId) -> State:
        """Give a run's state now."""
        rows = self._fetch("SELECT state FROM runs WHERE uid = ?", [uid])
        return State(rows[0][0]) if rows else State.SILENT

    def last_metrics(self, uid: RunId) -> Mapping[str, tuple[float, float]]:
        """Give each metric's last step and value."""
        from repro_tui.catalog.curves import last_metrics

        return self._ask(lambda catalog: last_metrics(catalog, uid))

    def curves(self, query: CurveQuery) -> Sequence[Curve]:
        """Give min/max buckets for each run and metric that has points."""
        from repro_tui.catalog.curves import curves

        return self._ask(lambda catalog: curves(catalog, query))

    def values_at(self, query: CurveQuery, x: float) -> Mapping[tuple[RunId, str], tuple[float, float]]:
        """Give (x, value) of the last point at or before `x`."""
        from repro_tui.catalog.curves import values_at

        return self._ask(lambda catalog: values_at(catalog, query, x))

    def since_previous(self, uid: RunId) -> Sequence[str]:
        """Say in short phrases what changed since the previous run of the lineage."""
        from msgspec import MsgspecError

        from repro_tui.ingest.describe import decode

        for key, before in self._fetch("SELECT key, previous FROM runs WHERE uid = ?", [uid]):
            # By keys, as another condition would unpack the documents of all runs; and both at once, as neighbours
            # are packed together.
            keys = f"{int(key)}, {int(before)}" if before is not None else ""
            rows = self._fetch(f"SELECT key, document FROM runs WHERE key IN ({keys})", []) if keys else ()  # noqa: S608 - integers
            found = dict(rows)
            if len(found) < 2:  # noqa: PLR2004 - this run and the one before
                continue
            try:
                sides = [self._side(decode(found[each])) for each in (before, key)]
            except MsgspecError:
                continue
            return phrases(*sides)
        return ()

    def previous(self, uid: RunId) -> RunId | None:
        """Give the previous run of the same lineage."""
        rows = self._fetch("SELECT b.uid FROM runs a JOIN runs b ON b.key = a.previous WHERE a.uid = ?", [uid])
        return RunId(rows[0][0]) if rows else None

    def level(self, uid: RunId) -> tuple[int, str]:
        """Give the reproducibility level and why it is not higher."""
        rows = self._fetch("SELECT level, level_why FROM runs WHERE uid = ?", [uid])
        return (int(rows[0][0]), str(rows[0][1])) if rows else (0, "there is no such run in this project (any more)")

    def alarms(self, uid: RunId) -> Sequence[Alarm]:
        """Say what to look at before trusting a run, the gravest first."""
        keys = [key for (key,) in self._fetch("SELECT key FROM runs WHERE uid = ?", [uid])]
        return [alarm for row in self.rows(keys, ()) for alarm in row.alarms]

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
        from repro_tui.journal.sealed import sealed_path

        run = self.run(uid)
        if not isinstance(run, Run):
            return run
        names = [stream] if stream else list(run.output)
        for folder in self._folders(uid):
            for name in names or ["output.log", "stdout.log", "stderr.log"]:
                path = folder / name
                if path.parent == folder and (path.is_file() or sealed_path(path).is_file()):
                    return LogFile(path)
        if not names:
            return Unavailable("no output was recorded")
        why = {omission.what: omission.why for omission in run.omissions if omission.kind == REMOVED}
        gone = [f"{name} was removed ({why[name]})" for name in names if name in why]
        return Unavailable("; ".join(gone) if gone else f"{', '.join(names)} is not in the run's folder")

    # Changing

    def annotate(self, uids: Sequence[RunId], annotation: Annotation) -> None:
        """Write a person's change to the journals of runs."""
        for uid in uids:
            self._annotator.annotate(uid, self._folders(uid), annotation)
        watcher = self._watcher
        if watcher is not None:
            watcher.wake()

    def _folders(self, uid: RunId) -> list[Path]:
        rows = self._fetch(
            "SELECT DISTINCT p.folder FROM runs r JOIN positions p ON p.run = r.key WHERE r.uid = ? AND p.folder <> ''",
            [uid],
        )
        return [self._layout.runs / folder for (folder,) in rows]
