"""The feed: one view for many changes, nothing when nothing changed, errors said and taken back."""

from __future__ import annotations

import threading
import time
from typing import Self

from repro_tui.errors import StorageError
from repro_tui.tui.feed import Feed, Interest, ViewChanged, WorkFailed, WorkResumed, remembered_view
from tests.tui.fake import FakeWorkbench


class Running:
    """A feed in its thread, and what it posted."""

    def __init__(self, workbench: FakeWorkbench, period: float = 0.0) -> None:
        self.posted = []
        self.workbench = workbench
        self.feed = Feed(workbench, self.posted.append, period=period, clock=time.monotonic)
        self.thread = threading.Thread(target=self.feed.run, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.feed.stop()
        self.workbench.tell()
        self.thread.join(5)
        assert not self.thread.is_alive()

    def wait(self, holds) -> None:
        deadline = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < deadline, self.posted
            time.sleep(0.005)

    def views(self) -> list[ViewChanged]:
        return [message for message in self.posted if isinstance(message, ViewChanged)]


def test_nothing_is_posted_when_nothing_changed():
    workbench = FakeWorkbench()
    with Running(workbench) as running:
        running.wait(running.views)
        turns = workbench.calls.count("advance")
        workbench._news.set()
        running.wait(lambda: workbench.calls.count("advance") > turns + 1 or workbench._news.set())
        assert len(running.views()) == 1


def test_a_hundred_changes_are_a_few_views_and_the_last_one_is_there():
    workbench = FakeWorkbench()
    with Running(workbench, period=0.1) as running:
        running.wait(running.views)
        for i in range(100):
            workbench.change(41, metrics={"acc": i / 100})
        running.wait(lambda: running.views()[-1].view.runs.revision == workbench.revision)
        assert len(running.views()) < 10
        assert running.views()[-1].view.rows[41].cells["metric:acc"] == 0.99


def test_reading_goes_on_while_the_next_view_is_not_due(monkeypatch):
    workbench = FakeWorkbench()
    monkeypatch.setattr(workbench, "advance", lambda _: workbench.calls.append("advance") is None)
    with Running(workbench, period=60.0) as running:
        running.wait(lambda: workbench.calls.count("advance") > 20)
        assert len(running.views()) == 1


def test_an_error_is_said_the_thread_goes_on_and_the_end_of_the_error_is_said_too(monkeypatch):
    monkeypatch.setattr("repro_tui.tui.feed.RETRY", 0.01)
    workbench = FakeWorkbench(error=StorageError("gone", "look"))
    with Running(workbench) as running:
        running.wait(lambda: any(isinstance(m, WorkFailed) and m.source == "feed" for m in running.posted))
        assert not running.views()
        workbench.error = None
        running.wait(lambda: any(isinstance(m, WorkResumed) for m in running.posted))
        assert running.views()


def test_only_the_rows_in_sight_are_fetched():
    workbench = FakeWorkbench(10_000)
    with Running(workbench) as running:
        running.feed.interest = Interest(keys=(5, 6))
        workbench.tell()
        running.wait(lambda: running.views() and set(running.views()[-1].view.rows) == {5, 6})
        assert len(running.views()[-1].view.runs.keys) == 10_000


def test_a_later_view_replaces_an_earlier_one_and_nothing_else():
    first, second = (ViewChanged(remembered_view(FakeWorkbench())) for _ in range(2))
    assert first.can_replace(second)
    assert not first.can_replace(WorkResumed())


def test_runs_are_found_by_their_uids():
    workbench = FakeWorkbench()
    uid = workbench.sketches[39].identity
    with Running(workbench) as running:
        running.feed.interest = Interest(uids=(uid, "f" * 32))
        workbench.tell()
        running.wait(lambda: running.views() and running.views()[-1].view.found == {uid: 39})


def test_what_comparing_needs_is_loaded_in_quiet_turns_a_piece_at_a_time():
    workbench = FakeWorkbench()
    pieces = []
    workbench.comparisons.warm = lambda: (pieces.append(n) for n in range(3))
    with Running(workbench) as running:
        running.wait(lambda: len(pieces) == 3)
        assert len(running.views()) == 1, "which is no change that anybody would see"
    assert pieces == [0, 1, 2]
