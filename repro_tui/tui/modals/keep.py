"""Keeping runs that nobody asked about (`p`): the same offer, with a choice of what becomes of the data."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from repro_tui.domain.ids import RunId
from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Question
from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import DataChoice, Taken
from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.offering import Listed, Offering
from repro_tui.tui.queue import Entry, Queue, Told
from repro_tui.tui.render import numbers

CHOICES = (DataChoice.ASK, DataChoice.YES, DataChoice.LINK, DataChoice.NO)
CHOICE_WORDS = {
    DataChoice.ASK: "as repro.yaml says",
    DataChoice.YES: "kept",
    DataChoice.LINK: "only its digest and where it is",
    DataChoice.NO: "left out",
}
"""What becomes of the data, in words."""


MOST_COMMANDS = 200


class KeepModal(Offering):
    """Runs to be kept; with several all are marked, and each mark can be taken away."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("keep")

    scope = "keep"
    intro = (
        "Keeping runs: what decides their results goes into the store, and can be had again.\n"
        "Marked runs are kept together; without marks, the one under >. Leaving keeps nothing."
    )

    def __init__(self, runs: Sequence[tuple[RunId, str]]) -> None:
        """Make it for runs, each with its name."""
        questions = [Question(uid, "snapshot", name, "", 0.0, (uid,)) for uid, name in runs]
        marks = frozenset(q.id for q in questions) if len(questions) > 1 else frozenset()
        super().__init__(Queue(tuple(Entry(q) for q in questions), marks=marks))
        self._data = DataChoice.ASK
        self._wheels = False

    def on_mount(self) -> None:
        """Look up what the runs are."""
        self._errands.ask("the commands", self._commands)

    def _commands(self) -> Listed:
        """Read the command of each run, as many as anybody looks through."""
        found: list[Question] = []
        for entry in self._queue.entries:
            run = self._shell.workbench.run(RunId(entry.id)) if len(found) < MOST_COMMANDS else None
            detail = shlex.join(run.argv) if isinstance(run, Run) else ""
            found.append(replace(entry.question, detail=detail))
        return Listed(found)

    @on(Listed)
    def _add_commands(self, message: Listed) -> None:
        details = {question.id: question for question in message.questions}
        entries = (replace(e, question=details.get(e.id, e.question)) for e in self._queue.entries)
        self.take(replace(self._queue, entries=tuple(entries)))

    def look(self, id_: str) -> Told:
        """Ask what would be kept."""
        return self._shell.workbench.snapshots.offer(RunId(id_), data=self._data, wheels=self._wheels)

    def carry_out(self, id_: str, answer: Answer, progress: Progress) -> Answered:
        """Keep one run."""
        del answer  # the only one is yes
        snapshots = self._shell.workbench.snapshots
        taken = snapshots.take(RunId(id_), data=self._data, wheels=self._wheels, progress=progress)
        return Answered(id_, ok=True, text=taken_words(taken))

    def standing_words(self) -> str:
        """Say what was chosen."""
        return f"data: {CHOICE_WORDS[self._data]}   wheels: {'kept' if self._wheels else 'not kept'}"

    def after(self, answer: Answer, done: Sequence[Entry]) -> None:
        """Let the list of runs show the new levels."""
        del answer, done
        self._shell.feed.refresh()

    def action_yes(self) -> None:
        """Keep."""
        self.answer(Answer.YES, "Keeping")

    def action_data(self) -> None:
        """Choose what becomes of the data."""
        self._data = CHOICES[(CHOICES.index(self._data) + 1) % len(CHOICES)]
        self._chosen()

    def action_wheels(self) -> None:
        """Keep the wheels, or not."""
        self._wheels = not self._wheels
        self._chosen()

    def _chosen(self) -> None:
        self._said = ("", "dim")
        self.look_again()


def taken_words(taken: Taken) -> str:
    """Say what taking a snapshot did: `kept: 43 MB new; partial: train.py has changed since`."""
    said = f"kept: {numbers.size(taken.added)} new"
    return f"{said}; partial: {'; '.join(taken.snapshot.partial)}" if taken.snapshot.partial else said
