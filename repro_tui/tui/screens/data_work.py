"""What keys of the Data place set going: keep, look, watch, declare."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.data_change import phrase
from repro_tui.domain.dataset import Dataset, Now, Proposal, Spec, Version, Watch
from repro_tui.domain.profile import DataChange
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Taken
from repro_tui.errors import ReproError, UsageError
from repro_tui.tui import data_reading as reading
from repro_tui.tui.data_lines import WATCH_WORDS
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.render import numbers
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.data_actions import DataActions


def kept_words(name: str, taken: Taken) -> str:
    """Say what keeping a version did."""
    added = f"{numbers.size(taken.added)} new to the store" if taken.added else "the store had all of it already"
    return f"kept {clean(name)}: {added}"


def looked_words(name: str, looked: reading.Looked, versions: Sequence[Version]) -> str:
    """Say what reading a dataset found."""
    same = next((v for v in versions if v.digest == looked.now.digest), None)
    if isinstance(looked.change, DataChange):
        return f"{clean(name)} changed: {clean(phrase(looked.change))}"
    if same is not None:
        return f"{clean(name)} is as v{same.number} was: every byte was compared"
    if looked.now.digest is None:
        return f"{clean(name)}: {clean(looked.now.why) or 'nothing can be said about it'}"
    return f"{clean(name)} was read; it is a version of its own"


class DataWork(DataActions):
    """The part of the Data place that acts on a dataset as it lies there."""

    def __init__(self) -> None:
        super().__init__()
        self._watching: dict[str, Watch] = {}

    def settled_watch(self, datasets: Sequence[Dataset]) -> None:
        """Forget what was asked for where it is so by now."""
        for dataset in datasets:
            if self._watching.get(dataset.spec.name) is dataset.spec.watch:
                del self._watching[dataset.spec.name]

    @property
    def lies(self) -> dict[str, Now]:
        """Give what lies there now, by dataset."""
        raise NotImplementedError

    @property
    def proposal(self) -> Proposal | None:
        """Give the path under the cursor that could be declared."""
        raise NotImplementedError

    def looked(self, dataset: Dataset, base: Version | None, looked: reading.Looked) -> None:
        """Show what reading a dataset found."""
        raise NotImplementedError

    def _chosen_dataset(self, what: str) -> Dataset | None:
        dataset, _ = self.chosen
        if dataset is None:
            self.warn(f"Put the cursor on a dataset: {what}")
        return dataset

    # Keep.

    def action_keep(self) -> None:
        """Keep the version that lies there now, after asking."""
        dataset = self._chosen_dataset("p keeps the version that lies there now.")
        if dataset is None:
            return
        name, now = dataset.spec.name, self.lies.get(dataset.spec.name)
        size = f"{numbers.size(now.size)} are read. " if now is not None and now.size else ""
        question = ConfirmModal(
            f"Keep {clean(name)} as it lies there now?",
            f"{size}Bytes that the store has already are not kept twice. It can be stopped and leaves nothing then.",
            is_harmless=True,
        )
        self.app.push_screen(question, lambda yes: self._keep(name) if yes else None)

    def _keep(self, name: str) -> None:
        datasets = self.shell.workbench.datasets

        def tell(taken: Taken) -> None:
            self.post_message(Say(kept_words(name, taken)))
            self.changed()

        self.carry_out(f"Keeping {clean(name)}", lambda progress: datasets.checkpoint(name, progress), tell)

    # Look.

    def action_look(self) -> None:
        """Read what has changed since, and compare it with the version under the cursor, or with the newest one."""
        dataset = self._chosen_dataset("w reads what has changed and compares.")
        if dataset is None:
            return
        _, version = self.chosen
        base = version or (dataset.versions[0] if dataset.versions else None)
        earlier = reading.before(dataset, base) if base else None
        name, datasets = dataset.spec.name, self.shell.workbench.datasets

        def look(progress: Progress) -> reading.Looked:
            return reading.look_and_compare(datasets, name, base, earlier, progress)

        def tell(looked: reading.Looked) -> None:
            self.post_message(Say(looked_words(name, looked, dataset.versions)))
            self.looked(dataset, base, looked)

        self.carry_out(f"Looking at {clean(name)}", look, tell)

    # Watch.

    def action_watch(self) -> None:
        """Go on to the next answer to what becomes of changes."""
        dataset = self._chosen_dataset("W says what becomes of its changes.")
        if dataset is None:
            return
        name, datasets = dataset.spec.name, self.shell.workbench.datasets
        choices = list(Watch)
        present = self._watching.get(name, dataset.spec.watch)
        wanted = self._watching[name] = choices[(choices.index(present) + 1) % len(choices)]

        def write() -> DataActions.Done:
            datasets.watch(name, wanted)
            return self.Done(f"{clean(name)}, watch {wanted}: {WATCH_WORDS[wanted]}")

        self.errands.ask("watch", write)

    # Declare.

    def declare(self) -> None:
        """Ask for a name and declare the path under the cursor."""
        proposal = self.proposal
        if proposal is None:
            return
        self._ask_name(proposal.path, proposal.name)

    def _ask_name(self, path: str, name: str, why: str = "") -> None:
        hint = "enter declare   esc leave"
        title = f"Declare {clean(path)} as a dataset of which name?"
        modal = PromptModal(title, hint, text=name, why=clean(why), ascii_only=self.ascii_only)
        self.app.push_screen(modal, lambda given: self._declare(given, path))

    def _declare(self, name: str | None, path: str) -> None:
        if name is None or not name.strip():
            return
        spec, datasets = Spec(name.strip(), path, declared="journal"), self.shell.workbench.datasets

        def tell(_dataset: Dataset) -> None:
            self.post_message(Say(f"declared {clean(spec.name)}: W says what becomes of its changes"))
            self.changed()

        def failed(error: ReproError) -> None:
            if isinstance(error, UsageError):
                self._ask_name(path, spec.name, error.message)
            else:
                self.complain(error)

        self.carry_out(f"Declaring {clean(spec.name)}", lambda _progress: datasets.add(spec), tell, failed)
