"""What keys do in the prune screen and in the trash: move to the trash, bring back, empty; each after a question."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import Decision, Emptied, EmptyPlan, Pruned, PrunePlan, Stock, Trashed
from repro_tui.errors import ReproError
from repro_tui.ports.retention import Retention
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.render import numbers
from repro_tui.tui.render.prune import count, day, emptied_words
from repro_tui.tui.screens.place import PlaceScreen

_NAMED = 3


class Pruning(PlaceScreen):
    """The part of a screen that removes, brings back and empties."""

    @property
    def retention(self) -> Retention:
        """Give the service."""
        return self.shell.workbench.retention

    def changed(self) -> None:
        """Show what is otherwise by now."""
        self.read()

    # To the trash.

    def ask_prune(self, stock: Stock, decisions: Sequence[Decision]) -> None:
        """Plan, say what it comes to, ask, and do it."""
        retention = self.retention

        def plan(progress: Progress) -> PrunePlan:
            return retention.plan(stock, decisions, progress)

        self.carry_out("Planning", plan, self._confirm_prune)

    def _confirm_prune(self, plan: PrunePlan) -> None:
        if plan.empty:
            self.warn("Nothing is to go: space says otherwise of a line, tab changes the rules.")
            return
        freed = f"{numbers.size(plan.frees)} are freed when the trash is emptied: from {day(plan.until)}, or now by E."
        words = [
            f"They can be brought back (u). {freed}",
            *(f"Impossible after: {sentence}." for sentence in plan.impossible[:_NAMED]),
        ]
        question = ConfirmModal(f"Move {count(len(plan.moves))} to the trash?", "\n".join(words))
        retention = self.retention

        def go_on(yes: bool | None) -> None:  # noqa: FBT001 - the answer of a question
            if yes:
                self.carry_out(
                    f"Moving {count(len(plan.moves))} to the trash",
                    lambda progress: retention.prune(plan, progress),
                    self._tell_pruned,
                )

        self.app.push_screen(question, go_on)

    def _tell_pruned(self, done: Pruned) -> None:
        stopped = "stopped after " if done.stopped else ""
        self.post_message(Say(f"{stopped}{count(len(done.moved))} in the trash until {day(done.until)}; u brings back"))
        self.changed()

    # Back from the trash.

    def bring_back(self, trashed: Sequence[Trashed]) -> None:
        """Undo removing."""
        retention = self.retention

        def tell(back: Sequence[Trashed]) -> None:
            names = ", ".join(one.name for one in back[:_NAMED])
            more = f" and {len(back) - _NAMED} more" if len(back) > _NAMED else ""
            self.post_message(Say(f"brought back {names}{more}"))
            self.changed()

        title = f"Bringing back {count(len(trashed))}"
        self.carry_out(title, lambda progress: retention.undo(trashed, progress), tell)

    # Emptying.

    def ask_empty(self, trashed: Sequence[Trashed] = ()) -> None:
        """Plan to empty the trash, or some of it, ask for the number, and do it."""
        retention = self.retention

        def plan(progress: Progress) -> EmptyPlan:
            return retention.plan_emptying(trashed, early=True, progress=progress)

        self.carry_out("Planning", plan, self._confirm_empty)

    def _confirm_empty(self, plan: EmptyPlan, why: str = "") -> None:
        if not plan.trashed:
            self.warn("The trash is empty.")
            return
        number = str(len(plan.trashed))
        soon = "Some could still be brought back for days. " if plan.early else ""
        title = f"{count(len(plan.trashed))} will be gone for good, and {numbers.size(plan.packs.frees)} free at once."
        modal = PromptModal(
            f"{title}\n{soon}Type {number} to go on.",
            "enter go on   esc leave",
            why=why,
            ascii_only=self.ascii_only,
        )

        def go_on(text: str | None) -> None:
            if text is None or not text.strip():
                return
            if text.strip().replace(",", "") == number:
                self._empty(plan)
            else:
                self._confirm_empty(plan, f"{text.strip()[:20]} is not {number}.")

        self.app.push_screen(modal, go_on)

    def _empty(self, plan: EmptyPlan) -> None:
        retention = self.retention

        def tell(emptied: Emptied) -> None:
            self.report("The trash is emptied" if not emptied.stopped else "Stopped", emptied_words(emptied))
            self.changed()

        def failed(error: ReproError) -> None:
            self.complain(error)
            self.changed()

        self.carry_out("Emptying the trash", lambda progress: retention.empty(plan, progress), tell, failed)

    def last_batch(self, trashed: Sequence[Trashed]) -> Sequence[Trashed]:
        """Give what was removed together last."""
        if not trashed:
            return ()
        newest = trashed[0]
        return [one for one in trashed if (one.batch, one.batch or one.t) == (newest.batch, newest.batch or newest.t)]
