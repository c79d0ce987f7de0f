"""The questions that wait for the person who looks, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.question import Answer, Answered, Question, Standing
from repro_tui.domain.snapshot import Offer
from repro_tui.ports import Datasets, Progress, Snapshots
from repro_tui.settings import Project


class QuestionService:
    """The questions of one project. Any thread."""

    def __init__(self, project: Project, snapshots: Snapshots, datasets: Datasets) -> None:
        self._project = project
        self._snapshots = snapshots
        self._datasets = datasets

    def count(self) -> int:
        """Count them, in well under a millisecond."""
        return 0

    def open(self) -> Sequence[Question]:
        """List them, newest first."""
        return ()

    def offer(self, question: str) -> Offer | DataChange | Unavailable:
        """Say what a yes would do, by the question's id."""
        return Unavailable(f"there is no question {question} (any more)")

    def answer(self, question: str, answer: Answer, progress: Progress | None = None) -> Answered:
        """Carry out an answer and note it as an event; a yes takes the snapshot."""
        del answer, progress
        return Answered(question, False, "there is no such question (any more)")

    def standing(self) -> Standing:
        """Say what this project's runs do about the question."""
        return Standing(self._project.settings.text("snapshot.ask"))

    def stand(self, standing: Standing) -> None:
        """Change that."""
