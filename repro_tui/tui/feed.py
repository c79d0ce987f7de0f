"""The one way in: a worker thread reads the journals and posts one frozen view, a few times a second at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.message import Message

from repro_tui.domain.columns import Column
from repro_tui.domain.filters import Qualified
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.view import Health, RunList, RunQuery, RunRow
from repro_tui.errors import ReproError
from repro_tui.ports import Workbench
from repro_tui.tui.places import warm

FIRST_ROWS = 100
"""Rows that are fetched before a screen has said which ones it shows."""

SLICE = 0.05
"""Seconds of reading journals at a time, so that a screen that asks for rows never waits for longer."""

PATIENCE = 0.4
"""Seconds to wait for news at a time; also the longest that quitting takes."""

BREATH = 0.05
"""Seconds between two pieces that are imported while nothing happens: a key that comes then waits for one at most."""

REST = 0.025
"""Seconds between two slices of reading, in which the thread that draws has the interpreter for itself."""

RETRY = 2.0
"""Seconds until the next attempt after an error."""

SHARE = 4
"""Making a view may take one part in so many of the thread's time, however large the project is."""


@dataclass(frozen=True, slots=True)
class View:
    """What the screens show at one moment."""

    runs: RunList
    rows: Mapping[int, RunRow]
    """The rows in sight, fresh; others are asked for when they come into sight."""
    health: Health
    remembered: bool = False
    """From the last session; keys mean nothing to the workbench yet."""
    found: Mapping[RunId, int] = field(default_factory=dict)
    """The keys of the runs that were looked for by their uids."""
    questions: int = 0
    """How many questions wait for the person who looks."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Give every column there is to choose from."""
        return self.runs.columns


NOTHING = View(RunList(-1, RunQuery(), (), 0, 0, ()), {}, Health("still", catching_up=True), remembered=True)
"""Before anything is known."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What the screens want to see; replaced as a whole, so that a thread never sees half of a change."""

    query: RunQuery = field(default_factory=RunQuery)
    columns: tuple[ColumnKey, ...] = ()
    """Columns whose values are shown; empty: all parameters that vary and all metrics, as far as is reasonable."""
    keys: tuple[int, ...] = ()
    """Rows in sight."""
    uids: tuple[RunId, ...] = ()
    """Runs whose keys are looked for: those that an earlier session had marked."""


@dataclass
class ViewChanged(Message):
    """There is a new view. It carries all of it, so a later one replaces it in the queue."""

    view: View

    def can_replace(self, message: Message) -> bool:
        """Replace an older view that was not shown yet."""
        return isinstance(message, ViewChanged)


@dataclass
class WorkFailed(Message):
    """Something did not work, for a reason that a person can act on."""

    error: ReproError
    uid: RunId | None = None
    """The run that it concerns; None for the project."""
    source: str = ""
    """`feed` while the journals cannot be read; it says when that is over."""


@dataclass
class WorkResumed(Message):
    """The journals can be read again."""


def rows_of(workbench: Workbench, interest: Interest, runs: RunList) -> dict[int, RunRow]:
    """Fetch the rows in sight, or the first ones."""
    wanted = interest.keys or tuple(runs.keys[:FIRST_ROWS])
    columns: Sequence[ColumnKey] = interest.columns or [c.key for c in runs.columns[:40]]
    return {row.key: row for row in workbench.rows(wanted, columns, runs.folded)}


def keys_of(workbench: Workbench, uids: tuple[RunId, ...]) -> dict[RunId, int]:
    """Find the keys of runs by their uids; those that are gone are left out."""
    if not uids:
        return {}
    found = workbench.runs(RunQuery(Qualified("uid", tuple(uids))))
    return {row.uid: row.key for row in workbench.brief(tuple(found.keys))}


def questions_of(workbench: Workbench) -> int:
    """Count the questions that wait; what keeps them from being counted is no reason to show no runs."""
    try:
        return workbench.questions.count()
    except ReproError:
        return 0


def remembered_view(workbench: Workbench) -> View:
    """Make a first view from what the last session left, without a database."""
    rows = {row.key: row for row in workbench.recent()}
    runs = RunList(-1, RunQuery(), tuple(rows), len(rows), 0, _columns_of(rows))
    return View(runs, rows, Health("still", catching_up=True), remembered=True)


def _columns_of(rows: Mapping[int, RunRow]) -> tuple[Column, ...]:
    """Find out from rows alone which columns there are, in the order in which a list would give them."""
    seen: dict[ColumnKey, list[object]] = {}
    for row in rows.values():
        for key, value in row.cells.items():
            seen.setdefault(key, []).append(value)
    found = [
        _column(key, values) for key, values in seen.items() if not key.startswith("field:") and not key.endswith(":")
    ]
    return tuple(sorted(found, key=lambda c: (c.kind == "metric", c.kind == "param" and c.distinct < 2)))  # noqa: PLR2004 - two values vary


def _column(key: ColumnKey, values: list[object]) -> Column:
    kind, _, name = key.partition(":")
    numeric = all(isinstance(v, int | float) for v in values)
    return Column(key, "param" if kind == "param" else "metric", name, len(set(values)), len(values), numeric=numeric)


class Feed:
    """The loop of the worker thread: advance, list, post; and nothing when nothing changed."""

    def __init__(
        self, workbench: Workbench, post: Callable[[Message], object], *, period: float, clock: Callable[[], float]
    ) -> None:
        """Make it.

        Args:
            workbench: What is asked.
            post: Takes messages to the interface, from any thread.
            period: Seconds between two views, at least.
            clock: Seconds of a clock that only goes forward.
        """
        self.interest = Interest()
        self._workbench = workbench
        self._post = post
        self._period = period
        self._clock = clock
        self._stopped = threading.Event()
        self._shown: tuple[Health, RunQuery, int] | None = None
        self._failing = False
        self._is_news = False
        self._due = 0.0
        """When the next view may be made."""
        self._warming = warm(workbench)
        """Imports what will be needed, a piece in each quiet turn."""

    def stop(self) -> None:
        """Ask the loop to end."""
        self._stopped.set()

    def run(self) -> None:
        """Read and post until stopped; called in its own thread."""
        while not self._stopped.is_set():
            try:
                self._turn()
            except ReproError as error:
                self._failing = True
                self._post(WorkFailed(error, source="feed"))
                self._stopped.wait(RETRY)

    def _turn(self) -> None:
        """Read what is new; show it when something changed and the last view is not too young; else wait for news."""
        changed = self._workbench.advance(SLICE)
        self._is_news = self._is_news or changed
        shown = (self._workbench.health(), self.interest.query, questions_of(self._workbench))
        if not self._is_news and self._shown == shown:
            if next(self._warming, self) is self:  # there is nothing left to import
                self._workbench.wait(PATIENCE)
            else:
                self._stopped.wait(BREATH)
            return
        began = self._clock()
        if began < self._due:
            # Thousands of journals are read on while a view is looked at, with rests in which keys are answered.
            self._stopped.wait(min(REST, self._due - began) if changed else self._due - began)
            return
        self.publish()
        self._is_news = False
        ended = self._clock()
        self._due = ended + max(self._period, SHARE * (ended - began))

    def refresh(self) -> None:
        """Show the view again at the next turn, whether or not something changed."""
        self._shown = None

    def publish_or_say(self) -> None:
        """Post the view as it is wanted now, or why there is none; called in a thread of its own."""
        try:
            self.publish()
        except ReproError as error:
            self._post(WorkFailed(error))

    def publish(self) -> None:
        """List the runs as they are wanted now, and post the view. May be called from another thread."""
        interest = self.interest
        runs = self._workbench.runs(interest.query)
        health, waiting = self._workbench.health(), questions_of(self._workbench)
        rows = rows_of(self._workbench, interest, runs)
        view = View(runs, rows, health, found=keys_of(self._workbench, interest.uids), questions=waiting)
        self._shown = (health, interest.query, waiting)
        self._post(ViewChanged(view))
        if self._failing:
            self._failing = False
            self._post(WorkResumed())


def monotonic() -> float:
    """Tell seconds of a clock that only goes forward."""
    return time.monotonic()
