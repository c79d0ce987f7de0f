"""Which of several differences it is, as far as other runs tell."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.comparison import Change, Kind
from repro_tui.domain.explain import explain
from repro_tui.domain.explanation import Standing
from repro_tui.domain.traits import Section, Traits
from tests.domain.cases import (
    BITS,
    LR,
    bits_of,
    calm,
    case,
    deep,
    moth,
    repeats,
    run,
    standings,
    text,
    traits,
)


class TestOfCauses:
    noise = (0.9700, 0.9690)

    def test_what_changed_alone_without_effect_is_ruled_out(self):
        still = repeats(*self.noise, numpy="2", name="w")
        found = explain(case(calm(numpy="1"), moth(0.9931, numpy="2"), *repeats(*self.noise, numpy="1"), *still))
        assert standings(found)["numpy"] is Standing.RULED_OUT
        assert standings(found)["lr"] is Standing.SHOWN
        because = next(c.because for c in found.candidates if c.name == "numpy")
        assert because == "alone in calm/w2 (3 and 2 runs): no effect beyond noise"

    def test_noise_as_great_as_the_difference_rules_nothing_out(self):
        loud = [run("w2", 0.95, lr=0.1, seed=2, numpy="2"), run("w3", 0.99, lr=0.1, seed=3, numpy="2")]
        found = explain(case(calm(numpy="1"), moth(0.9931, numpy="2"), *repeats(*self.noise, numpy="1"), *loud))
        assert standings(found)["numpy"] is Standing.POSSIBLE
        assert "could hide an effect" in next(c.because for c in found.candidates if c.name == "numpy")

    def test_what_moved_alike_alone_is_shown(self):
        alone = repeats(0.9920, 0.9912, lr=0.05, numpy="1", name="w")
        found = explain(case(calm(numpy="1"), moth(0.9931, numpy="2"), *repeats(*self.noise, numpy="1"), *alone))
        assert found.candidates[0].standing is Standing.SHOWN
        assert found.candidates[0].name == "lr"
        assert "lr 0.1 to 0.05 is the likeliest: alone in calm/w2 (3 and 2 runs): moved alike" in text(found)

    def test_one_run_that_gives_this_very_result_shows_it(self):
        after = bits_of(0.99, 0.9931)
        alone = run("w", 0.9931, lr=0.05, seed=1, numpy="1", bits=after)
        found = explain(case(calm(numpy="1", bits=BITS), moth(0.9931, numpy="2", bits=after), alone))
        assert standings(found) == {"lr": Standing.SHOWN, "numpy": Standing.RULED_OUT}
        assert "gave this very result, bit by bit" in found.candidates[0].because
        assert "every logged value stayed" in found.candidates[1].because

    def test_packages_of_one_upgrade_are_one_candidate(self):
        found = explain(case(calm(numpy="1", torch="1"), moth(lr=0.1, numpy="2", torch="2")))
        assert standings(found) == {"numpy and 1 more": Standing.ONLY}
        found = explain(case(calm(torch="1"), moth(lr=0.1, numpy="2", torch="2", pandas="3")))
        assert "differences that can matter are torch 1 to 2, numpy none to 2 and pandas none to 3." in text(found)
        apart = run("w", 0.97, lr=0.1, seed=1, numpy="2", torch="1")
        found = explain(case(calm(numpy="1", torch="1"), moth(lr=0.1, numpy="2", torch="2"), apart))
        assert set(standings(found)) == {"numpy", "torch"}

    def test_a_seed_that_noise_accounts_for_is_no_rival(self):
        found = explain(case(calm(), moth(0.9931, seed=9), *repeats(*self.noise)))
        assert standings(found) == {"lr": Standing.ONLY, "seed": Standing.RULED_OUT}
        assert "The only recorded difference that can matter is lr 0.1 to 0.05, besides the seed." in text(found)

    def test_content_that_lies_elsewhere_is_no_cause(self):
        before, after = calm(), moth(lr=0.1)
        old, new = traits(data__a=7).by_key.popitem()[1], traits(data__b=7).by_key.popitem()[1]
        moved = Change(Kind.CHANGED, old, new, "data.a lies at data.b")
        given = replace(case(before, after), changes=(moved,))
        found = explain(given)
        assert [(c.standing, c.because) for c in found.candidates] == [(Standing.IDLE, "the same content, elsewhere")]
        assert found.same_inputs

    def test_inputs_that_are_not_hashed_yet_are_equal_to_nothing(self):
        sides = calm(train="a"), moth(lr=0.1, train="a")
        key = Section.DATA, "train"
        open_ones = [
            replace(
                w, traits=Traits({**w.traits.by_key, key: replace(w.traits.by_key[key], token="", basis="pending")})
            )
            for w in sides
        ]
        found = explain(case(*open_ones))
        assert not found.same_inputs
        assert "not all is known: train is not known." in text(found)

    def test_a_change_that_did_most_of_it_alone_comes_first_even_within_noise(self):
        others = [run("w", 0.9925, lr=0.05, seed=1, train="a"), run("v", 0.9713, lr=0.1, seed=1, train="b")]
        found = explain(case(calm(train="a"), moth(0.9931, train="b"), *others))
        assert [c.name for c in found.candidates] == ["lr", "train"]
        assert {c.standing for c in found.candidates} == {Standing.POSSIBLE}
        assert "from the runs there are; alone, lr moved it by +0.021 and train moved it by +0.0001." in text(found)

    def test_what_moved_the_other_way_alone_is_not_among_what_is_left(self):
        worse = repeats(0.9400, 0.9412, numpy="2", name="w")
        given = case(calm(numpy="1"), moth(0.9931, numpy="2"), *repeats(*self.noise, numpy="1"), *worse)
        said = text(explain(given))
        assert "(2 and 1 runs): moved alike (+0.052 ± 0.026); numpy alone moved it the other way." in said
        both = case(
            calm(numpy="1", depth=2),
            moth(0.9931, numpy="2", depth=3),
            *deep(repeats(*self.noise, numpy="1")),
            *deep(worse),
        )
        assert "lr 0.1 to 0.05 and depth 2 to 3 are left, and which of them it is cannot be told; numpy" in text(
            explain(both)
        )

    def test_an_unknown_difference_is_neither_left_out_nor_a_cause(self):
        before, after = calm(train="a"), moth(train="b")
        key = Section.DATA, "train"
        hidden = replace(after.traits.by_key[key], basis="metadata")
        after = replace(after, traits=replace(after.traits, by_key={**after.traits.by_key, key: hidden}))
        found = explain(case(before, after))
        assert standings(found) == {"lr": Standing.POSSIBLE, "train": Standing.UNKNOWN}
        assert "lr 0.1 to 0.05 differs; not known: come by in another way." in text(found)

    def test_the_advice_changes_one_of_several_where_the_code_lies(self):
        given = case(calm(numpy="1"), moth(0.9931, numpy="2"), *repeats(*self.noise, numpy="1"), argv=LR)
        assert explain(replace(given, here=frozenset({"moth"}))).advice == (
            "repro-tui run -- python train.py --lr 0.1 --seed 1"
        )
        assert explain(replace(given, here=frozenset())).advice == ""
        assert explain(given).advice == "", "what lies here is not known, and numpy differs"

    def test_many_packages_are_counted_once_in_a_sentence_about_several_things(self):
        packages = "numpy", "torch", "scipy", "pandas", "jax"
        found = explain(case(calm(**dict.fromkeys(packages, "1")), moth(**dict.fromkeys(packages, "2"))))
        assert "5 packages (jax and others) differ: which of the two" in text(found)
        assert " more and " not in text(found)
