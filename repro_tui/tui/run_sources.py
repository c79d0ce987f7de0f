"""Where a run's screen gets its facts, curves and output: questions answered in three threads, off the interface."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import CurveQuery
from repro_tui.ports import Workbench
from repro_tui.tui.curves import read_curves, read_values
from repro_tui.tui.errands import Errands
from repro_tui.tui.log_reader import LogReader
from repro_tui.tui.run_facts import Gatherer


class RunSources:
    """Answers come as messages; searching a long output holds up neither facts nor curves."""

    def __init__(self, workbench: Workbench, uid: RunId, post: Callable[[Message], object]) -> None:
        self._workbench = workbench
        self._gatherer = Gatherer(workbench, uid)
        self._reader = LogReader(workbench, uid)
        self._errands = Errands(post, uid)
        self._log_errands = Errands(post, uid)
        # A search through gigabytes has a reader and a thread of its own, so that reading never waits for it.
        self._seeker = LogReader(workbench, uid)
        self._seek_errands = Errands(post, uid)

    def answer(self) -> None:
        """Answer questions about facts and curves until stopped; called in its own thread."""
        self._errands.run()

    def answer_about_log(self) -> None:
        """Answer questions about the output until stopped; called in its own thread."""
        self._log_errands.run()
        self._reader.close()

    def answer_about_searches(self) -> None:
        """Search the output until stopped; called in its own thread."""
        self._seek_errands.run()
        self._seeker.close()

    def stop(self) -> None:
        """End the threads."""
        self._errands.stop()
        self._log_errands.stop()
        self._seek_errands.stop()

    def ask_facts(self) -> None:
        """Ask for everything about the run."""
        self._errands.ask("facts", self._gatherer.gather)

    def ask_curves(self, query: CurveQuery) -> None:
        """Ask for the curves of a chart."""
        self._errands.ask("curves", lambda: read_curves(self._workbench, query))

    def ask_values(self, query: CurveQuery, x: float) -> None:
        """Ask for exact values at a place."""
        self._errands.ask("values", lambda: read_values(self._workbench, query, x))

    def ask_lines(self, stream: str, first: int, count: int) -> None:
        """Ask for lines of the output."""
        self._log_errands.ask("lines", lambda: self._reader.read(stream, first, count))

    def seek(self, stream: str, text: str, start: int, *, backward: bool) -> None:
        """Look for a line of the output."""
        self._seek_errands.ask("seek", lambda: self._seeker.seek(stream, text, start, backward=backward))
