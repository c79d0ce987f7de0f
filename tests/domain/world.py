"""A made-up world whose truth is known: factors with effects, noise, and experiments as people make them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from repro_tui.domain.case import Witness
from tests.domain.cases import bits_of, run

FACTORS = {"lr": (0.1, 0.05), "depth": (3, 6), "train.py": ("a", "b"), "train": ("v1", "v2"), "numpy": ("1", "2")}


@dataclass(frozen=True)
class World:
    """What is true, and what was recorded of it."""

    effects: dict[str, float]
    """Factor to what its second value adds to the outcome, in units of the noise."""
    runs: tuple[Witness, ...]

    def effect(self, before: Witness, after: Witness, name: str) -> float:
        """Give what a factor truly adds from one run to another."""
        at = [next(t.text for (_, n), t in w.traits.by_key.items() if n == name) for w in (before, after)]
        levels = [str(value).lower() for value in FACTORS[name]]
        return (levels.index(at[1]) - levels.index(at[0])) * self.effects[name]

    def distance(self, before: Witness, after: Witness) -> float:
        """Give what all factors truly add together."""
        return sum(self.effect(before, after, name) for name in FACTORS)


def make(seed: int, kind: str) -> World:
    """Make a world.

    `noisy`: other chance in each run. `fixed`: the same seed gives the same bits. `coarse`: of 50 rows, rounded.
    """
    dice = random.Random(f"{kind} {seed}")
    effects = {name: dice.choice((0.0, 0.0, 0.0, 1.0, 3.0, 10.0, -2.0, -6.0)) for name in FACTORS}
    base = {name: dice.randrange(2) for name in FACTORS}
    runs: list[Witness] = []
    for number in range(dice.randint(2, 16)):
        setting = dict(dice.choice([base, base, *(_levels(w) for w in runs[-3:])]))
        for name in dice.sample(sorted(FACTORS), dice.choice((0, 0, 1, 1, 1, 2))):
            setting[name] = 1 - setting[name]
        for _ in range(dice.choice((1, 1, 2, 3, 5))):
            runs.append(_run(dice, kind, f"r{number}x{len(runs)}", setting, effects, len(runs)))
    return World(effects, tuple(runs))


def _levels(witness: Witness) -> dict[str, int]:
    texts = {name: trait.text for (_, name), trait in witness.traits.by_key.items()}
    return {name: [str(v).lower() for v in values].index(texts[name]) for name, values in FACTORS.items()}


def _run(dice, kind, name, setting, effects, started) -> Witness:
    seed = dice.randrange(4)
    chance = random.Random(f"{seed} {sorted(setting.items())} {sorted(effects.items())}") if kind == "fixed" else dice
    value = 50 + sum(effects[factor] * level for factor, level in setting.items()) + chance.gauss(0, 1)
    if kind == "coarse":
        value = round(value / 2) / 50
    used = {factor.replace(".", "__"): FACTORS[factor][level] for factor, level in setting.items()}
    return run(name, value, seed=seed, bits=bits_of(value), started=float(started), points=1, **used)
