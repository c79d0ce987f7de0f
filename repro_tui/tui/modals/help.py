"""The help page of a screen: every key that works there, from the table of commands."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from repro_tui.tui.command import Command
from repro_tui.tui.commands import SCOPES, commands_in, key_text, outward
from repro_tui.tui.keymap import Keymap
from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.render.text import fit

KEY_CELLS = 16
"""Cells for the keys; the sentence stands beside them."""


def help_text(scope: str, keymap: Keymap) -> Content:
    """Write the page: the innermost scope first."""
    parts: list[str | tuple[str, str]] = []
    titles = {s.name: s.title for s in SCOPES}
    for name in outward(scope):
        ordered = sorted(commands_in(name), key=lambda c: c.group == "move")
        parts.append((f"{titles[name]}\n", "bold $accent"))
        parts += [piece for command in ordered for piece in _line(command, keymap)]
        parts.append("\n")
    return Content.assemble(*parts)


def _line(command: Command, keymap: Keymap) -> list[str | tuple[str, str]]:
    keys = " ".join(key_text(key) for key in keymap.keys(command.id))
    return [(fit(f"  {keys}", KEY_CELLS), "$foreground"), (f"{command.tooltip}\n", "$quiet")]


class HelpModal(Layer[None]):
    """Explains the screen one is on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "leave", "leave"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("up,k", "scroll(-1)", "up"),
        Binding("pagedown,space,ctrl+d", "scroll(10)", "page down"),
        Binding("pageup,ctrl+u", "scroll(-10)", "page up"),
    ]

    def __init__(self, scope: str, keymap: Keymap, intro: str) -> None:
        super().__init__()
        self._scope = scope
        self._keys = keymap
        self._intro = intro

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with Vertical(classes="panel -tall"):
            yield Static(self._intro, classes="panel-text", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(help_text(self._scope, self._keys))
            yield Static("arrows scroll   esc leave", classes="panel-hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Go back to the screen."""
        self.dismiss(None)
