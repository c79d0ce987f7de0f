"""The palette: every command that works here, found by its name."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from repro_tui.tui.command import Command
from repro_tui.tui.commands import valid_in


class CommandProvider(Provider):
    """Gives the palette the commands of the screen it was opened on."""

    def _commands(self) -> list[Command]:
        scope = str(getattr(self.screen, "scope", "app"))
        return [command for command in valid_in(scope) if command.palette and command.group != "move"]

    async def discover(self) -> Hits:
        """Offer all of them before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(command.title, partial(self._do, command), help=command.tooltip)

    async def search(self, query: str) -> Hits:
        """Offer those whose title or sentence matches."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.title), 0.8 * matcher.match(command.tooltip))
            if score > 0:
                title = Content.from_markup("$title", title=command.title)
                yield Hit(score, title, partial(self._do, command), text=command.title, help=command.tooltip)

    async def _do(self, command: Command) -> None:
        """Carry the command out where its key would."""
        owner = self.app if command.scope == "app" else self.focused or self.screen
        node = next((n for n in owner.ancestors_with_self if hasattr(n, f"action_{command.action}")), self.app)
        await self.app.run_action(command.action, node)
