"""The questions that wait for the person who looks, and what becomes of the answers."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Question, Standing
from repro_tui.domain.snapshot import Offer
from repro_tui.errors import ReproError
from repro_tui.journal.layout import Layout
from repro_tui.journal.project import ProjectJournal
from repro_tui.ports import Datasets, Snapshots
from repro_tui.questions.answers import AnswerBook
from repro_tui.questions.book import QuestionFold
from repro_tui.questions.carry_out import Carrier
from repro_tui.questions.changed import Changed, changed, question, question_id, unanswered
from repro_tui.questions.index import RunIndex
from repro_tui.questions.notes import RunNote
from repro_tui.questions.offers import together
from repro_tui.questions.sweeps import Waiting, settled, waiting
from repro_tui.settings import Project

LOOK_EVERY_S = 1.0
"""Seconds between two quick looks, while somebody asks."""
THOROUGH_EVERY_S = 60.0
"""Seconds between two looks at everything."""
_GONE = "this question was answered elsewhere, or its run is gone"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last look found."""

    waiting: tuple[Waiting, ...] = ()
    changed: tuple[Changed, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """Uid and name of the runs that a question speaks of."""
    questions: tuple[Question, ...] = ()


class QuestionService:
    """The questions of one project. Any thread; opening it touches no file."""

    def __init__(self, project: Project, snapshots: Snapshots, datasets: Datasets) -> None:
        self._project = project
        self._snapshots = snapshots
        self._datasets = datasets
        self._layout = Layout.of(project)
        self._journal = ProjectJournal(self._layout, QuestionFold)
        self._answers = AnswerBook(self._layout)
        self._index = RunIndex(self._layout)
        self._looking = threading.Lock()
        self._busy = False
        self._known = _Known()
        self._looked = float("-inf")
        self._thorough = float("-inf")

    def count(self) -> int:
        """Count them as they were at the last look; a look that is due begins in the background."""
        if not self._busy and time.monotonic() - self._looked >= LOOK_EVERY_S:
            self._busy = True
            threading.Thread(target=self._look_aside, name="questions", daemon=True).start()
        return len(self._known.questions)

    def open(self) -> Sequence[Question]:
        """List them, newest first."""
        return self._look().questions

    def offer(self, question: str) -> Offer | DataChange | Unavailable:
        """Say what a yes would do, by the question's id."""
        known = self._with(question)
        for each in known.changed:
            if each.id == question:
                return self._datasets.change(each.name, each.before.digest, each.after.digest)
        for one in known.waiting:
            if one.question.id == question:
                return self._offer(one)
        return Unavailable(_GONE)

    def _offer(self, one: Waiting) -> Offer | Unavailable:
        found = [self._snapshots.offer(uid) for uid in one.question.runs]
        offers = [offer for offer in found if isinstance(offer, Offer)]
        if offers:
            return together(offers, one.question.title)
        return next((offer for offer in found if isinstance(offer, Unavailable)), Unavailable(_GONE))

    def answer(self, question: str, answer: Answer, progress: Progress | None = None) -> Answered:
        """Carry out an answer and note it as an event; a yes takes the snapshot."""
        known = self._with(question)
        carrier = Carrier(self._layout, self._answers, self._snapshots, self._datasets)
        try:
            for each in known.changed:
                if each.id == question:
                    return carrier.dataset(each, answer, progress)
            for one in known.waiting:
                if one.question.id == question:
                    return carrier.runs(one, answer, progress)
        except ReproError as error:
            return Answered(question, False, f"{error.message} {error.hint}".strip())
        finally:
            self._after(known, question)
        return self._settled(question)

    def _settled(self, question: str) -> Answered:
        """Say what became of a question that waits no longer: a run that is kept takes its data with it."""
        with contextlib.suppress(ReproError):
            for dataset in self._datasets.all():
                for version in dataset.versions:
                    if version.snapshot is not None and question_id(dataset.spec.name, version) == question:
                        return Answered(question, True, f"{dataset.spec.name} v{version.number} is kept already")
        return Answered(question, False, _GONE)

    def standing(self) -> Standing:
        """Say what this project's runs do about the question: a person's word wins over repro.yaml."""
        said = self._journal.ask(QuestionFold.book).standing
        return said or Standing(self._project.settings.text("snapshot.ask"))

    def stand(self, standing: Standing) -> None:
        """Change that."""
        self._answers.stand(standing)
        self._looked = float("-inf")

    # Looking

    def _with(self, question: str) -> _Known:
        """Give what is known, with a fresh look when a question is not in it."""
        known = self._known
        ids = {q.id for q in known.questions}
        return known if question in ids else self._look()

    def _after(self, known: _Known, question: str) -> None:
        """See what an answer changed."""
        folders = [note.folder for one in known.waiting if one.question.id == question for note in one.notes]
        with self._looking:
            self._index.read(folders)
        with contextlib.suppress(ReproError):  # what was answered stays answered; the next look tells
            self._look()

    def _look_aside(self) -> None:
        """Look, in a thread of its own: what cannot be read now is looked at again in a moment."""
        try:
            self._look()
        except ReproError:
            self._looked = time.monotonic()
        finally:
            self._busy = False

    def _look(self) -> _Known:
        """Look for what is new and give what is known then."""
        with self._looking:
            now = time.monotonic()
            thorough = now - self._thorough >= THOROUGH_EVERY_S
            self._index.refresh(thorough=thorough)
            book = self._journal.ask(QuestionFold.book)
            notes = settled(self._index.notes, book)
            hidden = book.standing in {Standing.NEVER, Standing.KEY}
            found = [] if hidden else waiting(notes, self._answers.user)
            about = unanswered(changed(self._datasets.all()), book, self._answers.user)
            self._known = self._complete(found, about, notes)
            self._looked = time.monotonic()
            if thorough:
                self._thorough = self._looked
            self._index.remember()
            return self._known

    def _complete(self, found: list[Waiting], about: list[Changed], notes: dict[str, RunNote]) -> _Known:
        names = {str(run): notes[run].name for each in about for run in each.before.runs if run in notes}
        questions = [one.question for one in found]
        questions += [question(each, names, self._phrase) for each in about]
        questions.sort(key=lambda q: (q.t, q.id), reverse=True)
        return _Known(tuple(found), tuple(about), tuple(names.items()), tuple(questions))

    def _phrase(self, each: Changed) -> str:
        try:
            return self._datasets.phrase(each.name, each.before.digest, each.after.digest)
        except ReproError:
            return ""
