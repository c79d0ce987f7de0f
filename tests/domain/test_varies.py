"""What varies over many runs, and nothing more than the runs can tell."""

from __future__ import annotations

import math
import random

import pytest

from repro_tui.domain.case import Column, Field
from repro_tui.domain.traits import Section
from repro_tui.domain.varies import varies


def column(name, values, **texts):
    return Column(Section.PARAMETERS, name, values, texts)


def by_name(variation, name):
    return next(varied for varied in variation.varied if varied.name == name)


def test_numbers_go_by_rank_and_the_closest_comes_first():
    depth = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    acc = [value**3 / 1e4 for value in depth]
    found = varies(Field("acc", acc, [column("batch", [4, 1, 3, 2] * 3), column("depth", depth)], "up"))
    assert [varied.name for varied in found.varied] == ["depth", "batch"]
    assert found.varied[0].rho == 1.0
    assert found.varied[0].words == "acc tends to be higher where it is greater (rank correlation +1.00, 12 runs)"
    assert found.varied[1].words.startswith("no clear trend (rank correlation ")


def test_categories_go_by_the_means_of_their_groups_best_first():
    acc = [0.9, 0.91, 0.92, 0.5, 0.51, 0.52] * 2
    found = varies(Field("acc", acc, [column("opt", ["adam"] * 3 + ["sgd"] * 3 + ["adam"] * 3 + ["sgd"] * 3)], "up"))
    opt = found.varied[0]
    assert [(name, n, round(mean, 6)) for name, n, mean in opt.groups] == [("adam", 6, 0.91), ("sgd", 6, 0.51)]
    assert opt.spread == pytest.approx(0.4)
    assert opt.rho is None
    assert opt.words == "group means differ by up to 0.4 (100 % of the variance between 2 groups, 12 runs)"
    down = varies(Field("loss", acc, [column("opt", ["adam"] * 3 + ["sgd"] * 3 + ["adam"] * 3 + ["sgd"] * 3)], "down"))
    assert [name for name, _, _ in down.varied[0].groups] == ["sgd", "adam"]


def test_constant_things_are_counted_and_missing_ones_left_out():
    columns = [
        column("lr", [0.1, 0.2, None, 0.4, 0.3]),
        column("bs", [32] * 5),
        column("none", [None] * 5),
        column("most", [1, None, 1, 1, 1]),
    ]
    found = varies(Field("acc", [1.0, 2.0, 3.0, None, math.nan], columns, going=1))
    assert found.constant == 1
    assert (found.runs, found.left_out) == (3, 2)
    assert [(varied.name, varied.n) for varied in found.varied] == [("lr", 2)]
    assert found.varied[0].words == "2 runs: too few to say anything"
    assert found.notes[:3] == (
        "Only 3 runs: chance alone makes trends among so few.",
        "2 runs without acc as a number not counted.",
        "1 run still going: what was logged last is no result yet.",
    )


def test_two_things_that_change_together_are_said_to_be_confounded():
    dice = random.Random(5)
    lr = [dice.choice([0.1, 0.01]) for _ in range(300)]
    warmup = [100 if value == 0.1 else 500 for value in lr]
    nearly = ["a" if (value == 0.1) != (number == 7) else "b" for number, value in enumerate(lr)]
    free = [dice.choice([1, 2]) for _ in range(300)]
    acc = [value + dice.gauss(0, 0.01) for value in lr]
    columns = [column("lr", lr), column("warmup", warmup), column("note", nearly), column("depth", free)]
    found = varies(Field("acc", acc, columns))
    assert by_name(found, "lr").confounded == ("warmup", "note")
    assert by_name(found, "warmup").confounded == ("lr", "note")
    assert by_name(found, "depth").confounded == ()
    words = by_name(found, "lr").words
    assert words.endswith("; changes together with warmup and note: their effects cannot be told apart")


def test_what_is_different_in_each_run_tells_nothing():
    names = [f"run-{i}" for i in range(20)]
    found = varies(Field("acc", [float(i) for i in range(20)], [column("name", names)]))
    assert found.varied[0].words == "each run has a value of its own: nothing can be said (20 runs)"
    assert found.varied[0].groups == ()


def test_numbers_that_grow_together_are_confounded_even_when_all_differ():
    lr = [float(i) for i in range(100)]
    columns = [column("lr", lr), column("twice", [2 * value for value in lr])]
    assert by_name(varies(Field("acc", lr, columns)), "lr").confounded == ("twice",)


def test_an_outcome_that_does_not_vary_goes_with_nothing():
    found = varies(Field("acc", [1.0] * 6, [column("lr", [1, 2, 3, 1, 2, 3]), column("opt", list("ababab"))]))
    assert [varied.words for varied in found.varied] == ["no trend can be measured (6 runs, few runs)"] * 2


def test_no_runs_and_no_numbers_are_said():
    assert varies(Field("acc", [], [])).notes == ("No run has acc as a number: nothing can be said.",)
    found = varies(Field("acc", [math.nan, None], [column("lr", [1, 2])]))
    assert (found.runs, found.left_out, found.varied) == (0, 2, ())


def test_values_of_different_types_are_categories():
    found = varies(Field("acc", [1.0, 2.0, 3.0, 4.0], [column("x", [1, "1", 1, "auto"])]))
    assert found.varied[0].values == 3
    assert found.varied[0].rho is None
    flags = varies(Field("acc", [1.0, 2.0, 3.0, 4.0], [column("x", [True, False, True, False])]))
    assert {name for name, _, _ in flags.varied[0].groups} == {"true", "false"}
    broken = varies(Field("acc", [1.0, 2.0, 3.0, 4.0], [column("x", [math.nan, 1.0, math.inf, 1.0])]))
    assert broken.varied[0].rho is None


def test_extreme_outcomes_do_not_break_it():
    found = varies(
        Field("acc", [1e308, -1e308, 1e308, 5e-324], [column("x", ["a", "b", "a", "b"]), column("y", [1, 2, 3, 4])])
    )
    assert all(varied.words for varied in found.varied)


def test_chance_alone_seldom_makes_a_trend():
    """Of 300 made fields in which nothing goes with anything, about one in twenty may show a trend somewhere."""
    wrong = 0
    for seed in range(300):
        dice = random.Random(seed)
        n = dice.randint(5, 40)
        columns = [
            column("a", [dice.choice([1, 2, 3]) for _ in range(n)]),
            column("b", [dice.random() for _ in range(n)]),
            column("c", [dice.choice("xyz") for _ in range(n)]),
            column("d", [dice.choice("xy") for _ in range(n)]),
        ]
        found = varies(Field("acc", [dice.gauss(0, 1) for _ in range(n)], columns))
        wrong += any("tends" in varied.words or "differ by" in varied.words for varied in found.varied)
    assert wrong <= 25, "5 % of 300, and what chance adds to it"


def test_what_goes_beyond_chance_comes_before_what_many_groups_seem_to_have():
    chance = random.Random(2)
    acc = [(0.9 if at % 2 else 0.8) + chance.gauss(0, 0.05) for at in range(24)]
    seeds = [str(at // 2) for at in range(24)]
    found = varies(Field("acc", acc, [column("seed", seeds), column("model", ["cnn", "vit"] * 12)], "up"))
    assert [varied.name for varied in found.varied] == ["model", "seed"]
    assert found.varied[1].words.startswith("groups do not differ clearly")


def test_runs_that_failed_are_not_counted_unless_there_are_no_others():
    lr, loss = [1, 2, 3, 4, 5, 6], [0.1, 0.2, 0.3, 0.4, 9.0, 8.0]
    found = varies(Field("loss", loss, [column("lr", lr)], "down", fallen=[False] * 4 + [True, True]))
    assert (found.runs, found.varied[0].rho) == (4, 1.0)
    assert "2 runs that failed or died not counted: where they stood then is no result." in found.notes
    found = varies(Field("loss", loss, [column("lr", lr)], "down", fallen=[True] * 6))
    assert found.runs == 6
    assert "All of these runs failed or died: what is compared is where they stood then." in found.notes
