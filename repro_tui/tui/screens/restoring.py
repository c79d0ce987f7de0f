"""Getting kept bytes again: which part, into which folder, and what came of it. Never without a question."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from repro_tui.domain.ids import Digest
from repro_tui.domain.snapshot import Part, PartKind, Report
from repro_tui.errors import ReproError, StorageError, UsageError
from repro_tui.tui.data_lines import counted
from repro_tui.tui.modals.ask import PromptModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.place import Answering
from repro_tui.tui.widgets.pick_list import Item

EVERYTHING = "everything"

WORTH_SAYING = 0.1
"""Seconds below which nobody asks how long something took."""

HINT = "It must be new or empty.   enter restore   esc leave"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that can be restored."""

    name: str
    """For the person: `amber-otter-40`, `train v2`."""
    digest: Digest
    parts: Sequence[Part]
    version: Digest | None = None
    """Only this version of a dataset is meant, of all that the snapshot of a run holds."""


def kept_kinds(parts: Sequence[Part]) -> dict[PartKind, tuple[int, int]]:
    """Give the kinds whose bytes are in the store, with files and bytes."""
    found: dict[PartKind, tuple[int, int]] = {}
    for part in sorted((part for part in parts if part.kept), key=lambda part: list(PartKind).index(part.kind)):
        files, size = found.get(part.kind, (0, 0))
        found[part.kind] = (files + part.files, size + part.size)
    return found


def proposed_folder(root: str, name: str) -> str:
    """Propose a folder beside the project that is not there yet."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in clean(name)).strip("-.") or "restored"
    base = Path(f"{root.rstrip('/') or '/restored'}-{plain}")
    choices = (base, *(base.with_name(f"{base.name}-{number}") for number in range(2, 100)))
    return str(next((path for path in choices if not os.path.lexists(path)), base))


def folder_of(text: str) -> Path | str:
    """Make a path of what was typed, or say why that cannot be."""
    if not text.strip():
        return "No folder was given."
    if "\0" in text or any(ord(sign) < ord(" ") for sign in text):
        return "The name of the folder holds a control character."
    try:
        return Path(text.strip()).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        return f"{text.strip()}: {error}."


def restored_words(wanted: Wanted, folder: Path, report: Report) -> tuple[str, list[str]]:
    """Say what a restoration did."""
    figures = f"{report.files:,} file{'s' * (report.files != 1)}, {numbers.size(report.read)}"
    took = f" in {ages.duration(report.seconds)}" if report.seconds >= WORTH_SAYING else ""
    lines = [f"in {folder}", f"{figures}{took}; every byte was compared with its digest."]
    lines += ["", *report.done] if report.done else []
    if report.ok:
        return f"Restored {wanted.name}", lines
    damaged = [f"{damage.what}: {damage.why}" for damage in report.damages]
    return f"Restored only a part of {wanted.name}", [*lines, "", "Not restored:", *damaged]


class Restoring(Answering):
    """The part of a screen that restores."""

    def ask_restore(self, wanted: Wanted, only: PartKind | None = None) -> None:
        """Ask what of it, unless that is said or there is one part only, and where to; then do it."""
        kinds = kept_kinds(wanted.parts)
        if only is not None:
            kinds = {kind: found for kind, found in kinds.items() if kind is only}
        if not kinds:
            self.warn(f"Nothing of {clean(wanted.name)} can be restored: its bytes are linked or freed, not kept.")
        elif len(kinds) == 1:
            self._ask_folder(wanted, "" if only is None and len(wanted.parts) == 1 else next(iter(kinds)).value)
        else:
            self._ask_what(wanted, kinds)

    def _ask_what(self, wanted: Wanted, kinds: dict[PartKind, tuple[int, int]]) -> None:
        whole = sum(files for files, _ in kinds.values()), sum(size for _, size in kinds.values())
        items = [
            Item(name, name, f"{counted(files, 'file')}, {numbers.size(size)}")
            for name, (files, size) in ((EVERYTHING, whole), *((kind.value, found) for kind, found in kinds.items()))
        ]
        title = f"Restore what of {clean(wanted.name)}?"
        modal = PickModal(title, items, "enter choose   esc leave", ascii_only=self.ascii_only)
        self.app.push_screen(modal, lambda what: self._ask_folder(wanted, what) if what else None)

    def _ask_folder(self, wanted: Wanted, what: str, text: str = "", why: str = "") -> None:
        """Ask where to; with what was typed and why it does not do, when that was asked before."""
        root = self.shell.workbench.root
        title = f"Restore {clean(wanted.name)} into which folder?"
        text = text or proposed_folder(root, wanted.name)
        modal = PromptModal(title, HINT, text=text, why=clean(why), ascii_only=self.ascii_only)
        self.app.push_screen(modal, lambda text: self._restore(wanted, what, text))

    def _restore(self, wanted: Wanted, what: str, text: str | None) -> None:
        if text is None:
            return
        folder = folder_of(text)
        if isinstance(folder, str):
            self._ask_folder(wanted, what, text, folder)
            return

        def failed(error: ReproError) -> None:
            if isinstance(error, UsageError | StorageError):
                self._ask_folder(wanted, what, text, error.message)
            else:
                self.complain(error)

        only = () if what in {"", EVERYTHING} else (PartKind(what),)
        snapshots = self.shell.workbench.snapshots
        self.carry_out(
            f"Restoring {clean(wanted.name)} into {folder}",
            lambda progress: snapshots.restore(
                wanted.digest, folder, only=only, version=wanted.version, progress=progress
            ),
            lambda report: self.report(*restored_words(wanted, folder, report)),
            failed,
        )
