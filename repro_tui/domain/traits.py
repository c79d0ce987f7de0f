"""What may decide a run's result, as named traits that can be compared one by one; all of them hashable and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Section(StrEnum):
    """Where a row of a comparison stands, in the order of the screen."""

    OUTCOME = "outcome"
    PARAMETERS = "parameters"
    CODE = "code"
    DATA = "data"
    ENVIRONMENT = "environment"
    HARDWARE = "hardware"
    DETERMINISM = "determinism"
    COMMAND = "command"


class Part(StrEnum):
    """What part a trait can play in a result."""

    INPUT = "input"
    """It can decide the result."""
    SEED = "seed"
    """It chooses among results that are equally right: repeats differ in it."""
    IDLE = "idle"
    """It was not used, as far as was seen: a file that no run imported or read, a package that was not imported."""
    PLACE = "place"
    """It only says where results go or what the run is called: `--out runs/3`, `--name trial`."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One fact about what a run used."""

    section: Section
    name: str
    """`lr`, `optimizer.lr`, `model.py`, `train` (a dataset), `data/x.csv`, `numpy`, `gpu`, `torch.deterministic`."""
    token: str
    """Two traits are equal when their tokens are, provided that their `basis` is the same."""
    text: str
    """As it is shown: `0.05`, `b3:91ac, 50,000 rows`, `2.4.5`."""
    part: Part = Part.INPUT
    basis: str = ""
    """How the token was come by, where there are several ways (`full`, `metadata`): others cannot be compared."""
    number: float | None = None
    """The value as a number where it is one, for distances; NaN is a number."""
    digest: str = ""
    """Digest of the content behind it (a file, a version), empty when there is none."""


Key = tuple[Section, str]


@dataclass(frozen=True, slots=True)
class Traits:
    """Everything that is known about what a run used."""

    by_key: Mapping[Key, Trait]
    unknown: Mapping[Section, str] = field(default_factory=dict)
    """Sections of which not everything is known, with the reason: `data/train.csv is not hashed yet`. Nothing may be
    concluded there from a trait that is absent."""
