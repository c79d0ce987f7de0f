"""All that a yes would keep, and all that it would not, to be scrolled through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import Offer
from repro_tui.errors import ReproError
from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.queue import Entry
from repro_tui.tui.render import offers, questions
from repro_tui.tui.render.lines import Line
from repro_tui.tui.render.text import shorten
from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.lines import Lines, Page

MOST = 100_000
"""Rows of a change of data that are shown; nobody reads further."""


class DetailsModal(Layer[None]):
    """One question with everything that is known about it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,d,enter", "leave", "leave")]

    @dataclass
    class RunRead(Message):
        """The run was read, so that its files can be named."""

        run: Run

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        self._lines = Lines(ascii_only=self._shell.options.ascii)

    @property
    def _shell(self) -> Shell:
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        title = f"{self._entry.question.title}   {self._entry.question.detail}"
        with Vertical(classes="panel"):
            yield Static(shorten(title, 200, ascii_only=self._shell.options.ascii), classes="panel-title", markup=False)
            yield self._lines
            yield Static("arrows scroll   esc leave", classes="panel-hint", markup=False)

    def on_mount(self) -> None:
        """Show what is known, then look up the run."""
        self._show(None)
        self._lines.focus()
        if len(self._entry.question.runs) == 1:
            self._read()

    @work(thread=True, exit_on_error=False)
    def _read(self) -> None:
        try:
            run = self._shell.workbench.run(self._entry.question.runs[0])
        except ReproError:
            # The offer itself is shown; the files of the run are an addition to it.
            return
        if not isinstance(run, Unavailable):
            self.post_message(self.RunRead(run))

    @on(RunRead)
    def _add_files(self, message: RunRead) -> None:
        self._show(message.run)

    def _show(self, run: Run | None) -> None:
        self._lines.show(lambda cells: Page(self._made(run, cells)))

    def _made(self, run: Run | None, cells: int) -> list[Line]:
        told = self._entry.told
        if isinstance(told, Offer):
            return offers.details(told, run, cells)
        return questions.told(self._entry, cells, MOST)

    def action_leave(self) -> None:
        """Go back to the questions."""
        self.dismiss(None)
