"""What the Compare place asks for, in a thread, and how the answers come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textual.message import Message

from repro_tui.domain.comparison import MOST_COLUMNS, NOW, CodeChange, Comparison
from repro_tui.domain.explanation import Explanation
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.view import RunRow
from repro_tui.errors import NotFoundError, ReproError
from repro_tui.ports import Workbench
from repro_tui.tui.compare_pages import rows_of
from repro_tui.tui.render.patch import Row

Pair = tuple[RunId, RunId]
"""The baseline and the run that is held against it."""


@dataclass
class ComparisonRead(Message):
    """The runs stand side by side, or there is a reason why not."""

    uids: tuple[RunId, ...]
    comparison: Comparison | None
    error: str = ""
    is_missing: bool = False
    """The reason is that there is no such run, as far as the journals were read."""

    def can_replace(self, message: Message) -> bool:
        """Replace an older comparison that was not shown yet."""
        return isinstance(message, ComparisonRead)


@dataclass
class ExplanationRead(Message):
    """Why two results differ, or why that cannot be said."""

    pair: Pair
    metric: str
    explanation: Explanation | None
    error: str = ""

    def can_replace(self, message: Message) -> bool:
        """Replace an older explanation that was not shown yet."""
        return isinstance(message, ExplanationRead)


@dataclass
class CodeRead(Message):
    """How the code of two runs differs."""

    pair: Pair
    change: CodeChange | Unavailable
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Each file's patch taken apart, which takes a moment for a long one."""


@dataclass
class CountsRead(Message):
    """By how many lines the files of runs differ from those of the baseline."""

    counts: Mapping[Pair, Mapping[str, str]]
    """By pair and path: `+3 -1`; a file that cannot be compared line by line is left out."""


@dataclass
class DataRead(Message):
    """How a dataset differs between two runs."""

    pair: Pair
    name: str
    change: DataChange | Unavailable


def said(error: ReproError) -> str:
    """Put what went wrong and what to do about it into one text."""
    return f"{error.message} {error.hint}".strip()


def side_by_side(workbench: Workbench, chosen: Sequence[RunRow], base: RunRow | None) -> tuple[RunId, ...] | str:
    """Say which runs a key puts side by side, the baseline first, or in words why there are none.

    Without a baseline the oldest of several is one, and for a single run the one before it in its lineage.
    """
    if not chosen:
        return "There is no run to compare."
    ordered = sorted(chosen, key=lambda row: row.started)
    first = base or ordered[0]
    uids = (first.uid, *(row.uid for row in ordered if row.uid != first.uid))
    if len(uids) > MOST_COLUMNS:
        return (
            f"{len(uids):,} runs are too many to stand side by side: mark up to {MOST_COLUMNS}. A takes all marks away."
        )
    if len(uids) == 1:
        return with_previous(workbench, first.uid)
    return uids


def with_previous(workbench: Workbench, uid: RunId) -> tuple[RunId, ...] | str:
    """Put a run beside the one before it in its lineage."""
    previous = workbench.previous(uid)
    if previous is None:
        return "It is the first of its lineage: mark another run with space, or compare with now (w)."
    return (previous, uid)


def read_comparison(workbench: Workbench, uids: tuple[RunId, ...]) -> ComparisonRead:
    """Put runs side by side, the first as the baseline."""
    if not uids:
        return ComparisonRead(uids, None)
    try:
        return ComparisonRead(uids, workbench.comparisons.compare(uids))
    except ReproError as error:
        return ComparisonRead(uids, None, said(error), isinstance(error, NotFoundError))


def read_explanation(workbench: Workbench, pair: Pair, metric: str) -> ExplanationRead:
    """Ask why two results differ; what lies there now has none."""
    if NOW in pair:
        return ExplanationRead(pair, metric, None)
    try:
        return ExplanationRead(pair, metric, workbench.comparisons.explain(*pair, metric=metric))
    except ReproError as error:
        return ExplanationRead(pair, metric, None, said(error))


def read_code(workbench: Workbench, pair: Pair) -> CodeRead:
    """Ask for the patch between two runs."""
    try:
        change = workbench.comparisons.code(*pair)
        return CodeRead(pair, change, {file.path: rows_of(file) for file in change.files})
    except ReproError as error:
        return CodeRead(pair, Unavailable(said(error)))


def read_counts(workbench: Workbench, pairs: Sequence[Pair]) -> CountsRead:
    """Count the lines by which files differ; where that cannot be known, nothing is said of it."""
    found: dict[Pair, Mapping[str, str]] = {}
    for pair in pairs:
        try:
            files = workbench.comparisons.code(*pair).files
        except ReproError:  # the patch itself says why, when it is asked for
            files = ()
        found[pair] = {file.path: f"+{file.added:,} -{file.removed:,}" for file in files if file.lines}
    return CountsRead(found)


def read_data(workbench: Workbench, pair: Pair, name: str) -> DataRead:
    """Ask how a dataset differs between two runs."""
    try:
        return DataRead(pair, name, workbench.comparisons.data(*pair, name))
    except ReproError as error:
        return DataRead(pair, name, Unavailable(said(error)))
