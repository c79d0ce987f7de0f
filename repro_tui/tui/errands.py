"""Questions to the workbench that must not hold up the interface: one thread, the latest of each kind first."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.message import Message

from repro_tui.domain.ids import RunId
from repro_tui.errors import ReproError
from repro_tui.tui.feed import WorkFailed

Errand = Callable[[], Message | None]
"""Asks the workbench and makes a message of the answer; None when there is nothing to say."""


class Errands:
    """A queue with one place a kind: what is asked again before it was answered replaces what was asked."""

    def __init__(self, post: Callable[[Message], object], uid: RunId) -> None:
        """Make it.

        Args:
            post: Takes messages to the interface, from any thread.
            uid: The run that failures concern.
        """
        self._post = post
        self._uid = uid
        self._waiting: dict[str, Errand] = {}
        self._news = threading.Condition()
        self._stopped = False

    def ask(self, kind: str, errand: Errand) -> None:
        """Put a question, in place of an unanswered one of the same kind."""
        with self._news:
            self._waiting[kind] = errand
            self._news.notify()

    def stop(self) -> None:
        """End the thread after the question at hand."""
        with self._news:
            self._stopped = True
            self._news.notify()

    def run(self) -> None:
        """Answer questions until stopped; called in its own thread."""
        while (errand := self._next()) is not None:
            try:
                message = errand()
            except ReproError as error:
                message = WorkFailed(error, self._uid)
            if message is not None and not self._stopped:
                self._post(message)

    def _next(self) -> Errand | None:
        with self._news:
            self._news.wait_for(lambda: self._stopped or self._waiting)
            if self._stopped:
                return None
            return self._waiting.pop(next(iter(self._waiting)))
