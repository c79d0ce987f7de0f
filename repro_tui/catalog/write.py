"""Writing what the ingest learnt: whole batches in one transaction, never row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.lineage import compare_lineages
from repro_tui.catalog.schema import OF_A_RUN, columns_of

_DESCRIBED = ("attempts", "params", "inputs", "outputs", "events")
"""Tables that are written anew with the run's row, because the fold gives them whole."""


_RUN_COLUMNS = columns_of("runs")


@dataclass(slots=True)
class RunRecord:
    """What stands in the catalog about one run, besides its points."""

    row: Sequence[object]
    """The row of `runs`, in the order of its columns."""
    details: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    """Table of `attempts`, `params`, `inputs`, `outputs`, `events` to its rows."""
    fresh: bool = False
    """The catalog has no row of it yet, so there is nothing to delete."""
    moved: bool = True
    """Something that the letters rest on changed."""


@dataclass(slots=True)
class Batch:
    """What is written at once."""

    forget: set[int] = field(default_factory=set)
    """Runs whose rows are deleted first, points and all."""
    runs: dict[int, RunRecord] = field(default_factory=dict)
    metrics: list[tuple[int, str, bool]] = field(default_factory=list)
    """New names."""
    ticks: dict[int, list[Iterable[tuple[object, ...]]]] = field(default_factory=dict)
    """Run to iterables of rows of `ticks`."""
    points: dict[int, list[Iterable[tuple[object, ...]]]] = field(default_factory=dict)
    """Run to iterables of rows of `points`."""
    count: int = 0
    """Points in it."""
    series: dict[int, list[tuple[object, ...]]] = field(default_factory=dict)
    """Run to all its rows of `series`."""
    fresh_series: set[int] = field(default_factory=set)
    """Runs that have no series in the catalog yet."""

    files: list[tuple[object, ...]] = field(default_factory=list)
    """Rows of `positions` of files that have none yet: who wrote them decides between values of one step."""

    compare: bool = True
    """Compare lineages where this moved what their letters rest on."""

    @property
    def moved(self) -> bool:
        """Tell whether letters may change."""
        return bool(self.forget) or any(record.moved for record in self.runs.values())

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.forget or self.runs or self.metrics or self.points or self.series)


def write_batch(catalog: Catalog, batch: Batch) -> None:
    """Write a batch as one transaction. Raises StorageError, and then nothing of it is in the catalog."""

    def work() -> None:
        if batch.forget:
            _delete("runs", "key", batch.forget, catalog)
            for table in OF_A_RUN:
                _delete(table, "run", batch.forget, catalog)
        if batch.files:
            catalog.append("positions", batch.files)
        if batch.metrics:
            catalog.append("metrics", batch.metrics)
        _write_runs(catalog, batch)
        if batch.ticks:
            catalog.append("ticks", chain.from_iterable(chain.from_iterable(batch.ticks.values())))
        if batch.points:
            catalog.append("points", chain.from_iterable(chain.from_iterable(batch.points.values())))
        _write_series(catalog, batch)
        if batch.compare and batch.moved:
            compare_lineages(catalog)

    catalog.transaction(work)


def write_positions(catalog: Catalog, rows: Sequence[tuple[object, ...]], gone: Sequence[int]) -> None:
    """Write how far files were read; `gone` are ids of files that are no more."""

    def work() -> None:
        ids = [*gone, *(int(str(row[0])) for row in rows)]
        if ids:
            _delete("positions", "id", ids, catalog)
        if rows:
            catalog.append("positions", rows)

    catalog.transaction(work)


def write_states(catalog: Catalog, states: Sequence[tuple[int, str]]) -> None:
    """Write the states of runs that changed without an event."""
    for key, state in states:
        catalog.execute("UPDATE runs SET state = ? WHERE key = ?", [state, key])


def _write_runs(catalog: Catalog, batch: Batch) -> None:
    known = [key for key, record in batch.runs.items() if not record.fresh and key not in batch.forget]
    if known:
        _keep_letters(catalog, batch, known)
        _delete("runs", "key", known, catalog)
        for table in _DESCRIBED:
            _delete(table, "run", known, catalog)
    if not batch.runs:
        return
    catalog.append("runs", [record.row for record in batch.runs.values()])
    for table in _DESCRIBED:
        rows = [row for record in batch.runs.values() for row in record.details.get(table, ())]
        if rows:
            catalog.append(table, rows)


def _keep_letters(catalog: Catalog, batch: Batch, known: Sequence[int]) -> None:
    """Carry over what was found out by comparing lineages, which a new row of a run does not know."""
    listed = ",".join(map(str, map(int, known)))
    found = catalog.fetch(f"SELECT key, previous, changed FROM runs WHERE key IN ({listed})")  # noqa: S608 - integers
    for key, previous, changed in found:
        row = dict(zip(_RUN_COLUMNS, batch.runs[key].row, strict=True))
        batch.runs[key].row = tuple({**row, "previous": previous, "changed": changed}.values())


def _write_series(catalog: Catalog, batch: Batch) -> None:
    known = [run for run in batch.series if run not in batch.fresh_series and run not in batch.forget]
    if known:
        _delete("series", "run", known, catalog)
    rows = [row for rows in batch.series.values() for row in rows]
    if rows:
        catalog.append("series", rows)


def _delete(table: str, column: str, keys: Iterable[int], catalog: Catalog) -> None:
    # The keys are ours and integers; a list in the text lets DuckDB skip blocks, which a parameter would not.
    few = list(keys)
    if len(few) <= 64:  # noqa: PLR2004 - beyond it the text costs more than it saves
        catalog.execute(f"DELETE FROM {table} WHERE {column} IN ({','.join(map(str, map(int, few)))})")  # noqa: S608 - integers
    else:
        catalog.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT unnest(?::INTEGER[]))", [few])  # noqa: S608 - our own names
