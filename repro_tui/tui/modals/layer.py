"""What lies over a screen for as long as a question is open, and goes away exactly once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.screen import ModalScreen, ScreenResultType


class Layer(ModalScreen[ScreenResultType]):
    """A modal screen that only ever takes itself away.

    Textual takes away whatever lies on top. Two quick presses of enter, which a slow line delivers together, would
    answer the question and then close the screen below it, or end the application.
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Go away with an answer; a second answer says nothing."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


class Palette(CommandPalette):
    """Textual's palette with the same restraint."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Go away; a second time does nothing."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
