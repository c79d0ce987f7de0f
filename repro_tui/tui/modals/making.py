"""How a version of a dataset was made: a command line, or a note in words."""

from __future__ import annotations

import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.widgets.field import Field

AS_COMMAND = "is kept as a command line"
AS_NOTE = "is kept as a note"
HINT = "enter keep   tab command line or note   esc skip"


@dataclass(frozen=True, slots=True)
class How:
    """What a person said about how a version was made."""

    argv: tuple[str, ...] = ()
    note: str = ""


def words_of(text: str) -> tuple[str, ...]:
    """Part a command line as a shell would; nothing when its quotes do not match."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return ()


def looks_like_command(text: str, root: Path) -> bool:
    """Tell whether a text begins with a program: one that is found, or a script below the project."""
    words = words_of(text)
    if not words or "\0" in words[0]:
        return False
    first = words[0]
    return shutil.which(first) is not None or (("/" in first or "." in first) and (root / first).is_file())


class MakingModal(Layer[How]):
    """Asks; gives None when it was skipped or nothing was written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "skip", priority=True),
        Binding("tab", "turn", "command line or note", priority=True),
    ]

    def __init__(self, dataset: str, root: str) -> None:
        super().__init__()
        self._dataset = dataset
        self._root = Path(root)
        self._chosen: bool | None = None
        """Whether it is a command line, where the person said so."""

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel -small"):
            yield Static(self.drawn(f"How was {self._dataset} changed?"), classes="panel-title", markup=False)
            yield Field(placeholder="python add_scans.py --in raw --out data/train, or a note")
            yield Static("", id="kind", markup=False)
            yield Static(HINT, classes="panel-hint", markup=False)

    def on_mount(self) -> None:
        """Begin empty."""
        self._say()

    @property
    def is_command(self) -> bool:
        """Whether what is written is kept as a command line."""
        text = self.query_one(Input).value
        return looks_like_command(text, self._root) if self._chosen is None else self._chosen and bool(words_of(text))

    @on(Input.Changed)
    def _say(self) -> None:
        text = self.query_one(Input).value.strip()
        kind = AS_COMMAND if (self.is_command if text else self._chosen) else AS_NOTE
        self.query_one("#kind", Static).update(kind if text or self._chosen is not None else "")

    def action_turn(self) -> None:
        """Keep it as the other."""
        self._chosen = not (self.is_command if self._chosen is None else self._chosen)
        self._say()

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.dismiss(None)
        elif self.is_command:
            self.dismiss(How(argv=words_of(text)))
        else:
            self.dismiss(How(note=text))

    def action_leave(self) -> None:
        """Say nothing about it."""
        self.dismiss(None)
