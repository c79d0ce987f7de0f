"""Reads what is new in the journals of a run, folds it, and puts it into a batch for the catalog."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.write import Batch, RunRecord
from repro_tui.domain.events import Event
from repro_tui.domain.fold import RunFold
from repro_tui.domain.ids import is_run_id, is_writer_id
from repro_tui.domain.run import Liveness, Problem, Run, State
from repro_tui.domain.state import state_of
from repro_tui.ingest.describe import record_of
from repro_tui.ingest.identity import is_over, label_of, made_up, name_of, uid_in
from repro_tui.ingest.points import MAX_METRICS, MAX_NAME, Block, Column, Series, Ticks, columns_of
from repro_tui.ingest.scan import PROJECT, Stat, journal_folder
from repro_tui.ingest.shelf import UNREAD, File, OpenRun, Shelf
from repro_tui.journal.layout import Layout
from repro_tui.journal.lines import as_number
from repro_tui.journal.liveness import Pulses
from repro_tui.journal.read import Batch as Reading
from repro_tui.journal.read import Position, Tailer
from repro_tui.journal.sealed import length_of

_BITE = 4 << 20
"""Bytes of one file that are read before others get their turn."""


class Intake:
    """Brings folders up to date. For one thread."""

    def __init__(self, catalog: Catalog, layout: Layout, shelf: Shelf, pulses: Pulses) -> None:
        self.catalog = catalog
        self.layout = layout
        self.shelf = shelf
        self.pulses = pulses
        self.batch = Batch()
        """What was learnt and is not written yet."""
        self.records: dict[int, RunRecord] = {}
        self._of_project: dict[str, list[Event]] = {}
        self._again: list[str] = []
        """Folders that have to be read once more: their run was forgotten, or there was more than a bite."""

    def take_again(self) -> list[str]:
        """Give the folders that were left unfinished, and forget that they were."""
        again, self._again = self._again, []
        return again

    def differs(self, folder: str, found: dict[str, Stat]) -> bool:
        """Tell whether a folder holds anything that was not read."""
        known = self.shelf.by_folder.get(folder, ())
        if len(known) != len(found):
            return True
        return any(found.get(file.name) != file.stat for file in known)

    def take(self, folder: str, found: dict[str, Stat], deadline: float) -> None:
        """Read what is new in a folder into the batch."""
        for file in [f for f in self.shelf.by_folder.get(folder, ()) if f.name not in found]:
            self._vanished(file)
        if folder == PROJECT:
            self._take_project(found, deadline)
            return
        readings = []
        for name, stat in found.items():
            file = self.shelf.file(folder, name)
            if file.stat != stat and self._to_read(file, stat):
                readings.append((file, stat, self._read(file, deadline)))
        uid = self._uid_of(folder, readings)
        for file, stat, reading in readings:
            own = reading.header.run if reading.header and reading.header.run else uid
            if own and (reading.header or is_writer_id(name_of(file))):
                self._put(file, stat, reading, own)
            else:
                file.stat = stat  # nothing names a run yet: looked at again when something in the folder moves
        if uid:
            self._adopt(folder, found, deadline, uid)

    def finish(self) -> None:
        """Describe the runs that changed, so that the batch can be written."""
        for run in list(self.shelf.open.values()):
            if run.events_changed:
                self._describe(run)
            if run.points_changed:
                self.batch.series[run.key] = [series.row(run.key, m) for m, series in run.series.items()]
                if run.fresh_series:
                    self.batch.fresh_series.add(run.key)
                run.points_changed = run.fresh_series = False

    def run_now(self, run: OpenRun) -> Run:
        """Give a run as its journals tell it, with what was wrong with them."""
        folded = run.fold.run()
        files = self.shelf.by_run.get(run.key, ())
        skipped = sum(file.skipped for file in files)
        if skipped:
            problem = Problem("journal", f"{skipped} lines could not be read and were skipped", "The rest is shown.")
            folded = replace(folded, problems=(*folded.problems, problem))
        if not folded.name:
            folded = replace(folded, name=label_of(files))
        return folded

    def state_now(self, run: Run, key: int) -> State:
        """Give a run's state by its journals and its pulse."""
        if is_over(run):
            return state_of(run, Liveness(alive=False, local=False))
        folders = self.folders_of(key)
        return state_of(run, self.pulses.look(run, folders, monotonic=time.monotonic(), now=time.time()))

    def folders_of(self, key: int) -> list[Path]:
        """Give the folders of a run."""
        return sorted({self.layout.runs / file.folder for file in self.shelf.by_run.get(key, ()) if file.folder})

    # Reading

    def _read(self, file: File, deadline: float) -> Reading:
        tailer = Tailer(
            self._path(file), Position.from_text(file.resume.position) if file.resume.position else Position()
        )
        reading = tailer.read(max_bytes=_BITE, seconds=max(deadline - time.monotonic(), 0.02))
        if reading.newer:
            file.resume.newer = reading.newer
        return reading

    def _uid_of(self, folder: str, readings: Iterable[tuple[File, Stat, Reading]]) -> str:
        """Find whose folder it is: a header tells, now or earlier; a header of a newer format at least names it."""
        for _, _, reading in readings:
            if reading.header and reading.header.run:
                return reading.header.run
        for file in self.shelf.by_folder.get(folder, ()):
            if file.run is not None:
                return self.shelf.uids[file.run]
        for file in self.shelf.by_folder.get(folder, ()):
            if file.resume.newer:
                return uid_in(journal_folder(self.layout, folder) / file.name) or made_up(folder)
        return ""

    def _adopt(self, folder: str, found: dict[str, Stat], deadline: float, uid: str) -> None:
        """Read files without a header that waited for another journal to say whose they are."""
        for file in list(self.shelf.by_folder.get(folder, ())):
            if file.run is None and file.name in found and is_writer_id(name_of(file)):
                self._put(file, found[file.name], self._read(file, deadline), uid)

    def _to_read(self, file: File, stat: Stat) -> bool:
        """Tell whether a file is to be read now; not so when another folder of the run holds a longer copy of it.

        One writer's file is only appended to, so the longest copy holds what the others hold. When the longest is
        another one than before, the run is read anew, and its files get their turn again.
        """
        copies = self._copies(file)
        if not copies:
            return True
        own = length_of(self._path(file))
        wins = all((own, file.folder) > (length_of(self._path(copy)), copy.folder) for copy in copies)
        others = [copy for copy in copies if not copy.twin and copy.offset]
        file.twin = not wins
        self.shelf.unsaved[file.id] = file
        if wins and others and file.run is not None:
            for copy in copies:
                copy.twin = True
            self._start_over(None, file.run)
            return False
        if not wins:
            if file.offset and file.run is not None:
                self._start_over(None, file.run)
            else:
                file.stat = stat
        return wins

    def _copies(self, file: File) -> list[File]:
        if file.resume.header is None or file.run is None:
            return []
        others = self.shelf.by_run.get(file.run, ())
        return [
            f
            for f in others
            if f is not file and f.resume.header is not None and f.resume.header.writer == file.resume.header.writer
        ]

    def _path(self, file: File) -> Path:
        return journal_folder(self.layout, file.folder) / file.name

    def _put(self, file: File, stat: Stat, reading: Reading, uid: str) -> None:
        """Put a reading into its run."""
        key = self.shelf.key(uid)
        if reading.gone:
            return
        if reading.restart or (file.run is not None and file.run != key):
            self._start_over(file, key)
            return
        if file.run == key and not (reading.changed or reading.more) and reading.header == file.resume.header:
            file.stat = stat  # the same bytes under another name or time, as when it was sealed
            self.shelf.unsaved[file.id] = file
            return
        first = file.run is None
        self.shelf.assign(file, key)
        if first and reading.header is not None:
            file.resume.header = reading.header
            if not self._to_read(file, stat):
                return
        run = self.open(key)
        self._take_events(run, file, reading)
        self._take_points(run, file, reading)
        file.resume.position = reading.position.to_text()
        file.resume.header = reading.header or file.resume.header
        file.skipped += reading.skipped
        file.stat = UNREAD if reading.more else stat
        if reading.more:
            self._again.append(file.folder)
        self.shelf.unsaved[file.id] = file

    def _take_events(self, run: OpenRun, file: File, reading: Reading) -> None:
        if reading.header is not None and (not file.resume.position or file.resume.header != reading.header):
            run.fold.add_header(reading.header)
            run.events_changed = True
        if reading.newer:
            run.fold.unreadable(
                f"{file.folder}/journal/{file.name} was written by a newer version (format {reading.newer}): "
                "update repro-tui"
            )
            run.events_changed = True
        for event in reading.events:
            run.fold.add(event)
            if event.kind == "res":
                self._take_resources(run, file, reading, event)
            else:
                run.events_changed = True
        if reading.skipped:
            run.events_changed = True

    def _take_points(self, run: OpenRun, file: File, reading: Reading) -> None:
        if not reading.points:
            return
        times = [point.t for point in reading.points]
        first = self._take_ticks(run, file, times)
        for name, column in columns_of(reading.points, times, first).items():
            self._take_column(run, file, reading, name, column)
        run.fold.sign(reading.attempt, max(times))

    def _take_resources(self, run: OpenRun, file: File, reading: Reading, event: Event) -> None:
        values = event.body.get("v")
        if isinstance(values, dict):
            first = self._take_ticks(run, file, [event.t])
            for name, raw in values.items():
                value = as_number(raw)
                if value is not None:
                    column = Column([event.t], [event.t], [value], rising=True, ticks=(first,))
                    self._take_column(run, file, reading, str(name), column, resource=True)

    def _take_ticks(self, run: OpenRun, file: File, times: Sequence[float]) -> int:
        """Put the times of lines into the batch; gives the id of the first."""
        first = self.shelf.next_tick
        self.shelf.next_tick += len(times)
        self.batch.ticks.setdefault(run.key, []).append(Ticks(first, run.key, file.id, times))
        return first

    def _take_column(
        self, run: OpenRun, file: File, reading: Reading, name: str, column: Column, *, resource: bool = False
    ) -> None:
        metric, is_new = self.shelf.metric(name[:MAX_NAME], resource=resource)
        if is_new:
            self.batch.metrics.append((metric, name[:MAX_NAME], resource))
        series = run.series.get(metric)
        if series is None:
            if len(run.series) >= MAX_METRICS:
                return
            series = run.series[metric] = Series()
        series.take(column, file.id, reading.attempt, reading.writer)
        self.batch.points.setdefault(run.key, []).append(Block(run.key, metric, column))
        self.batch.count += len(column.values)
        run.points_changed = True

    # Opening and forgetting

    def open(self, key: int) -> OpenRun:
        """Give a run with its fold; read its events once more where only the catalog knew it."""
        run = self.shelf.open.get(key)
        if run is not None:
            return run
        uid = self.shelf.uids[key]
        fresh = key not in self.shelf.listed or key in self.batch.forget
        run = OpenRun(key, uid, RunFold(uid), {}, fresh=fresh, fresh_series=fresh)
        run.events_changed = fresh
        if not fresh:
            self._recall(run)
        for event in self._of_project.get(uid, ()):
            run.fold.add(event)
        self.shelf.opened(run)
        return run

    def _recall(self, run: OpenRun) -> None:
        """Read the events of a known run again, and the ends of its series from the catalog."""
        files = {file.id: file for file in self.shelf.by_run.get(run.key, ())}
        for file in files.values():
            if file.twin or not file.offset:
                continue
            tailer = Tailer(self._path(file))
            more = True
            while more and tailer.position.offset < file.offset:
                reading = tailer.read(max_bytes=min(_BITE, file.offset - tailer.position.offset), seconds=1.0)
                if reading.header is not None:
                    run.fold.add_header(reading.header)
                for event in reading.events:
                    if event.position < file.offset:
                        run.fold.add(event)
                if reading.points:
                    run.fold.sign(reading.attempt, max(point.t for point in reading.points))
                more = reading.more and bool(reading.points or reading.events or reading.skipped)
        columns = "metric, points, broken, first_step, step, t, value, file, seen, tidy, nan_step"
        for metric, *ends in self.catalog.fetch(f"SELECT {columns} FROM series WHERE run = ?", [run.key]):  # noqa: S608 - our own columns
            series = run.series[metric] = Series(*ends)
            owner = files.get(series.file)
            header = owner.resume.header if owner else None
            attempt, writer = (header.attempt, str(header.writer)) if header else (1, "")
            series.order = (float(attempt), series.step, series.t, writer)

    def _vanished(self, file: File) -> None:
        """Take notice that a journal is no more: what it said is forgotten with its run, and the rest is read again."""
        self.shelf.drop(file)
        if file.run is None:
            return
        self._start_over(None, file.run)

    def _start_over(self, file: File | None, key: int) -> None:
        """Forget a run, so that all its journals are read again from their beginnings."""
        if file is not None and file.run is not None and file.run != key:
            self._start_over(None, file.run)
        self.batch.forget.add(key)
        self.batch.runs.pop(key, None)
        self.batch.series.pop(key, None)
        self.batch.points.pop(key, None)
        self.batch.ticks.pop(key, None)
        self.shelf.open.pop(key, None)
        self.shelf.live.pop(key, None)
        again = [*self.shelf.by_run.get(key, ()), *([file] if file is not None else [])]
        for known in again:
            known.reset()
            self.shelf.unsaved[known.id] = known
            self._again.append(known.folder)

    def _take_project(self, found: dict[str, Stat], deadline: float) -> None:
        """Read the journals that belong to no run, and give their events to the runs that they speak of."""
        for name, stat in found.items():
            file = self.shelf.file(PROJECT, name)
            if file.stat == stat:
                continue
            reading = self._read(file, deadline)
            for event in reading.events:
                uid = event.body.get("run")
                if not isinstance(uid, str) or not is_run_id(uid):
                    continue
                self._of_project.setdefault(uid, []).append(event)
                if uid in self.shelf.keys:
                    run = self.open(self.shelf.keys[uid])
                    run.fold.add(event)
                    run.events_changed = True
            file.resume.position, file.stat = reading.position.to_text(), UNREAD if reading.more else stat
            file.resume.header, file.skipped = reading.header, file.skipped + reading.skipped
            if reading.more:
                self._again.append(PROJECT)
            self.shelf.unsaved[file.id] = file

    def recall_project(self) -> None:
        """Read what the project's journals said before, at the start of a session: it is needed to fold a run anew."""
        for file in list(self.shelf.by_folder.get(PROJECT, ())):
            tailer = Tailer(journal_folder(self.layout, PROJECT) / file.name)
            for event in tailer.read(max_bytes=max(file.offset, 1), seconds=5.0).events:
                uid = event.body.get("run")
                if isinstance(uid, str) and event.position < file.offset:
                    self._of_project.setdefault(uid, []).append(event)

    # Describing

    def _describe(self, run: OpenRun) -> None:
        """Put the run's row into the batch."""
        folded = self.run_now(run)
        run.state = self.state_now(folded, run.key)
        last_sign = max((attempt.last_sign for attempt in folded.attempts), default=folded.started)
        record = record_of(run.key, folded, run.state, before=run.record, last_sign=last_sign)
        record.fresh = run.fresh
        run.record, run.fresh, run.events_changed = record, False, False
        self.batch.runs[run.key] = record
        if run.state in {State.RUNNING, State.SILENT}:
            self.shelf.live[run.key] = run.state
        else:
            self.shelf.live.pop(run.key, None)
            self.pulses.forget(run.uid)
