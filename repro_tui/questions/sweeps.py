"""From notes of runs to questions: whose they are, which belong together, and what they are called."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repro_tui.domain.ids import RunId
from repro_tui.domain.question import SNAPSHOT, Answer, Question
from repro_tui.domain.sweep import groups
from repro_tui.questions.book import Book
from repro_tui.questions.notes import RunNote

_WORDS = 60
"""Characters of a command line that are shown."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question about runs, with what is known of them."""

    question: Question
    notes: tuple[RunNote, ...]


def settled(notes: Iterable[RunNote], book: Book) -> dict[str, RunNote]:
    """Give one note a run, by uid: of two copies, and of what the project's journal says, the greater order counts."""
    found: dict[str, RunNote] = {}
    for note in notes:
        if not note.uid:
            continue
        other = found.get(note.uid)
        if other is None:
            found[note.uid] = note
        else:
            one, two = sorted((note, other), key=lambda n: (n.order, n.ended is not None, n.folder))
            found[note.uid] = _with(two, kept=one.kept or two.kept)
    for uid, note in found.items():
        told = book.answers.get((uid, SNAPSHOT))
        if told and told[0] > note.order:
            said = told[1]
            found[uid] = _with(note, answer=said.answer, by=said.by, answered=said.t, order=told[0])
        if uid in book.kept:
            found[uid] = _with(found[uid], kept=True)
    return found


def _with(note: RunNote, **changes: object) -> RunNote:
    """Give a note with other fields."""
    import msgspec

    return msgspec.structs.replace(note, **changes)


def waiting(notes: dict[str, RunNote], user: str) -> list[Waiting]:
    """Give the questions about a user's own runs, newest first."""
    mine = [note for note in notes.values() if note.user == user]
    still = {note.uid for note in mine if note.answer == Answer.LATER and not note.kept}
    if not still:
        return []
    found = []
    for group in groups([note.member for note in _related(mine, still)]):
        members = tuple(notes[member.uid] for member in group if member.uid in still)
        if members:
            found.append(about(members))
    return sorted(found, key=lambda w: (w.question.t, w.question.id), reverse=True)


def _related(mine: Sequence[RunNote], still: set[str]) -> list[RunNote]:
    """Leave out runs that have nothing to do with a question: no loop and no sweep in common with one that waits."""
    lanes = {(note.series, note.lineage) for note in mine if note.uid in still and note.series}
    parents = {note.parent for note in mine if note.uid in still and note.parent}
    return [note for note in mine if note.uid in still or (note.series, note.lineage) in lanes or note.uid in parents]


def family(notes: Iterable[RunNote], uid: str) -> list[RunNote]:
    """Give the runs that a run has started, and those that these have started, in the order of time."""
    by_parent: dict[str, list[RunNote]] = {}
    for note in notes:
        if note.parent and note.uid:
            by_parent.setdefault(note.parent, []).append(note)
    found: dict[str, RunNote] = {}
    ahead = [uid]
    while ahead:
        for note in by_parent.get(ahead.pop(), ()):
            if note.uid not in found and note.uid != uid:
                found[note.uid] = note
                ahead.append(note.uid)
    return sorted(found.values(), key=lambda note: (note.began, note.uid))


def about(members: tuple[RunNote, ...]) -> Waiting:
    """Give the one question about runs that belong together, the first of them first."""
    return Waiting(_question(members), members)


def _question(members: tuple[RunNote, ...]) -> Question:
    first = members[0]
    uids = tuple(RunId(note.uid) for note in members)
    t = max(note.answered for note in members)
    if len(members) == 1:
        return Question(first.uid, SNAPSHOT, first.name or first.uid[:8], _detail(first), t, uids)
    since = time.strftime("%H:%M", time.localtime(first.began))
    words = _common([note.words for note in members])
    return Question(first.uid, SNAPSHOT, f"sweep of {len(members)}", f"{words} (since {since})", t, uids)


def _detail(note: RunNote) -> str:
    """Say what a run was: how it ended, where that is special, else its command line."""
    words = _short(note.words)
    if not note.how:
        return words
    how = note.how.replace("signal", "died by signal") if note.how.startswith("signal") else note.how
    return f"{how}: {words}"


def _short(words: str) -> str:
    return words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"


def _common(lines: Sequence[str]) -> str:
    """Give what command lines begin with in common, whole words; the first, which started the others, if nothing."""
    shared: list[str] = []
    for column in zip(*(line.split() for line in lines), strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    if not shared or len(shared) == max(len(line.split()) for line in lines):
        return _short(lines[0])
    return _short(" ".join([*shared, "..."]))
