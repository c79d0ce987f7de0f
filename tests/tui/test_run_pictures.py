"""What the Run screen looks like: golden pictures of every tab at three sizes, full, empty, loading and in error."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Attempt, Run, State
from repro_tui.tui.screens.run import TABS, RunScreen
from repro_tui.tui.widgets.chart import Chart
from repro_tui.tui.widgets.log_view import LogView
from tests.tui.driving import dashboard, until
from tests.tui.fake import NOW, FakeWorkbench

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


@pytest.fixture(params=SIZES, ids=str)
def size(request):
    return SIZES[request.param]


class Bare(FakeWorkbench):
    """Knows of a run only that it began: what dies in its first millisecond leaves no more."""

    def run(self, uid):
        attempt = Attempt(1, NOW - 40, last_sign=NOW - 40)
        return Run(uid, "quick-vole-41", ("python", "train.py"), started=NOW - 40, attempts=(attempt,))

    def state(self, uid):
        return State.RUNNING

    def last_metrics(self, uid):
        return {}

    def previous(self, uid):
        return None

    def since_previous(self, uid):
        return ()

    def level(self, uid):
        return 0, "the code was not recorded: start it with `repro-tui run -- COMMAND`"

    def log(self, uid, stream=""):
        return Unavailable("the command has written nothing yet")


class Slow(FakeWorkbench):
    """Answers nothing about a run as long as its screen is open."""

    def __init__(self) -> None:
        super().__init__()
        self.screen: RunScreen | None = None

    def _hold(self) -> None:
        never = threading.Event()
        while self.screen is not None and self.screen.is_running:
            never.wait(0.02)

    def run(self, uid):
        self._hold()
        return super().run(uid)

    def log(self, uid, stream=""):
        self._hold()
        return super().log(uid, stream)


def opened(key, tab, *keys, marks=(), waits=True):
    """Make what opens a run's tab, and presses keys there, before the picture is taken."""

    async def before(pilot: Pilot) -> None:
        app, bench = pilot.app, pilot.app.workbench
        await until(pilot, lambda: not app.view.remembered, "the first view")
        app.kept = replace(app.kept, marks=tuple(bench.sketches[mark].identity for mark in marks))
        screen = RunScreen(bench.sketches[key].identity if key in bench.sketches else RunId("f" * 32))
        if isinstance(bench, Slow):
            bench.screen = screen
        await app.push_screen(screen)
        if waits:
            await until(pilot, lambda: screen._facts is not None, "the facts")
        screen._show_tab(tab)
        await pilot.pause()
        if waits and tab == "metrics":
            chart = screen.query_one(Chart)
            await until(pilot, lambda: chart.data.note[:1] != ("reading ...",), "the curves")
        if waits and tab == "log":
            await until(
                pilot,
                lambda: screen.query_one(LogView)._absent != "reading ..." or screen.query_one(LogView).count,
                "the log",
            )
        await pilot.press(*keys)
        for field in screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()

    return before


@pytest.mark.parametrize("tab", dict(TABS))
def test_a_finished_run(snap_compare, size, tab):
    """Every tab of a run of which everything is known."""
    keys, marks = (("H",), (39, 36)) if tab == "metrics" else ((), ())
    before = opened(39 if tab == "overview" else 40, tab, *keys, marks=marks)
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=before)


@pytest.mark.parametrize("tab", dict(TABS))
def test_a_run_of_which_little_is_known(snap_compare, size, tab):
    """Every tab of a run that has only just begun: what is missing, with the reason."""
    assert snap_compare(dashboard(Bare()), terminal_size=size, run_before=opened(41, tab))


@pytest.mark.parametrize("tab", ["overview", "metrics", "log"])
def test_a_run_that_is_being_read(snap_compare, size, tab):
    """Before the first answer has come."""
    assert snap_compare(dashboard(Slow()), terminal_size=size, run_before=opened(40, tab, waits=False))


@pytest.mark.parametrize("tab", ["overview", "code"])
def test_a_run_that_is_gone(snap_compare, size, tab):
    """A run whose folder was deleted says so in every tab."""
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=opened(999, tab))


@pytest.mark.parametrize(("key", "tab"), [(37, "log"), (36, "overview"), (41, "metrics")])
def test_other_states(snap_compare, size, key, tab):
    """A failed, a died and a running run."""
    marks = (40, 39, 36) if tab == "metrics" else ()
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=size, run_before=opened(key, tab, marks=marks))


KEYS = {
    "zoomed": ("H", "z"),
    "log-scale-smoothed": ("down", "y", "plus", "plus"),
    "by-time": ("x",),
    "raised": ("right_curly_bracket",),
}


@pytest.mark.parametrize("look", KEYS)
def test_looks_of_the_chart(snap_compare, look):
    """What the keys of the chart do."""
    before = opened(40, "metrics", *KEYS[look], marks=(39, 36))
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize(("name", "options"), [("ascii", {"ascii": True}), ("sixteen", {"color": "16"})])
@pytest.mark.parametrize("tab", ["overview", "metrics", "code"])
def test_on_lesser_terminals(snap_compare, name, options, tab):
    """Without Unicode, and with 16 colours."""
    before = opened(40, tab, marks=(39, 36))
    assert snap_compare(dashboard(FakeWorkbench(), **options), terminal_size=(80, 24), run_before=before)


def test_without_colour(snap_compare, monkeypatch):
    """Runs are told apart by their digits, the open tab by its brackets."""
    monkeypatch.setenv("NO_COLOR", "1")
    before = opened(40, "metrics", "H", marks=(39, 36))
    assert snap_compare(dashboard(FakeWorkbench(), color="none"), terminal_size=(80, 24), run_before=before)


def test_searching(snap_compare):
    """A line in which a text is written, below the tab."""
    before = opened(40, "code", "slash", *"shuf")
    assert snap_compare(dashboard(FakeWorkbench()), terminal_size=(80, 24), run_before=before)
