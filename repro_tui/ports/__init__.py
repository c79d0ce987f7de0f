"""What the screens and commands may ask for, as protocols; `bootstrap` builds what answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.answer import TableAnswer
from repro_tui.domain.comparison import CodeChange, Comparison, ExactPatch
from repro_tui.domain.dataset import Dataset, Now, Proposal, Spec, Watch
from repro_tui.domain.explanation import Explanation, Variation
from repro_tui.domain.filters import Term
from repro_tui.domain.grouping import NOT_FOLDED, Folded
from repro_tui.domain.ids import ColumnKey, Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Question, Standing
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import Curve, CurveQuery
from repro_tui.domain.snapshot import (
    DataChoice,
    Offer,
    PartFiles,
    PartKind,
    Report,
    Snapshot,
    SnapshotRow,
    StoreUsage,
    Taken,
)
from repro_tui.domain.view import Annotation, Candidate, Health, LogChunk, RunList, RunQuery, RunRow
from repro_tui.ports.retention import Retention


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


class Snapshots(Protocol):
    """Takes, lists, checks and restores snapshots. Any thread; what takes long is told `progress`.

    All of it may raise `errors.ReproError`.
    """

    def offer(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False) -> Offer | Unavailable:
        """Say what a snapshot of a run would keep, without keeping it; reads no content that is known by its stat."""
        ...

    def take(
        self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False, progress: Progress | None = None
    ) -> Taken:
        """Keep a run's code, environment, data and outputs; what has changed since the run is named and left out."""
        ...

    def keep_data(
        self, name: str, path: str, expected: Digest | None = None, progress: Progress | None = None
    ) -> Taken:
        """Keep what lies at a dataset's path as a snapshot of its own; raises when it is not the `expected` version."""
        ...

    def rows(self) -> Sequence[SnapshotRow]:
        """List the snapshots, newest first; one that cannot be read is in the list with the reason."""
        ...

    def find(self, name: str) -> Digest:
        """Find a snapshot by digest or a prefix of it, name or uid of its run (the newest one), `train@v3`, or `@1`.

        Raises NotFoundError, UsageError when ambiguous.
        """
        ...

    def version(self, name: str) -> Digest | None:
        """Give the version of a dataset that such a name means (`train@v3`); None for any other name."""
        ...

    def snapshot(self, digest: Digest) -> Snapshot | Unavailable:
        """Read a snapshot's document."""
        ...

    def files(self, digest: Digest, most: int, progress: Progress | None = None) -> Sequence[PartFiles]:
        """List up to `most` of the largest files of each part that is kept; `progress` is told the files so far."""
        ...

    def restore(
        self,
        digest: Digest,
        folder: Path,
        *,
        only: Sequence[PartKind] = (),
        version: Digest | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Write a snapshot's files into a folder that is new or empty, comparing every byte with its digest.

        With `only` some kinds of parts; with `version` the one part that holds this version of a dataset.
        """
        ...

    def verify(self, digest: Digest, progress: Progress | None = None) -> Report:
        """Read everything that a snapshot needs, and note the result."""
        ...

    def pin(self, digest: Digest, *, on: bool) -> None:
        """Pin a snapshot that keeps a dataset's version by itself, or unpin it; that of a run is pinned with the run.

        Raises UsageError for the snapshot of a run.
        """
        ...

    def usage(self) -> StoreUsage:
        """Say how large the store is."""
        ...

    def check(self, *, quick: bool = False, progress: Progress | None = None) -> Report:
        """Look for damage: everything is read, or with `quick` only the structure."""
        ...

    def repair(self, progress: Progress | None = None) -> Report:
        """Make sidecars again from packs, set damaged files aside; name each snapshot that lost something."""
        ...


class Datasets(Protocol):
    """Declares datasets, notices their changes, explains them. Any thread; all may raise `errors.ReproError`."""

    def all(self) -> Sequence[Dataset]:
        """Give the declared datasets with their versions, by name."""
        ...

    def specs(self) -> Sequence[Spec]:
        """Give what is declared, by name, without looking at versions."""
        ...

    def proposals(self) -> Sequence[Proposal]:
        """Give paths that runs were seen reading and that are not declared, the most read first."""
        ...

    def add(self, spec: Spec) -> Dataset:
        """Declare a dataset in the project's journal, and note its first version; UsageError for a taken name."""
        ...

    def watch(self, name: str, watch: Watch) -> None:
        """Say whether to be asked when it changes."""
        ...

    def now(self, name: str, *, read: bool = False, progress: Progress | None = None) -> Now:
        """Say what lies there now: from the stat cache; with `read`, what changed is hashed and noted as a version."""
        ...

    def change(
        self, name: str, before: Digest, after: Digest, progress: Progress | None = None
    ) -> DataChange | Unavailable:
        """Explain what changed between two versions; the one that lies there now is looked into if it was not yet."""
        ...

    def phrase(self, name: str, before: Digest, after: Digest) -> str:
        """Say the change in a few words, from what is known: `+1,204 rows, label 3: 10.1 % → 12.2 %`."""
        ...

    def checkpoint(self, name: str, progress: Progress | None = None) -> Taken:
        """Keep the version that lies there now."""
        ...

    def explain(self, name: str, version: Digest, *, argv: Sequence[str] = (), note: str = "") -> None:
        """Note how a version was made, by a command line or in words."""
        ...


class Questions(Protocol):
    """The questions that wait for the person who looks. Any thread; all may raise `errors.ReproError`."""

    def count(self) -> int:
        """Count them, in well under a millisecond."""
        ...

    def open(self) -> Sequence[Question]:
        """List them, newest first."""
        ...

    def offer(self, question: str) -> Offer | DataChange | Unavailable:
        """Say what a yes would do, by the question's id."""
        ...

    def answer(self, question: str, answer: Answer, progress: Progress | None = None) -> Answered:
        """Carry out an answer and note it as an event; a yes takes the snapshot."""
        ...

    def standing(self) -> Standing:
        """Say what this project's runs do about the question."""
        ...

    def stand(self, standing: Standing) -> None:
        """Change that."""
        ...


class Comparisons(Protocol):
    """Says what differs between runs, and what that did to the results. Any thread; all may raise `errors.ReproError`.

    A run is named by its uid; `domain.comparison.NOW` stands for the project as it lies there at this moment.
    """

    def compare(self, uids: Sequence[RunId], *, baseline: int = 0) -> Comparison:
        """Put two to eight runs side by side; UsageError for fewer, more, or a run twice."""
        ...

    def code(self, before: RunId, after: RunId) -> CodeChange:
        """Give the patch from the code of one run to that of another, with the commits between them."""
        ...

    def patch(self, before: RunId, after: RunId) -> Iterator[ExactPatch]:
        """Give the same patch file by file as `git apply` takes it."""
        ...

    def data(self, before: RunId, after: RunId, name: str) -> DataChange | Unavailable:
        """Explain how a dataset, or an input by its path, differs between two runs."""
        ...

    def explain(self, before: RunId, after: RunId, *, metric: str = "") -> Explanation:
        """Say why two results differ; `metric` defaults to the main one of the project."""
        ...

    def varies(self, where: Term, *, metric: str = "") -> Variation:
        """Say which traits vary over the matching runs, and how each goes with an outcome."""
        ...

    def warm(self) -> Iterator[None]:
        """Load what these questions need, piece by piece, so that the first one is answered like any other."""
        ...


class Services(Protocol):
    """What works without the index of runs: commands that need no list open only this."""

    @property
    def snapshots(self) -> Snapshots:
        """Give what takes and restores snapshots."""
        ...

    @property
    def datasets(self) -> Datasets:
        """Give what knows the datasets."""
        ...

    @property
    def questions(self) -> Questions:
        """Give the questions that wait."""
        ...


class Workbench(Services, Protocol):
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

    @property
    def comparisons(self) -> Comparisons:
        """Give what says how runs differ, and what that did to the results."""
        ...

    @property
    def retention(self) -> Retention:
        """Give what decides which snapshots stay, and removes the others."""
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

    def rows(self, keys: Sequence[int], columns: Sequence[ColumnKey], folded: Folded = NOT_FOLDED) -> Sequence[RunRow]:
        """Give the lines for row keys, in the order of the keys; a key that is gone is left out.

        `folded` is that of the list which the keys are from, where they may stand for several runs.
        """
        ...

    def brief(self, keys: Sequence[int]) -> Sequence[RunRow]:
        """Give the lines for keys of runs without cells, alarms and progress: enough to act on thousands at once."""
        ...

    def find(self, name: str) -> RunId:
        """Find a run by uid, name, the beginning of either, `@1` (newest), `best:acc`, or `baseline` (a tag).

        Raises NotFoundError; UsageError when several answer to it, or it is not known which way a metric is better.
        """
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

    def alarms(self, uid: RunId) -> Sequence[Alarm]:
        """Say what to look at before trusting a run, the gravest first."""
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

    def sql(self, statement: str) -> TableAnswer:
        """Answer a statement in SQL that only reads the index; UsageError for any other, and for a broken one."""
        ...

    def complete(self, text: str, cursor: int) -> Sequence[Candidate]:
        """Complete a filter at a cursor, from the keys and values that were seen; parameters that vary first."""
        ...

    def close(self) -> None:
        """Publish what was learnt, if it is more than the published catalog knows, and give everything back."""
        ...
