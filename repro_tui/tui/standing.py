"""What a project's runs do about the question when they end: said in words, and changed from the palette."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from repro_tui.domain.question import Standing
from repro_tui.errors import ReproError
from repro_tui.tui.feed import WorkFailed
from repro_tui.tui.messages import Say
from repro_tui.tui.shell import Shell

STANDING_WORDS: dict[Standing, str] = {
    Standing.ASK: "ask",
    Standing.ALWAYS: "always keep",
    Standing.NEVER: "never keep",
    Standing.LATER: "leave the question here",
    Standing.KEY: "only keep when I press p",
}
"""What is done to what a person calls it."""


class StandingProvider(Provider):
    """Gives the palette one line for each thing that can be done, and marks the one that holds."""

    async def startup(self) -> None:
        """Ask what holds, off the interface."""
        self._now: Standing | None = None
        self._why = ""
        try:
            self._now = await asyncio.to_thread(self._shell.workbench.questions.standing)
        except ReproError as error:
            self._why = error.message

    @property
    def _shell(self) -> Shell:
        return cast("Shell", self.app)

    def _lines(self) -> list[tuple[Standing, str, str]]:
        """Give each thing with its title and what it means."""
        mark = {self._now: " (now)"}
        return [
            (standing, f"questions: {said}{mark.get(standing, '')}", self._why or MEANINGS[standing])
            for standing, said in STANDING_WORDS.items()
        ]

    async def discover(self) -> Hits:
        """Offer all of them before anything is typed."""
        for standing, title, meaning in self._lines():
            yield DiscoveryHit(title, partial(self._stand, standing), help=meaning)

    async def search(self, query: str) -> Hits:
        """Offer those whose words match."""
        matcher = self.matcher(query)
        for standing, title, meaning in self._lines():
            score = matcher.match(title)
            if score > 0:
                shown = Content.from_markup("$title", title=title)
                yield Hit(score, shown, partial(self._stand, standing), text=title, help=meaning)

    async def _stand(self, standing: Standing) -> None:
        """Write it down, off the interface; say that it holds only when it does."""
        try:
            await asyncio.to_thread(self._shell.workbench.questions.stand, standing)
        except ReproError as error:
            self._shell.post_message(WorkFailed(error))
        else:
            self._shell.post_message(Say(f"when a run ends: {STANDING_WORDS[standing]}"))


MEANINGS: dict[Standing, str] = {
    Standing.ASK: "A run on a terminal asks when it has ended; one without leaves its question here.",
    Standing.ALWAYS: "Every run that is worth it is kept without a question.",
    Standing.NEVER: "Nothing is kept, nothing is asked; p still keeps a run.",
    Standing.LATER: "No run asks on its terminal; every question waits here.",
    Standing.KEY: "Nothing is asked and nothing waits; p keeps a run.",
}
"""What each means, in a sentence."""
