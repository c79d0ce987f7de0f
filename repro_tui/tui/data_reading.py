"""What the Data place asks the services for, in threads, and the messages that bring the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.message import Message

from repro_tui.domain.dataset import Dataset, Now, Version
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.progress import Progress
from repro_tui.domain.run import Coverage
from repro_tui.errors import CancelledError, ReproError
from repro_tui.ports import Datasets, Workbench
from repro_tui.tui.data_lines import Sets

Pair = tuple[str, Digest, Digest]
"""Name of a dataset, version before, version after."""


MOST_PAIRS = 100
"""Explained changes that are remembered for when the cursor comes back."""


@dataclass
class SetsRead(Message):
    """The datasets were listed."""

    sets: Sets

    def can_replace(self, message: Message) -> bool:
        """Replace an older list that was not shown yet."""
        return isinstance(message, SetsRead)


@dataclass
class LooksRead(Message):
    """It was looked at what lies at a dataset's path."""

    name: str
    now: Now


@dataclass
class ChangeRead(Message):
    """A change was explained, or said in a few words while it is looked into."""

    pair: Pair
    phrase: str
    change: DataChange | Unavailable | None


@dataclass
class RunsNamed(Message):
    """The runs that used a version were looked up."""

    version: Digest
    runs: tuple[tuple[RunId, str], ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What reading a dataset anew found."""

    now: Now
    change: DataChange | Unavailable | None
    """Against the version it was compared with; None when it is the same."""


def read_sets(workbench: Workbench) -> SetsRead:
    """List datasets and paths to declare."""
    try:
        datasets = tuple(workbench.datasets.all())
    except ReproError as error:
        return SetsRead(Sets(error=f"{error.message} {error.hint}".strip()))
    try:
        proposals = tuple(workbench.datasets.proposals())
    except ReproError:
        # What could be declared is an offer; without it the datasets are still shown.
        proposals = ()
    return SetsRead(Sets(datasets, proposals))


def look(datasets: Datasets, name: str) -> LooksRead:
    """Look whether a dataset is as it was, from the stat cache alone."""
    try:
        return LooksRead(name, datasets.now(name))
    except ReproError as error:
        return LooksRead(name, Now(None, 0, 0, Coverage.PENDING, None, error.message))


def explain(datasets: Datasets, pair: Pair, is_wanted: Callable[[], bool]) -> ChangeRead | None:
    """Explain a change; None when nobody wants to know any more."""

    def go_on(_done: int, _total: int, _what: str) -> None:
        if not is_wanted():
            raise CancelledError("Nobody looks at this any more.")

    try:
        phrase = datasets.phrase(*pair)
        change = datasets.change(*pair, go_on)
    except CancelledError:
        return None
    except ReproError as error:
        return ChangeRead(pair, "", Unavailable(error.message))
    return ChangeRead(pair, phrase, change)


def phrase_only(datasets: Datasets, pair: Pair) -> ChangeRead:
    """Say a change in a few words, from what is known already."""
    try:
        return ChangeRead(pair, datasets.phrase(*pair), None)
    except ReproError as error:
        return ChangeRead(pair, "", Unavailable(error.message))


def look_and_compare(
    datasets: Datasets, name: str, base: Version | None, earlier: Version | None, progress: Progress
) -> Looked:
    """Read what has changed, note it as a version, look into it, and compare it with another version.

    Where it is still the version `base`, it is compared with the one before, `earlier`: that looks into its tables.
    """
    now = datasets.now(name, read=True, progress=progress)
    if now.digest is not None and base is not None and now.digest != base.digest:
        return Looked(now, datasets.change(name, base.digest, now.digest, progress))
    if now.digest is not None and earlier is not None:
        datasets.change(name, earlier.digest, now.digest, progress)
    return Looked(now, None)


def name_runs(workbench: Workbench, version: Version, runs: Sequence[RunId]) -> RunsNamed:
    """Find the names of runs; one that is gone keeps its uid."""
    found = [(uid, workbench.run(uid)) for uid in runs]
    return RunsNamed(
        version.digest, tuple((uid, uid[:8] if isinstance(run, Unavailable) else run.name) for uid, run in found)
    )


def before(dataset: Dataset, version: Version) -> Version | None:
    """Give the version before another one."""
    later = [found for found in dataset.versions if found.number < version.number]
    return max(later, key=lambda found: found.number, default=None)
