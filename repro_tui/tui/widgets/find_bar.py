"""The line in which a text to look for is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FindBar(Horizontal):
    """Hidden until it is opened; enter looks for the text, esc leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]

    DEFAULT_CSS = """
    FindBar { height: 1; width: 1fr; display: none; }
    FindBar > Static { width: 3; height: 1; }
    FindBar > Input { width: 1fr; height: 1; }
    FindBar.-open { display: block; }
    """

    @dataclass
    class Asked(Message):
        """A text is to be looked for."""

        text: str

    @dataclass
    class Typed(Message):
        """A text is being written."""

        text: str

        def can_replace(self, message: Message) -> bool:
            """Replace a shorter text that nobody looked at yet."""
            return isinstance(message, FindBar.Typed)

    @dataclass
    class Left(Message):
        """Nothing is to be looked for."""

    def compose(self) -> ComposeResult:
        """Lay out sign and input."""
        yield Static(" /", markup=False)
        yield Input(compact=True)

    def open(self) -> None:
        """Ask for a text."""
        self.add_class("-open")
        field = self.query_one(Input)
        field.focus()
        field.action_home(select=False)
        field.action_end(select=True)

    def _close(self) -> None:
        self.remove_class("-open")

    @on(Input.Submitted)
    def _seek(self, event: Input.Submitted) -> None:
        event.stop()
        self._close()
        self.post_message(self.Asked(event.value))

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-open"):
            self.post_message(self.Typed(event.value))

    def action_leave(self) -> None:
        """Leave without looking for anything."""
        self._close()
        self.post_message(self.Left())
