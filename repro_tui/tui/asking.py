"""What the dashboard asks about keeping: the queue of questions, runs that nobody asked about, how data was made."""

from __future__ import annotations

from textual import on, work

from repro_tui.domain.ids import Digest
from repro_tui.errors import ReproError
from repro_tui.tui.feed import WorkFailed
from repro_tui.tui.messages import AskKeep, AskMaking, Say
from repro_tui.tui.modals.making import How, MakingModal
from repro_tui.tui.shell import Shell


class Asking(Shell):
    """The part of the application that opens questions; nothing here opens by itself."""

    def action_questions(self) -> None:
        """Open the queue of questions."""
        from repro_tui.tui.modals.questions import QuestionsModal

        self.push_screen(QuestionsModal())

    @on(AskKeep)
    def _ask_keep(self, message: AskKeep) -> None:
        from repro_tui.tui.modals.keep import KeepModal

        self.push_screen(KeepModal(message.runs))

    @on(AskMaking)
    def _ask_making(self, message: AskMaking) -> None:
        def take(how: How | None) -> None:
            if how:
                self._explain(message.dataset, message.version, how)

        self.push_screen(MakingModal(message.dataset, self.workbench.root), take)

    @work(thread=True, group="explain", exit_on_error=False)
    def _explain(self, dataset: str, version: Digest, how: How) -> None:
        """Write it down; say that it is written only when it is."""
        try:
            self.workbench.datasets.explain(dataset, version, argv=how.argv, note=how.note)
        except ReproError as error:
            self.post_message(WorkFailed(error))
        else:
            self.post_message(Say(f"noted how {dataset} was made"))
