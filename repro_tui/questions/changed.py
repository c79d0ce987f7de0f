"""Datasets of which a person wants to be asked, and that have changed since they were last used or kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from repro_tui.domain.dataset import Dataset, Version, Watch
from repro_tui.domain.ids import RunId
from repro_tui.domain.question import Answer, Question
from repro_tui.questions.book import Book

DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Changed:
    """A dataset of which the version that lies there now is not the one before."""

    name: str
    before: Version
    after: Version

    @property
    def id(self) -> str:
        """Name the question about it."""
        return question_id(self.name, self.after)

    def since(self, names: Mapping[str, str]) -> str:
        """Say what the version before was last used by, besides what made another one of it."""
        maker = self.after.made.run if self.after.made else None
        used = next((names[run] for run in self.before.runs if run != maker and names.get(run)), "")
        return used or f"v{self.before.number}"


def question_id(name: str, version: Version) -> str:
    """Name the question about a version of a dataset."""
    return f"{DATASET}:{name}:{version.digest}"


def changed(datasets: Iterable[Dataset]) -> list[Changed]:
    """Give the datasets that a person wants to be asked about and whose newest version is not kept.

    It is compared with the version that a run used last, which an older version may be that came back meanwhile.
    """
    return [
        Changed(dataset.spec.name, _before(dataset), dataset.versions[0])
        for dataset in datasets
        if dataset.spec.watch is Watch.ASK and len(dataset.versions) > 1 and dataset.versions[0].snapshot is None
    ]


def _before(dataset: Dataset) -> Version:
    return next((version for version in dataset.versions[1:] if version.digest == dataset.last), dataset.versions[1])


def unanswered(found: Iterable[Changed], book: Book, user: str) -> list[Changed]:
    """Leave out what was answered, and what somebody else's runs were first to see."""
    open_: list[Changed] = []
    for each in found:
        said = book.about(each.id)
        if each.after.user in {"", user} and (said is None or said.answer == Answer.LATER):
            open_.append(each)
    return open_


def question(each: Changed, names: Mapping[str, str], phrase: Callable[[Changed], str]) -> Question:
    """Give the question about a changed dataset."""
    words = phrase(each)
    return Question(
        id=each.id,
        kind=DATASET,
        title=each.name,
        detail=f"changed since {each.since(names)}{f': {words}' if words else ''}",
        t=each.after.t,
        runs=tuple(RunId(run) for run in each.after.runs),
        dataset=each.name,
        version=each.after.digest,
    )
