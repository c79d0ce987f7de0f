"""The run table in a running application: cursor, marks and what is sent to the terminal."""

from __future__ import annotations

from dataclasses import replace

from textual.color import Color
from textual.filter import NoColor
from textual.widgets import Static

from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.run import State
from repro_tui.tui.widgets.run_table import RunTable
from tests.tui.driving import dashboard, lines, ready, text, until
from tests.tui.fake import FakeWorkbench, Sketch

SIZE = (100, 24)


def fresh(name: str) -> Sketch:
    return Sketch(name, 1, State.RUNNING, None, {"lr": 0.3}, {"acc": 0.5, "loss": 1.0}, exit=None)


class Refreshes:
    """Counts the lines of a table that are sent again."""

    def __init__(self, table: RunTable, monkeypatch) -> None:
        self.count = 0
        before = table.refresh

        def refresh(*regions, **options):
            self.count += sum(region.height for region in regions) or (table.size.height if not options else 0)
            return before(*regions, **options)

        monkeypatch.setattr(table, "refresh", refresh)


async def test_the_cursor_stays_with_its_run_when_newer_ones_arrive():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("down", "down")
        assert table.row(table.highlighted).name == "calm-heron-39"
        workbench.add(fresh("new-one-42"))
        await until(pilot, lambda: "new-one-42" in text(pilot.app), "the new run")
        assert table.row(table.highlighted).name == "calm-heron-39"
        assert next(line for line in lines(pilot.app) if line.startswith(">"))[6:].startswith("calm-heron-39")


async def test_a_scrolled_list_does_not_move_when_runs_arrive_above_it():
    workbench = FakeWorkbench(500)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("pagedown", "pagedown", "up", "up")
        before = [line[5:40] for line in lines(pilot.app)[3:15]]
        seen = pilot.app.view.runs.revision
        for i in range(3):
            workbench.add(fresh(f"new-one-{501 + i}"))
        await until(pilot, lambda: pilot.app.view.runs.total == 503, "the new runs")
        assert pilot.app.view.runs.revision > seen
        assert [line[5:40] for line in lines(pilot.app)[3:15]] == before
        assert table.cursor > 20


async def test_marks_stay_with_their_runs_through_sorting_and_filtering():
    async with dashboard(FakeWorkbench()).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("down", "space", "space")
        names = [table.row(key).name for key in table.marks]
        assert names == ["amber-otter-40", "calm-heron-39"]
        await pilot.press("S")
        await pilot.press("slash", *"state:failed", "enter")
        await until(pilot, lambda: len(pilot.app.view.runs.keys) < 41, "the filtered list")
        assert [table.row(key).name for key in table.marks] == names
        assert "2 marked" in text(pilot.app)
        await pilot.press("A")
        assert table.marks == ()


async def test_a_cursor_key_draws_two_lines(monkeypatch):
    async with dashboard(FakeWorkbench(1000)).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        sent = Refreshes(table, monkeypatch)
        await pilot.press("down")
        assert sent.count == 2


async def test_what_changes_off_screen_draws_nothing_and_what_changes_in_sight_draws_its_line(monkeypatch):
    workbench = FakeWorkbench(1000)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        sent = Refreshes(table, monkeypatch)
        for key in range(1, 21):
            workbench.change(key, metrics={"acc": 0.9111, "loss": 0.222})
        revision = workbench.revision
        await until(pilot, lambda: pilot.app.view.runs.revision == revision, "the new view")
        assert sent.count == 0
        workbench.change(998, metrics={"acc": 0.9222, "loss": 0.111})
        await until(pilot, lambda: "0.9222" in text(pilot.app), "the new value")
        assert sent.count == 1


async def test_only_rows_in_sight_are_asked_for(monkeypatch):
    workbench = FakeWorkbench(100_000)
    asked = []
    rows = workbench.rows
    monkeypatch.setattr(workbench, "rows", lambda keys, *rest: asked.append(len(keys)) or rows(keys, *rest))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("G")
        await pilot.press("pageup", "pageup")
        assert max(asked) <= 100


async def test_columns_scroll_beside_the_frozen_name():
    async with dashboard(FakeWorkbench()).run_test(size=(60, 24)) as pilot:
        table = await ready(pilot)
        table.choose_columns((*table.shown_columns, ColumnKey("param:seed"), ColumnKey("field:lineage")))
        await pilot.press("L")
        assert "amber-otter-40" in text(pilot.app)
        assert "lineage" in text(pilot.app)
        assert "acc" not in lines(pilot.app)[2]
        await pilot.press("H")
        assert "acc" in lines(pilot.app)[2]


async def test_a_hostile_name_is_shown_as_text():
    workbench = FakeWorkbench(3)
    workbench.change(3, name="[bold]x[/] \x1b[2J\x1b]0;owned\x07 漢字😀", tags=("[/bad]", "\x1b[31m"), note="$accent")
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        shown = text(pilot.app)
        assert "[bold]x[/]" in shown
        assert "\x1b" not in shown
        assert all(len(line.encode("utf-16-le")) for line in lines(pilot.app))


async def test_without_colour_nothing_is_coloured_and_the_cursor_is_a_sign(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with dashboard(FakeWorkbench(), color="none").run_test(size=SIZE) as pilot:
        await ready(pilot)
        strips = pilot.app.screen._compositor.render_strips()
        segments = [segment for strip in strips for segment in strip]
        for line_filter in pilot.app._filters:
            segments = line_filter.apply(segments, Color(0, 0, 0)) if line_filter.enabled else segments
        assert any(isinstance(line_filter, NoColor) for line_filter in pilot.app._filters)
        assert {s.style.color.name for s in segments if s.style and s.text.strip()} == {"default"}
        assert lines(pilot.app)[3].startswith(">")


async def test_a_run_that_disappears_leaves_the_cursor_where_it_was():
    workbench = FakeWorkbench(10)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("down", "down", "space")
        gone = table.marks[0]
        del workbench.sketches[gone]
        workbench.tell()
        await until(pilot, lambda: pilot.app.view.runs.total == 9, "the shorter list")
        assert table.highlighted is not None
        workbench.sketches.clear()
        workbench.tell()
        await until(pilot, lambda: pilot.app.view.runs.total == 0, "the empty list")
        assert "repro-tui run" in str(pilot.app.screen.query_one("#instead", Static).content)


async def test_the_list_of_the_last_session_is_replaced_without_a_jump():
    workbench = FakeWorkbench()
    workbench.sketches = {key + 1000: replace(sketch) for key, sketch in workbench.sketches.items()}
    old = workbench.recent()
    workbench.sketches = {key - 1000: sketch for key, sketch in workbench.sketches.items()}
    workbench.recent = lambda: old
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        table = pilot.app.screen.query_one(RunTable)
        await ready(pilot)
        assert table.row(table.highlighted).name == "quick-vole-41"
        assert table.highlighted == 41
