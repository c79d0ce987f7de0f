"""What the places beside Runs have in common: a thread that answers, a clock, and keeping still while unseen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

from textual import work
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from repro_tui.domain.progress import Progress
from repro_tui.errors import CancelledError, ReproError
from repro_tui.tui.errands import Errands
from repro_tui.tui.feed import View
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.modals.progress import Outcome, ProgressModal
from repro_tui.tui.modals.report import ReportModal
from repro_tui.tui.render.text import clean, to_ascii
from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.header import Header
from repro_tui.tui.widgets.pick_list import Item
from repro_tui.tui.widgets.place_line import PlaceLine
from repro_tui.tui.widgets.row_table import RowTable

T = TypeVar("T")

WIDE = 160
"""Columns from which the pane lies beside the list."""
HIGH = 18
"""Rows from which there is room for a pane below the list."""
TALL = 34
"""Rows from which the pane below the list may be higher."""
LEAST_BETWEEN = 2.0
"""Seconds between two readings because something changed in the project; a key reads at once."""
SHARE = 10
"""Reading again because something changed may take one part in so many of the thread's time."""


class Answering(Screen[None]):
    """A screen whose questions to the services are answered by a thread of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.errands = Errands(self.post_message)

    @property
    def shell(self) -> Shell:
        """Give the application."""
        return cast("Shell", self.app)

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII signs may be drawn."""
        return self.shell.options.ascii

    def on_mount(self) -> None:
        """Begin to answer, and follow what the header shows."""
        self.ensure_answers()
        self.watch(self.app, "view", self._follow)

    def on_unmount(self) -> None:
        """End the thread."""
        self.errands.stop()

    def _follow(self, view: View) -> None:
        for header in self.query(Header):
            header.health = view.health

    def ensure_answers(self) -> None:
        """Begin to answer, also after a defect has ended that."""
        if not any(w.group == "errands" and w.node is self and w.is_running for w in self.workers):
            self._answer()

    @work(thread=True, group="errands", exit_on_error=False)
    def _answer(self) -> None:
        self.errands.run()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Pass on a defect in one of the threads here, which would else end it without a word."""
        self.shell.on_worker_state_changed(event)

    # Things that take long.

    def carry_out(
        self,
        title: str,
        job: Callable[[Progress], T],
        then: Callable[[T], None],
        failed: Callable[[ReproError], None] | None = None,
        *,
        stays: str = "",
    ) -> None:
        """Do something that takes long in a thread, with its progress in a panel; then say what came of it.

        `stays` says what a person who stops it is left with, where that is something.
        """

        def take(outcome: Outcome[T] | None) -> None:
            error = outcome.error if outcome else None
            if isinstance(error, CancelledError):
                self.post_message(Say("stopped: nothing of it stays behind"))
            elif error is not None:
                (failed or self.complain)(error)
            elif outcome is not None and outcome.value is not None:
                then(outcome.value)

        self.app.push_screen(ProgressModal(title, job, stays=stays, ascii_only=self.ascii_only), take)

    def report(self, title: str, lines: list[str]) -> None:
        """Say the result of something that took long; it stays until a key is pressed."""
        self.app.push_screen(ReportModal(title, lines, ascii_only=self.ascii_only))

    def complain(self, error: ReproError) -> None:
        """Say what did not work, why, and what to do; it stays until a key is pressed."""
        self.report("That did not work", [error.message, *([error.hint] if error.hint else [])])

    def ask_copy(self, texts: Mapping[str, str]) -> None:
        """Ask which of some texts to copy to the clipboard; each is offered with the word for what it is."""
        items = [Item(what, clean(text), what) for what, text in texts.items() if text]
        modal = PickModal("Copy", items, "enter copy   esc leave", ascii_only=self.ascii_only)
        self.app.push_screen(modal, lambda what: self._copy(texts.get(what or "", "")))

    def _copy(self, text: str) -> None:
        if text:
            self.app.copy_to_clipboard(text.encode("utf-8", "replace").decode())
            self.post_message(Say(f"copied {clean(text)}"))

    def warn(self, text: str) -> None:
        """Say why a key does nothing here, in place of what was said of the key before."""
        self.app.clear_notifications()
        self.app.notify(to_ascii(text) if self.ascii_only else text, severity="warning", timeout=8, markup=False)


class PlaceScreen(Answering):
    """A place: it reads when it is come to, when a key asks for it, and after news, but never while it is unseen."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (HIGH, "-high"), (TALL, "-tall")]  # noqa: RUF012 - Textual declares it

    place = ""
    over = ""
    """The place that it lies over, where it is none itself."""
    scope = ""

    def __init__(self) -> None:
        super().__init__()
        self._revision = -1
        self._read_at = 0.0
        self._took = 0.0
        self._line = PlaceLine(ascii_only=self.ascii_only)
        self._footer = Footer(self.shell.keymap, self.scope, ascii_only=self.ascii_only)

    def compose(self) -> ComposeResult:
        """Lay out the screen: what all places have, around what each shows."""
        bench, first = self.shell.workbench, self.first_words()
        self.settle_size()
        self.update_classes({"-worded": bool(first), "-bare": bool(first)}, update=False)
        yield Header(bench.project, bench.host, self.place or self.over, ascii_only=self.ascii_only)
        yield self._line
        yield Static(id="failure", markup=False)
        yield from self.above()
        yield Static(first, id="instead", markup=False)
        with Container(id="body"):
            yield from self.body()
        yield from self.below()
        yield self._footer

    def first_words(self) -> str:
        """Give what stands in place of the list until it is there."""
        return ""

    def above(self) -> Iterable[Widget]:
        """Give what stands between the line and the list."""
        return ()

    def body(self) -> ComposeResult:
        """Give the list and what stands beside it."""
        raise NotImplementedError

    def below(self) -> Iterable[Widget]:
        """Give what stands between the list and the footer."""
        return ()

    def on_mount(self) -> None:
        """Read, and look at the clock."""
        self.read()
        self.set_interval(self.shell.tick, self._tick)

    def ask_services(self) -> Message:
        """Ask the services for all that the place shows; called in the thread. Errors are part of the answer."""
        raise NotImplementedError

    def tick(self) -> None:
        """Draw again what reads differently by now."""

    def settle_size(self) -> None:
        """Wear the classes of the breakpoints, which come only after a first layout that would be drawn in vain."""
        width, height = self.shell.size
        wide = "-wide" if width >= WIDE else "-narrow"
        high = "-tall" if height >= TALL else "-high" if height >= HIGH else "-short"
        names = ("-wide", "-narrow", "-tall", "-high", "-short")
        self.update_classes({name: name in {wide, high} for name in names}, update=False)

    def say_failure(self, why: str) -> None:
        """Say that the services cannot be asked; the last good list stays."""
        self.set_class(bool(why), "-failing")
        self.query_one("#failure", Static).update(f" {clean(why)}")

    def say_instead(self, text: str, *, bare: bool = True, **wearing: bool) -> None:
        """Show words in place of the list; unless `bare`, above it. `wearing` are classes to put on or off as well.

        All at once, since each change of a class styles every widget anew: 10 ms of the first picture.
        """
        wanted = {f"-{name}": on for name, on in wearing.items()}
        self.update_classes({"-worded": bool(text), "-bare": bool(text) and bare, **wanted})
        self.query_one("#instead", Static).update(text)
        if self.focused is None and not self.has_class("-bare"):
            self.query_one(RowTable).focus()

    @property
    def is_seen(self) -> bool:
        """Whether nothing but questions lies over this screen."""
        stack = self.app.screen_stack
        return self in stack and all(screen.is_modal for screen in stack[stack.index(self) + 1 :])

    def read(self, *, news: bool = False) -> None:
        """Ask for everything anew; with `news` because something changed in the project and nobody asked."""
        del news
        self.ensure_answers()
        self._revision = self.shell.view.runs.revision
        self.errands.ask("read", self._timed)

    def _timed(self) -> Message:
        began = time.monotonic()
        try:
            return self.ask_services()
        finally:
            self._read_at = time.monotonic()
            self._took = self._read_at - began

    def _tick(self) -> None:
        if not self.is_seen:
            return
        self.tick()
        rested = time.monotonic() - self._read_at
        if self._revision != self.shell.view.runs.revision and rested > max(LEAST_BETWEEN, SHARE * self._took):
            self.read(news=True)

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen hid this one."""
        if self._read_at:
            self.read()

    def action_refresh(self) -> None:
        """Read again."""
        self.read()
        self.post_message(Say("reading again"))
