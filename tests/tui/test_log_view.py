"""The log view: follows, pauses, searches, and lets nothing foreign through to the terminal."""

from __future__ import annotations

from textual import on
from textual.app import App, ComposeResult

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.view import LogChunk
from repro_tui.tui.widgets.log_view import LogView
from tests.tui.fake import FakeLog


class LogApp(App[None]):
    """Answers a log view from a fake source, as a screen does."""

    CSS = "Scroller { background: black; color: white; }"

    def __init__(self, source: FakeLog) -> None:
        super().__init__()
        self.source = source
        self.reads: list[tuple[int, int]] = []
        self.view = LogView()

    def compose(self) -> ComposeResult:
        yield self.view

    @on(LogView.Wanted)
    def _read(self, message: LogView.Wanted) -> None:
        self.reads.append((message.first, message.count))
        self.view.take(self.source.read(message.first, message.count))

    @on(LogView.Seeking)
    def _seek(self, message: LogView.Seeking) -> None:
        find = self.source.find if message.text else self.source.next_error
        arguments = (message.text, message.start) if message.text else (message.start,)
        self.view.go_to(find(*arguments, backward=message.backward))

    def shown(self) -> list[str]:
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]


def numbered(count: int) -> FakeLog:
    return FakeLog([f"line {n}" for n in range(1, count + 1)])


async def opened(app: LogApp, pilot) -> LogView:
    app.view.live = True
    app.view.focus()
    app.view.poll()
    await pilot.pause()
    return app.view


async def test_it_opens_at_the_end_and_follows_what_comes():
    app = LogApp(numbered(1000))
    async with app.run_test(size=(40, 10)) as pilot:
        view = await opened(app, pilot)
        assert app.shown()[-1] == "1000 line 1000"
        app.source.lines.append("line 1001")
        view.poll()
        await pilot.pause()
        assert app.shown()[-1] == "1001 line 1001"
        assert view.status == "1,001 lines, following"


async def test_scrolling_up_pauses_and_counts_what_is_new():
    app = LogApp(numbered(1000))
    async with app.run_test(size=(40, 10)) as pilot:
        view = await opened(app, pilot)
        await pilot.press("up")
        assert not view.follow
        app.source.lines += ["more", "and more"]
        view.poll()
        await pilot.pause()
        assert app.shown()[-1] == " 999 line 999"
        assert view.status == "paused, 2 new (f)"
        await pilot.press("f")
        await pilot.pause()
        assert app.shown()[-1] == "1002 and more"
        assert view.status == "1,002 lines, following"


async def test_only_a_few_pages_are_ever_read():
    app = LogApp(numbered(100_000))
    async with app.run_test(size=(40, 10)) as pilot:
        await opened(app, pilot)
        await pilot.press("g")
        await pilot.pause()
        assert app.shown()[0] == "     1 line 1"
        await pilot.press("G", "pageup", "ctrl+u")
        await pilot.pause()
        assert app.shown()[-1] == " 99986 line 99986"
        assert max(count for _, count in app.reads) <= 30


async def test_a_line_is_found_in_either_direction_and_lit():
    app = LogApp(numbered(300))
    async with app.run_test(size=(40, 10)) as pilot:
        view = await opened(app, pilot)
        await pilot.press("g")
        view.search("line 17")
        await pilot.pause()
        assert any(row.endswith(" line 17") for row in app.shown())
        await pilot.press("n")
        await pilot.pause()
        assert any(row.endswith(" line 170") for row in app.shown())
        await pilot.press("N")
        await pilot.pause()
        assert any(row.endswith(" line 17") for row in app.shown())


async def test_the_next_error_is_found_from_the_start_of_a_followed_log():
    lines = [f"line {n}" for n in range(200)]
    lines[50] = "ValueError: lr must be positive"
    lines[150] = "Traceback (most recent call last):"
    app = LogApp(FakeLog(lines))
    async with app.run_test(size=(60, 10)) as pilot:
        await opened(app, pilot)
        await pilot.press("e")
        await pilot.pause()
        assert any("ValueError" in row for row in app.shown())
        await pilot.press("e")
        await pilot.pause()
        assert any("Traceback" in row for row in app.shown())


async def test_sideways_the_numbers_stay():
    app = LogApp(FakeLog(["x" * 30 + "end"]))
    async with app.run_test(size=(20, 5)) as pilot:
        await opened(app, pilot)
        await pilot.press("right", "right")
        assert app.shown()[0] == "  1 " + "x" * 14 + "en"
        await pilot.press("left", "left", "left")
        assert app.shown()[0] == "  1 " + "x" * 16


async def test_nothing_foreign_reaches_the_terminal():
    app = LogApp(FakeLog(["\x1b[31mred\x1b]0;title\x07", "\u202eabc", "[/bold] not markup", "\x00\x9b2J", "漢字" * 40]))
    async with app.run_test(size=(40, 8)) as pilot:
        await opened(app, pilot)
        shown = "\n".join(app.shown())
        assert all(line.isprintable() for line in shown.splitlines())
        assert "[/bold] not markup" in shown


async def test_a_log_that_shrank_is_shown_from_where_it_ends_now():
    app = LogApp(numbered(100))
    async with app.run_test(size=(40, 10)) as pilot:
        view = await opened(app, pilot)
        del app.source.lines[3:]
        view.poll()
        await pilot.pause()
        assert app.shown()[:4] == ["  1 line 1", "  2 line 2", "  3 line 3", ""]


async def test_an_absent_or_empty_log_says_so():
    app = LogApp(FakeLog([]))
    async with app.run_test(size=(60, 10)) as pilot:
        view = await opened(app, pilot)
        assert "no output yet" in app.shown()[1]
        view.take(Unavailable("the run's folder is gone"))
        await pilot.pause()
        assert app.shown()[1] == " no output: the run's folder is gone"


async def test_reading_the_same_lines_again_paints_nothing():
    app = LogApp(numbered(100))
    async with app.run_test(size=(40, 10)) as pilot:
        view = await opened(app, pilot)
        painted: list[int] = []
        real = view.render_line
        view.render_line = lambda y: (painted.append(y), real(y))[1]  # type: ignore[method-assign]
        view.poll()
        await pilot.pause()
        await pilot.pause()
        assert painted == []


def test_lines_beyond_a_chunk_are_not_there():
    view = LogView()
    view._chunk = LogChunk(10, ("a", "b"), 100, at_end=False)
    assert view.line(11) == (("b", "value"),)
    assert view.line(12) == ()
