"""Putting the question on the terminal and hearing the answer: shown once, answered by one key, never for ever."""

from __future__ import annotations

import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.cli.keystrokes import Keystrokes
from repro_tui.cli.output import wants_ascii
from repro_tui.cli.prompt import Gone, Prompt
from repro_tui.cli.question_words import (
    ANSWERS,
    HOLDS,
    KEY_ANSWER,
    REASON,
    detail_lines,
    offer_lines,
    question_lines,
    wrapped,
)
from repro_tui.domain.policy import Plan
from repro_tui.domain.question import Answer, Standing
from repro_tui.domain.snapshot import Offer

_TICK_S = 1.0
_SETTLED_S = 0.2
"""Seconds after the last change of the window's size before the question is drawn again."""
_DETAILS = "details"
_KEY = "key"


@dataclass(frozen=True, slots=True)
class Choice:
    """What came of the question."""

    answer: Answer
    by: str
    """`person`, `timeout` or `interrupt`."""
    standing: Standing | None = None
    """What shall hold for all runs from now on, where the answer itself does not say so."""


class Asking:
    """The questions at one run's end, on one terminal."""

    def __init__(self, prompt: Prompt, wait_s: float, environment: Mapping[str, str]) -> None:
        self._prompt = prompt
        self.wait_s = wait_s
        """Seconds that each question waits."""
        self.ascii = wants_ascii(environment)
        """Only ASCII can be shown."""
        self._bold = not environment.get("NO_COLOR") and not prompt.dumb

    def reason(self) -> None:
        """Say why it would be good to keep the run."""
        self._say(wrapped(REASON, self._prompt.width))

    def _say(self, lines: Sequence[str]) -> None:
        self._prompt.say("".join(f"{line}\n" for line in lines))

    def ask(self, offer: Offer, plan: Plan) -> Choice:
        """Ask about a snapshot, and wait for one key."""
        self._say(offer_lines(offer, self._prompt.width, ascii_only=self.ascii))
        if plan.holds:
            self._say(wrapped(HOLDS, self._prompt.width, "  "))
        answers = dict(ANSWERS) | (KEY_ANSWER if plan.offers_key else {})

        def lines() -> list[str]:
            return question_lines(self._prompt.width, offers_key=plan.offers_key)

        while True:
            word, by = self.key(lines, answers, default="yes")
            if word == _DETAILS:
                self._say(detail_lines(offer, self._prompt.width, ascii_only=self.ascii))
            elif word == _KEY:
                return Choice(Answer.NO, by, Standing.KEY)
            else:
                return Choice(Answer(word), by)

    def key(self, lines: Callable[[], list[str]], answers: dict[bytes, str], default: str = "") -> tuple[str, str]:
        """Show a question and wait for its answer; gives its word, and who gave it.

        No answer in time, ctrl-c, the end of input and a hang-up mean later.
        """
        shown = self._show(lines())
        keys = self._fresh(answers, default)
        deadline = time.monotonic() + self.wait_s
        drawn: float | None = None
        try:
            while (now := time.monotonic()) < deadline:
                word = keys.settle(now)
                if not word and (typed := self._prompt.read(self._pause(keys, deadline, drawn))):
                    word = keys.feed(typed, time.monotonic())
                    if word == "later" and typed in keys.stops:
                        self._prompt.say("later\n")
                        return word, "interrupt"
                if word:
                    self._prompt.say(f"{word}\n")
                    return word, "person"
                if self._prompt.resumed:
                    self._prompt.resumed = False
                    shown, keys = self._show(lines()), self._fresh(answers, default)
                    deadline = time.monotonic() + self.wait_s
                if self._prompt.resized:
                    self._prompt.resized, drawn = False, time.monotonic() + _SETTLED_S
                if drawn is not None and time.monotonic() >= drawn:
                    shown, drawn = self._again(shown, lines()), None
        except Gone:
            if self._prompt.foreground:
                self._prompt.say("later\n")
            return "later", "interrupt"
        self._prompt.say("\n")
        return "later", "timeout"

    def _fresh(self, answers: dict[bytes, str], default: str) -> Keystrokes:
        """Begin to listen: what was typed until now was meant for something else."""
        self._prompt.forget_typed()
        stops = {self._prompt.key(place) for place in (termios.VINTR, termios.VEOF, termios.VQUIT)}
        return Keystrokes(answers, frozenset(stops - {b""}), default, time.monotonic())

    def _pause(self, keys: Keystrokes, deadline: float, drawn: float | None) -> float:
        now = time.monotonic()
        due = keys.due(now)
        pauses = [deadline - now, _TICK_S, *([due] if due is not None else [])]
        return max(min([*pauses, *([drawn - now] if drawn is not None else [])]), 0.0)

    def _show(self, lines: list[str]) -> list[str]:
        head, *rest = lines
        bold = f"\x1b[1m{head}\x1b[0m" if self._bold and len(lines) > 1 else head
        if self._bold and len(lines) == 1:
            mark, gap, more = head.partition("  (")
            bold = f"\x1b[1m{mark}\x1b[0m{gap}{more}"
        self._prompt.say("\n".join([bold, *rest]) + (" " if rest else ""))
        return lines

    def _again(self, shown: list[str], lines: list[str]) -> list[str]:
        """Draw the question again where it stands; the terminal has broken its lines anew to the new width."""
        if self._prompt.dumb:
            return shown
        width = max(self._prompt.width, 1)
        rows = sum(max(-(-len(line) // width), 1) for line in shown)
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        self._prompt.say(f"\r{up}\x1b[J")
        return self._show(lines)
