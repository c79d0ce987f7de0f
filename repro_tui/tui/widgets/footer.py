"""The bottom line: the keys that work here and now, from the table of commands."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from repro_tui.tui.command import Command
from repro_tui.tui.commands import valid_in
from repro_tui.tui.keymap import Keymap
from repro_tui.tui.render.text import shorten, width


class Footer(Widget):
    """As many keys as fit, the most useful first; a short word of news takes their place for a moment."""

    scope: reactive[str] = reactive("app")
    news: reactive[str] = reactive("")
    """A sentence such as `copied amber-otter-41`, shown in place of the keys."""

    def __init__(self, keymap: Keymap, scope: str, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._keymap = keymap
        self._ascii = ascii_only
        self._timer: Timer | None = None
        self.set_reactive(Footer.scope, scope)

    def say(self, text: str, seconds: float) -> None:
        """Show a sentence for a moment."""
        self.news = text
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self._forget)

    def _forget(self) -> None:
        self.news = ""

    def render(self) -> Content:
        """Draw the line."""
        if self.news:
            return Content.assemble((" " + shorten(self.news, self.size.width - 1, ascii_only=self._ascii), "$accent"))
        return Content.assemble(*self._keys(self.size.width - 1))

    def _keys(self, room: int) -> list[tuple[str, str]]:
        """Choose what fits: the way to the help page always does."""
        parts: list[tuple[str, str]] = [(" ", "")]
        wanted = sorted((c for c in valid_in(self.scope, dict(self._keymap.moved)) if c.footer), key=_place)
        kept = {"app.help"}
        used = sum(self._cells(c) for c in wanted if c.id in kept)
        for command in wanted:
            if command.id not in kept and used + self._cells(command) <= room:
                kept.add(command.id)
                used += self._cells(command)
        for command in wanted:
            if command.id in kept:
                parts += [(self._keymap.shown(command.id), "$accent"), (f" {command.title}  ", "$quiet")]
        return parts

    def _cells(self, command: Command) -> int:
        return width(self._keymap.shown(command.id)) + width(command.title) + 3


def _place(command: Command) -> int:
    return command.footer
