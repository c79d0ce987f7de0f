"""What happens when a run has ended: whether its snapshot is asked about, kept, or left for later.

All of it is imported after the command has ended, and nothing in it can change how the run ends. A run that is not
asked about costs only what this file needs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from repro_tui.capture.ending import Ended
from repro_tui.capture.identity import rank_of
from repro_tui.capture.outcome import say
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.policy import Doing, End, Plan, Rules, Said, Situation, decide
from repro_tui.domain.question import Answer, Standing
from repro_tui.errors import ReproError
from repro_tui.journal.layout import Layout
from repro_tui.settings import Project, Settings

if TYPE_CHECKING:  # a run that failed, or whose project is never asked, needs none of it
    from repro_tui.questions.answers import AnswerBook
    from repro_tui.questions.book import Book
    from repro_tui.questions.notes import RunNote
    from repro_tui.questions.sweeps import Waiting

GO_ON = "`repro-tui questions` and ! in the dashboard list what waits."
LOOP_LATER = "its question waits with the others of this loop (! in the dashboard)"
_RECENT = 64
"""Folders looked at for the runs before this one; more when this run has started as many."""


def after_run(ended: Ended, project: Project, environment: Mapping[str, str]) -> None:
    """Do what is to be done about the snapshot of a run that has just ended; never raises."""
    try:
        AfterRun(ended, project, environment).run()
    except ReproError as error:
        say(f"{error.message} {error.hint}")
    except Exception as defect:  # noqa: BLE001 - whatever is wrong with us, the run ends as its command did
        say(f"the snapshot could not be asked about ({type(defect).__name__}: {defect}); the run is recorded. {GO_ON}")


def rules_of(settings: Settings) -> Rules:
    """Read what repro.yaml says."""
    return Rules(
        ask=Standing(settings.text("snapshot.ask")),
        unattended=Standing(settings.text("snapshot.unattended")),
        always_below=settings.number("snapshot.always_below"),
        failed=settings.text("snapshot.failed") == "yes",
    )


class AfterRun:
    """One run's end: what is known about it, and what follows."""

    def __init__(self, ended: Ended, project: Project, environment: Mapping[str, str]) -> None:
        self.ended = ended
        self.project = project
        self.environment = environment
        self.layout = Layout.of(project)

    def run(self) -> None:
        """Decide, and do it."""
        rules = rules_of(self.project.settings)
        situation = self._first_look(rules)
        if situation is None:
            return
        try:
            plan = self._plan(rules, situation)
        except Exception:
            self.note(Answer.LATER, "interrupt")
            raise
        try:
            if plan.doing in {Doing.ASK, Doing.TAKE}:
                # Whatever becomes of this process, of the disk or of our own files, the question is not lost.
                self.note(Answer.LATER, "interrupt")
            if plan.doing in {Doing.ASK, Doing.TAKE} or (plan.doing is Doing.SKIP and self._may_ask_of_data()):
                from repro_tui.cli.question import Closing

                Closing(self).carry_out(plan)
            if plan.doing in {Doing.LATER, Doing.SKIP} and plan.answer is not None:
                self.note(plan.answer, "policy")
                if self.attended and plan.doing is Doing.LATER and self.loop:
                    say(f"{self.ended.name}: {LOOP_LATER}")
        finally:
            self.answers.close()

    # Deciding

    @cached_property
    def situation(self) -> Situation:
        """What is known without looking anywhere."""
        ended = self.ended
        end = End.INTERRUPTED if ended.interrupted else End.FAILED if ended.failed else End.DONE
        rank = ended.rank or rank_of(
            self.environment
        )  # a launcher's worker that joins no run is one of many all the same
        terminal = ended.keyboard and not is_automatic(self.environment)
        return Situation(end, rank=rank, terminal=terminal, foreground=foreground(), nested=ended.nested)

    def _first_look(self, rules: Rules) -> Situation | None:
        """Begin with what costs nothing to know; None when there is nothing to do whatever one would find."""
        situation = self.situation
        if decide(rules, situation).doing is Doing.SKIP and (situation.rank or situation.end is not End.DONE):
            return None
        return replace(situation, standing=self.book.standing)

    def _plan(self, rules: Rules, situation: Situation) -> Plan:
        """Decide, looking at no more than that takes."""
        plan = decide(rules, situation)
        if plan.doing is not Doing.SKIP:
            situation = replace(situation, outputs=self._has_outputs())
            plan = decide(rules, situation)
        if plan.doing is Doing.ASK:
            situation = replace(situation, history=self._history(), loop=self.loop)
            plan = decide(rules, situation)
        if rules.always_below and plan.doing in {Doing.ASK, Doing.LATER}:
            from repro_tui.cli.question import Closing

            offer = Closing(self).offer()
            if not isinstance(offer, Unavailable):
                plan = decide(rules, replace(situation, new=offer.new))
        return plan

    def _may_ask_of_data(self) -> bool:
        """Tell whether there can be a dataset to ask about."""
        return self.attended and (self.book.datasets or bool(self.project.settings.records("datasets")))

    @cached_property
    def book(self) -> Book:
        """What was said before the run ended, for the whole project."""
        from repro_tui.journal.project import ProjectJournal
        from repro_tui.questions.book import QuestionFold

        return ProjectJournal(self.layout, QuestionFold).ask(QuestionFold.book)

    def _has_outputs(self) -> bool:
        from repro_tui.questions.notes import has_outputs

        return any(has_outputs(self.layout.runs / note.folder) for note in self.subject().notes)

    def _history(self) -> list[Said]:
        """Give the user's own answers, the latest first."""
        answered = sorted((n for n in self.recent if n.answer), key=lambda note: note.answered, reverse=True)
        return [Said(Answer(n.answer), n.by) for n in answered if n.answer in set(Answer)]

    @cached_property
    def loop(self) -> list[Said]:
        """The answers to the runs before this one in the same loop, the latest first."""
        from repro_tui.domain.sweep import loop_before

        own = next((note for note in self.recent if note.uid == self.ended.uid), None)
        if own is None:
            return []
        by_uid = {note.uid: note for note in self.recent}
        before = [by_uid[m.uid] for m in loop_before(own.member, (note.member for note in self.recent if note.uid))]
        return [Said(Answer(note.answer), note.by) for note in before if note.answer in set(Answer)]

    # What is asked about

    @cached_property
    def recent(self) -> list[RunNote]:
        """The user's runs that were made last, newest first."""
        from repro_tui.questions.notes import newest

        return [note for note in newest(self.layout.runs, _RECENT) if note.user == self.ended.user]

    @cached_property
    def _started(self) -> list[RunNote]:
        """The runs that this one has started."""
        from repro_tui.questions.notes import newest, read_note
        from repro_tui.questions.sweeps import family

        most = _RECENT
        began = read_note(self.ended.folder).began
        while True:
            notes = newest(self.layout.runs, most, since=began)
            if len(notes) < most:
                return [note for note in family(notes, self.ended.uid) if note.user == self.ended.user]
            most *= 4

    def subject(self) -> Waiting:
        """Give what an answer is about: this run, and those that it has started and nobody was asked about."""
        from repro_tui.questions.notes import read_note
        from repro_tui.questions.sweeps import about

        own = read_note(self.ended.folder)
        started = [read_note(self.layout.runs / note.folder) for note in self._started]
        still = [note for note in started if not note.how and not note.kept and note.answer in {"", "later"}]
        return about((own, *still))

    # Where it is asked

    @property
    def attended(self) -> bool:
        """Tell whether a person can be asked here and now."""
        situation = self.situation
        return situation.terminal and situation.rank == 0 and not situation.nested and foreground()

    @property
    def told(self) -> bool:
        """Tell whether somebody may read what is said."""
        return self.ended.told or self.ended.keyboard

    # Noting

    @cached_property
    def answers(self) -> AnswerBook:
        """Where answers are noted."""
        from repro_tui.questions.answers import AnswerBook

        return AnswerBook(self.layout)

    def note(self, answer: Answer, by: str) -> None:
        """Note an answer about all that it is about; of a run that was deleted meanwhile there is nothing to say."""
        for note in filter(lambda note: note.uid, self.subject().notes):
            self.answers.note(self.layout.runs / note.folder, note.uid, answer, by)


def is_automatic(environment: Mapping[str, str]) -> bool:
    """Tell whether nobody is there although there is a terminal: some services of continuous integration give one."""
    return environment.get("CI", "").lower() not in {"", "0", "false", "no"}


def foreground() -> bool:
    """Tell whether this process is in the foreground of its terminal."""
    for descriptor in (0, 1, 2):
        try:
            return os.tcgetpgrp(descriptor) == os.getpgrp()
        except OSError:
            continue
    return False
