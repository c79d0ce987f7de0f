"""Questions that wait for a person, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.ids import Digest, RunId

SNAPSHOT = "snapshot"
"""The question whether to keep a reproducible package of a run."""


class Answer(StrEnum):
    """What a person, a policy or a time-out answered."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    ALWAYS = "always"
    """Yes, and do not ask in this project again."""
    NEVER = "never"
    """No, and do not ask in this project again."""


class Standing(StrEnum):
    """What a project's runs do about the question when they end."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"
    LATER = "later"
    """Leave the question to the dashboard."""
    KEY = "key"
    """Only when a person presses the key for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question in the queue: about a run, a sweep of runs, or a dataset that changed."""

    id: str
    """Stable while it is open: the first run's uid, or `dataset:NAME:VERSION`."""
    kind: str
    """`snapshot` or `dataset`."""
    title: str
    """`amber-otter-41`, `sweep of 12`, `train`."""
    detail: str
    """`python train.py --lr 0.05`, `died at step 810`, `changed since calm-heron-40: +1,204 rows`."""
    t: float
    """When it came up."""
    runs: tuple[RunId, ...] = ()
    """The runs it is about; several of a sweep are one question."""
    dataset: str = ""
    version: Digest | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer."""

    question: str
    ok: bool
    text: str
    """`kept: 43 MB new, level 2/6`, or why it could not be done."""

    @property
    def said(self) -> str:
        """Give the text as a line of a terminal, where nothing beside it tells whether it was done."""
        return self.text if self.ok or self.text.startswith(("stopped", "not ")) else f"not done: {self.text}"
