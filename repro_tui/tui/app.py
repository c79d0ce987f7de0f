"""The dashboard: its places, and the requests that screens make of it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import Screen

from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.view import Annotation
from repro_tui.errors import ReproError, UsageError
from repro_tui.ports import Workbench
from repro_tui.tui import terminal
from repro_tui.tui.asking import Asking
from repro_tui.tui.driver import TerminalDriver
from repro_tui.tui.keymap import bindings
from repro_tui.tui.messages import AskCopy, AskNote, AskTag, CompareRuns, OpenRun, Say, TogglePin
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.modals.help import HelpModal
from repro_tui.tui.modals.layer import Palette
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.options import TuiOptions
from repro_tui.tui.palette import CommandProvider
from repro_tui.tui.places import PLACES, made
from repro_tui.tui.standing import StandingProvider
from repro_tui.tui.widgets.pick_list import Item

__all__ = ["ReproApp", "TuiOptions", "run_dashboard"]


class ReproApp(Asking):
    """The dashboard."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    COMMANDS: ClassVar[set[type[Provider]]] = {CommandProvider, StandingProvider}  # type: ignore[assignment]
    COMMAND_PALETTE_BINDING = "f9"  # the key itself comes from the table of commands

    def get_default_screen(self) -> Screen[None]:
        """Begin at the place where the last session ended."""
        self._first = self.kept.place if self.kept.place in PLACES else "runs"
        return made(self._first)

    # Places and layers. The first place lies at the bottom; any other lies over it and is as far out.

    def action_show_runs(self) -> None:
        """Go to the list of runs."""
        self._show_place("runs")

    def action_show_compare(self) -> None:
        """Go to the comparison."""
        self._show_place("compare")

    def action_show_snapshots(self) -> None:
        """Go to the list of snapshots."""
        self._show_place("snapshots")

    def action_show_data(self) -> None:
        """Go to the datasets."""
        self._show_place("data")

    def _show_place(self, place: str) -> None:
        """Go to a place as it was left; a layer over it is closed."""
        while not self._is_at(place) and len(self.screen_stack) > 1:
            self.pop_screen()
        if not self._is_at(place):
            if not self.is_screen_installed(place):
                self.install_screen(made(place), place)
            self.push_screen(place)
        self.keep(replace(self.kept, place=place))

    def _is_at(self, place: str) -> bool:
        return bool(getattr(self.screen, "place", "") == place)

    @property
    def _is_outermost(self) -> bool:
        return bool(getattr(self.screen, "place", "")) or len(self.screen_stack) == 1

    async def action_back(self) -> None:
        """Go one layer out; at a place there is none."""
        if not self._is_outermost:
            self.pop_screen()

    def action_leave(self) -> None:
        """Go one layer out; at a place, ask to quit."""
        if not self._is_outermost:
            self.pop_screen()
        else:
            question = ConfirmModal("Quit repro-tui?", "Runs go on, and are recorded as before.", is_harmless=True)
            self.push_screen(question, self._quit_if)

    def _quit_if(self, yes: bool | None) -> None:  # noqa: FBT001 - the answer of a question
        if yes:
            self.exit(0)

    async def action_quit(self) -> None:
        """Quit without a question."""
        self.exit(0)

    def action_palette(self) -> None:
        """Open the palette."""
        self.push_screen(Palette(placeholder="Find a command"))

    def action_help(self) -> None:
        """Explain the screen one is on."""
        screen = self.screen
        scope = str(getattr(screen, "scope", "app"))
        self.push_screen(HelpModal(scope, self.keymap, str(getattr(screen, "intro", ""))))

    @on(OpenRun)
    def _open_run(self, message: OpenRun) -> None:
        from repro_tui.tui.screens.run import RunScreen

        self.push_screen(RunScreen(message.uid))

    @on(CompareRuns)
    def _compare(self, message: CompareRuns) -> None:
        from repro_tui.tui.screens.compare import CompareScreen

        self._show_place("compare")
        if isinstance(self.screen, CompareScreen):
            self.screen.begin(message.uids)

    # What a person writes about runs.

    @on(AskTag)
    def _ask_tag(self, message: AskTag) -> None:
        modal = PromptModal(
            f"Tag {_runs(message.uids)}",
            "tab complete   -tag takes away   enter keep   esc leave",
            complete=self._tags_like,
            ascii_only=self.options.ascii,
        )
        self.push_screen(modal, lambda text: self._tag(message.uids, text))

    def _tags_like(self, text: str) -> Sequence[Item]:
        """Offer the tags that were used before and begin with the word that is being written."""
        word = text.rsplit(" ", maxsplit=1)[-1]
        minus = "-" * word.startswith("-")
        query = f"tag:{word.removeprefix('-')}"
        found = [c for c in self.workbench.complete(query, len(query)) if c.text.startswith("tag:")]
        names = [(minus + c.text.removeprefix("tag:"), c.note) for c in found]
        return [Item(name, name, note) for name, note in names if name not in {"", "-"}][:6]

    def _tag(self, uids: tuple[RunId, ...], text: str | None) -> None:
        words = (text or "").split()
        add = tuple(word for word in words if not word.startswith("-"))
        remove = tuple(word[1:] for word in words if word.startswith("-") and len(word) > 1)
        if add or remove:
            said = " ".join([*(f"+{tag}" for tag in add), *(f"-{tag}" for tag in remove)])
            self._annotate(uids, Annotation(add_tags=add, remove_tags=remove), f"{said} on {_runs(uids)}")

    @on(AskNote)
    def _ask_note(self, message: AskNote) -> None:
        hint = "enter keep   esc leave   (empty removes the note)"
        modal = PromptModal(f"Note on {_runs(message.uids)}", hint, text=message.note, ascii_only=self.options.ascii)
        self.push_screen(modal, lambda text: self._note(message.uids, text))

    def _note(self, uids: tuple[RunId, ...], text: str | None) -> None:
        if text is not None:
            self._annotate(uids, Annotation(note=text.strip()), f"noted on {_runs(uids)}")

    @on(TogglePin)
    def _pin(self, message: TogglePin) -> None:
        said = f"{'unpinned' if message.pinned else 'pinned'} {_runs(message.uids)}"
        self._annotate(message.uids, Annotation(pinned=not message.pinned), said)

    def _annotate(self, uids: tuple[RunId, ...], annotation: Annotation, said: str) -> None:
        """Write it down; say that it is written only when it is."""
        try:
            self.workbench.annotate(uids, annotation)
        except ReproError as error:
            self.notify(f"{error.message} {error.hint}".strip(), severity="error", timeout=8, markup=False)
        else:
            self.post_message(Say(said))

    # The clipboard.

    @on(AskCopy)
    def _ask_copy(self, message: AskCopy) -> None:
        run = self.workbench.run(message.uid)
        if isinstance(run, Unavailable):
            self.notify(f"Nothing to copy: {run.reason}.", severity="warning", markup=False)
            return
        texts = {"name": run.name, "uid": run.uid, "command": shlex.join(run.argv)}
        items = [Item(what, text, what) for what, text in texts.items() if text]
        modal = PickModal("Copy", items, "enter copy   esc leave", ascii_only=self.options.ascii)
        self.push_screen(modal, lambda what: self._copy(texts.get(what or "", "")))

    def _copy(self, text: str) -> None:
        if text:
            self.copy_to_clipboard(text.encode("utf-8", "replace").decode())
            self.post_message(Say(f"copied {text}"))


def _runs(uids: Sequence[RunId]) -> str:
    return "1 run" if len(uids) == 1 else f"{len(uids):,} runs"


def run_dashboard(workbench: Workbench, options: TuiOptions) -> int:
    """Show the dashboard until the user leaves; gives the exit status, and closes the workbench.

    Raises UsageError where there is no terminal that could show it.
    """
    try:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError(
                "The dashboard needs a terminal for its input and output.",
                "Use `repro-tui ls` and `repro-tui show`, which print.",
            )
        options = terminal.settle(options, os.environ, workbench.root)
        if options.color == "none":
            os.environ["NO_COLOR"] = "1"
        app = ReproApp(workbench, options, TerminalDriver)
        status = app.run(mouse=bool(options.mouse))
        return app.return_code or status or 0
    finally:
        workbench.close()
