"""Small real experiments whose truth is known: what is said of each is true, and the cause comes first.

Each run is recorded by `repro-tui run` in an environment with a package of its own, and what is said is read from
`repro-tui explain --json`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.laboratory import Laboratory, points

pytestmark = pytest.mark.e2e

HARSH = "def step(error):\n    return error * 1.7\n"
PLAIN = "def step(error):\n    return error\n"


@dataclass(frozen=True)
class Factor:
    """One thing that an experiment may change, how it is changed and changed back, and what must be said of it."""

    section: str
    name: str
    words: tuple[str, ...] = ()
    make: Callable[[Laboratory], None] = lambda _: None
    undo: Callable[[Laboratory], None] = lambda _: None


FACTORS = {
    "seed": Factor("parameters", "seed", ("--seed", "7")),
    "rate": Factor("parameters", "lr", ("--lr", "0.5")),
    "flag": Factor("parameters", "deterministic", ("--no-deterministic",)),
    "code": Factor(
        "code",
        "model.py",
        make=lambda lab: lab.edit("model.py", "SHARPNESS = 1.0", "SHARPNESS = 1.8"),
        undo=lambda lab: lab.edit("model.py", "SHARPNESS = 1.8", "SHARPNESS = 1.0"),
    ),
    "package": Factor(
        "environment",
        "gradkit",
        make=lambda lab: lab.install("gradkit", "1.1", HARSH),
        undo=lambda lab: lab.install("gradkit", "1.0", PLAIN),
    ),
    "rows": Factor(
        "data",
        "data",
        make=lambda lab: lab.write("data/train.csv", points(90)),
        undo=lambda lab: lab.write("data/train.csv", points()),
    ),
}
PAIRS = tuple(itertools.combinations(FACTORS, 2))


def experiment(lab: Laboratory, name: str, *factors: str, more: tuple[str, ...] = ()) -> None:
    """Run the script with some factors changed, and change them back."""
    for factor in factors:
        FACTORS[factor].make(lab)
    lab.run(name, *(word for factor in factors for word in FACTORS[factor].words), *more)
    for factor in factors:
        FACTORS[factor].undo(lab)


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Laboratory:
    """Give one run of each experiment, and one of the plain script: nobody can know how great the noise is."""
    lab = Laboratory(tmp_path_factory.mktemp("alone"))
    experiment(lab, "base")
    for factor in FACTORS:
        if factor != "seed":  # it would be a repeat
            experiment(lab, factor, factor)
    for one, other in PAIRS:
        if "seed" not in {one, other}:
            experiment(lab, f"{one}-{other}", one, other)
    return lab


@pytest.fixture(scope="module")
def repeated(tmp_path_factory) -> Laboratory:
    """Give experiments with repeats of the plain script by other seeds."""
    lab = Laboratory(tmp_path_factory.mktemp("repeated"))
    experiment(lab, "base")
    for seed in range(1, 6):
        experiment(lab, f"base{seed}", more=("--seed", str(seed)))
    for factor in FACTORS:
        experiment(lab, factor, factor)
    for factor in FACTORS:
        if factor != "seed":
            experiment(lab, f"seed-{factor}", "seed", factor)
    return lab


def said(found: dict[str, Any]) -> str:
    return " ".join(statement["text"] for statement in found["paragraph"])


def live(found: dict[str, Any]) -> set[tuple[str, str]]:
    """Give what is named as a possible cause."""
    return {
        (each["section"], each["name"]) for each in found["candidates"] if each["standing"] not in {"idle", "ruled out"}
    }


def truth(*factors: str) -> set[tuple[str, str]]:
    return {(FACTORS[factor].section, FACTORS[factor].name) for factor in factors}


@pytest.mark.parametrize("factor", [factor for factor in FACTORS if factor != "seed"])
def test_one_change_is_named_as_the_only_one_and_noise_is_not_told_from_one_run_each(alone, factor):
    found = alone.explain("base", factor)
    assert live(found) == truth(factor)
    assert found["candidates"][0]["standing"] == "only"
    assert found["finding"] == "untold"
    assert "only one run each, so noise cannot be told from effect" in said(found)
    assert "The only recorded difference that can matter is" in said(found)
    assert not found["same_inputs"]


@pytest.mark.parametrize(("one", "other"), [pair for pair in PAIRS if "seed" not in pair])
def test_of_two_changes_neither_is_named_as_the_cause_unless_the_other_runs_show_it(alone, one, other):
    found = alone.explain("base", f"{one}-{other}")
    assert live(found) == truth(one, other)
    assert {each["standing"] for each in found["candidates"]} <= {"possible", "shown"}
    # Both were also changed alone, and that is told as what it is: one run each.
    assert all("alone in" in each["because"] for each in found["candidates"])
    back = alone.explain(f"{one}-{other}", one)
    assert live(back) == truth(other)
    assert back["candidates"][0]["standing"] == "only"


def test_another_seed_makes_a_repeat(repeated):
    found = repeated.explain("base", "seed")
    assert live(found) == {("parameters", "seed")}
    assert "repeats of each other" in said(found)
    assert found["finding"] == "within"


@pytest.mark.parametrize("factor", [factor for factor in FACTORS if factor != "seed"])
def test_repeats_tell_whether_one_change_is_more_than_noise(repeated, factor):
    found = repeated.explain("base", factor)
    assert live(found) == truth(factor)
    assert found["candidates"][0]["standing"] == "only"
    assert found["allowance"]["n"] == 7
    assert "Their repeats (7 and 2 runs) have means" in said(found)
    expected = {"rate": {"within"}, "flag": {"within", "beyond", "untold"}}.get(factor, {"beyond"})
    assert found["finding"] in expected
    assert ("more than repeats allow" in said(found)) is (found["finding"] == "beyond")
    assert ("no evidence of a difference" in said(found)) is (found["finding"] == "within")


@pytest.mark.parametrize("factor", [factor for factor in FACTORS if factor != "seed"])
def test_a_seed_that_was_changed_besides_is_accounted_for_by_repeats(repeated, factor):
    found = repeated.explain("base", f"seed-{factor}")
    first, seed = found["candidates"]
    assert {(first["section"], first["name"])} == truth(factor)
    assert (first["standing"], seed["name"]) == ("only", "seed")
    assert seed["standing"] == ("ruled out" if found["finding"] == "beyond" else "possible")
    assert ", besides the seed." in said(found)


def test_a_script_left_to_chance_is_called_so(alone):
    for name in ("chance", "again"):
        alone.run(name, "--no-deterministic", "--epochs", "3")
    found = alone.explain("chance", "again")
    assert found["same_inputs"]
    assert found["candidates"] == []
    assert "same recorded inputs, different result" in said(found)
