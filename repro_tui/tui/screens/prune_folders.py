"""What a key does about the folders of old runs: a question of its own, apart from the snapshots."""

from __future__ import annotations

from repro_tui.domain.progress import Progress
from repro_tui.domain.tidying import COMPRESS, FolderPlan, FolderPolicy, Tidied
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.render import numbers
from repro_tui.tui.render.prune import count
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.pruning import Pruning

_LEFT = 3
"""Sentences about what stays as it is that stand in the question."""


class FolderTidying(Pruning):
    """The part of the prune screen that compresses journals and removes the output of failed runs."""

    def action_folders(self) -> None:
        """Plan, say what it comes to, ask, and do it."""
        if self.refuses():
            return
        retention = self.retention

        def plan(progress: Progress) -> FolderPlan:
            return retention.plan_folders(progress)

        self.carry_out("Looking at the folders of old runs", plan, self._ask_folders, self._fail)

    def _ask_folders(self, plan: FolderPlan, why: str = "") -> None:
        if not plan.moves:
            nothing = "The policy says nothing of the folders of runs: retention.runs in repro.yaml does."
            done = " ".join(["Nothing is to be done with the folders of runs.", *map(clean, plan.left[:_LEFT])])
            self.warn(nothing if plan.policy == FolderPolicy() else done)
            return
        said = folder_words(plan)
        if not plan.removes:
            self.app.push_screen(
                ConfirmModal("Compress the journals and output of old runs?", said),
                lambda yes: self._tidy(plan) if yes else None,
            )
            return
        number = str(plan.removes)
        modal = PromptModal(
            f"{said}\nType {number} to go on.", "enter go on   esc leave", why=why, ascii_only=self.ascii_only
        )

        def go_on(text: str | None) -> None:
            if text is None or not text.strip():
                return
            if text.strip().replace(",", "") == number:
                self._tidy(plan)
            else:
                self._ask_folders(plan, f"{clean(text.strip())[:20]} is not {number}.")

        self.app.push_screen(modal, go_on)

    def _tidy(self, plan: FolderPlan) -> None:
        retention = self.retention

        def tell(done: Tidied) -> None:
            head = f"{count(len(done.moves), 'folder')} tidied, {numbers.size(done.freed)} given back to the disk."
            self.report("Stopped" if done.stopped else "The folders are tidied", [head, *map(clean, done.left)])
            self.changed()

        self.carry_out(
            "Tidying the folders of old runs",
            lambda progress: retention.tidy_folders(plan, progress),
            tell,
            self._fail,
            stays="Each file is whole, sealed or not.",
        )


def folder_words(plan: FolderPlan) -> str:
    """Say what would be done with the folders, and what that frees."""
    sealed = sum(move.action == COMPRESS for move in plan.moves)
    done = [f"compresses what is in {count(sealed, 'folder')}, which reads as before"] if sealed else []
    done += [f"removes {count(plan.removes, 'file')} of output of failed runs for good"] if plan.removes else []
    sentence = " and ".join(done)
    frees = f"frees about {numbers.size(plan.frees)} at once"
    lines = [f"{sentence[0].upper()}{sentence[1:]}; {frees}. Journals and snapshots stay."]
    return "\n".join([*lines, *map(clean, plan.left[:_LEFT])])
