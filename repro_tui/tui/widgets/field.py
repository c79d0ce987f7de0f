"""A line to write in that sends nothing while nobody types."""

from __future__ import annotations

from textual.widgets import Input


class Field(Input):
    """Textual's input without a frame, and without a blinking cursor, which would cost bytes twice a second."""

    def __init__(self, value: str = "", placeholder: str = "") -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False
