"""A comparison as text: what stands where, at which width, and that nothing that differs looks alike."""

from __future__ import annotations

import io

import pytest

from repro_tui.cli.compare.grid import print_comparison, without_unused
from repro_tui.cli.output import Output
from repro_tui.domain.comparison import Column, Comparison
from repro_tui.domain.ids import RunId
from repro_tui.domain.rows import Outcome, rows
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section, Trait, Traits
from repro_tui.tui.render.text import width


def traits(*found: Trait, **unknown: str) -> Traits:
    return Traits({(t.section, t.name): t for t in found}, {Section(name): why for name, why in unknown.items()})


def parameter(name: str, value: float | str, part: Part = Part.INPUT) -> Trait:
    number = float(value) if isinstance(value, float | int) else None
    return Trait(Section.PARAMETERS, name, f"v {value}", f"{value}", part, number=number)


def compared(*sides: Traits, acc: tuple[float | None, ...] = ()) -> Comparison:
    outcomes = [{"acc": Outcome(value)} if value is not None else {} for value in acc] or [{} for _ in sides]
    columns = [Column(RunId(f"uid-{n}"), f"run-{n + 1}", State.DONE) for n in range(len(sides))]
    return Comparison(tuple(columns), 0, rows(sides, outcomes, 0, {"acc": "up"}))


def printed(comparison: Comparison, cells: int = 80, *, color: bool = False, ascii_only: bool = False) -> list[str]:
    stream = io.StringIO()
    output = Output(stream, None, terminal=True, color=color, width=cells, ascii=ascii_only)
    print_comparison(output, comparison, comparison.differing, comparison.rows)
    return stream.getvalue().splitlines()


def test_two_runs_stand_side_by_side_with_what_they_differ_by():
    lines = printed(compared(traits(parameter("lr", 0.1)), traits(parameter("lr", 0.05)), acc=(0.9, 0.95)))
    assert lines == [
        "run-1 to run-2: 2 of 2 rows differ",
        "",
        "            b run-1  2 run-2",
        "OUTCOME",
        "  acc (up)  0.9      0.95 +0.05 better",
        "PARAMETERS",
        "  lr        0.1      0.05 ÷2",
    ]


def test_equal_runs_are_said_to_differ_in_nothing():
    same = traits(parameter("lr", 0.1))
    assert printed(compared(same, same)) == ["run-1 to run-2: nothing differs"]


def test_what_is_not_known_in_full_is_not_called_equal():
    stream = io.StringIO()
    same = compared(*[traits(parameter("lr", 0.1))] * 2)
    print_comparison(Output(stream, None, terminal=True, color=False, width=80), same, (), same.rows, partly=True)
    assert stream.getvalue() == "run-1 to run-2: nothing is known to differ\n"


def test_runs_of_which_nothing_is_known_are_not_called_equal():
    assert printed(compared(traits(), traits())) == ["run-1 to run-2: nothing is known that could be compared"]


def test_what_one_run_has_not_is_a_dash_and_what_is_not_known_says_why():
    one = traits(Trait(Section.DATA, "train", "b3:1", "b3:1"), parameter("lr", 0.1))
    two = traits(data="it was not recorded")
    lines = printed(compared(one, two))
    assert lines[-1].split() == ["lr", "0.1", "-"]
    comparison = compared(one, two)
    stream = io.StringIO()
    print_comparison(
        Output(stream, None, terminal=True, color=False, width=80), comparison, comparison.rows, comparison.rows
    )
    assert "1 of 2 rows differs, 1 not known" in stream.getvalue()
    assert "it was not recorded" in stream.getvalue()


def test_values_that_are_too_long_for_their_columns_stand_below_each_other_in_full():
    one, two = "a/long/path/" * 4 + "one", "a/long/path/" * 4 + "two"
    lines = printed(compared(traits(parameter("data", one)), traits(parameter("data", two))))
    assert lines[-3:] == ["  data", f"    b {one}", f"    2 {two}"]


def test_values_longer_than_the_terminal_are_cut_to_where_they_differ():
    one, two = "x" * 500 + "one" + "y" * 500, "x" * 500 + "two" + "y" * 500
    lines = printed(compared(traits(parameter("data", one)), traits(parameter("data", two))))
    assert "one" in lines[-2]
    assert "two" in lines[-1]


@pytest.mark.parametrize("cells", [40, 80, 120, 200])
@pytest.mark.parametrize("runs", [2, 3, 8])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_of_the_table_is_wider_than_the_terminal(cells, runs, ascii_only):
    hostile = ["ß" * 70, "路径" * 40, "\x1b[31mred\x1b[0m", "short", "a\nb", "\u202ereversed", "", "x" * 3000]
    sides = [
        traits(parameter("a-very-long-name-of-a-parameter." * 3, hostile[n]), parameter("lr", 0.1 * n))
        for n in range(runs)
    ]
    lines = printed(compared(*sides, acc=tuple(0.123456 * n for n in range(runs))), cells, ascii_only=ascii_only)
    assert max(map(width, lines)) <= cells
    assert "\x1b" not in "".join(lines)
    assert "".join(lines).isascii() or not ascii_only


def test_more_runs_than_fit_go_on_below_beside_the_baseline():
    sides = [traits(parameter("lr", float(n))) for n in range(8)]
    lines = printed(compared(*sides))
    heads = [line.split() for line in lines if "run-1" in line and "runs against" not in line]
    assert len(heads) > 1
    assert all(head[:2] == ["b", "run-1"] for head in heads)
    names = [name for head in heads for name in head[3::2]]
    assert names == [f"run-{n}" for n in range(2, 9)]


def test_the_best_of_several_runs_has_a_star_that_is_explained():
    sides = [traits(parameter("lr", float(n))) for n in range(3)]
    lines = printed(compared(*sides, acc=(0.9, 0.99, 0.8)))
    assert "(* best of its row)" in lines[0]
    assert [line for line in lines if "0.99*" in line]
    assert sum("*" in line for line in lines) == 2


def test_better_is_green_and_worse_is_red_where_there_is_colour():
    worse = "\n".join(printed(compared(traits(), traits(), acc=(0.9, 0.8)), color=True))
    better = "\n".join(printed(compared(traits(), traits(), acc=(0.8, 0.9)), color=True))
    assert "\x1b[31m-0.1 worse\x1b[0m" in worse
    assert "\x1b[32m+0.1 better\x1b[0m" in better


def test_what_was_not_used_says_so():
    one, two = (traits(Trait(Section.CODE, "old.py", digest, digest, Part.IDLE)) for digest in ("1", "2"))
    assert printed(compared(one, two))[-1].endswith("not used, as far as was seen")


def test_a_run_that_has_not_ended_well_is_marked():
    comparison = compared(traits(parameter("lr", 1)), traits(parameter("lr", 2)))
    going = Column(RunId("x"), "run-2", State.RUNNING)
    assert printed(Comparison((comparison.columns[0], going), 0, comparison.rows))[3].split() == ["running"]


def package(name: str, version: str, part: Part = Part.IDLE) -> Trait:
    return Trait(Section.ENVIRONMENT, name, version, version, part)


def test_packages_that_nobody_used_do_not_bury_the_one_that_was():
    sides = [traits(*(package(f"a{n}", v) for n in range(6)), package("torch", v, Part.INPUT)) for v in ("1", "2")]
    comparison = compared(*sides)
    assert [row.name for row in comparison.differing][:2] == ["torch", "a0"], "what may matter comes first"
    shown, left_out = without_unused(comparison.differing)
    assert [row.name for row in shown] == ["torch"]
    assert left_out == ["  6 packages differ, too, not used, as far as was seen: --all"]
    few = comparison.differing[:6]
    assert without_unused(few) == (list(few), [])
