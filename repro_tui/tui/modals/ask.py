"""Questions: one that is answered with yes or no, and one that is answered with a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.render.text import to_ascii
from repro_tui.tui.widgets.field import Field
from repro_tui.tui.widgets.pick_list import Item, PickList


class ConfirmModal(Layer[bool]):
    """A question; unless it is harmless only `y` answers it with yes, so that no stray key does damage."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,q", "answer(False)", "no"),
        Binding("enter", "default", "default"),
    ]

    def __init__(self, question: str, consequence: str, *, is_harmless: bool = False) -> None:
        super().__init__()
        self._is_harmless = is_harmless
        self._question = question
        self._consequence = consequence

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel -small"):
            yield Static(self.drawn(self._question), classes="panel-title", markup=False)
            yield Static(self.drawn(self._consequence), classes="panel-text", markup=False)
            keys = "y enter yes   n esc no" if self._is_harmless else "y yes   n enter esc no"
            yield Static(keys, classes="panel-hint", markup=False)

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 - an action's argument comes from its binding
        """Give the answer."""
        self.dismiss(yes)

    def action_default(self) -> None:
        """Take the answer that does no harm."""
        self.dismiss(self._is_harmless)


class PromptModal(Layer[str]):
    """A line to write, with completion where there is something to complete; gives the text, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", priority=True),
        Binding("tab", "complete", "complete", priority=True),
        Binding("down", "move(1)", "next", priority=True),
        Binding("up", "move(-1)", "previous", priority=True),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        *,
        text: str = "",
        why: str = "",
        complete: Callable[[str], Sequence[Item]] | None = None,
        ascii_only: bool = False,
    ) -> None:
        """Make it.

        Args:
            title: The question.
            hint: What the keys do.
            text: What stands in the field at first.
            why: Why the text that was given before does not do.
            complete: Gives what the text could become.
            ascii_only: Draw with ASCII signs only.
        """
        super().__init__()
        self._title = to_ascii(title) if ascii_only else title
        self._hint = hint
        self._text = text
        self._why = why
        self._complete = complete
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel -small"):
            yield Static(self._title, classes="panel-title", markup=False)
            yield Field(self._text)
            if self._why:
                yield Static(to_ascii(self._why) if self._ascii else self._why, classes="panel-why", markup=False)
            if self._complete:
                yield PickList(ascii_only=self._ascii)
            yield Static(self._hint, classes="panel-hint", markup=False)

    def on_mount(self) -> None:
        """Offer what there is."""
        self._offer(self._text)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._offer(event.value)

    def _offer(self, text: str) -> None:
        if self._complete:
            items = self._complete(text)
            offered = self.query_one(PickList)
            offered.show(items, 0)
            offered.display = bool(items)

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_complete(self) -> None:
        """Take the highlighted completion in place of the word that is being written."""
        item = self.query_one(PickList).highlighted if self._complete else None
        if item:
            field = self.query_one(Input)
            field.value = f"{field.value[: len(field.value) - len(field.value.split(' ')[-1])]}{item.id} "
            field.cursor_position = len(field.value)

    def action_move(self, lines: int) -> None:
        """Move among the completions."""
        if self._complete:
            self.query_one(PickList).move(lines)

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
