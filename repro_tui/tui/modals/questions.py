"""The queue of questions (`!`): it never opens by itself, and several can be answered at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Standing
from repro_tui.errors import ReproError
from repro_tui.tui.feed import View
from repro_tui.tui.keymap import bindings
from repro_tui.tui.messages import AskMaking
from repro_tui.tui.modals.offering import NOTHING, Listed, Offering
from repro_tui.tui.queue import Entry, Told
from repro_tui.tui.standing import STANDING_WORDS


class QuestionsModal(Offering):
    """The questions that wait for the person who looks."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("questions")

    scope = "questions"
    intro = (
        "Questions: whether to keep what decides a result. Your results are on disk whatever you answer.\n"
        "Marked questions are answered together; without marks, the one under >. Leaving answers nothing."
    )

    def on_mount(self) -> None:
        """Read the questions, and again whenever the project changed."""
        self._standing: Standing | None = None
        self._seen: tuple[int, int] | None = None
        self.watch(self.app, "view", self._follow)

    def _follow(self, view: View) -> None:
        now = (view.runs.revision, view.questions)
        if now != self._seen:
            self._seen = now
            self._ask_list()

    def _ask_list(self) -> None:
        self._errands.ask("the list", self._read, first=True)

    def _read(self) -> Listed:
        questions = self._shell.workbench.questions
        try:
            self._standing = questions.standing()
            return Listed(questions.open())
        except ReproError as error:
            return Listed((), f"{error.message} {error.hint}".strip())

    @on(Listed)
    def _list_them(self, message: Listed) -> None:
        if message.why:
            self._empty = "the questions cannot be read"
            self.say(message.why, "bad")
            return
        self._empty = NOTHING
        before = {entry.id: entry.question.runs for entry in self._queue.entries}
        self._queue = self._queue.merged(message.questions)
        if any(before.get(e.id, e.question.runs) != e.question.runs for e in self._queue.entries):
            self._look_anew()  # also what is on its way speaks of fewer runs than there are now
        else:
            self._redraw()

    def look(self, id_: str) -> Told:
        """Ask what a yes would do."""
        return self._shell.workbench.questions.offer(id_)

    def carry_out(self, id_: str, answer: Answer, progress: Progress) -> Answered:
        """Carry out an answer."""
        return self._shell.workbench.questions.answer(id_, answer, progress)

    def standing_words(self) -> str:
        """Say what this project's runs do when they end."""
        return f"when a run ends: {STANDING_WORDS[self._standing]}" if self._standing else ""

    def after(self, answer: Answer, done: Sequence[Entry]) -> None:
        """Read the list again; of datasets that were kept, ask how they were changed."""
        self._shell.feed.refresh()
        self._ask_list()
        if answer in {Answer.YES, Answer.ALWAYS}:
            changed = [entry.question for entry in done if entry.question.kind == "dataset"]
            for question in reversed(changed):
                if question.version is not None:
                    self.post_message(AskMaking(question.dataset, question.version))

    def action_refresh(self) -> None:
        """Look again."""
        self._ask_list()
        super().action_refresh()

    def action_yes(self) -> None:
        """Keep."""
        self.answer(Answer.YES, "Keeping")

    def action_no(self) -> None:
        """Do not keep."""
        self.answer(Answer.NO, "Answering")

    def action_later(self) -> None:
        """Leave it for another time."""
        self.answer(Answer.LATER, "Answering")

    def action_always(self) -> None:
        """Keep, and go on doing so."""
        self.answer(Answer.ALWAYS, "Keeping")

    def action_never(self) -> None:
        """Do not keep, and do not ask again."""
        self.answer(Answer.NEVER, "Answering")
