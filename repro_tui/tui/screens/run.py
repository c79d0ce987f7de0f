"""The Run screen: one run from every side, live."""

from __future__ import annotations

from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from repro_tui.domain.comparison import NOW
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import State
from repro_tui.tui.comparing import with_previous
from repro_tui.tui.curves import MOST_RUNS, CurvesRead, ValuesRead
from repro_tui.tui.feed import View
from repro_tui.tui.keymap import bindings
from repro_tui.tui.log_reader import LogRead, LogSought
from repro_tui.tui.messages import AskCopy, AskKeep, AskNote, AskTag, CompareRuns, Refresh, Say, TogglePin
from repro_tui.tui.run_facts import FactsRead, RunFacts
from repro_tui.tui.run_pages import PAGES
from repro_tui.tui.run_sources import RunSources
from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.header import Header
from repro_tui.tui.widgets.lines import Lines
from repro_tui.tui.widgets.log_view import LogView
from repro_tui.tui.widgets.metrics import Metrics
from repro_tui.tui.widgets.run_head import RunHead
from repro_tui.tui.widgets.scroller import Scroller
from repro_tui.tui.widgets.tab_bar import TabBar

TABS = (
    ("overview", "Overview"),
    ("metrics", "Metrics"),
    ("log", "Log"),
    ("files", "Files"),
    ("environment", "Environment"),
    ("code", "Code"),
)
"""Identity and title of the tabs, in order."""

_POLL = 0.5
"""Seconds between two looks at the output of a live run."""
_TICK = 1.0
"""Seconds between two looks at a run that has ended: a person may have tagged it, elsewhere."""


class RunScreen(Screen[None]):
    """One run. Everything follows the feed; nothing here waits for the workbench."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("run")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]  # noqa: RUF012 - the same

    scope = "lines"
    """The scope of the commands that work now; follows the open tab."""
    intro = "Run: what one run did and rests on. Marked runs are drawn beside it in Metrics."

    def __init__(self, uid: RunId) -> None:
        super().__init__()
        self._uid = uid
        self._facts: RunFacts | Unavailable | None = None
        self._tab = TABS[0][0]
        self._stream = ""
        self._seen = -1
        # Held here, because answers may still come when the screen is being taken down and can be searched no more.
        shell, plain = self._shell, self._shell.options.ascii
        self._sources = RunSources(shell.workbench, uid, self.post_message)
        self._header = Header(shell.workbench.project, shell.workbench.host, ascii_only=plain)
        self._head = RunHead(ascii_only=plain)
        self._bar = TabBar(TABS, ascii_only=plain)
        self._metrics = Metrics(ascii_only=plain, id="metrics")
        self._log_view = LogView(ascii_only=plain, id="log")
        self._pages = {tab: Lines(ascii_only=plain, id=tab) for tab in PAGES}
        self._panes: dict[str, LogView | Metrics | Lines] = {
            "metrics": self._metrics,
            "log": self._log_view,
            **self._pages,
        }
        self._switcher = ContentSwitcher(*(self._panes[tab] for tab, _ in TABS), initial=self._tab)
        self._find_bar = FindBar()
        self._footer = Footer(shell.keymap, self.scope, ascii_only=plain)

    @property
    def _shell(self) -> Shell:
        return cast("Shell", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self._header
        yield self._head
        yield self._bar
        yield self._switcher
        yield self._find_bar
        yield self._footer

    def on_mount(self) -> None:
        """Begin to ask and to follow."""
        self._answer()
        self._answer_about_log()
        self._answer_about_searches()
        self._show_tab(self._tab)
        self.watch(self.app, "view", self._follow)
        self.set_interval(_TICK, self._tick)
        self.set_interval(_POLL, self._poll_log)

    def on_unmount(self) -> None:
        """End the threads."""
        self._sources.stop()

    @work(thread=True, group="errands", exit_on_error=False)
    def _answer(self) -> None:
        self._sources.answer()

    @work(thread=True, group="log", exit_on_error=False)
    def _answer_about_log(self) -> None:
        self._sources.answer_about_log()

    @work(thread=True, group="searches", exit_on_error=False)
    def _answer_about_searches(self) -> None:
        self._sources.answer_about_searches()

    # What comes in.

    @property
    def is_live(self) -> bool:
        """Whether the run is running, as far as is known."""
        return isinstance(self._facts, RunFacts) and self._facts.state is State.RUNNING

    def _follow(self, view: View) -> None:
        """Look at the run again when the catalog changed: at once while it lives, else at the next tick."""
        self._header.health = view.health
        if self._facts is None or self.is_live:
            self._look()

    def _look(self) -> None:
        self._seen = self._shell.view.runs.revision
        self._sources.ask_facts()

    def _tick(self) -> None:
        if self.is_live:
            self._head.now = self._shell.options.clock()
        if self._seen != self._shell.view.runs.revision:
            self._look()

    @on(FactsRead)
    def _take(self, message: FactsRead) -> None:
        """Show a run that was read, if anything about it changed."""
        if message.facts == self._facts:
            return
        self._facts = facts = message.facts
        if isinstance(facts, RunFacts):
            self._head.now = self._shell.options.clock()
            self._head.facts = facts
            values = {name: value for name, (_, value) in facts.metrics.items()}
            values |= {name: curve.buckets[-1].last for name, curve in facts.resources.items() if curve.buckets}
            self._log_view.live = self.is_live
            self._metrics.show(self._overlaid(), values, live=self.is_live)
            if self.is_live:
                self._metrics.ask()
        self._show_page()

    def _overlaid(self) -> tuple[RunId, ...]:
        """Give this run and the marked ones."""
        marked = [RunId(uid) for uid in self._shell.kept.marks]
        return (self._uid, *[uid for uid in marked if uid != self._uid])[:MOST_RUNS]

    # Tabs.

    def _show_tab(self, tab: str) -> None:
        """Open a tab and focus what it shows."""
        self._tab = tab
        if self._find_bar.has_class("-open"):
            self._find_bar.remove_class("-open")
            self._metrics.end_finding(keep=False)
        self._switcher.current = tab
        self._bar.active = tab
        self.scope = {"metrics": "chart", "log": "log"}.get(tab, "lines")
        self._footer.scope = self.scope
        self._focus_pane()
        self._metrics.ask()
        self._show_page()
        self._note()

    def _show_page(self) -> None:
        """Make the lines of the open tab, if it has any."""
        if self._tab in PAGES and self._facts is not None:
            maker = PAGES[self._tab]
            facts, now = self._facts, self._shell.options.clock()
            self._pages[self._tab].show(lambda cells: maker(facts, now, cells))

    @on(Scroller.Scrolled)
    @on(Metrics.Turned)
    def _note(self) -> None:
        """Say at the end of the tabs where the open one stands."""
        status = self._panes[self._tab].status
        self._bar.note = f"{self._stream}  {status}".strip() if self._tab == "log" else status

    def _turn(self, by: int) -> None:
        names = [key for key, _ in TABS]
        self._show_tab(names[(names.index(self._tab) + by) % len(names)])

    def action_next_tab(self) -> None:
        """Open the next tab."""
        self._turn(1)

    def action_previous_tab(self) -> None:
        """Open the previous tab."""
        self._turn(-1)

    # Curves.

    @on(Metrics.CurvesWanted)
    def _fetch_curves(self, message: Metrics.CurvesWanted) -> None:
        self._sources.ask_curves(message.query)

    @on(Metrics.ValuesWanted)
    def _fetch_values(self, message: Metrics.ValuesWanted) -> None:
        self._sources.ask_values(message.query, message.x)

    @on(CurvesRead)
    def _draw_curves(self, message: CurvesRead) -> None:
        self._metrics.take(message)

    @on(ValuesRead)
    def _read_out(self, message: ValuesRead) -> None:
        self._metrics.take_values(message)

    # The log.

    def _poll_log(self) -> None:
        if self._tab == "log" and self.is_live:
            self._log_view.poll()

    @on(LogView.Wanted)
    def _read_log(self, message: LogView.Wanted) -> None:
        self._sources.ask_lines(self._stream, message.first, message.count)

    @on(LogView.Seeking)
    def _seek(self, message: LogView.Seeking) -> None:
        self._sources.seek(self._stream, message.text, message.start, backward=message.backward)

    @on(LogRead)
    def _show_log(self, message: LogRead) -> None:
        if message.stream == self._stream:
            self._log_view.take(message.chunk)

    @on(LogSought)
    def _go_to_line(self, message: LogSought) -> None:
        self._log_view.go_to(message.line)
        if message.words:
            self.post_message(Say(message.words))

    @on(LogView.StreamTurned)
    def _turn_stream(self) -> None:
        names = self._facts.run.output if isinstance(self._facts, RunFacts) else ()
        if len(names) > 1:
            at = names.index(self._stream) if self._stream in names else 0
            self._stream = names[(at + 1) % len(names)]
            self._log_view.restart()

    # Searching.

    @on(Chart.SearchWanted)
    @on(LogView.SearchWanted)
    @on(Lines.SearchWanted)
    def _open_find_bar(self) -> None:
        if self._tab == "metrics":
            self._metrics.begin_finding()
        self._find_bar.open()

    @on(FindBar.Typed)
    def _narrow(self, message: FindBar.Typed) -> None:
        if self._tab == "metrics":
            self._metrics.narrow(message.text)

    @on(FindBar.Asked)
    def _find(self, message: FindBar.Asked) -> None:
        pane = self._panes[self._tab]
        self._focus_pane()
        if isinstance(pane, Metrics):
            pane.narrow(message.text)
            pane.end_finding(keep=True)
            self._focus_pane()
        elif isinstance(pane, LogView):
            pane.search(message.text)
        elif isinstance(pane, Lines) and not pane.search(message.text) and message.text:
            self.post_message(Say(f"not found: {message.text}"))

    @on(FindBar.Left)
    def _leave_find_bar(self) -> None:
        self._metrics.end_finding(keep=False)
        self._focus_pane()

    def _focus_pane(self) -> None:
        pane = self._metrics.chart if self._tab == "metrics" else self._panes[self._tab]
        pane.focus()

    # What a person does to the run.

    def action_compare(self) -> None:
        """Compare this run with the baseline, or with the one before it."""
        base = RunId(self._shell.kept.baseline)
        is_base = base in {"", self._uid}
        uids = with_previous(self._shell.workbench, self._uid) if is_base else (base, self._uid)
        if isinstance(uids, str):
            self.notify(uids, severity="warning", markup=False)
        else:
            self.post_message(CompareRuns(uids))

    def action_now(self) -> None:
        """Compare this run with what lies there now."""
        self.post_message(CompareRuns((self._uid, NOW)))

    def action_keep(self) -> None:
        """Ask whether to keep this run."""
        name = self._facts.run.name if isinstance(self._facts, RunFacts) else str(self._uid)[:8]
        self.post_message(AskKeep(((self._uid, name),)))

    def action_tag(self) -> None:
        """Tag this run."""
        self.post_message(AskTag((self._uid,)))

    def action_note(self) -> None:
        """Write a note on this run."""
        note = self._facts.run.note if isinstance(self._facts, RunFacts) else ""
        self.post_message(AskNote((self._uid,), note))

    def action_pin(self) -> None:
        """Pin this run, or unpin it."""
        pinned = isinstance(self._facts, RunFacts) and self._facts.run.pinned
        self.post_message(TogglePin((self._uid,), pinned))

    def action_copy(self) -> None:
        """Copy something of this run."""
        self.post_message(AskCopy(self._uid))

    def action_refresh(self) -> None:
        """Read the journals again."""
        self.post_message(Refresh())
