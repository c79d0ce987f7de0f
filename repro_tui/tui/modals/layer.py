"""What lies over a screen for as long as a question is open, and goes away exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import ModalScreen, ScreenResultType

from repro_tui.tui.commands import BY_ID
from repro_tui.tui.render.text import to_ascii

if TYPE_CHECKING:
    from repro_tui.tui.shell import Shell

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

    def drawn(self, text: str) -> str:
        """Give a text as it may be drawn here: in ASCII where the terminal knows nothing else."""
        return to_ascii(text) if cast("Shell", self.app).options.ascii else text


class Palette(CommandPalette):
    """Textual's palette with the same restraint."""

    BINDINGS: ClassVar[list[BindingType]] = [QUIT]

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Go away; a second time does nothing."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
