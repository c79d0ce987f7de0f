"""What every screen stands on: the feed, the view that it brings, the state that is kept, and a terminal left sane."""

from __future__ import annotations

import asyncio
import signal
import traceback
from concurrent.futures import ThreadPoolExecutor

from textual import events, on, work
from textual.app import App
from textual.driver import Driver
from textual.reactive import reactive
from textual.worker import Worker, WorkerState

from repro_tui.ports import Workbench
from repro_tui.tui import state as view_state
from repro_tui.tui import stylesheets, theme
from repro_tui.tui.feed import (
    NOTHING,
    Feed,
    Interest,
    View,
    ViewChanged,
    WorkFailed,
    WorkResumed,
    monotonic,
    remembered_view,
)
from repro_tui.tui.keymap import resolve
from repro_tui.tui.messages import Refresh, Say
from repro_tui.tui.modals.notice import ProblemModal, TooSmallModal, is_too_small
from repro_tui.tui.options import TuiOptions
from repro_tui.tui.render.text import shorten
from repro_tui.tui.state import ViewState
from repro_tui.tui.widgets.footer import Footer

MOST_THREADS = 64
"""Begun one by one, when all others are busy."""

SAVE_AFTER = 1.0
"""Seconds between a change of the view and its being on disk."""

WHAT_MOST = 120
"""Cells of a defect's first line; the report below it has all of it."""

NEWS_FOR = 4.0
"""Seconds that a short sentence stands in the footer."""


class Shell(App[int]):
    """The application without its places."""

    TITLE = "repro-tui"
    CSS_PATH = [*stylesheets.paths()]  # noqa: RUF012 - Textual declares it

    view: reactive[View] = reactive(NOTHING, always_update=True, repaint=False)
    """What the screens show; replaced as a whole by the feed."""

    failure: reactive[str] = reactive("", repaint=False)
    """Why the journals cannot be read at present; the last good view stays."""

    def __init__(self, workbench: Workbench, options: TuiOptions, driver_class: type[Driver] | None = None) -> None:
        # The sheets are given their variables while the application is made, so the options come first.
        self.options = options
        super().__init__(driver_class=driver_class, ansi_color=None if options.color == "auto" else True)
        self.workbench = workbench
        self.keymap = resolve(options.keymap)
        self.kept = view_state.load(options.state_file)
        self.animation_level = "none"
        self.feed = Feed(workbench, self.post_message, period=0.5 if options.remote else 0.2, clock=monotonic)
        self.pressed = 0.0
        self._unsaved: ViewState | None = None
        self._wear_theme()

    # How it looks.

    def _wear_theme(self) -> None:
        for known in theme.THEMES:
            self.register_theme(known)
        own = theme.CALM if self.options.color == "auto" else theme.SIXTEEN
        wanted = self.options.theme
        worn = wanted if wanted in self.available_themes and self.options.color == "auto" else own.name
        # Set as a change of theme, it would have all sheets read a second time after the first picture.
        self.set_reactive(Shell.theme, worn)
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{worn}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
        self.stylesheet.set_variables(self.get_css_variables())
        self._refresh_truecolor_filter(self.ansi_theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our sheets' variables a value under any theme."""
        return theme.variables(ansi=self.current_theme.ansi)

    def get_css_variables(self) -> dict[str, str]:
        """Give the sheets what depends on the signs that may be drawn."""
        plain = self.options.ascii
        return {**super().get_css_variables(), "edge": "ascii" if plain else "round", "bar": "0" if plain else "1"}

    @property
    def settle(self) -> float:
        """Seconds that a cursor must rest before something costly is asked for."""
        return 0.3 if self.options.remote else 0.1

    @property
    def tick(self) -> float:
        """Seconds between two looks at the clock."""
        return 2.0 if self.options.remote else 1.0

    async def on_event(self, event: events.Event) -> None:
        """Note when the key that is carried out was pressed: it may have waited while another screen came up.

        `pressed` is on the clock of `feed.monotonic`, so that a question can tell whether it was on screen by then.
        """
        if isinstance(event, events.Key):
            self.pressed = event.time
        await super().on_event(event)

    # Beginning and ending.

    def on_mount(self) -> None:
        """Show what is remembered, then let the feed replace it."""
        # A thread waits for errands behind each place, page and panel that is open, and asyncio's own pool has hardly
        # more of them than the machine has cores: work would wait for ever behind those that wait for work.
        pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="work")
        asyncio.get_running_loop().set_default_executor(pool)
        self.set_class(self.options.ascii, "-ascii")
        self.set_keymap({name: ",".join(keys) for name, keys in self.keymap.moved.items()})
        self.view = remembered_view(self.workbench)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Start reading once the first picture is painted."""
        self._read()
        self.set_interval(SAVE_AFTER, self._save)
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self._told_to_end, number)
        for problem in self.keymap.problems:
            self.notify(problem, severity="warning", timeout=12, markup=False)

    def _told_to_end(self, number: int) -> None:
        """Leave in good order when the system says so; the exit status is the one a shell expects."""
        self.exit(128 + number)

    def on_unmount(self) -> None:
        """Stop reading, and keep the view."""
        self.feed.stop()
        if self._unsaved and self.options.state_file:
            view_state.save(self.options.state_file, self._unsaved)

    # What comes in.

    @work(thread=True, exclusive=True, group="feed", exit_on_error=False)
    def _read(self) -> None:
        self.feed.run()

    @work(thread=True, exclusive=True, group="query", exit_on_error=False)
    def _ask(self) -> None:
        self.feed.publish_or_say()

    def look_at(self, interest: Interest) -> None:
        """Take what the screens want to see; another query and columns that were not asked for are answered at once.

        A view brings the values of the columns that were shown before it: when it shows a column for the first time,
        nothing further may happen in the project that would bring its values.
        """
        before, self.feed.interest = self.feed.interest, interest
        widened = bool(before.columns) and not set(interest.columns) <= set(before.columns)
        if (before.query != interest.query or widened) and not self.view.remembered:
            self._ask()

    @on(ViewChanged)
    def _take_view(self, message: ViewChanged) -> None:
        if message.view.runs.query == self.feed.interest.query:
            self.view = message.view

    @on(WorkFailed)
    def _take_failure(self, message: WorkFailed) -> None:
        text = f"{message.error.message} {message.error.hint}".strip()
        if message.source == "feed":
            self.failure = text
        else:
            self.notify(text, severity="error", timeout=8, markup=False)

    @on(WorkResumed)
    def _take_resumption(self) -> None:
        self.failure = ""

    @on(Refresh)
    def _refresh_now(self) -> None:
        """Read again, also after a defect has ended the reading."""
        self.feed.refresh()
        if not any(worker.group == "feed" and worker.is_running for worker in self.workers):
            self._read()
        self.post_message(Say("reading again"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show a defect of ours with what a report needs; what was on screen stays."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            report = "".join(traceback.format_exception(error))
            what = shorten(
                f"{type(error).__name__}: {error}".removesuffix(": "), WHAT_MOST, ascii_only=self.options.ascii
            )
            self.push_screen(ProblemModal(f"Something went wrong: {what}. R reads again.", report))

    # What is kept.

    def keep(self, state: ViewState) -> None:
        """Keep how the view looks; it is on disk within two seconds."""
        if state != self.kept:
            self.kept = self._unsaved = state

    def _save(self) -> None:
        if self._unsaved is not None and self.options.state_file:
            state, self._unsaved = self._unsaved, None
            self._write(state)

    @work(thread=True, group="state", exit_on_error=False)
    def _write(self, state: ViewState) -> None:
        if self.options.state_file:
            view_state.save(self.options.state_file, state)

    # News, and a terminal without room.

    @on(Say)
    def _say(self, message: Say) -> None:
        for footer in self.screen.query(Footer):
            footer.say(message.text, NEWS_FOR)

    def on_resize(self, event: events.Resize) -> None:
        """Cover everything while there is no room, and uncover it as it was."""
        small = is_too_small(event.size.width, event.size.height)
        covered = isinstance(self.screen, TooSmallModal)
        if small and not covered:
            self.push_screen(TooSmallModal())
        elif covered and not small:
            self.pop_screen()
