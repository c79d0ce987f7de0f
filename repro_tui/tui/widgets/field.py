"""A line to write in that sends nothing while nobody types."""

from __future__ import annotations

from textual.widgets import Input


class Field(Input):
    """Textual's input without a frame, and without a blinking cursor, which would cost bytes twice a second."""

    def __init__(self, value: str = "", placeholder: str = "", *, leaves: str = "") -> None:
        """Make it.

        Args:
            value: What stands in it at first.
            placeholder: What stands in it while it is empty.
            leaves: Signs that are not written, so that they can be keys of whoever owns the field.
        """
        self._leaves = leaves
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Leave some signs to the owner's keys."""
        return character not in set(self._leaves) and super().check_consume_key(key, character)
