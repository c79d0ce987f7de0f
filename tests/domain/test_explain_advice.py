"""The command that would tell more: that it can be typed as it is, and tells what is not known yet."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.explain import explain
from repro_tui.domain.explanation import Finding
from tests.domain.cases import BITS, LR, bits_of, calm, case, moth, repeats, run

BARE = ("python", "train.py"), ("python", "train.py", "--lr", "0.05")
PARSED = {"lr": "0.1", "seed": "1"}, {"lr": "0.05", "seed": "1"}


def advised(given):
    return explain(given).advice


def test_a_seed_that_was_not_typed_is_added_where_argparse_has_it():
    assert advised(case(calm(), moth(), argv=BARE, options=PARSED)) == (
        "repro-tui run -- python train.py --lr 0.05 --seed 2"
    )
    assert advised(case(calm(), moth(), argv=BARE)) == "", "of a seed that is set in the script nobody knows how to"
    named = {"lr": "0.1", "random_seed": "1"}, {"lr": "0.05", "random_seed": "1"}
    assert advised(case(calm(), moth(), argv=BARE, options=named)) == "", "whether it is typed with - or _ is not known"


def test_a_default_is_typed_where_only_the_other_run_said_it_otherwise():
    given = case(
        calm(numpy="1"), moth(0.9931, numpy="2"), *repeats(0.9700, 0.9690, numpy="1"), argv=BARE, options=PARSED
    )
    assert advised(replace(given, here=frozenset({"moth"}))) == "repro-tui run -- python train.py --lr 0.1"
    assert advised(replace(given, here=frozenset({"calm"}))) == "repro-tui run -- python train.py --lr 0.05"
    assert advised(replace(given, here=frozenset({"moth"}), options=({}, {}))) == ""


def test_two_runs_of_a_side_allow_so_much_that_a_further_one_is_advised():
    pair = [run("r2", 0.9700, lr=0.1, seed=2)]
    given = case(calm(), moth(), *pair, argv=LR)
    assert explain(given).finding is Finding.WITHIN
    assert advised(given) == "repro-tui run -- python train.py --lr 0.05 --seed 3", "of the side that has fewer"
    enough = repeats(0.9700, 0.9690) + repeats(0.9720, 0.9735, lr=0.05, name="w")
    assert advised(case(calm(), moth(), *enough, argv=LR)) == ""


def test_what_is_real_for_one_seed_is_tried_with_another():
    twice = run("again", 0.9712, lr=0.1, seed=1, bits=BITS)
    given = case(calm(bits=BITS), moth(bits=bits_of(0.99)), twice, argv=LR)
    assert explain(given).finding is Finding.BEYOND
    assert advised(given) == "repro-tui run -- python train.py --lr 0.05 --seed 3"
