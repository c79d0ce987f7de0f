"""What lies over a screen for as long as a question is open, and goes away exactly once."""

from __future__ import annotations

from typing import ClassVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import ModalScreen, ScreenResultType

from repro_tui.tui.commands import BY_ID

QUIT = Binding(",".join(BY_ID["app.quit"].keys), "app.quit", "quit now", show=False, id="app.quit", priority=True)
"""The application's own keys end at a modal screen, and the one that quits is to work everywhere."""


class Layer(ModalScreen[ScreenResultType]):
    """A modal screen that only ever takes itself away.

    Textual takes away whatever lies on top. Two quick presses of enter, which a slow line delivers together, would
    answer the question and then close the screen below it, or end the application.
    """

    BINDINGS: ClassVar[list[BindingType]] = [QUIT]

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Go away with an answer; a second answer says nothing."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


class Palette(CommandPalette):
    """Textual's palette with the same restraint."""

    BINDINGS: ClassVar[list[BindingType]] = [QUIT]

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Go away; a second time does nothing."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
