"""A `Workbench` in memory, with the numbers of the drawn screens and knobs for every state that a screen can be in."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.columns import Column, column_key
from repro_tui.domain.events import Scalar
from repro_tui.domain.filters import AllOf, AnyOf, Compared, Not, Qualified, Term, Word
from repro_tui.domain.grouping import NOT_FOLDED, Folded
from repro_tui.domain.ids import ColumnKey, Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import Bucket, Curve, CurveQuery
from repro_tui.domain.view import Annotation, Candidate, Health, LogChunk, RunList, RunQuery, RunRow
from repro_tui.errors import NotFoundError, ReproError, StorageError
from tests.tui.fake_compare import FakeComparisons
from tests.tui.fake_groups import fold, line
from tests.tui.fake_keeping import FakeDatasets, FakeSnapshots
from tests.tui.fake_questions import FakeQuestions
from tests.tui.fake_resources import RESOURCES, resource_curve
from tests.tui.fake_retention import FakeRetention
from tests.tui.fake_retention import drawn as drawn_retention
from tests.tui.fake_runs import DRAWN, NOW, Sketch, documents, full_run, log_lines, older, value_at

__all__ = ["NOW", "FakeLog", "FakeWorkbench", "Sketch"]


COMPLETIONS = {
    "state:running": "1 run",
    "state:done": "37 runs",
    "state:failed": "3 runs",
    "lr>": "0.005 to 5",
    "loss<": "metric",
    "acc>=": "metric",
    "tag:paper": "1 run",
    "seed=": "0 to 4",
    "since:": "2d, 3h",
}
"""What the filter can be completed with."""


class FakeLog:
    """A run's output in memory."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        self.closed = False

    def read(self, first: int, count: int) -> LogChunk:
        start = max(0, len(self.lines) + first) if first < 0 else min(first, len(self.lines))
        stop = min(len(self.lines), start + count)
        return LogChunk(start, tuple(self.lines[start:stop]), len(self.lines), stop == len(self.lines))

    def find(self, text: str, start: int, *, backward: bool = False) -> int | None:
        return self._first(lambda line: text.lower() in line.lower(), start, backward=backward)

    def next_error(self, start: int, *, backward: bool = False) -> int | None:
        return self._first(lambda line: "Traceback" in line or "Error" in line, start, backward=backward)

    def _first(self, wanted, start: int, *, backward: bool) -> int | None:
        order = range(min(start, len(self.lines) - 1), -1, -1) if backward else range(max(0, start), len(self.lines))
        return next((n for n in order if wanted(self.lines[n])), None)

    def close(self) -> None:
        self.closed = True


class FakeWorkbench:
    """Answers as a real one would; `total` runs of which the newest six are the drawn ones."""

    def __init__(
        self,
        total: int = 41,
        *,
        runs: Sequence[Sketch] | None = None,
        catching_up: bool = False,
        error: ReproError | None = None,
        health: Health | None = None,
        remembered: bool = True,
    ) -> None:
        """Make one.

        Args:
            total: Number of runs; 0 is the empty project.
            runs: The runs themselves, newest first, in place of the drawn ones.
            catching_up: The loading state: the journals are still being read and no run is known yet.
            error: What `runs` and `advance` raise.
            health: How news arrives, when it is not inotify.
            remembered: `recent()` gives the first rows, as after an earlier session.
        """
        drawn = [replace(s, name=s.name.rsplit("-", 1)[0] + f"-{total - i}") for i, s in enumerate(DRAWN[:total])]
        sketches = list(runs) if runs is not None else [*drawn, *older(max(0, total - 6), total - 6)]
        self.sketches: dict[int, Sketch] = {len(sketches) - i: s for i, s in enumerate(sketches)}
        if catching_up:
            self.sketches = {}
        self.error = error
        self.revision = 1
        self.calls: list[str] = []
        self.annotations: list[tuple[tuple[RunId, ...], Annotation]] = []
        self.closed = False
        self.questions = FakeQuestions()
        self.snapshots = FakeSnapshots([] if not sketches else None)
        self.datasets = FakeDatasets(*([(), ()] if not sketches else []))
        self.comparisons = FakeComparisons(lambda: tuple(self.sketches.values()))
        self.retention = FakeRetention(drawn_retention() if sketches else ())
        self._health = health or Health("inotify", catching_up=catching_up)
        self._remembered = remembered
        self._news = threading.Event()
        self._seen = 0

    project = "digits"
    root = "/home/ada/digits"
    host = "gpu07"

    # Knobs of a test.

    def change(self, key: int, **fields: object) -> None:
        """Change a run, as a journal that grew would."""
        self.sketches[key] = replace(self.sketches[key], **fields)  # type: ignore[arg-type]
        self.tell()

    def add(self, sketch: Sketch) -> int:
        """Let a new run appear; gives its key."""
        key = max(self.sketches, default=0) + 1
        self.sketches[key] = sketch
        self.tell()
        return key

    def tell(self) -> None:
        """Say that there is news."""
        self.revision += 1
        self._news.set()

    def set_health(self, health: Health) -> None:
        """Change how news arrives."""
        self._health = health
        self.tell()

    # The port.

    def recent(self) -> Sequence[RunRow]:
        if not self._remembered:
            return ()
        return self.rows(sorted(self.sketches, reverse=True)[:60], [c.key for c in self._columns()])

    def advance(self, budget_s: float) -> bool:
        self.calls.append("advance")
        if self.error:
            raise self.error
        changed = self._seen != self.revision
        self._seen = self.revision
        return changed

    def wait(self, timeout_s: float) -> None:
        self._news.wait(timeout_s)
        self._news.clear()

    def health(self) -> Health:
        return self._health

    def runs(self, query: RunQuery) -> RunList:
        self.calls.append("runs")
        if self.error:
            raise self.error
        matching = [k for k, s in self.sketches.items() if _holds(query.where, s)]
        live = sum(s.state is State.RUNNING for s in self.sketches.values())
        keys = self._sorted(matching, query)
        folded = NOT_FOLDED
        if query.group:
            keys, folded = fold(query.group, keys, self.sketches)
        return RunList(self.revision, query, keys, len(self.sketches), live, self._columns(), folded)

    def rows(self, keys: Sequence[int], columns: Sequence[ColumnKey], folded: Folded = NOT_FOLDED) -> Sequence[RunRow]:
        self.calls.append("rows")
        if folded.members:
            runs = {row.key: row for row in self.rows(list(folded.runs(keys)), columns)}
            members = folded.members
            lines = {key: line(key, [runs[run] for run in members[key]], folded) for key in keys if key in members}
            return [(lines | runs)[key] for key in keys if key in lines or key in runs]
        known = ((key, self.sketches[key]) for key in list(keys) if key in self.sketches)
        return [_row(key, sketch, columns) for key, sketch in known]

    def brief(self, keys: Sequence[int]) -> Sequence[RunRow]:
        self.calls.append("brief")
        return [_row(key, self.sketches[key], ()) for key in keys if key in self.sketches]

    def find(self, name: str) -> RunId:
        for sketch in self.sketches.values():
            if name in {sketch.name, sketch.identity}:
                return sketch.identity
        raise NotFoundError(f"There is no run {name}.", "`repro-tui ls` lists the runs.")

    def run(self, uid: RunId) -> Run | Unavailable:
        sketch = self._sketch(uid)
        return full_run(sketch) if sketch else Unavailable("the run's folder is gone")

    def state(self, uid: RunId) -> State:
        sketch = self._sketch(uid)
        return sketch.state if sketch else State.SILENT

    def last_metrics(self, uid: RunId) -> Mapping[str, tuple[float, float]]:
        sketch = self._sketch(uid)
        return {m: (float(sketch.steps), v) for m, v in sketch.metrics.items()} if sketch else {}

    def curves(self, query: CurveQuery) -> Sequence[Curve]:
        found = []
        for uid in query.runs:
            sketch = self._sketch(uid)
            metrics = (
                [] if sketch is None else [m for m in query.metrics or tuple(sketch.metrics) if m in sketch.metrics]
            )
            found += [_curve(sketch, m, query) for m in metrics if sketch is not None and sketch.steps]
            found += [resource_curve(uid, m) for m in query.metrics if m in RESOURCES and sketch and sketch.steps]
        return found

    def values_at(self, query: CurveQuery, x: float) -> Mapping[tuple[RunId, str], tuple[float, float]]:
        values = {}
        for uid in query.runs:
            sketch = self._sketch(uid)
            for metric in query.metrics if sketch else ():
                if sketch and metric in sketch.metrics:
                    step = min(x, float(sketch.steps))
                    values[uid, metric] = (step, value_at(sketch, metric, step))
        return values

    def since_previous(self, uid: RunId) -> Sequence[str]:
        sketch = self._sketch(uid)
        phrases = {
            "C": "code train.py",
            "D": "data train +1,204 rows",
            "P": "lr 0.1 to 0.05",
            "E": "numpy 2.4.5 to 2.4.6",
        }
        return [phrases[letter] for letter in (sketch.changed if sketch else "") if letter in phrases]

    def previous(self, uid: RunId) -> RunId | None:
        order = sorted(self.sketches, reverse=True)
        at = next((i for i, k in enumerate(order) if self.sketches[k].identity == uid), None)
        return self.sketches[order[at + 1]].identity if at is not None and at + 1 < len(order) else None

    def level(self, uid: RunId) -> tuple[int, str]:
        sketch = self._sketch(uid)
        level = int(sketch.level[0]) if sketch else 0
        return level, "the bytes are not kept: no snapshot was made" if level < 2 else "it was never replayed"

    def alarms(self, uid: RunId) -> Sequence[Alarm]:
        sketch = self._sketch(uid)
        return sketch.alarms if sketch else ()

    def document(self, digest: Digest) -> Mapping[str, object] | Unavailable:
        return documents().get(digest) or Unavailable("the document is not in facts/")

    def log(self, uid: RunId, stream: str = "") -> FakeLog | Unavailable:
        sketch = self._sketch(uid)
        return FakeLog(log_lines(sketch)) if sketch else Unavailable("the run's folder is gone")

    def annotate(self, uids: Sequence[RunId], annotation: Annotation) -> None:
        if self._health.read_only:
            raise StorageError("/home/ada/digits/.repro cannot be written.", "Ask its owner, or copy the project.")
        self.annotations.append((tuple(uids), annotation))
        for key, sketch in list(self.sketches.items()):
            if sketch.identity in uids:
                tags = [t for t in (*sketch.tags, *annotation.add_tags) if t not in annotation.remove_tags]
                note = sketch.note if annotation.note is None else annotation.note
                pinned = sketch.pinned if annotation.pinned is None else annotation.pinned
                self.sketches[key] = replace(sketch, tags=tuple(dict.fromkeys(tags)), note=note, pinned=pinned)
        self.tell()

    def complete(self, text: str, cursor: int) -> Sequence[Candidate]:
        token = text[:cursor].rsplit(" ", 1)[-1]
        words = [(t, n) for t, n in COMPLETIONS.items() if t.startswith(token) and t != token]
        return [Candidate(t, n) for t, n in words]

    def close(self) -> None:
        self.closed = True

    def _sketch(self, uid: RunId) -> Sketch | None:
        return next((s for s in self.sketches.values() if s.identity == uid), None)

    def _columns(self) -> tuple[Column, ...]:
        params: dict[str, set[object]] = {}
        metrics: dict[str, int] = {}
        for sketch in self.sketches.values():
            for name, value in sketch.params.items():
                params.setdefault(name, set()).add(value)
            for name in sketch.metrics:
                metrics[name] = metrics.get(name, 0) + 1
        seen = len(self.sketches)
        varying = sorted(params, key=lambda p: (len(params[p]) < 2, p != "lr", p))
        return (
            *(Column(column_key("param", n), "param", n, len(params[n]), seen, NOW, numeric=True) for n in varying),
            *(Column(column_key("metric", n), "metric", n, 2, metrics[n], NOW, numeric=True) for n in metrics),
        )

    def _sorted(self, keys: list[int], query: RunQuery) -> list[int]:
        kind, _, name = query.sort.key.partition(":")
        if query.sort.key == "field:age":
            return sorted(keys, key=lambda k: self.sketches[k].age, reverse=query.sort.descending)

        def value(key: int) -> Scalar:
            sketch = self.sketches[key]
            if kind == "field":
                return {"run": sketch.name, "level": sketch.level, "changed": sketch.changed}.get(
                    name, sketch.state.value
                )
            return (sketch.params if kind == "param" else sketch.metrics).get(name)

        present = [k for k in keys if value(k) is not None]
        present.sort(key=value, reverse=query.sort.descending)  # type: ignore[arg-type]
        return present + [k for k in keys if value(k) is None]


def _row(key: int, sketch: Sketch, columns: Sequence[ColumnKey]) -> RunRow:
    started = NOW - sketch.age
    known = {column_key("param", n): v for n, v in sketch.params.items()}
    known |= {column_key("metric", n): v for n, v in sketch.metrics.items()}
    known[column_key("field", "lineage")] = "train.py"
    known[column_key("field", "user")] = "ada"
    return RunRow(
        key,
        sketch.identity,
        sketch.name,
        sketch.state,
        started,
        None if sketch.took is None else started + sketch.took,
        {c: known[c] for c in columns if c in known},
        sketch.tags,
        sketch.note,
        sketch.pinned,
        sketch.changed,
        sketch.level,
        sketch.because,
        sketch.spark,
        sketch.alarms,
    )


def _curve(sketch: Sketch, metric: str, query: CurveQuery) -> Curve:
    start = query.start or 0.0
    stop = float(sketch.steps) if query.stop is None else min(query.stop, float(sketch.steps))
    count = max(1, min(query.buckets, int(stop - start)))
    width = (stop - start) / count
    buckets = []
    for i in range(count):
        x = start + i * width
        values = [value_at(sketch, metric, x + width * part) for part in (0.0, 0.5, 0.99)]
        buckets.append(Bucket(x, min(values), max(values), values[-1], x + width * 0.99, max(1, int(width))))
    return Curve(sketch.identity, metric, tuple(buckets), max(count, int(stop - start)))


_COMPARE = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def _holds(term: Term, sketch: Sketch) -> bool:
    match term:
        case AllOf(terms):
            return all(_holds(t, sketch) for t in terms)
        case AnyOf(terms):
            return any(_holds(t, sketch) for t in terms)
        case Not(inner):
            return not _holds(inner, sketch)
        case Word(text):
            return text in sketch.name or text in sketch.tags or text in sketch.note
        case Qualified(qualifier, values):
            return _qualified(qualifier, values, sketch)
        case Compared(key, comparison, value, number):
            found = (sketch.params | sketch.metrics).get(key.split(".", 1)[-1] if "." in key else key)
            if found is None:
                return False
            if isinstance(found, int | float) and number is not None:
                return bool(_COMPARE[comparison](float(found), number))
            return bool(_COMPARE[comparison](str(found), value))


def _qualified(qualifier: str, values: Sequence[str], sketch: Sketch) -> bool:
    if qualifier == "uid":
        return any(sketch.identity.startswith(v) for v in values)
    if qualifier == "state":
        return sketch.state.value in values
    if qualifier == "tag":
        return any(v in sketch.tags for v in values)
    if qualifier == "has":
        return any(v in sketch.params or v in sketch.metrics for v in values)
    if qualifier == "name":
        return any(v in sketch.name for v in values)
    return True
