"""What happens when a run has ended: decide whether its snapshot is asked about, ask, and carry the answer out.

Everything here is imported after the command has ended, and nothing here can change how the run ends.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from repro_tui.bootstrap import open_services
from repro_tui.capture.ending import Ended
from repro_tui.capture.outcome import say
from repro_tui.cli.asking import Asking, Choice
from repro_tui.cli.data_question import DataQuestions, met_by
from repro_tui.cli.errand import Errand
from repro_tui.cli.prompt import Gone, Prompt, open_prompt
from repro_tui.cli.question_words import LOOP_LATER
from repro_tui.domain.policy import Doing, End, Plan, Rules, Said, Situation, decide
from repro_tui.domain.question import Answer, Answered, Standing
from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import Offer
from repro_tui.domain.sweep import loop_before
from repro_tui.errors import CancelledError, ReproError, StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import load_run
from repro_tui.journal.project import ProjectJournal
from repro_tui.ports import Progress, Services
from repro_tui.questions.answers import AnswerBook
from repro_tui.questions.book import Book, QuestionFold
from repro_tui.questions.carry_out import Carrier
from repro_tui.questions.notes import RunNote, newest, read_note
from repro_tui.questions.offers import together
from repro_tui.questions.sweeps import Waiting, about, family
from repro_tui.settings import Project, Settings

_RECENT = 64
"""Folders looked at for the runs before this one; more when this run has started as many."""
_SETTLE_OFFER_S = 3.0
_SETTLE_TAKE_S = 20.0
"""Seconds in which what is still being found out about the run is waited for."""
_KEEPING = frozenset({Answer.YES, Answer.ALWAYS})
_GO_ON = "`repro-tui questions` and ! in the dashboard list what waits."


def after_run(ended: Ended, project: Project, environment: Mapping[str, str]) -> None:
    """Do what is to be done about the snapshot of a run that has just ended; never raises."""
    try:
        AfterRun(ended, project, environment).run()
    except Gone:
        return
    except ReproError as error:
        say(f"{error.message} {error.hint}")
    except Exception as defect:  # noqa: BLE001 - whatever is wrong with us, the run ends as its command did
        say(f"the snapshot could not be asked about ({type(defect).__name__}: {defect}); the run is recorded. {_GO_ON}")


def rules_of(settings: Settings) -> Rules:
    """Read what repro.yaml says."""
    return Rules(
        ask=Standing(settings.text("snapshot.ask")),
        unattended=Standing(settings.text("snapshot.unattended")),
        always_below=settings.number("snapshot.always_below"),
        failed=settings.text("snapshot.failed") == "yes",
    )


class AfterRun:
    """One run's end."""

    def __init__(self, ended: Ended, project: Project, environment: Mapping[str, str]) -> None:
        self._ended = ended
        self._project = project
        self._environment = environment
        self._layout = Layout.of(project)
        self._answers = AnswerBook(self._layout)

    @cached_property
    def _services(self) -> Services:
        return open_services(self._project)

    @cached_property
    def _recent(self) -> list[RunNote]:
        """The user's runs that were made last, newest first, with all that this one has started."""
        most = _RECENT
        while True:
            notes = [note for note in newest(self._layout.runs, most) if note.user == self._ended.user]
            if len(family(notes, self._ended.uid)) < most // 2:
                return notes
            most *= 4

    def run(self) -> None:
        """Decide, and do it."""
        rules = rules_of(self._project.settings)
        plan = self._plan(rules)
        if plan is None:
            return
        try:
            if plan.doing is Doing.ASK:
                self._ask(plan)
            elif plan.doing is Doing.TAKE:
                self._take(plan)
            elif plan.answer is not None:
                self._note(plan.answer, "policy")
                if self._told and "loop" in plan.why and plan.doing is Doing.LATER:
                    say(f"{self._ended.name}: {LOOP_LATER}")
            if plan.doing in {Doing.TAKE, Doing.SKIP} and self._ended.keyboard and _foreground():
                self._data_alone()
        finally:
            self._answers.close()

    def _data_alone(self) -> None:
        """Ask about datasets that changed where the run itself is not asked about."""
        if (
            self._ended.nested
            or self._loop()
            or not met_by(self._services.datasets, self._ended.uid, self._book(), self._answers.user)
        ):
            return
        with open_prompt(dumb=self._dumb) as prompt:
            asking = Asking(prompt, self._project.settings.seconds("snapshot.wait"), self._environment)
            self._ask_data(prompt, asking, frozenset())

    @property
    def _told(self) -> bool:
        return self._ended.told or self._ended.keyboard

    # Deciding

    def _plan(self, rules: Rules) -> Plan | None:
        """Decide with as little looking as it takes; None when there is nothing to do."""
        ended = self._ended
        end = End.INTERRUPTED if ended.interrupted else End.FAILED if ended.failed else End.DONE
        situation = Situation(
            end, rank=ended.rank, terminal=ended.keyboard, foreground=_foreground(), nested=ended.nested
        )
        if decide(rules, situation).doing is Doing.SKIP and (ended.rank or end is not End.DONE):
            return None
        situation = replace(situation, standing=self._book().standing, outputs=_has_outputs(self._run))
        plan = decide(rules, situation)
        if plan.doing is Doing.ASK:
            situation = replace(situation, history=self._history(), loop=self._loop())
            plan = decide(rules, situation)
        if rules.always_below and plan.doing in {Doing.ASK, Doing.LATER} and (offer := self._offer()):
            plan = decide(rules, replace(situation, new=offer.new))
        return plan

    def _book(self) -> Book:
        return ProjectJournal(self._layout, QuestionFold).ask(QuestionFold.book)

    @property
    def _run(self) -> Run:
        return load_run(self._layout, self._ended.uid, [self._ended.folder])

    def _history(self) -> list[Said]:
        """Give the user's own answers, the latest first."""
        answered = sorted((n for n in self._recent if n.answer), key=lambda note: note.answered, reverse=True)
        return [Said(Answer(n.answer), n.by) for n in answered if n.answer in set(Answer)]

    def _loop(self) -> list[Said]:
        """Give the answers to the runs before this one in the same loop, the latest first."""
        own = next((note for note in self._recent if note.uid == self._ended.uid), None)
        if own is None:
            return []
        by_uid = {note.uid: note for note in self._recent}
        before = [by_uid[m.uid] for m in loop_before(own.member, (note.member for note in self._recent if note.uid))]
        return [Said(Answer(note.answer), note.by) for note in before if note.answer in set(Answer)]

    def _subject(self) -> Waiting:
        """Give what the answer is about: this run, and those that it has started and nobody was asked about."""
        started = [n for n in family(self._recent, self._ended.uid) if not n.how and n.answer in {"", "later"}]
        return about((read_note(self._ended.folder), *(note for note in started if not note.kept)))

    def _offer(self) -> Offer | None:
        """Say what a snapshot would keep; None when there can be none."""
        found = [self._services.snapshots.offer(uid) for uid in self._subject().question.runs]
        offers = [offer for offer in found if isinstance(offer, Offer)]
        return together(offers, self._ended.name) if offers else None

    # Doing

    def _note(self, answer: Answer, by: str) -> None:
        for note in self._subject().notes:
            self._answers.note(self._layout.runs / note.folder, note.uid, answer, by)

    def _carrier(self) -> Carrier:
        return Carrier(self._layout, self._answers, self._services.snapshots, self._services.datasets)

    def _take(self, plan: Plan) -> None:
        """Keep without asking; on a terminal with its progress, and ctrl-c leaves it for later."""
        if not (self._ended.keyboard and _foreground()):
            found = self.keep(None, Answer.YES, "policy")
        else:
            with open_prompt(dumb=self._dumb) as prompt:
                found = self.keep(prompt, Answer.YES, "policy")
        if self._told or not found.ok:
            say(f"{self._ended.name}: {found.text}" + (f" ({plan.why})" if found.ok else f". {_GO_ON}"))

    def keep(self, prompt: Prompt | None, answer: Answer, by: str) -> Answered:
        """Take the snapshot, showing how far it is."""
        subject = self._subject()
        carrier = self._carrier()

        def work(progress: Progress) -> Answered:
            self._settle(progress, _SETTLE_TAKE_S)
            return carrier.runs(subject, answer, progress, by)

        try:
            return Errand(work, "keeping").carry_out(prompt)
        except (CancelledError, Gone):
            self._note(Answer.LATER, "interrupt")
            return Answered(subject.question.id, False, "stopped: nothing of it was kept, and it is asked again later")
        except StorageError as error:
            return Answered(subject.question.id, False, f"not kept: {error.message} {error.hint}")

    def _settle(self, progress: Progress, seconds: float) -> None:
        """Wait until what was still being found out about the run (packages, code) is written down."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(self._ended.folder.glob("alive.*")):
            if "environment" in self._run.documents:
                return
            progress(0, 0, "waiting for the environment to be recorded")
            time.sleep(0.1)

    @property
    def _dumb(self) -> bool:
        return self._environment.get("TERM", "") in {"", "dumb"}

    def _ask(self, plan: Plan) -> None:
        """Ask on the terminal. What is asked is not lost, whatever becomes of the asker: it is left for later first."""
        self._note(Answer.LATER, "interrupt")
        with open_prompt(dumb=self._dumb) as prompt:
            asking = Asking(prompt, self._project.settings.seconds("snapshot.wait"), self._environment)
            if not self._ended.told:
                prompt.say(f"repro-tui: {self._ended.line}\n")
            asking.reason()
            try:
                offer = Errand(self._offered, "looking at what would be kept").carry_out(prompt, abandon=True)
            except CancelledError:
                offer = None
            else:
                if offer is None:
                    prompt.say("  It cannot be kept now. " + _GO_ON + "\n")
            choice = asking.ask(offer, plan) if offer is not None else Choice(Answer.LATER, "interrupt")
            if self._answer(prompt, choice):
                self._ask_data(prompt, asking, _data_in(offer) if choice.answer in _KEEPING else frozenset())

    def _ask_data(self, prompt: Prompt, asking: Asking, kept: frozenset[str]) -> None:
        """Ask about datasets that changed, after the run itself: two questions only where there are two."""
        names = {note.uid: note.name for note in self._recent}
        questions = DataQuestions(
            self._services.datasets, self._answers, self._carrier(), asking, prompt, names, self._project.root
        )
        questions.ask(self._ended.uid, self._book(), kept=kept)

    def _offered(self, progress: Progress) -> Offer | None:
        self._settle(progress, _SETTLE_OFFER_S)
        return self._offer()

    def _answer(self, prompt: Prompt, choice: Choice) -> bool:
        """Carry out what was chosen, and say what came of it; tell whether a person may be asked more."""
        if choice.standing is not None:
            self._answers.stand(choice.standing)
        if choice.answer in _KEEPING:
            found = self.keep(prompt, choice.answer, choice.by)
            prompt.say(f"  {found.text}\n")
            return found.ok
        subject = self._subject()
        if choice.answer is Answer.NEVER:
            self._carrier().runs(subject, choice.answer, None, choice.by)
        else:
            self._note(choice.answer, choice.by)
        if choice.answer is Answer.LATER and choice.by == "timeout":
            prompt.say("  no answer: left for later (! in the dashboard, repro-tui questions)\n")
        return choice.answer is not Answer.LATER


def _data_in(offer: Offer | None) -> frozenset[str]:
    """Name the datasets that a snapshot keeps with the run."""
    parts = offer.parts if offer else ()
    return frozenset(part.name.removeprefix("data:") for part in parts if not part.linked)


def _has_outputs(run: Run) -> bool:
    """Tell whether a run wrote or declared a result; its log alone is none."""
    return bool(run.saved) or any(fact.role == "out" or "w" in fact.mode for fact in run.files)


def _foreground() -> bool:
    """Tell whether this process is in the foreground of its terminal."""
    for descriptor in (0, 1, 2):
        try:
            return os.tcgetpgrp(descriptor) == os.getpgrp()
        except OSError:
            continue
    return False
