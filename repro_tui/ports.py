"""What the screens and commands may ask for, as protocols; `bootstrap` builds what answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from repro_tui.domain.ids import ColumnKey, Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import Curve, CurveQuery
from repro_tui.domain.view import Annotation, Candidate, Health, LogChunk, RunList, RunQuery, RunRow


class LogSource(Protocol):
    """A run's output, indexed as it is read; safe to call from one thread at a time."""

    def read(self, first: int, count: int) -> LogChunk:
        """Give up to `count` lines from line `first` (0-based); negative `first` counts from the end."""
        ...

    def find(self, text: str, start: int, *, backward: bool = False) -> int | None:
        """Give the next line that contains a text, ignoring case, from line `start` on; None when there is none."""
        ...

    def next_error(self, start: int, *, backward: bool = False) -> int | None:
        """Give the next line that looks like an error (Traceback, Error:, CUDA out of memory, nan loss)."""
        ...

    def close(self) -> None:
        """Give back the file descriptors."""
        ...


class Workbench(Protocol):
    """Where the services meet: the CLI and the TUI are equals over this.

    `advance` and `wait` are for one feed thread; the rest may be called from any thread and answers in milliseconds.
    All of it may raise `errors.ReproError`.
    """

    @property
    def project(self) -> str:
        """Name of the project: its folder's name, or `name:` of repro.yaml."""
        ...

    @property
    def root(self) -> str:
        """Absolute path of the project's folder."""
        ...

    @property
    def host(self) -> str:
        """Name of this host."""
        ...

    def recent(self) -> Sequence[RunRow]:
        """Give the rows remembered from the last session, for a first paint before DuckDB is imported. May be empty."""
        ...

    def advance(self, budget_s: float) -> bool:
        """Read what is new in the journals, for at most `budget_s` seconds; tell whether anything changed."""
        ...

    def wait(self, timeout_s: float) -> None:
        """Return when there may be news, or after the timeout."""
        ...

    def health(self) -> Health:
        """Tell how news arrives and what could not be read."""
        ...

    def runs(self, query: RunQuery) -> RunList:
        """List the runs that match, in order."""
        ...

    def rows(self, keys: Sequence[int], columns: Sequence[ColumnKey]) -> Sequence[RunRow]:
        """Give the lines for row keys, in the order of the keys; a key that is gone is left out."""
        ...

    def find(self, name: str) -> RunId:
        """Find a run by uid, uid prefix, name, or `@1` (newest); raises NotFoundError, UsageError when ambiguous."""
        ...

    def run(self, uid: RunId) -> Run | Unavailable:
        """Give everything that is known about a run."""
        ...

    def state(self, uid: RunId) -> State:
        """Give a run's state now."""
        ...

    def last_metrics(self, uid: RunId) -> Mapping[str, tuple[float, float]]:
        """Give each metric's last step and value."""
        ...

    def curves(self, query: CurveQuery) -> Sequence[Curve]:
        """Give min/max buckets for each run and metric that has points."""
        ...

    def values_at(self, query: CurveQuery, x: float) -> Mapping[tuple[RunId, str], tuple[float, float]]:
        """Give (x, value) of the last point at or before `x`, for each run and metric of the query."""
        ...

    def since_previous(self, uid: RunId) -> Sequence[str]:
        """Say in short phrases what changed since the previous run of the lineage: `lr 0.1 to 0.05`."""
        ...

    def previous(self, uid: RunId) -> RunId | None:
        """Give the previous run of the same lineage."""
        ...

    def level(self, uid: RunId) -> tuple[int, str]:
        """Give the reproducibility level (0 to 6) and the sentence why it is not higher."""
        ...

    def document(self, digest: Digest) -> Mapping[str, object] | Unavailable:
        """Read a facts document."""
        ...

    def log(self, uid: RunId, stream: str = "") -> LogSource | Unavailable:
        """Open a run's output; `stream` names one of `Run.output` where there are several."""
        ...

    def annotate(self, uids: Sequence[RunId], annotation: Annotation) -> None:
        """Write a person's change to the journals of runs; raises StorageError when nothing can be written."""
        ...

    def complete(self, text: str, cursor: int) -> Sequence[Candidate]:
        """Complete a filter at a cursor, from the keys and values that were seen; parameters that vary first."""
        ...

    def close(self) -> None:
        """Publish what was learnt, if it is more than the published catalog knows, and give everything back."""
        ...
