"""What the project's journal says of questions: the standing answer, and answers about datasets and others' runs."""

from __future__ import annotations

from repro_tui.domain.events import Event
from repro_tui.domain.foreign import MAX_NAME, text
from repro_tui.domain.question import SNAPSHOT, Standing
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Answered

MOST = 20_000

Order = tuple[int, str, int]


class QuestionFold:
    """Everything that was said so far; put events in, in any order."""

    def __init__(self) -> None:
        self._standing: Registers[str, Standing] = Registers(8)
        self._answers: Registers[tuple[str, str], tuple[Order, Answered]] = Registers(MOST)
        self._kept: Registers[str, bool] = Registers(MOST)

    def add(self, event: Event) -> None:
        """Take an event; kinds that are not about questions, and fields of other types, change nothing."""
        try:
            if event.kind == "standing" and text(event.body, "question", SNAPSHOT) == SNAPSHOT:
                self._standing.put(SNAPSHOT, event.order, Standing(text(event.body, "answer")))
            elif event.kind == "answer":
                self._answer(event)
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

    def standing(self) -> Standing | None:
        """Give what a person said for the whole project; None when nobody did."""
        return self._standing.get(SNAPSHOT)

    def answer(self, run: str, question: str) -> tuple[Order, Answered] | None:
        """Give an answer with what decides whether it wins over one in the run's own journal."""
        return self._answers.get((run, question))

    def about(self, question: str) -> Answered | None:
        """Give the answer to a question about no run in particular."""
        said = self.answer("", question)
        return said[1] if said else None

    def kept(self, run: str) -> bool:
        """Tell whether a snapshot of a run was noted here, because its own folder could not be written."""
        return bool(self._kept.get(run))
