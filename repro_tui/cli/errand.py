"""Something that takes long, beside an open question: it shows how far it is, and ctrl-c stops it.

The work runs in a thread, so that keys, signals and the window are heard whatever it does.
"""

from __future__ import annotations

import termios
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from repro_tui.cli.prompt import Gone, Prompt
from repro_tui.domain.progress import Progress
from repro_tui.errors import CancelledError
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import clean, shorten

T = TypeVar("T")

_LOOK_S = 0.1
_PATIENCE_S = 0.4
"""Seconds before anything is shown: what is over at once needs no words."""
_STOPPING_S = 20.0
"""Seconds in which the work may clean up; after that it is left behind, which the store survives."""


class Errand(Generic[T]):
    """One piece of work."""

    def __init__(self, work: Callable[[Progress], T], what: str) -> None:
        self._work = work
        self._what = what
        self._said: tuple[int, int, str] = (0, 0, what)
        self._cancelled = False
        self._result: list[T] = []
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="errand", daemon=True)

    def _run(self) -> None:
        try:
            self._result.append(self._work(self._progress))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            self._failed.append(error)

    def _progress(self, done: int, total: int, what: str) -> None:
        if self._cancelled:
            raise CancelledError("It was stopped.")
        self._said = (done, total, what)

    def carry_out(self, prompt: Prompt | None, *, abandon: bool = False, seconds: float = float("inf")) -> T:
        """Do the work and give its result; raises what it raises, and CancelledError when a person stopped it.

        Args:
            prompt: where progress is shown and ctrl-c is read; None where nobody looks.
            abandon: it changes nothing, so that it can be left behind at once.
            seconds: when it is stopped for taking too long, on a terminal.
        """
        self._thread.start()
        try:
            self._watch(prompt, time.monotonic() + seconds)
        except (Gone, CancelledError):
            self._cancelled = True
            self._thread.join(0 if abandon else _STOPPING_S)
            if self._result:  # it was over before it heard of it
                return self._result[0]
            raise
        if self._failed:
            raise self._failed[0]
        return self._result[0]

    def _watch(self, prompt: Prompt | None, deadline: float) -> None:
        """Wait for the end; raises Gone, and CancelledError when a person stops it."""
        if prompt is None:
            self._thread.join()
            return
        begun = time.monotonic()
        shown = ""
        try:
            while self._thread.is_alive():
                typed = prompt.read(_LOOK_S)
                if typed and typed in {prompt.key(termios.VINTR), prompt.key(termios.VQUIT), b"\x03"}:
                    raise CancelledError("You stopped it.")
                if time.monotonic() > deadline:
                    raise CancelledError("It took too long.")
                if prompt.dumb or not self._thread.is_alive() or time.monotonic() - begun < _PATIENCE_S:
                    continue
                line = self._line(prompt.width)
                if line != shown:
                    prompt.say(f"\r\x1b[K{line}")
                    shown = line
        finally:
            if shown:
                prompt.say("\r\x1b[K")

    def _line(self, width: int) -> str:
        done, total, what = self._said
        words = clean(what) or self._what
        if total > 0:
            share = min(done / total, 1.0)
            words = f"{share:4.0%}  {size(done)} of {size(total)}  {words}"
        return "  " + shorten(f"{words}  (ctrl-c stops it)", max(width - 4, 10))
