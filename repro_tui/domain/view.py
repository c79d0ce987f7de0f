"""What the screens are given: frozen views of the catalog, and rows on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.columns import Column
from repro_tui.domain.events import Scalar
from repro_tui.domain.filters import EVERYTHING, Term
from repro_tui.domain.grouping import NOT_FOLDED, Folded
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.run import State

WatchMode = Literal["inotify", "polling", "still"]
"""How news arrives: kernel events, polling (network file system, watches run out), or not at all (read once)."""


AGE = ColumnKey("field:age")


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of the run table. Runs without a value come last either way."""

    key: ColumnKey = AGE
    descending: bool = False
    """For `field:age`, False is newest first."""


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs, in which order."""

    where: Term = EVERYTHING
    sort: Sort = field(default_factory=Sort)
    group: str = ""
    """What runs of one line have in common (domain/grouping.py): `repeats`, `param:lr`; empty: each is a line."""


@dataclass(frozen=True, slots=True)
class RunList:
    """The answer to a RunQuery at one moment: the order of all matching runs, cheap even for 100,000."""

    revision: int
    """Grows with each change of the catalog; equal revisions mean equal content."""
    query: RunQuery
    keys: Sequence[int]
    """Row keys in order, for `Workbench.rows`; a key stays with its run for the whole session."""
    total: int
    """Runs in the project."""
    live: int
    """Runs whose state is running."""
    columns: tuple[Column, ...]
    """Every column there is to choose from: parameters that vary first, then metrics, the latest logged first."""
    folded: Folded = NOT_FOLDED
    """Which keys stand for several runs."""

    @property
    def matching(self) -> int:
        """Runs that match, folded or not."""
        return len(self.keys) + sum(len(members) - 1 for members in self.folded.members.values())


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the run table."""

    key: int
    uid: RunId
    name: str
    state: State
    started: float
    ended: float | None
    cells: Mapping[ColumnKey, Scalar]
    """Value of each column that was asked for; absent when the run has none."""
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    changed: str = "····"
    """C D P E against the previous run of the lineage, a dot where nothing changed; blanks when there is none."""
    level: str = "0/6"
    because: str = ""
    """The few words at the line's end: `epoch 3/20`, `exit 1`, `step 810`."""
    spark: tuple[float, ...] = ()
    """For a live run, the last values of the sorted or first metric, at most 8."""
    alarms: tuple[Alarm, ...] = ()
    """What to look at before trusting it, the gravest first."""
    members: tuple[RunId, ...] = ()
    """The runs that the line stands for, newest first; empty for a run of its own. Its uid is that of the newest."""
    leader: int | None = None
    """Of a line of several runs: the key of the newest of them, whose uid it has."""
    spread: Mapping[ColumnKey, float] = field(default_factory=dict)
    """Of a line of several runs: metric to standard deviation (n-1); its cell is their mean."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the header and `doctor` tell about the session itself."""

    watch: WatchMode
    why: str = ""
    """Why it is polling: `/scratch is nfs4`, `the kernel has no watches left`."""
    skipped_lines: int = 0
    """Journal lines that could not be read."""
    read_only: bool = False
    """The project's folder cannot be written; annotations are refused with the reason."""
    catching_up: bool = False
    """The first reading of the journals is still going on."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One completion of a filter: what would stand there, and a word about it."""

    text: str
    """The whole replacement for the token under the cursor."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Lines of a run's output, ready for a screen: without control characters and escape sequences."""

    first: int
    """Number of the first line here, from 0."""
    lines: tuple[str, ...]
    total: int
    """Lines known so far, with the unfinished one at the end, if there is one: a progress bar never ends its line."""
    at_end: bool


@dataclass(frozen=True, slots=True)
class Annotation:
    """A change that a person makes to a run; absent fields stay as they are."""

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    note: str | None = None
    pinned: bool | None = None
    name: str | None = None
