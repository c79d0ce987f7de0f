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

    def __init__(self, post: Callable[[Message], object], uid: RunId | None = None) -> None:
        """Make it.

        Args:
            post: Takes messages to the interface, from any thread.
            uid: The run that failures concern, if it is about one.
        """
        self._post = post
        self._uid = uid
        self._waiting: dict[str, Errand] = {}
        self._news = threading.Condition()
        self._stopped = False

    def ask(self, kind: str, errand: Errand, *, first: bool = False) -> None:
        """Put a question, in place of an unanswered one of the same kind; `first` puts it before all others."""
        with self._news:
            others = {name: waiting for name, waiting in self._waiting.items() if name != kind}
            if first:
                self._waiting = {kind: errand, **others}
            else:
                self._waiting[kind] = errand
            self._news.notify()

    def is_waiting(self, kind: str) -> bool:
        """Tell whether a question of a kind was not begun with yet."""
        return kind in self._waiting

    def stop(self) -> None:
        """End the thread after the question at hand."""
        with self._news:
            self._stopped = True
            self._news.notify_all()

    def run(self) -> None:
        """Answer questions until stopped; called in a thread of its own, or in several."""
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
