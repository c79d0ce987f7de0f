"""Asking about a run that has just ended, and carrying the answer out while a person looks on."""

from __future__ import annotations

import contextlib
import time
from functools import cached_property

from repro_tui.bootstrap import open_services
from repro_tui.capture.outcome import say
from repro_tui.cli.after_run import GO_ON, AfterRun
from repro_tui.cli.asking import Asking, Choice
from repro_tui.cli.errand import Errand
from repro_tui.cli.prompt import Gone, Prompt, open_prompt
from repro_tui.cli.question_words import wrapped
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.policy import Doing, Plan
from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Standing
from repro_tui.domain.snapshot import Offer
from repro_tui.errors import CancelledError, ReproError
from repro_tui.ports import Services
from repro_tui.questions.carry_out import Carrier
from repro_tui.questions.offers import together
from repro_tui.tui.render.text import clean

_SETTLE_OFFER_S = 3.0
_SETTLE_TAKE_S = 20.0
"""Seconds in which what is still being found out about the run is waited for."""
_LOOK_S = 0.1
_KEEPING = frozenset({Answer.YES, Answer.ALWAYS})
_ENVIRONMENT = b'"sec":"environment"'
TAKE_BACK = "To be asked again: repro-tui questions --standing ask"
_STOPPED = "stopped: nothing of it was kept, and it is asked again later"


class Closing:
    """What is done about a run that ended, on its terminal or without one."""

    def __init__(self, run: AfterRun) -> None:
        self._run = run
        self._ended = run.ended

    @cached_property
    def _services(self) -> Services:
        return open_services(self._run.project)

    def carry_out(self, plan: Plan) -> None:
        """Ask, or keep without asking; then ask about datasets that the run has met changed."""
        try:
            if plan.doing is Doing.ASK:
                self._ask(plan)
                return
            if plan.doing is Doing.TAKE:
                self._take(plan)
            if self._run.attended:
                self._data_alone()
        except Gone:
            return

    # Keeping

    def offer(self) -> Offer | Unavailable:
        """Say what a snapshot would keep."""
        subject = self._run.subject()
        found = [self._services.snapshots.offer(uid) for uid in subject.question.runs]
        offers = [offer for offer in found if isinstance(offer, Offer)]
        if offers:
            return together(offers, subject.question.title)
        return next(each for each in found if isinstance(each, Unavailable))

    def _offered(self, progress: Progress) -> Offer | Unavailable:
        self._settle(progress, _SETTLE_OFFER_S)
        return self.offer()

    def _take(self, plan: Plan) -> None:
        """Keep without asking; on a terminal with its progress, and ctrl-c leaves it for later."""
        if not self._run.attended:
            found = self._keep(None, Answer.YES, "policy")
        else:
            try:
                with open_prompt(dumb=self._dumb) as prompt:
                    found = self._keep(prompt, Answer.YES, "policy")
            except Gone:  # another program has the keys: it is kept all the same
                found = self._keep(None, Answer.YES, "policy")
        if self._run.told or not found.ok:
            say(f"{found.said} ({plan.why})" if found.ok else f"{found.said.rstrip('.')}. {GO_ON}")

    def _keep(self, prompt: Prompt | None, answer: Answer, by: str) -> Answered:
        """Take the snapshot, showing how far it is; what goes wrong leaves the question for later."""
        subject = self._run.subject()
        if not all(subject.question.runs):
            return Answered(subject.question.id, False, f"what was recorded of {self._ended.name} is gone")
        carrier = self._carrier()

        def work(progress: Progress) -> Answered:
            self._settle(progress, _SETTLE_TAKE_S)
            return carrier.runs(subject, answer, progress, by)

        try:
            return Errand(work, "keeping").carry_out(prompt)
        except (CancelledError, Gone):
            self._run.note(Answer.LATER, "interrupt")
            return Answered(subject.question.id, False, _STOPPED)
        except ReproError as error:
            self._run.note(Answer.LATER, by)
            return Answered(subject.question.id, False, f"not kept: {error.message} {error.hint}".strip())

    def _settle(self, progress: Progress, seconds: float) -> None:
        """Wait until what was still being found out about the run (its packages above all) is written down."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._is_unsettled():
            progress(0, 0, "waiting for the environment to be recorded")
            time.sleep(_LOOK_S)

    def _is_unsettled(self) -> bool:
        """Tell whether a supervisor that still writes has not noted the environment."""
        folder = self._ended.folder
        for sign in folder.glob("alive.*"):
            try:
                if _ENVIRONMENT not in (folder / "journal" / f"{sign.name.partition('.')[2]}.jsonl").read_bytes():
                    return True
            except OSError:
                continue
        return False

    def _carrier(self) -> Carrier:
        services = self._services
        return Carrier(self._run.layout, self._run.answers, services.snapshots, services.datasets)

    # Asking

    @property
    def _dumb(self) -> bool:
        return self._run.environment.get("TERM", "") in {"", "dumb"}

    def _asking(self, prompt: Prompt) -> Asking:
        return Asking(prompt, self._run.project.settings.seconds("snapshot.wait"), self._run.environment)

    def _ask(self, plan: Plan) -> None:
        """Ask on the terminal."""
        with open_prompt(dumb=self._dumb) as prompt:
            if not self._ended.told:
                prompt.say("\n" * self._ended.in_line + f"repro-tui: {clean(self._ended.line)}\n")
            asking = self._asking(prompt)
            asking.reason()
            offer: Offer | Unavailable = Unavailable("you stopped it")
            with contextlib.suppress(CancelledError):
                offer = Errand(self._offered, "looking at what would be kept").carry_out(prompt, abandon=True)
            if isinstance(offer, Unavailable):
                prompt.say(f"  Left for later: {offer.reason}.\n")
                return
            choice = asking.ask(offer, plan)
            if self._answer(prompt, choice):
                self._ask_data(prompt, asking, _data_in(offer) if choice.answer in _KEEPING else frozenset())

    def _answer(self, prompt: Prompt, choice: Choice) -> bool:
        """Carry out what was chosen, and say what came of it; tell whether a person may be asked more."""
        if choice.standing is not None:
            self._run.answers.stand(choice.standing)
        if choice.answer in _KEEPING:
            found = self._keep(prompt, choice.answer, choice.by)
            self._say(prompt, found.said)
            if choice.answer is Answer.ALWAYS and found.ok:
                self._say(prompt, f"From now on runs here are kept without a question. {TAKE_BACK}")
            return found.ok
        if choice.answer is Answer.NEVER:
            self._carrier().runs(self._run.subject(), choice.answer, None, choice.by)
        else:
            self._run.note(choice.answer, choice.by)
        if choice.answer is Answer.LATER and choice.by == "timeout":
            prompt.say("  no answer: left for later (! in the dashboard, repro-tui questions)\n")
        if choice.standing is Standing.KEY:
            self._say(prompt, f"From now on nothing is asked here; p in the dashboard keeps a run. {TAKE_BACK}")
        elif choice.answer is Answer.NEVER:
            self._say(prompt, f"From now on nothing is kept or asked here. {TAKE_BACK}")
        return choice.answer is not Answer.LATER

    @staticmethod
    def _say(prompt: Prompt, text: str) -> None:
        """Say something below the question."""
        prompt.say("".join(f"{line}\n" for line in wrapped(clean(text), prompt.width, "  ")))

    def _data_alone(self) -> None:
        """Ask about datasets that changed where the run itself is not asked about."""
        from repro_tui.cli.data_question import met_by

        run = self._run
        if run.loop or not met_by(self._services.datasets, self._ended.uid, run.book, run.answers.user):
            return
        with open_prompt(dumb=self._dumb) as prompt:
            self._ask_data(prompt, self._asking(prompt), frozenset())

    def _ask_data(self, prompt: Prompt, asking: Asking, kept: frozenset[str]) -> None:
        """Ask about datasets that changed, after the run itself: two questions only where there are two."""
        from repro_tui.cli.data_question import DataQuestions

        run = self._run
        names = {note.uid: note.name for note in run.recent}
        questions = DataQuestions(
            self._services.datasets, run.answers, self._carrier(), asking, prompt, names, run.project.root
        )
        questions.ask(self._ended.uid, run.book, kept=kept)


def _data_in(offer: Offer) -> frozenset[str]:
    """Name the datasets that a snapshot keeps with the run."""
    return frozenset(part.name.removeprefix("data:") for part in offer.parts if not part.linked)
