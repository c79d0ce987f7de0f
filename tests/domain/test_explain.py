"""The paragraph and the table of an explanation, sentence by sentence: what is said, and what is not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from repro_tui.domain.case import Beside
from repro_tui.domain.explain import explain
from repro_tui.domain.explanation import Finding, Standing
from repro_tui.domain.run import State
from repro_tui.domain.traits import Section
from tests.domain.cases import (
    BITS,
    LR,
    Witness,
    bits_of,
    calm,
    case,
    moth,
    pair,
    repeats,
    run,
    standings,
    text,
)


class TestOfOneRunEach:
    def test_noise_cannot_be_told_from_effect(self):
        found = explain(case(calm(), moth(), argv=LR))
        assert found.finding is Finding.UNTOLD
        assert found.allowance is None
        assert text(found) == (
            "acc 0.9712 and 0.9731: only one run each, so noise cannot be told from effect. "
            "The only recorded difference that can matter is lr 0.1 to 0.05."
        )
        assert found.advice == "repro-tui run -- python train.py --lr 0.05 --seed 2"

    def test_repeats_without_a_result_are_said(self):
        lost = [run("r2", None, lr=0.1, seed=2), run("r3", 0.5, lr=0.1, seed=3, state=State.DIED)]
        assert "only one run each has a result" in text(explain(case(calm(), moth(), *lost)))

    def test_two_differences_cannot_be_told_apart(self):
        found = explain(case(calm(numpy="1"), moth(numpy="2"), argv=LR))
        assert standings(found) == {"lr": Standing.POSSIBLE, "numpy": Standing.POSSIBLE}
        assert "which of the two matters cannot be told, as no other run changed one of them alone" in text(found)

    def test_a_seed_that_differs_is_one_of_them(self):
        found = explain(case(calm(), moth(seed=2)))
        assert standings(found) == {"lr": Standing.POSSIBLE, "seed": Standing.POSSIBLE}
        assert "no other run changed" not in text(found), "of a seed that was not looked for"


class TestOfRepeats:
    def test_inside_their_interval_is_no_evidence(self):
        found = explain(case(calm(), moth(), *repeats(0.970, 0.969), curves=[pair([1, 2, 3], [1, 2, 4])]))
        assert found.finding is Finding.WITHIN
        assert text(found) == (
            "acc 0.9712 and 0.9731: no evidence of a difference. calm and 2 repeats with other seeds allow 0.9646 to "
            "0.9755 (95 % interval). The only recorded difference that can matter is lr 0.1 to 0.05. "
            "The curves part at step 2."
        )
        assert (found.allowance.n, found.allowance.of) == (3, "calm")

    def test_outside_it_is_more_than_they_allow_and_has_a_direction(self):
        near = case(calm(), moth(0.9931), *repeats(0.970, 0.969), direction="up")
        assert text(explain(near)).startswith("acc 0.9712 and 0.9931, better by 0.0219: more than repeats allow.")
        down = case(calm(), moth(0.9931), *repeats(0.970, 0.969), direction="down")
        assert "worse by 0.0219" in text(explain(down))
        none = case(calm(), moth(0.9931), *repeats(0.970, 0.969))
        assert "higher by 0.0219" in text(explain(none))

    def test_two_are_said_to_be_wide(self):
        found = explain(case(calm(), moth(0.9731), *repeats(0.970)))
        assert "(95 % interval, wide as it rests on two runs)" in text(found)

    def test_one_run_of_each_seed_is_counted_and_the_first(self):
        again = [run("again", 0.95, lr=0.1, seed=2, started=9.0), run("more", 0.99, lr=0.1, seed=3, started=9.0)]
        found = explain(case(calm(), moth(), *repeats(0.970, 0.969), *again))
        assert found.allowance == explain(case(calm(), moth(), *repeats(0.970, 0.969))).allowance

    def test_repeats_of_the_later_run_serve_as_well(self):
        own = repeats(0.972, 0.974, lr=0.05)
        found = explain(case(calm(), moth(), *own))
        assert found.allowance.of == "moth"
        assert "moth and 2 repeats with other seeds" in text(found)

    def test_repeats_of_both_are_compared_by_their_means(self):
        others = [*repeats(0.970, 0.969), *repeats(0.9750, 0.9742, 0.9747, lr=0.05, name="own")]
        found = explain(case(calm(), moth(0.9745), *others))
        assert found.finding is Finding.BEYOND
        assert found.allowance.low <= 0.9745 <= found.allowance.high, "one run alone would not have told"
        assert "Their repeats (3 and 4 runs) have means 0.9701 and 0.9746" in text(found)

    def test_runs_without_seeds_are_repeats_of_each_other(self):
        free = [run(f"f{i}", v, lr=0.1) for i, v in enumerate((0.970, 0.969))]
        found = explain(case(calm(seed=None), moth(seed=None), *free))
        assert "calm and 2 repeats without a fixed seed allow" in text(found)

    def test_values_that_are_all_equal_by_coarseness_measure_no_noise(self):
        found = explain(case(calm(0.9), moth(0.8), *repeats(0.9)))
        assert found.finding is Finding.UNTOLD
        assert "calm and 1 repeat all gave 0.9: too few different values to measure noise by." in text(found)
        many = explain(case(calm(0.9), moth(0.8), *repeats(*[0.9] * 6)))
        assert many.finding is Finding.BEYOND, "seven of one value and then another is no chance any more"

    def test_repeats_of_each_other_are_called_so(self):
        found = explain(case(calm(), run("wren", 0.9731, lr=0.1, seed=9)))
        assert found.finding is Finding.WITHIN
        assert not found.same_inputs
        assert text(found).endswith("nothing that is recorded differs but the seed, so they are repeats of each other.")
        assert standings(found) == {"seed": Standing.ONLY}
        more = explain(case(calm(), run("wren", 0.9731, lr=0.1, seed=9), *repeats(0.970, 0.969)))
        assert "All 4 repeats have a mean of 0.9708 and a standard deviation of 0.0018." in text(more)


class TestOfExactRepeats:
    def test_the_difference_is_real_for_this_seed_only(self):
        found = explain(case(calm(bits=BITS), moth(), run("twin", 0.9712, lr=0.1, seed=1, bits=BITS)))
        assert found.finding is Finding.BEYOND
        assert found.allowance.exact
        assert "calm and 1 exact repeat agree in every bit: the difference is real for this seed, but" in text(found)

    def test_they_say_nothing_of_another_seed(self):
        found = explain(case(calm(bits=BITS), moth(seed=2), run("twin", 0.9712, lr=0.1, seed=1, bits=BITS)))
        assert found.finding is Finding.UNTOLD
        assert "what seeds do is not known" in text(found)

    def test_a_determinism_flag_that_was_turned_off_leaves_the_other_open(self):
        off = moth(lr=0.1, torch__deterministic=False)
        twin = run("twin", 0.9712, lr=0.1, seed=1, bits=BITS, torch__deterministic=True)
        found = explain(case(calm(bits=BITS, torch__deterministic=True), off, twin))
        assert "whether moth would give its result again is not known" in text(found)
        assert standings(found) == {"torch.deterministic": Standing.ONLY}

    def test_shaky_ones_are_noise_of_that_seed(self):
        shaky = [run("a", 0.9710, lr=0.1, seed=1), run("b", 0.9714, lr=0.1, seed=1)]
        found = explain(case(calm(), moth(0.9931), *shaky))
        assert found.finding is Finding.BEYOND
        assert "with the same seed allow" in text(found)
        assert "one seed cannot tell whether it holds for others" in text(found)

    def test_one_rounded_value_is_no_exact_repeat(self):
        bits = bits_of(0.9)
        rounded = [
            calm(0.9, bits=bits, points=1),
            moth(0.8, points=1),
            run("t", 0.9, lr=0.1, seed=1, bits=bits, points=1),
        ]
        assert explain(case(*rounded)).finding is Finding.UNTOLD


class TestOfSameInputs:
    def test_a_different_result_names_what_was_open(self):
        loose = {"torch__deterministic": False, "python__hash_randomization": True}
        found = explain(case(calm(**loose), run("wren", 0.9731, lr=0.1, seed=1, **loose)))
        assert found.same_inputs
        assert "acc 0.9712 and 0.9731: same recorded inputs, different result." in text(found)
        assert "chance was left open: torch.deterministic off, PYTHONHASHSEED not set." in text(found)
        assert found.candidates == ()

    def test_no_seed_is_said(self):
        found = explain(case(calm(seed=None), run("wren", 0.9731, lr=0.1)))
        assert "no seed was seen to be set" in text(found)

    def test_the_same_result_is_said(self):
        found = explain(case(calm(bits=BITS), run("wren", 0.9712, lr=0.1, seed=1, bits=BITS)))
        assert found.finding is Finding.IDENTICAL
        assert text(found) == "acc 0.9712 in both: every logged value is equal, bit by bit. Same inputs, same result."

    def test_other_inputs_and_the_same_result(self):
        found = explain(case(calm(bits=BITS), moth(0.9712, bits=BITS)))
        assert text(found).endswith("Inputs differ, same result: lr 0.1 to 0.05.")

    def test_only_a_file_that_nobody_used_differs(self):
        found = explain(
            case(calm(pandas="1", idle=("pandas",)), run("w", 0.98, lr=0.1, seed=1, pandas="2", idle=("pandas",)))
        )
        assert found.same_inputs
        assert standings(found) == {"pandas": Standing.IDLE}
        assert "Nothing that was used differs, as far as was seen" in text(found)

    def test_nothing_is_claimed_while_something_is_unknown(self):
        unknown = {Section.DATA: "data/train.csv is not hashed yet"}
        found = explain(case(calm(), run("wren", 0.9731, lr=0.1, seed=1, unknown=unknown)))
        assert not found.same_inputs
        assert "Nothing that is known differs, but not all is known: data/train.csv is not hashed yet (wren)." in text(
            found
        )
        other = explain(case(calm(), moth(unknown=unknown)))
        assert standings(other) == {"lr": Standing.POSSIBLE}, "not the only one, for all that is known"

    def test_another_place_is_no_difference(self):
        found = explain(case(calm(out="a"), run("wren", 0.9731, lr=0.1, seed=1, out="b")))
        assert found.same_inputs
        assert found.candidates == ()


class TestOfOutcomes:
    def test_no_number_is_no_distance(self):
        curves = [pair([1, 2, 3], [1, math.nan, math.nan])]
        found = explain(case(calm(), moth(math.nan), curves=curves))
        assert found.finding is Finding.NO_OUTCOME
        assert text(found).startswith("acc 0.9712 in calm; acc nan in moth: no number in moth, at first at step 1,")

    def test_what_broke_it_alone_elsewhere_comes_first(self):
        others = [run("w", math.nan, lr=0.05, seed=1, train="a"), run("v", 0.97, lr=0.1, seed=1, train="b")]
        found = explain(case(calm(train="a"), moth(math.nan, train="b"), *others))
        assert (found.candidates[0].name, found.candidates[0].standing) == ("lr", Standing.POSSIBLE)
        assert found.candidates[0].because == "alone in calm/w: no number there either"

    def test_no_metric_in_common(self):
        found = explain(case(calm(None), moth(None), metric="", metrics=(["acc", "loss"], [])))
        assert text(found).startswith("They share no metric: calm logged acc and loss, moth logged nothing.")
        neither = explain(case(calm(None), moth(None), metric=""))
        assert text(neither).startswith("Neither of them logged a metric.")
        assert text(explain(case(calm(), moth(None)))).startswith("acc was never logged by moth.")

    @pytest.mark.parametrize(
        ("state", "words"),
        [(State.RUNNING, "moth is still going at step 100"), (State.DIED, "moth died after step 100"),
         (State.FAILED, "moth failed after step 100"), (State.SILENT, "moth fell silent after step 100")],
    )  # fmt: skip
    def test_a_run_that_did_not_end_well_has_no_result(self, state, words):
        found = explain(case(calm(), moth(state=state), *repeats(0.970, 0.969)))
        assert found.finding is Finding.UNTOLD
        assert words in text(found)

    def test_the_last_value_alone_is_equal(self):
        found = explain(case(calm(), moth(0.9712), curves=[pair([1, 2, 3], [1, 4, 3])]))
        assert found.finding is Finding.EQUAL
        assert text(found).startswith("acc 0.9712 in both at the end.")
        assert text(found).endswith("The curves part at step 1.")

    def test_another_outcome_that_went_the_other_way_is_said_besides(self):
        others = [Beside("f1", 0.5, 0.6, "up"), Beside("loss", 0.3, 0.34, "down"), Beside("auc", 0.9, 0.8, "up")]
        given = case(calm(), moth(0.9931), *repeats(0.970, 0.969), direction="up", beside=others)
        assert "better by 0.0219: more than repeats allow, while loss is worse by 0.04." in text(explain(given))
        assert "while" not in text(explain(replace(given, beside=others[:1])))
        assert "while" not in text(explain(replace(given, direction="")))

    def test_a_curve_of_what_was_set_is_not_where_results_part(self):
        setting = replace(pair([0.1, 0.1, 0.1], [0.05, 0.05, 0.05]), metric="train/lr")
        found = explain(case(calm(), moth(), curves=[pair([0.1, 0.5, 0.97], [0.1, 0.5, 0.98]), setting]))
        assert text(found).endswith("The curves part at step 2.")

    def test_values_that_differ_in_the_last_digit_look_different(self):
        assert "acc 0.97120001 and 0.9712:" in text(explain(case(calm(0.97120001), moth(0.9712))))

    def test_curves_that_stay_apart_are_said_to(self):
        others = repeats(0.970, 0.969)
        given = case(calm(), moth(0.9931), *others, curves=[pair([0.1, 0.5, 0.9712], [0.1, 0.51, 0.9931])])
        noise = {
            w.result.uid: pair(c, c).before
            for w, c in zip(others, ([0.1, 0.52, 0.97], [0.1, 0.47, 0.969]), strict=True)
        }
        found = explain(replace(given, repeat_curves=noise))
        assert text(found).endswith("The curves part at step 1, beyond the noise of repeats from step 2 on.")

    def test_steps_are_said_where_they_differ(self):
        before = calm()
        short = replace(before, result=replace(before.result, step=50.0))
        assert "acc 0.9712 (step 50) and 0.9731 (step 100):" in text(explain(case(short, moth())))

    def test_what_is_not_counted_among_the_values_is_said(self):
        given = replace(case(calm(bits=BITS), moth(0.9712, bits=BITS)), uncounted=("epoch_time",))
        assert "every logged value is equal, bit by bit, not counting epoch_time." in text(explain(given))

    def test_names_cannot_break_a_line(self):
        odd = run("a\x1b[31m\nb" + "x" * 90, 0.98, lr=0.05, seed=1)
        said = text(explain(case(calm(), odd, *repeats(0.98, 0.97, lr=0.05))))
        assert "\x1b" not in said
        assert "\n" not in said


def seeded(witness: Witness, **seeds: int) -> Witness:
    token = "\n".join(f"parameters/{name}={value}" for name, value in seeds.items())
    return replace(witness, result=replace(witness.result, seeds=token))


class TestOfSeveralSeeds:
    def test_a_seed_that_repeats_did_not_vary_is_not_accounted_for(self):
        before, after = (run(name, value, bits=name, lr=rate) for name, value, rate in (("a", 1.0, 1), ("b", 9.0, 2)))
        repeats = [seeded(run(f"r{n}", 1.0 + n / 10, bits=f"r{n}", lr=1), seed=0, split=n) for n in range(1, 4)]
        found = explain(case(seeded(before, seed=0, split=0), seeded(after, seed=5, split=0), *repeats))
        assert found.finding is Finding.UNTOLD
        assert "The repeats of a all have its seed, the other run has not: what that does is not known." in text(found)
        known = explain(case(seeded(before, seed=0, split=0), seeded(after, seed=0, split=9), *repeats))
        assert known.finding is Finding.BEYOND

    def test_how_texts_are_hashed_is_no_other_seed(self):
        before, after = (run(name, value, bits=name, lr=rate) for name, value, rate in (("a", 1.0, 1), ("b", 9.0, 2)))
        twin = seeded(run("twin", 1.0, bits="a", lr=1), seed=0, PYTHONHASHSEED=1)
        found = explain(case(seeded(before, seed=0), seeded(after, seed=0), twin))
        assert "a and 1 exact repeat agree in every bit: the difference is real for this seed" in text(found)
        assert "whatever the seed" not in text(found)


def test_another_program_is_named_before_all_that_may_follow_from_it():
    train, fit = ('["python", "train.py", "fast"]', '["python", "fit.py"]')

    def told(before, after):
        found = case(before, after)
        command = next(c for c in found.changes if c.name == "command")
        sides = [replace(trait, token=trait.text) for trait in (command.before, command.after)]
        rest = [c for c in found.changes if c is not command]
        return replace(found, changes=[*rest, replace(command, before=sides[0], after=sides[1])])

    found = explain(told(run("a", 1.0, lr=1, depth=2, command=train), run("b", 2.0, lr=2, command=fit)))
    assert found.candidates[0].name == "command"
    assert "They ran different programs, python train.py and python fit.py" in text(found)
    alone = explain(told(run("a", 1.0, lr=1, command=train), run("b", 2.0, lr=1, command=fit)))
    assert alone.candidates[0].standing is Standing.ONLY


def test_the_curve_that_is_explained_is_spoken_of_first_and_an_earlier_one_besides():
    curves = [pair([1, 2, 3], [1, 2, 4]), pair([5, 6, 7], [4, 6, 7], "loss")]
    said = text(explain(case(calm(), moth(), curves=curves)))
    assert "The curves part at step 2, those of loss already at step 0." in said
    equal = [pair([1, 2, 3], [1, 2, 3]), curves[1]]
    assert "The curves of loss part at step 0." in text(explain(case(calm(), moth(), curves=equal)))
