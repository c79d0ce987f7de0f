"""Carrying an answer out: the snapshot or checkpoint is taken first, the event that says so is written after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repro_tui.domain.data_words import bytes_word
from repro_tui.domain.dataset import Watch
from repro_tui.domain.ids import RunId
from repro_tui.domain.level import level_of
from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Standing
from repro_tui.domain.snapshot import Taken
from repro_tui.errors import CancelledError, ReproError
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import load_run
from repro_tui.ports import Datasets, Snapshots
from repro_tui.questions.answers import AnswerBook
from repro_tui.questions.changed import Changed
from repro_tui.questions.notes import RunNote
from repro_tui.questions.sweeps import Waiting

PERSON = "person"
_MOST_PARTIAL = 3
"""Things that changed since a run that are named when it is kept; the snapshot names all."""
_STANDINGS = {Answer.ALWAYS: Standing.ALWAYS, Answer.NEVER: Standing.NEVER}
_WATCHES = {Answer.ALWAYS: Watch.ALWAYS, Answer.NEVER: Watch.NEVER}


class Carrier:
    """Carries answers out for one project."""

    def __init__(self, layout: Layout, answers: AnswerBook, snapshots: Snapshots, datasets: Datasets) -> None:
        self._layout = layout
        self._answers = answers
        self._snapshots = snapshots
        self._datasets = datasets

    def runs(self, one: Waiting, answer: Answer, progress: Progress | None, by: str = PERSON) -> Answered:
        """Answer a question about runs; raises StorageError when the answer cannot be noted."""
        question = one.question.id
        if answer in _STANDINGS:
            self._answers.stand(_STANDINGS[answer])
        if answer in {Answer.YES, Answer.ALWAYS}:
            return self._keep(question, one.notes, answer, progress, by)
        for note in one.notes:
            self.note(note, answer, by)
        text = {Answer.NO: "not kept", Answer.LATER: "left for later"}.get(answer, "not kept, and not asked here again")
        return Answered(question, True, text)

    def note(self, note: RunNote, answer: Answer, by: str) -> None:
        """Note the answer about one run."""
        self._answers.note(self._layout.runs / note.folder, note.uid, answer, by)

    def _keep(
        self, question: str, notes: Sequence[RunNote], answer: Answer, progress: Progress | None, by: str
    ) -> Answered:
        """Take the snapshots, one after the other; what one of them could not does not keep the others from theirs."""
        taken: list[Taken] = []
        troubles: list[str] = []
        for place, note in enumerate(notes):
            try:
                taken.append(self._snapshots.take(RunId(note.uid), progress=_numbered(progress, place, len(notes))))
            except CancelledError:
                for left in notes[place:]:
                    self.note(left, Answer.LATER, "interrupt")
                return Answered(question, False, "stopped: nothing of it was kept, and it is asked again later")
            except ReproError as error:
                name = f"{note.name}: " if len(notes) > 1 else ""
                troubles.append(f"{name}{error.message} {error.hint}".strip())
                self.note(note, Answer.LATER, by)
            else:
                self.note(note, answer, by)
        if troubles:
            kept = f"{len(taken)} of {len(notes)} kept. " if taken else ""
            return Answered(question, False, f"{kept}{troubles[0]}")
        return Answered(question, True, self._summary(taken, notes))

    def _summary(self, taken: Sequence[Taken], notes: Sequence[RunNote]) -> str:
        """Say what was kept: `kept: 43 MB new, level 2/6`."""
        added = sum(each.added for each in taken)
        level = f", level {self._level(notes[0])}" if len(notes) == 1 else ""
        text = f"kept: {_size(added)} new{level}" if len(taken) == 1 else f"kept {len(taken)}: {_size(added)} new"
        partial = sum(bool(each.snapshot.partial) for each in taken)
        if partial:
            return f"{text}, partial: {_few(taken[0].snapshot.partial) if len(notes) == 1 else f'{partial} of them'}"
        return text

    def _level(self, note: RunNote) -> str:
        return level_of(load_run(self._layout, RunId(note.uid), [self._layout.runs / note.folder])).text

    def dataset(self, each: Changed, answer: Answer, progress: Progress | None, by: str = PERSON) -> Answered:
        """Answer the question whether to keep a version of a dataset."""
        if answer in _WATCHES:
            self._datasets.watch(each.name, _WATCHES[answer])
        text = "not kept" if answer is not Answer.LATER else "left for later"
        if answer in {Answer.YES, Answer.ALWAYS}:
            try:
                taken = self._datasets.checkpoint(each.name, progress)
            except CancelledError:
                self._answers.note_dataset(each.id, Answer.LATER, "interrupt")
                return Answered(each.id, False, "stopped: nothing of it was kept, and it is asked again later")
            except ReproError as error:
                self._answers.note_dataset(each.id, Answer.LATER, by)
                return Answered(each.id, False, f"{error.message} {error.hint}".strip())
            text = f"kept: {_size(taken.added)} new"
        self._answers.note_dataset(each.id, answer, by)
        return Answered(each.id, True, text)


def _numbered(progress: Progress | None, place: int, of: int) -> Progress | None:
    """Say which of several runs is being kept."""
    if progress is None or of == 1:
        return progress
    tell: Callable[[int, int, str], None] = progress
    return lambda done, total, what: tell(done, total, f"{place + 1} of {of}, {what}")


def _few(sentences: Sequence[str]) -> str:
    """Say what is missing in a snapshot, as much as a line or two can hold."""
    more = f" and {len(sentences) - _MOST_PARTIAL:,} more" if len(sentences) > _MOST_PARTIAL else ""
    return "; ".join(sentences[:_MOST_PARTIAL]) + more


def _size(count: int) -> str:
    """Write a size as the screens do: `3 kB`, `1.9 GB`."""
    return bytes_word(count).replace(".0 ", " ")
