"""The one place that builds adapters and puts the Workbench together. Importing it costs no DuckDB."""

from __future__ import annotations

import contextlib
import os
from functools import cached_property
from typing import TYPE_CHECKING

from repro_tui.errors import StorageError
from repro_tui.settings import Project

if TYPE_CHECKING:  # a command that asks one thing in a hurry needs no protocols
    from repro_tui.ingest.lifecycle import Asking
    from repro_tui.ports import Comparisons, Datasets, Questions, Services, Snapshots, Workbench
    from repro_tui.ports.retention import Retention


class _Services:
    """The services of one project, each built when it is first asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def snapshots(self) -> Snapshots:
        from repro_tui.snapshots.service import SnapshotService

        return SnapshotService(self._project)

    @cached_property
    def datasets(self) -> Datasets:
        from repro_tui.datasets.service import DatasetService

        return DatasetService(self._project, lambda: self.snapshots)

    @cached_property
    def questions(self) -> Questions:
        from repro_tui.questions.service import QuestionService

        return QuestionService(self._project, self.snapshots, self.datasets)


def open_services(project: Project) -> Services:
    """Open what works without the index of runs; imports no DuckDB."""
    return _Services(project)


def open_workbench(project: Project, *, read_only: bool = False) -> Workbench:
    """Open a project for screens and commands.

    Args:
        project: the project; its `.repro/` need not exist yet.
        read_only: for a command that gives one answer: the published index is used as it is when no journal is newer,
            else everything is read before the first answer.
    """
    from repro_tui.ingest.session import Session

    services = _Services(project)

    def comparing(ask: Asking) -> Comparisons:
        from repro_tui.compare.service import CompareService

        return CompareService(project, ask, services.datasets, os.environ)

    def retaining(ask: Asking) -> Retention:
        from repro_tui.retention.service import RetentionService

        return RetentionService(project, ask)

    return Session(
        project,
        read_only=read_only,
        environment=os.environ,
        services=services,
        comparing=comparing,
        retaining=retaining,
    )


def rebuild(project: Project) -> int:
    """Build the index anew from the journals and publish it; gives the number of runs. Raises StorageError."""
    from repro_tui.domain.view import RunQuery
    from repro_tui.ingest.session import Session
    from repro_tui.journal.layout import Layout

    cache = Layout.of(project).cache
    with contextlib.suppress(FileNotFoundError):
        for path in cache.glob("catalog-*.duckdb*"):
            try:
                path.unlink()
            except OSError as error:
                raise StorageError(
                    f"{path} cannot be deleted: {error.strerror}.",
                    "Give write permission there, or delete it yourself.",
                ) from error
    session = Session(project, read_only=False, environment=os.environ)
    try:
        while session.advance(1.0) or session.health().catching_up:
            pass
        return session.runs(RunQuery()).total
    finally:
        session.close()
