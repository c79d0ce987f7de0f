"""The rules of a policy: a line each, changed by keys; the screen decides anew with each change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from repro_tui.tui.keymap import bindings
from repro_tui.tui.widgets.row_table import RowTable


class PolicyList(RowTable, inherit_bindings=False):
    """Asks for changes; it holds none."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rows", group="move"), *bindings("policy")]

    @dataclass
    class Stepped(Message):
        """A rule is to be one step further."""

        rule: str
        step: int

    @dataclass
    class Written(Message):
        """A person wants to write the value of a rule."""

        rule: str

    @dataclass
    class Cleared(Message):
        """A rule is to be taken out."""

        rule: str

    class SaveWanted(Message):
        """The rules are to be written to repro.yaml."""

    class Left(Message):
        """The person goes back to the list."""

    @on(RowTable.Opened)
    def _write_clicked(self, event: RowTable.Opened) -> None:
        """Write the value of a rule that was clicked twice."""
        event.stop()
        self.action_write()

    def action_more(self) -> None:
        """Ask for a greater number, or the next choice."""
        self.post_message(self.Stepped(self.highlighted, 1))

    def action_less(self) -> None:
        """Ask for a smaller number, or the choice before."""
        self.post_message(self.Stepped(self.highlighted, -1))

    def action_write(self) -> None:
        """Ask to write the value."""
        self.post_message(self.Written(self.highlighted))

    def action_clear(self) -> None:
        """Ask to take the rule out."""
        self.post_message(self.Cleared(self.highlighted))

    def action_save(self) -> None:
        """Ask to write the rules to repro.yaml."""
        self.post_message(self.SaveWanted())

    def action_back(self) -> None:
        """Go back to the list."""
        self.post_message(self.Left())
