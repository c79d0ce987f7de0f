"""The table of lines: its cursor belongs to a line's identity, and only lines in sight are ever made."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.app import App, ComposeResult

from repro_tui.tui import theme
from repro_tui.tui.stylesheets import paths
from repro_tui.tui.widgets.row_table import RowTable
from tests.tui.driving import until

SIZE = (40, 10)


@dataclass
class Numbers:
    """A line for each key; counts how many were made."""

    keys: list[str]
    made: list[int] = field(default_factory=list)

    def head(self, cells):
        return [("head", "head")]

    def line(self, index, cells):
        self.made.append(index)
        return [(f"line {self.keys[index]}", "name")]


class Alone(App[None]):
    """A table and nothing else."""

    CSS_PATH = [*paths()]  # noqa: RUF012 - Textual declares it

    def get_theme_variable_defaults(self):
        return theme.variables(ansi=False)

    def get_css_variables(self):
        return {**super().get_css_variables(), "edge": "round", "bar": "1"}

    def compose(self) -> ComposeResult:
        yield RowTable()


def shown(table: RowTable) -> list[str]:
    return ["".join(s.text for s in table.render_line(y)).rstrip() for y in range(table.size.height)]


async def test_ten_thousand_lines_cost_no_more_than_those_in_sight():
    source = Numbers([str(n) for n in range(10_000)])
    async with Alone().run_test(size=SIZE) as pilot:
        table = pilot.app.query_one(RowTable)
        table.focus()
        table.show(source)
        await until(pilot, lambda: "line 0" in shown(table)[1], "the first lines")
        source.made.clear()
        await pilot.press("G")
        assert table.highlighted == "9999"
        assert shown(table)[-1] == ">line 9999"
        await pilot.press("ctrl+u", "k", "g")
        assert table.highlighted == "0"
        assert len(source.made) < 400


async def test_the_cursor_stays_with_its_line_when_others_come_and_go():
    async with Alone().run_test(size=SIZE) as pilot:
        table = pilot.app.query_one(RowTable)
        table.focus()
        table.show(Numbers([str(n) for n in range(100)]))
        await pilot.press("J", "J", "j")
        assert table.highlighted == "21"
        place = shown(table).index(">line 21")
        table.show(Numbers(["new", *[str(n) for n in range(100)]]))
        assert table.highlighted == "21"
        assert shown(table).index(">line 21") == place
        table.show(Numbers(["a", "b"]))
        assert table.highlighted == "b"
        table.show(Numbers([]))
        assert table.highlighted == ""
        await pilot.press("j", "G", "g", "ctrl+d", "pageup")
        table.show(Numbers([str(n) for n in range(30)]))
        assert table.highlighted == "21"


async def test_lines_without_an_identity_are_passed_over():
    async with Alone().run_test(size=SIZE) as pilot:
        table = pilot.app.query_one(RowTable)
        table.focus()
        table.show(Numbers(["", "a", "", "", "b", ""]))
        assert table.highlighted == "a"
        await pilot.press("j")
        assert table.highlighted == "b"
        await pilot.press("j")
        assert table.highlighted == "b"
        await pilot.press("k")
        assert table.highlighted == "a"
        await pilot.press("G")
        assert table.highlighted == "b"
        assert shown(table)[1] == " line"


async def test_a_line_can_be_gone_to_before_it_is_there():
    async with Alone().run_test(size=SIZE) as pilot:
        table = pilot.app.query_one(RowTable)
        table.go_to("7")
        table.show(Numbers([str(n) for n in range(20)]))
        assert table.highlighted == "7"
        await pilot.resize_terminal(40, 4)
        await until(pilot, lambda: ">line 7" in shown(table), "the cursor in sight")
