"""Runs and cases made by hand for tests of explanations, and the plain diff that they need."""

from __future__ import annotations

import struct
from dataclasses import replace
from hashlib import sha256

from repro_tui.domain.case import Case, Pair, Points, Result, Witness
from repro_tui.domain.comparison import Change, Kind
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section, Trait, Traits

SECTIONS = {
    "lr": Section.PARAMETERS,
    "depth": Section.PARAMETERS,
    "out": Section.PARAMETERS,
    "seed": Section.PARAMETERS,
    "train.py": Section.CODE,
    "model.py": Section.CODE,
    "train": Section.DATA,
    "numpy": Section.ENVIRONMENT,
    "scipy": Section.ENVIRONMENT,
    "pandas": Section.ENVIRONMENT,
    "jax": Section.ENVIRONMENT,
    "torch": Section.ENVIRONMENT,
    "gpu": Section.HARDWARE,
    "python.hash_randomization": Section.DETERMINISM,
    "torch.deterministic": Section.DETERMINISM,
    "command": Section.COMMAND,
}
PARTS = {"seed": Part.SEED, "out": Part.PLACE}


def traits(unknown=None, idle=(), **values) -> Traits:
    """Make traits from names and values; dots in names are written as `__`."""
    made = {}
    for raw, value in values.items():
        name = raw.replace("__", ".")
        part = Part.IDLE if name in idle else PARTS.get(name, Part.INPUT)
        section = SECTIONS.get(name, Section.PARAMETERS)
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        made[section, name] = Trait(section, name, repr(value), str(value).lower(), part, number=number)
    return Traits(made, unknown or {})


def run(
    name, value=None, *, bits="", seed=None, state=State.DONE, started=0.0, points=40, unknown=None, idle=(), **used
):
    """Make a run with its result; the order of names is the order of starts."""
    if seed is not None:
        used["seed"] = seed
    seeds = "" if seed is None else f"seed={seed}"
    result = Result(RunId(name), name, value, 100.0, seeds, bits, started, state, points)
    return Witness(result, traits(unknown, idle, **used))


def bits_of(*values) -> str:
    """Give the digest that equal values share."""
    return sha256(struct.pack(f"{len(values)}d", *values)).hexdigest()


def changes(before: Traits, after: Traits) -> tuple[Change, ...]:
    """Compare traits one by one."""
    found = []
    for key in sorted(before.by_key.keys() | after.by_key.keys()):
        old, new = before.by_key.get(key), after.by_key.get(key)
        if old and new and old.token == new.token and old.basis == new.basis:
            continue
        kind = Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED
        if old and new and old.basis != new.basis:
            kind = Kind.UNKNOWN
        words = f"{key[1]} {old.text if old else 'none'} to {new.text if new else 'none'}"
        found.append(Change(kind, old, new, words, "come by in another way" if kind is Kind.UNKNOWN else ""))
    return tuple(found)


def inputs(witness: Witness):
    return {k: t.token for k, t in witness.traits.by_key.items() if t.part is Part.INPUT}


def case(before: Witness, after: Witness, *others: Witness, metric="acc", **more) -> Case:
    """Put a case together as the catalog does: repeats are the runs of equal inputs."""
    runs = (before, after, *others)
    known = [w for w in runs if not w.traits.unknown]
    repeats = [
        tuple(w.result for w in known if w is not side and inputs(w) == inputs(side) and not side.traits.unknown)
        for side in (before, after)
    ]
    return Case(
        before, after, changes(before.traits, after.traits), metric, repeats_before=repeats[0],
        repeats_after=repeats[1], others=others, **more,
    )  # fmt: skip


def pair(before, after, metric="acc") -> Pair:
    """Make a pair of curves with steps 0, 1, 2, and so on."""
    return Pair(metric, *(Points(range(len(values)), values) for values in (before, after)))


def text(explanation) -> str:
    """Give the paragraph as one line."""
    return " ".join(statement.text for statement in explanation.paragraph)


BITS = bits_of(0.97, 0.9712)
LR = (("python", "train.py", "--lr", "0.1", "--seed", "1"), ("python", "train.py", "--lr", "0.05", "--seed", "1"))


def calm(value=0.9712, **used):
    return run("calm", value, **{"lr": 0.1, "seed": 1, **used})


def moth(value=0.9731, **used):
    return run("moth", value, **{"lr": 0.05, "seed": 1, **used})


def repeats(*values, name="rep", **used):
    return [
        run(f"{name}{i}", v, **{"seed": i, "lr": 0.1, "started": float(i), **used}) for i, v in enumerate(values, 2)
    ]


def deep(runs):
    return [replace(w, traits=Traits({**w.traits.by_key, **traits(depth=2).by_key}, {})) for w in runs]


def standings(found):
    return {candidate.name: candidate.standing for candidate in found.candidates}
