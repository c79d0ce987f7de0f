"""Runs that are alike fold into one line by `o`; marks and cursor stay with the runs."""

from __future__ import annotations

import re

from repro_tui.domain.grouping import REPEATS, Folded
from repro_tui.tui.folding import Folding
from repro_tui.tui.modals.columns import ColumnsModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.run_words import known_group
from repro_tui.tui.screens.compare import CompareScreen
from tests.tui.driving import dashboard, lines, ready, text, until
from tests.tui.fake import FakeWorkbench, Sketch

SIZE = (100, 24)


def sketches() -> list[Sketch]:
    """Two runs of their own around three that are equal but for the seed, newest first."""
    alike = [
        Sketch(f"wide-crane-{5 - i}", 100.0 * i, params={"lr": 0.02, "seed": i}, metrics={"acc": 0.5 + i / 10})
        for i in (1, 2, 3)
    ]
    first = Sketch("new-jay-5", 50, params={"lr": 0.3, "seed": 0}, metrics={"acc": 0.9})
    return [first, *alike, Sketch("old-eel-1", 900, params={"lr": 0.1, "seed": 0}, metrics={"acc": 0.1})]


async def folded(pilot, word="repeats"):
    """Fold the list by what one types."""
    table = await ready(pilot)
    await pilot.press("o")
    await until(pilot, lambda: isinstance(pilot.app.screen, PickModal), "the choice")
    await pilot.press(*word, "enter")
    await until(pilot, lambda: pilot.app.view.runs.query.group, "the folded list")
    await ready(pilot)
    return table


def names(app) -> list[str]:
    """Give what stands at the beginning of each line of the table."""
    found = [re.match(r"\S +\S+(?: \d+)?(?= )", line[4:40]) for line in lines(app)[3:9]]
    return [match[0] for match in found if match]


async def test_repeats_are_one_line_with_mean_spread_and_number():
    async with dashboard(FakeWorkbench(runs=sketches())).run_test(size=SIZE) as pilot:
        await folded(pilot)
        assert names(pilot.app) == ["✓ new-jay-5", "▸ wide-crane-4", "✓ old-eel-1"]
        head = lines(pilot.app)[2].split()
        assert head[:4] == ["run", "age", "acc↑", "±"]
        row = lines(pilot.app)[4].split()
        assert row[row.index("wide-crane-4") + 1 :][:4] == ["1m", "0.7000", "0.1000", "0.02"]
        assert "5 in 3 lines, newest first" in text(pilot.app)


async def test_enter_unfolds_a_line_and_folds_it_again():
    async with dashboard(FakeWorkbench(runs=sketches())).run_test(size=SIZE) as pilot:
        await folded(pilot)
        await pilot.press("j", "enter")
        runs = ["✓   wide-crane-4", "✓   wide-crane-3", "✓   wide-crane-2"]
        await until(pilot, lambda: names(pilot.app)[2:5] == runs, "the runs below their line")
        assert names(pilot.app)[1] == "▾ wide-crane-4"
        await pilot.press("enter")
        await until(pilot, lambda: len(names(pilot.app)) == 3, "the folded line")


async def test_the_cursor_goes_into_the_line_of_its_run_and_back():
    async with dashboard(FakeWorkbench(runs=sketches())).run_test(size=SIZE) as pilot:
        table = await ready(pilot)
        await pilot.press("j", "j")
        assert table.row(table.highlighted).name == "wide-crane-3"
        await folded(pilot)
        assert len(table.row(table.highlighted).members) == 3
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickModal), "the choice")
        await pilot.press(*"nothing", "enter")
        await until(pilot, lambda: not pilot.app.view.runs.query.group, "every run on its own")
        await ready(pilot)
        assert table.row(table.highlighted).name.startswith("wide-crane")


async def test_marking_a_line_marks_its_runs_and_nothing_jumps_when_another_joins():
    bench = FakeWorkbench(runs=sketches())
    async with dashboard(bench).run_test(size=SIZE) as pilot:
        table = await folded(pilot)
        await pilot.press("j", "space")
        assert len(table.marks) == 3
        assert all(key > 0 for key in table.marks)
        assert lines(pilot.app)[4][1] == "+"
        await pilot.press("k")
        line = table.highlighted
        bench.add(Sketch("late-crow-6", 0, params={"lr": 0.02, "seed": 9}, metrics={"acc": 0.5}))
        await until(pilot, lambda: len(table.runs_of(line)) == 4, "the fourth repeat")
        await pilot.pause()
        assert table.highlighted == line
        assert len(table.marks) == 3
        assert " " in lines(pilot.app)[4][1], "a line of which one run is not marked is not marked"
        await pilot.press("space", "k", "space")
        assert len(table.marks) in {0, 4}


async def test_what_acts_on_the_line_under_the_cursor_acts_on_all_of_its_runs():
    async with dashboard(FakeWorkbench(runs=sketches())).run_test(size=SIZE) as pilot:
        await folded(pilot)
        await pilot.press("j")
        assert len(pilot.app.screen._chosen_rows()) == 3


async def test_the_baseline_of_a_line_is_its_newest_run_and_is_seen_in_the_line_and_below_it():
    bench = FakeWorkbench(runs=sketches())
    async with dashboard(bench).run_test(size=SIZE) as pilot:
        table = await folded(pilot)
        await pilot.press("j", "b")
        assert bench.sketches[table.baseline].name == "wide-crane-4"
        assert lines(pilot.app)[4][2] == "b"
        await pilot.press("enter")
        await until(pilot, lambda: names(pilot.app)[2:3] == ["✓   wide-crane-4"], "the runs below their line")
        assert [line[2] for line in lines(pilot.app)[4:7]] == [" ", "b", " "]
        await pilot.press("enter", "b")
        assert table.baseline is None


async def test_of_a_line_of_very_many_the_newest_stand_side_by_side():
    many = [
        Sketch(f"wide-crane-{20 - i}", 60.0 * i, params={"lr": 1, "seed": i}, metrics={"acc": 1}) for i in range(20)
    ]
    bench = FakeWorkbench(runs=many)
    async with dashboard(bench).run_test(size=SIZE) as pilot:
        await folded(pilot)
        bench.calls.clear()
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen), "the comparison")
        assert bench.calls.count("brief") <= 1, "what acts on runs out of sight asks for no cells of them"
        await until(pilot, lambda: "wide-crane-13" in text(pilot.app), "the oldest of eight as the baseline")
        assert "wide-crane-12" not in text(pilot.app)


async def test_columns_of_lines_come_and_go_with_the_folding_whatever_columns_are_chosen():
    async with dashboard(FakeWorkbench(runs=sketches())).run_test(size=SIZE) as pilot:
        table = await folded(pilot)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(pilot.app.screen, ColumnsModal), "the columns")
        assert "spread" not in text(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ColumnsModal), "the list")
        assert {"±", "n"} <= set(lines(pilot.app)[2].split())
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, PickModal), "the choice")
        await pilot.press(*"nothing", "enter")
        await until(pilot, lambda: not table.row(table.highlighted).members and len(names(pilot.app)) > 3, "all runs")
        assert not {"±", "n"} & set(lines(pilot.app)[2].split())


async def test_marked_lines_of_many_repeats_are_compared_by_one_run_of_each():
    runs = [
        Sketch(f"{name}-{seed}", 100.0 * seed + age, params={"lr": lr, "seed": seed}, metrics={"acc": 0.5 + seed / 10})
        for name, lr, age in (("crane", 0.02, 0), ("heron", 0.3, 5000))
        for seed in range(1, 6)
    ]
    async with dashboard(FakeWorkbench(runs=runs)).run_test(size=SIZE) as pilot:
        table = await folded(pilot)
        await pilot.press("g", "space", "space")
        await until(pilot, lambda: len(table.marks) == len(runs), "both lines marked")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen), "the comparison")
        await until(pilot, lambda: len(pilot.app.screen._uids) == 2, "one run of each line")


async def test_a_parameter_folds_too_and_the_choice_is_kept(tmp_path):
    state = tmp_path / "view.json"
    async with dashboard(FakeWorkbench(runs=sketches()), state=state).run_test(size=SIZE) as pilot:
        await folded(pilot, "seed parameter")
        await until(pilot, lambda: "▸ seed 0" in names(pilot.app), "the runs with seed 0 as one line")
    async with dashboard(FakeWorkbench(runs=sketches()), state=state).run_test(size=SIZE) as pilot:
        await ready(pilot)
        assert "▸ seed 0" in names(pilot.app)


async def test_ascii_has_signs_of_its_own():
    async with dashboard(FakeWorkbench(runs=sketches()), ascii=True).run_test(size=SIZE) as pilot:
        await folded(pilot)
        assert names(pilot.app)[1] == "> wide-crane-4"
        assert text(pilot.app).isascii()


def test_a_grouping_that_means_nothing_any_more_is_none():
    assert [known_group(text) for text in ("", "repeats", "param:lr", "colour", "repeats:")] == [
        "", REPEATS, "param:lr", "", REPEATS,
    ]  # fmt: skip


def test_what_was_unfolded_stays_so_while_it_is_there():
    one = Folding().of(Folded(REPEATS, {-1: (3, 1), -2: (4, 2)})).toggled(-1)
    assert one.expanded((5, -1, -2)) == [5, -1, 3, 1, -2]
    grown = one.of(Folded(REPEATS, {-1: (6, 3, 1)}))
    assert grown.expanded((-1, 5)) == [-1, 6, 3, 1, 5]
    assert grown.inside == {6, 3, 1}
    assert grown.of(Folded()).expanded((5, 1)) == (5, 1)
    assert grown.toggled(-1).expanded((-1, 5)) == (-1, 5)
    assert grown.place_of(3, one, (-1, 5)) == -1
    assert Folding().place_of(-2, one, (5, 2, 4)) == 4
    assert Folding().place_of(-9, one, (5,)) is None


async def test_the_pane_draws_a_line_as_its_mean_and_the_room_of_its_runs():
    async with dashboard(FakeWorkbench(runs=sketches())).run_test(size=SIZE) as pilot:
        await folded(pilot)
        await pilot.press("j")
        await until(pilot, lambda: "3 runs: their mean" in text(pilot.app), "the pane of the line")
        assert re.search(r"0\.70* +± 0\.10*", text(pilot.app))
