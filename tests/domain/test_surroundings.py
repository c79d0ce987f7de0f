"""What surrounds a run decides it: variables that the script asked for, and packages that it imported."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.explain import explain
from repro_tui.domain.ids import Digest
from repro_tui.domain.prints import imported_print, input_prints
from repro_tui.domain.run import Attempt, Document, Ending, Param, Run
from repro_tui.domain.traits import Part, Section
from repro_tui.domain.traits_of import traits_of
from tests.domain import cases
from tests.domain.test_traits import DOCS, ENDED, changes, made, read, side, words


def test_runs_are_repeats_where_only_packages_differ_that_neither_imported():
    def ran(content: str, used: str, modules=("numpy",), ended=ENDED) -> str | None:
        summary = {"content": content, "used": f"{imported_print(['numpy'])}:{used}"}
        documents = {**DOCS, "environment": Document("environment", Digest("b3:e"), summary)}
        run = replace(made(), documents=documents, modules=frozenset(modules), attempts=ended)
        return input_prints(run).inputs

    died = (Attempt(1, 0.0, endings=(Ending(1.0, exit=1),)),)
    assert ran("a", "1") == ran("b", "1") != ran("b", "2")
    assert ran("a", "1", ("numpy", "scipy")) != ran("b", "1", ("numpy", "scipy"))  # it was made before that was seen
    assert ran("a", "1", ended=died) != ran("b", "1", ended=died)


def surrounded(run: Run, **variables: str | None) -> Run:
    named = {f"env.{name}": Param(value, "env") for name, value in variables.items()}
    return replace(run, params={**run.params, **named})


def test_a_variable_that_the_script_asked_for_counts_and_so_does_that_it_was_not_set():
    unset, small, same = (surrounded(made(), LR=value) for value in (None, "0.1", "0.10"))
    assert words(unset, small) == ["env.LR (not set) to 0.1"]
    assert words(small, same) == ["env.LR 0.1 to 0.10"]  # two texts to the script
    assert input_prints(unset).inputs != input_prints(small).inputs != input_prints(same).inputs
    assert words(surrounded(made(), SEED="1"), surrounded(made(), SEED=None)) == ["env.SEED 1 to (not set)"]
    one, two = surrounded(made(), SEED="1"), surrounded(made(), SEED=None)
    assert input_prints(one).inputs == input_prints(two).inputs
    assert input_prints(one).exact != input_prints(two).exact


def test_a_command_is_advised_with_the_variables_that_it_had():
    one, two = (cases.run(name, value, FAST=fast) for name, value, fast in (("a", 0.1, 0), ("b", 0.2, 1)))
    argv = (("python", "train.py"),) * 2
    told = replace(cases.case(one, two, argv=argv), variables=({}, {"FAST": "1 2"}))
    assert explain(told).advice == "FAST='1 2' repro-tui run -- python train.py"


def test_a_variable_that_became_a_parameter_is_one_difference_with_it():
    default, given = surrounded(made(lr=0.1), LR=None), surrounded(made(lr=0.2), TRAIN_LR="0.2", LR="0.2")
    assert [change.name for change in changes(default, given) if change.part is Part.INPUT] == ["lr"]
    assert input_prints(surrounded(made(lr=0.1), LR="0.1")).inputs == input_prints(default).inputs
    overridden = surrounded(made(lr=0.1), LR="0.5")
    assert [change.name for change in changes(default, overridden) if change.part is Part.INPUT] == ["env.LR"]


def test_a_variable_that_is_a_switch_counts_as_one_and_one_that_leads_to_data_by_the_data():
    assert not traits_of(side(surrounded(made(), OMP_NUM_THREADS="2"))).by_key.get(
        (Section.PARAMETERS, "env.OMP_NUM_THREADS")
    )
    here = surrounded(made([read("a/x.csv", "b3:1")]), DATA="a")
    there = surrounded(made([read("b/x.csv", "b3:1")]), DATA="b")
    other = surrounded(made([read("b/x.csv", "b3:2")]), DATA="b")
    assert input_prints(here).inputs == input_prints(there).inputs
    assert [c.name for c in changes(here, other) if c.part is Part.INPUT] == ["env.DATA/x.csv"]


def test_a_variables_value_explains_no_word_of_the_command_line():
    with_word = surrounded(made(argv=("python", "train.py", "0.1")), LR="0.1")
    assert ("command", "python train.py 0.1") in {(t.name, t.text) for t in traits_of(side(with_word)).by_key.values()}
