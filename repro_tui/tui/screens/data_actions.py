"""What keys do to a dataset or a version: keep, restore, look, note how it was made, watch, declare, copy."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from textual import on
from textual.message import Message

from repro_tui.domain.dataset import Dataset, Version
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.snapshot import PartKind, Snapshot
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.making import How, MakingModal
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.restoring import Restoring, Wanted


class DataActions(Restoring):
    """The part of a screen that acts on one dataset, or on one version of it."""

    @dataclass
    class Done(Message):
        """Something was written down."""

        text: str

    @dataclass
    class Found(Message):
        """The snapshot that keeps a version was read."""

        name: str
        digest: Digest
        version: Digest
        snapshot: Snapshot | Unavailable

    @property
    def chosen(self) -> tuple[Dataset | None, Version | None]:
        """Give the dataset that keys act on, and the version, if it is about one."""
        raise NotImplementedError

    def changed(self) -> None:
        """Show what is otherwise by now."""
        raise NotImplementedError

    def chosen_version(self, what: str) -> tuple[Dataset, Version] | None:
        """Give the chosen version, or say that a key is about versions."""
        dataset, version = self.chosen
        if dataset is None or version is None:
            self.warn(f"Put the cursor on a version: {what}")
            return None
        return dataset, version

    def noted_version(self) -> tuple[Dataset, Version] | None:
        """Give the version that a note is about."""
        return self.chosen_version("i notes how it was made.")

    # Getting it again.

    def action_restore(self) -> None:
        """Restore the version, if its bytes are kept."""
        chosen = self.chosen_version("r writes its files into an empty folder.")
        if chosen is None:
            return
        dataset, version = chosen
        name, digest = f"{clean(dataset.spec.name)} v{version.number}", version.snapshot
        if digest is None:
            self.warn(f"{name} is not kept: only what it was is known. p keeps the version that lies there now.")
            return
        snapshots = self.shell.workbench.snapshots
        self.errands.ask("restore", lambda: self.Found(name, digest, version.digest, snapshots.snapshot(digest)))

    @on(Found)
    def _restore_found(self, message: Found) -> None:
        if isinstance(message.snapshot, Unavailable):
            self.warn(f"{message.name} cannot be restored: {clean(message.snapshot.reason)}")
            return
        wanted = Wanted(message.name, message.digest, message.snapshot.parts, message.version)
        self.ask_restore(wanted, None if message.snapshot.dataset else PartKind.DATA)

    # How it was made.

    def action_note(self) -> None:
        """Note how the version was made."""
        if chosen := self.noted_version():
            self.ask_how(*chosen)

    def ask_how(self, dataset: Dataset, version: Version) -> None:
        """Ask how a version was made."""
        name, root = dataset.spec.name, self.shell.workbench.root
        modal = MakingModal(clean(name), root)
        self.app.push_screen(modal, lambda how: self._explain(name, version, how))

    def _explain(self, name: str, version: Version, how: How | None) -> None:
        if how is None:
            return
        datasets = self.shell.workbench.datasets

        def write() -> Message:
            datasets.explain(name, version.digest, argv=how.argv, note=how.note)
            return self.Done(f"noted how {clean(name)} v{version.number} was made")

        self.errands.ask("explain", write)

    @on(Done)
    def _tell_done(self, message: Done) -> None:
        self.post_message(Say(message.text))
        self.changed()

    # The clipboard.

    def action_copy(self) -> None:
        """Ask what to copy."""
        dataset, version = self.chosen
        if dataset is not None:
            self.ask_copy(copied_texts(dataset, version))


def copied_texts(dataset: Dataset, version: Version | None) -> dict[str, str]:
    """Give what of a dataset can be copied, by what it is."""
    spec = dataset.spec
    texts = {"path": spec.path, "name": spec.name}
    if version is None:
        return texts
    made = shlex.join(version.made.argv) if version.made else ""
    name = shlex.quote(f"{spec.name}@v{version.number}")
    restore = f"repro-tui restore {name} DIR" if version.snapshot else ""
    return {"digest": version.digest, **texts, "made by": made, "restore": restore}
