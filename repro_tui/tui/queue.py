"""The queue of questions as one frozen value: what is in it, where the cursor stands, what is marked.

While it is looked at nothing moves in it: what comes up goes to the end, what vanishes stays in its place in grey.
A key can therefore never mean another question than the one that was under the cursor when it was pressed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.question import Answered, Question
from repro_tui.domain.snapshot import Offer

Told = Offer | DataChange | Unavailable
"""What a yes would do, or why that cannot be said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with what is known about it."""

    question: Question
    told: Told | None = None
    """None while it is being looked for."""
    answered: Answered | None = None
    """What came of an answer that was given here."""
    gone: bool = False
    """It does not wait any more: answered here, elsewhere, or its run was deleted."""

    @property
    def id(self) -> str:
        """Give the question's id."""
        return self.question.id


@dataclass(frozen=True, slots=True)
class Queue:
    """All of it."""

    entries: tuple[Entry, ...] = ()
    cursor: int = 0
    marks: frozenset[str] = frozenset()
    """Ids."""

    @property
    def here(self) -> Entry | None:
        """Give the entry under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    @property
    def waiting(self) -> tuple[Entry, ...]:
        """Give the entries that can be answered."""
        return tuple(entry for entry in self.entries if not entry.gone)

    @property
    def marked(self) -> tuple[Entry, ...]:
        """Give the marked entries that can be answered."""
        return tuple(entry for entry in self.waiting if entry.id in self.marks)

    @property
    def targets(self) -> tuple[Entry, ...]:
        """Give what an answer is about: the marked entries, or else the one under the cursor."""
        here = self.here
        return self.marked or ((here,) if here and not here.gone else ())

    def merged(self, questions: Sequence[Question]) -> Queue:
        """Take the questions that wait now, without moving any that is listed.

        What a yes would do is no longer known of a sweep that has grown.
        """
        now = {question.id: question for question in questions}
        known = {entry.id for entry in self.entries}
        kept = [_renewed(e, now.get(e.id)) for e in self.entries]
        new = [Entry(question) for question in now.values() if question.id not in known]
        return replace(self, entries=(*kept, *new))

    def told(self, id_: str, told: Told | None) -> Queue:
        """Note what a yes to one of them would do."""
        entries = (replace(e, told=told) if e.id == id_ else e for e in self.entries)
        return replace(self, entries=tuple(entries))

    def forgotten(self) -> Queue:
        """Forget what a yes would do: it has to be asked again."""
        return replace(self, entries=tuple(replace(e, told=None) for e in self.entries))

    def answered(self, results: Iterable[Answered], *, closes: bool) -> Queue:
        """Note what came of answers; those that worked are done when the answer `closes` a question."""
        by_id: Mapping[str, Answered] = {result.question: result for result in results}
        entries = tuple(
            replace(e, answered=by_id[e.id], gone=by_id[e.id].ok and closes) if e.id in by_id else e
            for e in self.entries
        )
        done = {id_ for id_, result in by_id.items() if result.ok}
        return replace(self, entries=entries, marks=self.marks - done)

    def moved(self, lines: int) -> Queue:
        """Move the cursor; it stops at the ends."""
        return replace(self, cursor=max(0, min(self.cursor + lines, len(self.entries) - 1)))

    def toggled(self) -> Queue:
        """Mark what is under the cursor, or take its mark away; what cannot be answered cannot be marked."""
        here = self.here
        return self if here is None or here.gone else replace(self, marks=self.marks ^ {here.id})


def _renewed(entry: Entry, question: Question | None) -> Entry:
    """Give an entry with its question as it stands now; None when it waits no longer."""
    if question is None:
        return replace(entry, gone=True)
    told = entry.told if question.runs == entry.question.runs else None
    return replace(entry, question=question, told=told, gone=False)
