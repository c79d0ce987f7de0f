"""Something that takes long: it runs in a thread, says how far it is, and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from repro_tui.domain.progress import Progress
from repro_tui.errors import CancelledError, ReproError
from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.render import progress as bar
from repro_tui.tui.render.lines import Line
from repro_tui.tui.render.text import shorten

T = TypeVar("T")

PERIOD = 0.2
"""Seconds between two looks at how far it is; each may change what is on screen once."""

QUIET = 0.3
"""Seconds before anything is shown: what is over by then needs no picture, but takes keys meanwhile."""

GOING = "esc stop"
ASKING = "Stop it? {stays}   y stop   n go on"
STOPPING = "stopping: {stays}"
NOTHING_STAYS = "Nothing of it stays behind."


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of the work: a value, or the error that ended it; neither after a defect, which is shown by itself."""

    value: T | None = None
    error: ReproError | None = None

    @property
    def cancelled(self) -> bool:
        """Tell whether the person stopped it."""
        return isinstance(self.error, CancelledError)


class ProgressModal(Layer[Outcome[T]], Generic[T]):
    """Carries out `work(progress)` in a thread and gives its outcome; esc asks whether to stop."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "ask", "stop"),
        Binding("y", "stop", "stop"),
        Binding("n,enter", "go_on", "go on"),
    ]

    @dataclass
    class Ended(Message):
        """The work is over."""

        outcome: Outcome[object]

    def __init__(self, title: str, work: Callable[[Progress], T], *, stays: str = "", ascii_only: bool = False) -> None:
        """Make it.

        Args:
            title: What is being done, for the person: `Keeping amber-otter-41`.
            work: Told its progress callback; runs in a thread of its own and may raise ReproError.
            stays: What is left of it when it is stopped; nothing when empty.
            ascii_only: Draw with ASCII signs only.
        """
        super().__init__()
        self._stays = stays or NOTHING_STAYS
        self._title = title
        self._work = work
        self._ascii = ascii_only
        self._news: tuple[int, int, str] = (0, 0, "")
        self._stop = threading.Event()
        self._asking = False
        self._outcome: Outcome[T] | None = None
        began = time.monotonic()
        self._standing = bar.Standing(began, began)
        self._drawn: list[Line] = []
        # Held here, because the clock still ticks while the panel is being taken down and can be searched no more.
        self._field = Static(id="progress", markup=False)
        self._keys = Static(GOING, classes="panel-hint", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel -small"):
            yield Static(shorten(self._title, 200, ascii_only=self._ascii), classes="panel-title", markup=False)
            yield self._field
            yield self._keys

    def on_mount(self) -> None:
        """Begin."""
        # The application owns the thread, so that a defect in it is shown although this panel is gone by then.
        self.app.run_worker(self._carry_out, thread=True, group="long", exit_on_error=False, exclusive=False)
        self.set_interval(PERIOD, self._look)
        self.set_timer(QUIET, self._appear)

    def on_unmount(self) -> None:
        """Stop what is going on when the application is left."""
        self._stop.set()

    # In the thread.

    def _carry_out(self) -> None:
        outcome: Outcome[T] = Outcome()
        try:
            outcome = Outcome(self._work(self._tell))
        except ReproError as error:
            outcome = Outcome(error=error)
        finally:
            self.post_message(self.Ended(outcome))  # type: ignore[arg-type]  # messages know nothing of type variables

    def _tell(self, done: int, total: int, what: str) -> None:
        """Take news from the work's thread; only the latest is ever looked at."""
        if self._stop.is_set():
            raise CancelledError("Stopped.", "Nothing of it was left behind.")
        self._news = (done, total, what)

    # On the screen.

    def _appear(self) -> None:
        self.add_class("-shown")
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        """Draw how far it is, if that changed."""
        self._standing = self._standing.moved(time.monotonic(), *self._news)
        cells = self._field.size.width
        drawn = bar.lines(self._standing, cells, ascii_only=self._ascii)
        if cells and drawn != self._drawn and self._outcome is None:
            self._drawn = drawn
            self._field.update(Content("\n").join(Content.assemble(*(_styled(p) for p in line)) for line in drawn))

    def _hint(self, text: str, *, asking: bool) -> None:
        self._asking = asking
        self._keys.update(text)

    def action_ask(self) -> None:
        """Ask whether to stop; a second press of the same key goes on, as the work did meanwhile."""
        if not self._stop.is_set():
            self._hint(GOING if self._asking else ASKING.format(stays=self._stays), asking=not self._asking)

    def action_stop(self) -> None:
        """Stop at the next opportunity, if that was asked."""
        if self._asking:
            self._stop.set()
            self._hint(STOPPING.format(stays=self._stays), asking=False)

    def action_go_on(self) -> None:
        """Take the question away."""
        if self._asking:
            self._hint(GOING, asking=False)

    @on(Ended)
    def _end(self, message: Ended) -> None:
        self._outcome = message.outcome  # type: ignore[assignment]  # messages know nothing of type variables
        self.dismiss(self._outcome)

    def on_screen_resume(self) -> None:
        """Go away where the work ended while something else lay on top."""
        if self._outcome is not None:
            self.dismiss(self._outcome)


_STYLES = {"value": "", "dim": "$quiet", "faint": "$faint", "accent": "$accent"}


def _styled(piece: tuple[str, str]) -> tuple[str, str]:
    return piece[0], _STYLES.get(piece[1], "")
