"""What keys do in the prune screen and in the trash: move to the trash, bring back, empty; each after a question."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import Decision, Emptied, EmptyPlan, Pruned, PrunePlan, Stock, Trashed
from repro_tui.errors import ReproError
from repro_tui.ports.retention import Retention
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.render import numbers
from repro_tui.tui.render.prune import READ_ONLY, count, day, emptied_words, is_due
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.place import PlaceScreen

_NAMED = 3


class Pruning(PlaceScreen):
    """The part of a screen that removes, brings back and empties."""

    def __init__(self) -> None:
        super().__init__()
        self._stock: Stock | None = None
        """What there was when it was read last."""

    @property
    def retention(self) -> Retention:
        """Give the service."""
        return self.shell.workbench.retention

    def changed(self) -> None:
        """Show what is otherwise by now."""
        self.read()

    def refuses(self) -> bool:
        """Say why nothing can be done in a session that only reads; the service refuses it too."""
        if is_refused := self._stock is not None and self._stock.readonly:
            self.warn(READ_ONLY)
        return is_refused

    @property
    def _now(self) -> float:
        return self.shell.options.clock()

    def _fail(self, error: ReproError) -> None:
        """Say what did not work, and show what is there now: something else may have changed it."""
        self.complain(error)
        self.changed()

    # To the trash.

    def ask_prune(self, stock: Stock, decisions: Sequence[Decision]) -> None:
        """Plan, say what it comes to, ask, and do it."""
        retention = self.retention

        def plan(progress: Progress) -> PrunePlan:
            return retention.plan(stock, decisions, progress)

        self.carry_out("Planning", plan, self._confirm_prune, self._fail)

    def _confirm_prune(self, plan: PrunePlan) -> None:
        if plan.empty:
            self.warn("Nothing is to go: space says otherwise of a line, tab changes the rules.")
            return
        date = day(plan.until, self._now)
        freed = f"{numbers.size(plan.frees)} are freed when the trash is emptied: from {date}, or now by E."
        sentences = [f"Impossible after that: {sentence}." for sentence in plan.impossible[:_NAMED]]
        more = len(plan.impossible) - _NAMED
        sentences += [f"And {more} more such."] if more > 0 else []
        text = "\n".join([f"They can be brought back (u). {freed}", *sentences])
        question = ConfirmModal(f"Move {self._moved(plan)} to the trash?", text)
        retention = self.retention

        def go_on(yes: bool | None) -> None:  # noqa: FBT001 - the answer of a question
            if yes:
                self.carry_out(
                    f"Moving {self._moved(plan)} to the trash",
                    lambda progress: retention.prune(plan, progress),
                    self._tell_pruned,
                    self._fail,
                    stays="What was moved stays moved.",
                )

        self.app.push_screen(question, go_on)

    @staticmethod
    def _moved(plan: PrunePlan) -> str:
        """Write `3 snapshots and parts of 2`."""
        whole = sum(WHOLE in move.parts for move in plan.moves)
        parts = len(plan.moves) - whole
        said = [count(whole)] if whole else []
        said += [f"parts of {parts:,}" if whole else f"parts of {count(parts)}"] if parts else []
        return " and ".join(said)

    def _tell_pruned(self, done: Pruned) -> None:
        stopped = "stopped after " if done.stopped else ""
        until = day(done.until, self._now)
        self.post_message(Say(f"{stopped}{count(len(done.moved))} in the trash until {until}; u brings back"))
        self.changed()

    # Back from the trash.

    def bring_back(self, trashed: Sequence[Trashed]) -> None:
        """Undo removing."""
        if self.refuses():
            return
        retention = self.retention

        def tell(back: Sequence[Trashed]) -> None:
            names = ", ".join(clean(one.name) for one in back[:_NAMED])
            more = f" and {len(back) - _NAMED:,} more" if len(back) > _NAMED else ""
            self.post_message(Say(f"brought back {names}{more}"))
            self.changed()

        self.carry_out(
            f"Bringing back {count(len(trashed))}",
            lambda progress: retention.undo(trashed, progress),
            tell,
            self._fail,
            stays="What is back stays.",
        )

    # Emptying.

    def ask_empty(self, trashed: Sequence[Trashed] = ()) -> None:
        """Plan to empty the trash, or some of it, ask for the number, and do it."""
        if self.refuses():
            return
        retention = self.retention

        def plan(progress: Progress) -> EmptyPlan:
            return retention.plan_emptying(trashed, early=True, progress=progress)

        self.carry_out("Planning", plan, self._confirm_empty, self._fail)

    def _confirm_empty(self, plan: EmptyPlan, why: str = "") -> None:
        if not plan.trashed:
            self.warn("The trash is empty.")
            return
        number, now = len(plan.trashed), self._now
        head = f"{count(number)} will be gone for good, and {numbers.size(plan.packs.frees)} free at once."
        waiting = [one.until for one in plan.trashed if not is_due(one, now)]
        soon = f"{len(waiting):,} could still be brought back, until {day(max(waiting), now)}.\n" if waiting else ""
        modal = PromptModal(
            f"{head}\n{soon}Type {number} to go on.",
            "enter go on   esc leave",
            why=why,
            ascii_only=self.ascii_only,
        )

        def go_on(text: str | None) -> None:
            if text is None or not text.strip():
                return
            if text.strip().replace(",", "") == str(number):
                self._empty(plan)
            else:
                self._confirm_empty(plan, f"{clean(text.strip())[:20]} is not {number}.")

        self.app.push_screen(modal, go_on)

    def _empty(self, plan: EmptyPlan) -> None:
        retention = self.retention

        def tell(emptied: Emptied) -> None:
            self.report("The trash is emptied" if not emptied.stopped else "Stopped", emptied_words(emptied))
            self.changed()

        self.carry_out(
            "Emptying the trash",
            lambda progress: retention.empty(plan, progress),
            tell,
            self._fail,
            stays="What is deleted stays deleted.",
        )

    def last_batch(self, trashed: Sequence[Trashed]) -> Sequence[Trashed]:
        """Give what was removed together last."""
        if not trashed:
            return ()
        newest = trashed[0]
        return [one for one in trashed if (one.batch, one.batch or one.t) == (newest.batch, newest.batch or newest.t)]
