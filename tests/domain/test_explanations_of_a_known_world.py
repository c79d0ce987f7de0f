"""How often an explanation says something false, counted in worlds whose truth is known.

Every claim that rests on a 95 % interval may be wrong in 5 of 100 cases in which nothing is true, and no more.
`pytest -s` prints the counts.
"""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from repro_tui.domain.explain import explain
from repro_tui.domain.explanation import Finding, Standing
from tests.domain.cases import case, inputs
from tests.domain.world import make

CASES = 700


def allowed(judged: int, share: float = 0.05) -> float:
    """Give how many of so many may be wrong: the share, and three standard deviations of the count."""
    return judged * share + 3 * math.sqrt(judged * share * (1 - share))


def counts(kind: str) -> Counter[str]:
    """Explain two random runs of each of many worlds, and count what was said and what of it is false."""
    said: Counter[str] = Counter()
    for seed in range(CASES):
        world = make(seed, kind)
        if len(world.runs) < 2:
            continue
        before, after = random.Random(seed).sample(world.runs, 2)
        if inputs(before) == inputs(after):
            continue
        found = explain(case(before, after, *(w for w in world.runs if w is not before and w is not after)))
        said["cases"] += 1
        distance = after.result.value - before.result.value
        if found.allowance is not None and not found.allowance.exact and world.distance(before, after) == 0:
            said["judged without effect"] += 1
            said["false: beyond"] += found.finding is Finding.BEYOND
        for candidate in found.candidates:
            if candidate.name == "seed":
                continue
            effect = world.effect(before, after, candidate.name)
            named = candidate.standing
            if named is Standing.SHOWN:
                said["shown"] += 1
                said["false: shown"] += effect * distance <= 0
            elif named is Standing.RULED_OUT and found.finding is Finding.BEYOND:
                said["ruled out"] += 1
                said["false: ruled out"] += abs(effect) >= abs(distance) * (100 if kind == "coarse" else 1)
            elif named is Standing.ONLY and found.finding is Finding.BEYOND:
                said["only"] += 1
                said["false: only"] += effect == 0 and not found.allowance.exact
    return said


@pytest.mark.parametrize("kind", ["noisy", "fixed", "coarse"])
def test_what_is_false_is_as_rare_as_the_intervals_say(kind):
    said = counts(kind)
    print(kind, dict(said))
    assert said["cases"] > CASES / 2
    assert said["false: beyond"] <= allowed(said["judged without effect"])
    assert said["false: only"] <= allowed(said["judged without effect"])
    assert said["false: shown"] <= allowed(said["shown"])
    assert said["false: ruled out"] <= allowed(said["ruled out"])
    assert min(said["shown"], said["only"], said["ruled out"], said["judged without effect"]) > 10


def test_a_great_effect_is_found_where_there_are_repeats():
    """With five repeats of one side, an effect of ten times the noise is nearly always beyond them."""
    told = Counter()
    for seed in range(CASES):
        world = make(seed, "noisy")
        before, after = random.Random(seed).sample(world.runs, 2) if len(world.runs) > 1 else (world.runs[0],) * 2
        others = [w for w in world.runs if w is not before and w is not after]
        found = explain(case(before, after, *others)) if before is not after else None
        if found and found.allowance and found.allowance.n >= 4 and abs(world.distance(before, after)) >= 9:
            told["cases"] += 1
            told["beyond"] += found.finding is Finding.BEYOND
    assert told["cases"] > 10
    assert told["beyond"] >= 0.9 * told["cases"]
