"""Bringing the catalog up to date: what is looked at, in which order, for how long, and when it is written."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.lineage import compare_lineages
from repro_tui.catalog.write import Batch, write_batch, write_positions, write_states
from repro_tui.domain.run import Run, State
from repro_tui.errors import ReproError, StorageError
from repro_tui.ingest.describe import decode, record_of
from repro_tui.ingest.intake import Intake
from repro_tui.ingest.scan import PROJECT, Stat, folder_names, journals
from repro_tui.ingest.shelf import Shelf
from repro_tui.journal.layout import Layout
from repro_tui.journal.liveness import Pulses

_FLUSH_POINTS = 200_000
"""Points that are gathered at most before they are written: their rows take about 30 MB until then."""
_FLUSH_RUNS = 300
_MOST_REFUSED = 20
"""Runs in one batch that the catalog may refuse before it is taken for broken itself."""
_CHECKPOINT_POINTS = 2_000_000
_COMPARE_EVERY = 2.0
"""Seconds between two comparisons of all lineages while the whole tree is read: each costs 10 ms for 10,000 runs."""
_PULSE_EVERY = 1.0
"""Seconds between two looks at the pulse of running runs."""
_SILENT_EVERY = 10.0
"""Seconds between two looks at runs that fell silent."""
_OF_A_RUN = 10
"""Points that cost about what folding and describing a run anew costs, when it is asked whether to publish."""


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Let the garbage collector rest: what is read here makes no cycles, and walking it took a seventh of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Feed:
    """Reads journals into a catalog, in slices. For one thread."""

    def __init__(self, catalog: Catalog, layout: Layout, shelf: Shelf, pulses: Pulses) -> None:
        self.catalog = catalog
        self.layout = layout
        self.shelf = shelf
        self.intake = Intake(catalog, layout, shelf, pulses)
        self.intake.recall_project()
        self.revision = 1
        """Grows with each change of the catalog."""
        self.columns_revision = 1
        """Grows when a run's row, its parameters or the names of its metrics changed."""
        self.caught_up = False
        """The whole tree was looked at once."""
        self.learnt = 0
        """Points and runs that were written since the catalog was opened or published."""
        self._scan: Iterator[tuple[str, dict[str, Stat] | None]] | None = None
        self._hints: set[str] = set()
        self._unwritten = 0
        self._compared = -_COMPARE_EVERY
        self._uncompared = False
        self._felt = dict.fromkeys((State.RUNNING, State.SILENT), -_SILENT_EVERY)
        self._refused: dict[str, dict[str, Stat]] = {}

    @property
    def busy(self) -> bool:
        """Tell whether there is more to read right now."""
        return self._scan is not None or bool(self._hints)

    def hint(self, folders: set[Path]) -> None:
        """Take note of folders that are worth a look, as `Watcher.wait` gives them."""
        for folder in folders:
            if folder == self.layout.runs:
                self._scan = None
                self.look_everywhere()
            else:
                self._hints.add(PROJECT if folder == self.layout.project_journal else folder.name)

    def look_everywhere(self) -> None:
        """Begin to look at the whole tree, unless that goes on already."""
        if self._scan is None:
            self._scan = self._everything()

    def advance(self, budget_s: float) -> bool:
        """Read for about so many seconds; tell whether anything in the catalog changed."""
        with _uncollected():
            return self._advance(budget_s)

    def _advance(self, budget_s: float) -> bool:
        deadline = time.monotonic() + budget_s
        before = self.revision
        while self._hints and time.monotonic() < deadline:
            folder = max(self._hints)  # the newest label first
            self._hints.discard(folder)
            self._look(folder, self._found(folder), deadline)
        while self._scan is not None and time.monotonic() < deadline:
            step = next(self._scan, None)
            if step is None:
                self._scan = None
                self.caught_up = True
                break
            if step[1] is not None:
                self._look(step[0], step[1], deadline)
        self._flush()
        if self._uncompared and self._scan is None:
            self._compare()
        self._feel()
        return self.revision != before

    def finish_positions(self) -> None:
        """Write how far each file was read: what a published catalog needs, and the session itself does not."""
        if self._uncompared:
            self._compare()
        write_positions(self.catalog, [f.row() for f in self.shelf.unsaved.values()], self.shelf.gone)
        self.shelf.unsaved.clear()
        self.shelf.gone.clear()

    def live_folders(self) -> list[Path]:
        """Give the folders of the runs whose journals may grow."""
        return [folder for key in self.shelf.live for folder in self.intake.folders_of(key)]

    # Looking

    def _everything(self) -> Iterator[tuple[str, dict[str, Stat] | None]]:
        names = folder_names(self.layout)
        if names is None:
            return
        yield PROJECT, self._found(PROJECT)
        there = set(names)
        for folder in [f for f in self.shelf.by_folder if f and f not in there]:
            yield folder, {}
        for name in reversed(names):
            yield name, self._found(name)

    def _found(self, folder: str) -> dict[str, Stat] | None:
        return journals(self.layout, folder)

    def _look(self, folder: str, found: dict[str, Stat] | None, deadline: float) -> None:
        """Take a folder in, if it holds anything new. One run's trouble stays with that run."""
        if found is None or not self.intake.differs(folder, found) or self._refused.get(folder) == found:
            return
        try:
            self.intake.take(folder, found, deadline)
        except (ReproError, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
            # What a journal holds is foreign: a defect of ours must not hide the other runs.
            self._refuse(folder, found, error)
        self._hints.update(self.intake.take_again())
        if self.intake.batch.count >= _FLUSH_POINTS or self.shelf.waiting() >= _FLUSH_RUNS:
            self._flush()

    def _refuse(self, folder: str, found: dict[str, Stat], error: Exception) -> None:
        """List a run that could not be read, with the reason, until its journals move again."""
        self._refused[folder] = found
        key = next((f.run for f in self.shelf.by_folder.get(folder, ()) if f.run is not None), None)
        if key is None:
            return
        self.intake.batch.points.pop(key, None)
        self.intake.batch.ticks.pop(key, None)
        self.shelf.open.pop(key, None)
        self.intake.batch.series.pop(key, None)
        run = Run(self.shelf.uids[key], name=folder, unreadable=f"its journals could not be read: {error}")
        record = record_of(key, run, State.SILENT, before=None, last_sign=0.0)
        self.intake.batch.forget.add(key)
        self.intake.batch.runs[key] = record

    # Writing

    def _flush(self) -> None:
        """Write what was gathered."""
        self.intake.finish()
        batch, self.intake.batch = self.intake.batch, Batch()
        if not batch:
            return
        try:
            self._write(batch)
        except StorageError:
            self._write_apart(batch)
        self.shelf.trim()

    def _write(self, batch: Batch) -> None:
        files = [f for f in self.shelf.unsaved.values() if not f.listed and f.run is not None]
        batch.files = [f.row() for f in files]
        batch.compare = self._scan is None or time.monotonic() - self._compared > _COMPARE_EVERY
        self._uncompared |= batch.moved
        write_batch(self.catalog, batch)
        if batch.compare:
            self._compared, self._uncompared = time.monotonic(), False
        for file in files:
            file.listed = True
        self.shelf.listed -= batch.forget
        self.shelf.listed |= batch.runs.keys()
        self.revision += 1
        if batch.runs or batch.metrics or batch.forget or batch.fresh_series:
            self.columns_revision += 1
        self.learnt += batch.count + _OF_A_RUN * (len(batch.runs) + len(batch.forget))
        self._unwritten += batch.count
        if self._unwritten >= _CHECKPOINT_POINTS and self.catalog.checkpoint():
            self._unwritten = 0

    def _compare(self) -> None:
        """Find out the letters of runs that were written without them."""
        compare_lineages(self.catalog)
        self._compared, self._uncompared = time.monotonic(), False
        self.revision += 1

    def _write_apart(self, batch: Batch) -> None:
        """Write a batch that was refused run by run, so that only the run that spoils it is listed without its facts.

        Raises StorageError when it is not one run's trouble but the catalog's.
        """
        self._write(Batch(forget=batch.forget, metrics=batch.metrics, count=batch.count))
        refused = 0
        keys = batch.runs.keys() | batch.points.keys() | batch.series.keys()
        for key in sorted(keys, reverse=True):
            alone = Batch(fresh_series=batch.fresh_series & {key})
            for part, whole in (
                (alone.runs, batch.runs),
                (alone.ticks, batch.ticks),
                (alone.points, batch.points),
                (alone.series, batch.series),
            ):
                if key in whole:
                    part[key] = whole[key]  # type: ignore[assignment]
            try:
                self._write(alone)
            except StorageError as error:
                refused += 1
                if refused > _MOST_REFUSED:
                    raise
                name = self.intake.folders_of(key)[0].name if self.intake.folders_of(key) else ""
                run = Run(self.shelf.uids[key], name=name, unreadable=f"the index could not take it: {error}")
                record = record_of(key, run, State.SILENT, before=None, last_sign=0.0)
                self._write(Batch(forget={key}, runs={key: record}))

    # Feeling

    def _feel(self) -> None:
        """Look after runs whose state changes without an event."""
        now = time.monotonic()
        changed: list[tuple[int, str]] = []
        for state, every in ((State.RUNNING, _PULSE_EVERY), (State.SILENT, _SILENT_EVERY)):
            if now - self._felt[state] < every:
                continue
            self._felt[state] = now
            for key in [k for k, s in self.shelf.live.items() if s is state]:
                new = self._state_of(key)
                if new is not None and new is not state:
                    changed.append((key, new.value))
                    self._note(key, new)
        if changed:
            write_states(self.catalog, changed)
            self.revision += 1

    def _state_of(self, key: int) -> State | None:
        run = self.known_run(key)
        return None if run is None else self.intake.state_now(run, key)

    def known_run(self, key: int) -> Run | None:
        """Give a run from memory where it is being read, else from the catalog."""
        opened = self.shelf.open.get(key)
        if opened is not None:
            return self.intake.run_now(opened)
        rows = self.catalog.fetch("SELECT document FROM runs WHERE key = ?", [key])
        try:
            return decode(rows[0][0]) if rows else None
        except msgspec.MsgspecError:
            return None

    def _note(self, key: int, state: State) -> None:
        opened = self.shelf.open.get(key)
        if opened is not None:
            opened.state = state
        if state in {State.RUNNING, State.SILENT}:
            self.shelf.live[key] = state
        else:
            self.shelf.live.pop(key, None)
