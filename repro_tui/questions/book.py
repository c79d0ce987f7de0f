"""What the project's journal says of questions: the standing answer, and answers about datasets and others' runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from repro_tui.domain.events import Event
from repro_tui.domain.foreign import MAX_NAME, text
from repro_tui.domain.question import SNAPSHOT, Standing
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Answered

MOST = 20_000

Order = tuple[int, str, int]


@dataclass(frozen=True, slots=True)
class Book:
    """What was said, at one moment."""

    standing: Standing | None = None
    """What a person said for the whole project; None when nobody did."""
    answers: Mapping[tuple[str, str], tuple[Order, Answered]] = field(default_factory=dict)
    """Run and question to the answer, with what decides whether it wins over one in the run's own journal."""
    kept: frozenset[str] = frozenset()
    """Runs of which a snapshot was noted here, because their own folders could not be written."""
    datasets: bool = False
    """A dataset was declared."""

    def about(self, question: str) -> Answered | None:
        """Give the answer to a question about no run in particular."""
        said = self.answers.get(("", question))
        return said[1] if said else None


class QuestionFold:
    """Everything that was said so far; put events in, in any order."""

    def __init__(self) -> None:
        self._standing: Registers[str, Standing] = Registers(8)
        self._answers: Registers[tuple[str, str], tuple[Order, Answered]] = Registers(MOST)
        self._kept: Registers[str, bool] = Registers(MOST)
        self._datasets = False

    def add(self, event: Event) -> None:
        """Take an event; kinds that are not about questions, and fields of other types, change nothing."""
        try:
            if event.kind == "standing" and text(event.body, "question", SNAPSHOT) == SNAPSHOT:
                self._standing.put(SNAPSHOT, event.order, Standing(text(event.body, "answer")))
            elif event.kind == "answer":
                self._answer(event)
            elif event.kind == "dataset":
                self._datasets = True
            elif event.kind == "snapshot":
                self._kept.put(text(event.body, "run", limit=MAX_NAME), (0,), True)
        except ValueError:  # ForeignError is one, and so is an answer that is none
            return

    def _answer(self, event: Event) -> None:
        body = event.body
        said = Answered(
            text(body, "answer", limit=MAX_NAME),
            text(body, "by", "", MAX_NAME),
            text(body, "user", "", MAX_NAME),
            event.t,
        )
        key = (text(body, "run", "", MAX_NAME), text(body, "question", limit=MAX_NAME))
        self._answers.put(key, event.order, (event.order, said))

    def book(self) -> Book:
        """Give what was said so far, as a value."""
        kept = frozenset(run for run, _ in self._kept.items())
        return Book(self._standing.get(SNAPSHOT), dict(self._answers.items()), kept, self._datasets)
