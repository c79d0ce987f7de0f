"""A run repeats an earlier one where all that it was seen using is what that one used, and is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.repetition import could_repeat, repeats_so_far
from repro_tui.domain.run import Attempt, Coverage, Document, Ending, FileFact, Param, Run, Seed

DOCUMENTS = {
    section: Document(section, Digest(f"b3:{section}"), {"content": section})
    for section in ("code", "environment", "host")
}
DATA = FileFact("data.csv", "r", "in", digest=Digest("b3:data"), coverage=Coverage.FULL)
CONFIG = FileFact("c.yaml", "r", "config", digest=Digest("b3:config"), coverage=Coverage.FULL)
EARLIER = Run(
    RunId("a" * 32),
    argv=("python", "train.py"),
    cwd="/p",
    lineage="train.py",
    attempts=(Attempt(1, 0.0, endings=(Ending(1.0, 0),)),),
    params={"lr": Param(0.1, "argparse"), "depth": Param(3, "argparse")},
    files=(CONFIG, DATA),
    seeds=(Seed("random", "1", "train.py:3"),),
    flags={"benchmark": False},
    documents=DOCUMENTS,
)
OWN = replace(EARLIER, uid=RunId("b" * 32), attempts=(Attempt(1, 2.0),))


def test_a_run_that_is_going_repeats_one_that_used_the_same():
    assert could_repeat(OWN, EARLIER)
    assert repeats_so_far(OWN, EARLIER)
    assert repeats_so_far(replace(OWN, params={"lr": Param(0.1, "argv")}, flags={}), EARLIER)


def test_a_run_that_has_not_asked_for_a_variable_yet_repeats_nothing_that_did():
    earlier = replace(EARLIER, params={**EARLIER.params, "env.WD": Param(None, "env")})
    assert could_repeat(OWN, earlier)
    assert not repeats_so_far(OWN, earlier)
    assert repeats_so_far(replace(OWN, params=earlier.params), earlier)


@pytest.mark.parametrize(
    "change",
    [
        {"argv": ("python", "train.py", "--lr", "1")},
        {"cwd": "/q"},
        {"lineage": "other"},
        {"uid": EARLIER.uid},
        {"argv": ()},
    ],
)
def test_another_call_could_not(change):
    assert not could_repeat(replace(OWN, **change), EARLIER)


@pytest.mark.parametrize(
    "change",
    [
        {"documents": {}},
        {"documents": {**DOCUMENTS, "code": Document("code", Digest("b3:x"), {"content": "other"})}},
        {"params": {"lr": Param(0.2, "argparse")}},
        {"params": {"momentum": Param(0.9, "argparse")}},
        {"flags": {"benchmark": True}},
        {"seeds": ()},
        {"seeds": (Seed("random", "2", "train.py:3"),)},
        {"files": (CONFIG,)},
        {"files": (DATA,)},
        {"files": (CONFIG, DATA, replace(DATA, path="more.csv"))},
        {"files": (CONFIG, replace(DATA, digest=Digest("b3:other")))},
        {"files": (CONFIG, replace(DATA, coverage=Coverage.METADATA))},
        {"files": (CONFIG, replace(DATA, digest=None, coverage=Coverage.PENDING))},
        {"files": (replace(CONFIG, digest=None, coverage=Coverage.PENDING), DATA)},
    ],
)
def test_what_differs_or_is_not_known_yet_is_no_repetition(change):
    assert not repeats_so_far(replace(OWN, **change), EARLIER)


@pytest.mark.parametrize(
    "change",
    [
        {"documents": {}},
        {"attempts": OWN.attempts},
        {"files": (CONFIG, replace(DATA, digest=None, coverage=Coverage.PENDING))},
    ],
)
def test_nothing_is_claimed_of_an_earlier_run_of_which_not_all_is_known(change):
    assert not could_repeat(OWN, replace(EARLIER, **change))
