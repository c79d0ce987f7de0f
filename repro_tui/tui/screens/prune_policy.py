"""What keys do in the rules beside the list: another number, another text, none, and writing them to repro.yaml."""

from __future__ import annotations

from textual import on

from repro_tui.domain.retention import Policy
from repro_tui.errors import ReproError, UsageError
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.policy_lines import NOTHING, WORDS, cleared, short, stepped, value_text, written
from repro_tui.tui.screens.pruning import Pruning
from repro_tui.tui.widgets.policy_list import PolicyList

_WRITTEN = frozenset({"keep_tags", "keep_best"})
"""Rules that have no first step: a name must be written."""


class PolicyTrying(Pruning):
    """The part of the prune screen that changes the rules, and shows at once what they do."""

    def __init__(self) -> None:
        super().__init__()
        self._policy = Policy()
        self._saved = Policy()
        """What repro.yaml says."""
        self._tried = False
        """A person changed the rules here, so that what the file says does not take their place."""

    def decide_anew(self) -> None:
        """Decide by the rules as they are now."""
        raise NotImplementedError

    @on(PolicyList.Stepped)
    def _step(self, message: PolicyList.Stepped) -> None:
        size = self._stock.size if self._stock else 0
        changed = stepped(self._policy, message.rule, message.step, size=size)
        if changed == self._policy and message.rule in _WRITTEN and message.step > 0:
            self._ask_value(message.rule)
            return
        self._try(changed)

    @on(PolicyList.Cleared)
    def _clear(self, message: PolicyList.Cleared) -> None:
        self._try(cleared(self._policy, message.rule))

    @on(PolicyList.Written)
    def _write(self, message: PolicyList.Written) -> None:
        self._ask_value(message.rule)

    def _ask_value(self, rule: str, text: str | None = None, why: str = "") -> None:
        known = value_text(self._policy, rule)
        before = text if text is not None else "" if known in {NOTHING, "all of it"} else known
        words = WORDS[rule]
        hint = "enter take it   esc leave   (empty takes it out)"
        title = f"{words.name}: {words.long or words.what}"
        modal = PromptModal(title, hint, text=before, why=why, ascii_only=self.ascii_only)

        def take(said: str | None) -> None:
            if said is None:
                return
            try:
                self._try(written(self._policy, rule, said) if said.strip() else cleared(self._policy, rule))
            except UsageError as error:
                self._ask_value(rule, said, error.message)

        self.app.push_screen(modal, take)

    def _try(self, policy: Policy) -> None:
        if policy != self._policy:
            self._policy, self._tried = policy, policy != self._saved
            self.decide_anew()

    @on(PolicyList.SaveWanted)
    def _ask_save(self) -> None:
        if self.refuses():
            return
        if self._policy == self._saved:
            self.warn("repro.yaml says this already.")
            return
        question = ConfirmModal(
            "Write these rules to repro.yaml?",
            f"{short(self._policy)}\n\nNo other line of the file is touched, and nothing is removed by this.",
        )
        self.app.push_screen(question, self._save)

    def _save(self, yes: bool | None) -> None:  # noqa: FBT001 - the answer of a question
        if not yes:
            return
        try:
            self.retention.save_policy(self._policy)
        except ReproError as error:
            self.complain(error)
            return
        self._tried = False
        self.post_message(Say("the rules stand in repro.yaml"))
        self.read()
