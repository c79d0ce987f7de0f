"""What the demonstration trains, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Trial:
    """One call of `repro-tui run`."""

    words: tuple[str, ...]
    """What comes after `python`."""
    note: str = ""
    tags: tuple[str, ...] = ()
    kill_after: int = 0
    """Lines of metrics.csv after which the training is killed, as a full machine would; 0 for never."""
    metrics: str = ""
    """Where metrics.csv is found, for a trial that is killed."""
    changes: str = ""
    """The dataset that it changes: such a trial is recorded as a transformation."""

    @property
    def command(self) -> str:
        """What is run, as a person types it; of a transformation also what it is recorded with."""
        plain = " ".join(("python", *self.words))
        return f"repro-tui {' '.join(self._transform)} -- {plain}" if self.changes else plain

    def recorded(self, python: str) -> tuple[str, ...]:
        """Give the words after `repro-tui` that run and record it."""
        tags = tuple(word for tag in self.tags for word in ("--tag", tag))
        note = ("--note", self.note) if self.note else ()
        return (*(self._transform if self.changes else ("run", *tags)), *note, "--", python, *self.words)

    @property
    def _transform(self) -> tuple[str, ...]:
        return ("data", "transform", "--in", self.changes, "--out", self.changes)


@dataclass(frozen=True, slots=True)
class Stage:
    """Trials that train side by side, after something may have changed in the project."""

    trials: tuple[Trial, ...]
    before: Literal["", "edit", "commit"] = ""
    after: tuple[tuple[str, ...], ...] = ()
    """Calls of `repro-tui` when it has ended."""


KEEP = ("questions", "--answer", "yes", "@1")
DECLINE = ("questions", "--answer", "no", "@1")
DECLINE_ALL = ("questions", "--answer", "no", "--all")
"""Trying things out leaves questions; answering them makes those that are left at the end worth reading.

The results of the run that is declined are written over by the next one: late, it could be kept in part only.
Between two No's there is a Yes: after two in a row it would be offered to ask no more.
"""


def _train(*words: str, note: str = "", tags: tuple[str, ...] = ()) -> Trial:
    return Trial(("train.py", *words), note, tags)


def plan(*, short: bool) -> tuple[Stage, ...]:
    """Give the stages; `short` is for a summary that somebody waits for, the long one ends with runs to watch."""
    last = ("12", "10") if short else ("90", "60")
    return (
        Stage((_train("--lr", "0.2"), _train("--lr", "0.01"))),
        Stage(
            (_train("--seed", "1", tags=("repeat",)), _train("--seed", "2", tags=("repeat",)), _failing()),
            after=(DECLINE_ALL,),
        ),
        Stage((_train(note="the settings of config.json", tags=("baseline",)),), after=(KEEP,)),
        Stage((_shifting(),)),
        Stage((_train(note="with the shifted copies"),), after=(DECLINE,)),
        Stage((_train(note="the rate falls in a straight line"),), before="edit"),
        Stage(
            (_killed(), _train("--hidden", "8", "--epochs", last[0]), _train("--hidden", "48", "--epochs", last[1])),
            before="commit",
        ),
    )


def _shifting() -> Trial:
    """Give the trial that makes another version of the training images."""
    return Trial(("add_shifted.py", "--digits", "3", "8"), "more of what is confused most", changes="train")


def _failing() -> Trial:
    """Give the trial that ends with an error."""
    return _train("--lr", "5", note="how far can it go?")


def _killed() -> Trial:
    """Give the trial that does not live to its end."""
    words = ("train.py", "--hidden", "40", "--epochs", "200")
    return Trial(words, "left to itself over night", (), 6, "results/lr0.05-hidden40-seed0/metrics.csv")
