"""Why two results differ: what may be said, and the evidence that each statement rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.comparison import Change, Direction
from repro_tui.domain.ids import RunId
from repro_tui.domain.traits import Section


class Finding(StrEnum):
    """What the distance of two outcomes amounts to."""

    IDENTICAL = "identical"
    """Every logged value is equal, bit by bit."""
    EQUAL = "equal"
    """The last value is equal, the curves are not, or were not all logged."""
    WITHIN = "within"
    """Repeats allow as much: no evidence of a difference."""
    BEYOND = "beyond"
    """More than repeats allow."""
    UNTOLD = "untold"
    """Noise cannot be told from effect: only one run each, a run that has not ended, repeats that do not bear on it."""
    NO_OUTCOME = "no outcome"
    """They share no metric, or a value is not a number."""


class Standing(StrEnum):
    """What the records say about one difference as a cause."""

    ONLY = "only"
    """It is the only thing that differs and can matter."""
    SHOWN = "shown"
    """Other runs changed only this, and the outcome moved the same way beyond noise."""
    POSSIBLE = "possible"
    UNKNOWN = "unknown"
    """It is not known whether it differs."""
    RULED_OUT = "ruled out"
    """Other runs changed only this, and the outcome stayed."""
    IDLE = "idle"
    """It was not used by either run, as far as was seen."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement rests on."""

    words: str
    """`3 repeats of calm-heron with other seeds`, `wren and moth differ only in numpy`."""
    runs: tuple[RunId, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One plain sentence, and what it rests on."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What repeats allow: the 95 % prediction interval for one further run, mean ± t · s · √(1 + 1/n).

    Source: Hahn and Meeker, Statistical Intervals (1991), chapter 4.
    """

    of: RunId
    """The run whose repeats these are."""
    n: int
    mean: float
    std: float
    """Of the sample: divided by n less one."""
    low: float
    high: float
    exact: bool = False
    """The repeats have the same seed too, and differ in no bit: these inputs give this result each time."""

    @property
    def half(self) -> float:
        """Half the interval's width: how far a repeat may lie from the mean."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One difference, as a possible cause."""

    changes: tuple[Change, ...]
    """One, or several that always come together (the packages of one upgrade)."""
    section: Section
    name: str
    words: str
    standing: Standing
    weight: float
    """Orders the table, greatest first; 0 to 1, not a probability."""
    because: str
    """`alone in wren/moth: no effect beyond noise`, `only difference that can matter`, `no run changed it alone`."""
    evidence: tuple[Evidence, ...] = ()
    moved: float | None = None
    """How far the outcome lay apart where it alone differed, of single runs; None where noise is known, or nothing."""
    against: bool = False
    """Where it alone differed, the outcome moved the other way, beyond noise."""


@dataclass(frozen=True, slots=True)
class Parting:
    """The first step where two curves differ."""

    metric: str
    step: float | None
    """First step beyond bit equality; None when all common steps are equal."""
    beyond: float | None = None
    """First step from which they stay further apart than the repeats do at that step; None when not, or not known."""
    compared: int = 0
    """Steps that both have."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two results differ, as far as the records tell."""

    before: RunId
    after: RunId
    metric: str
    """The outcome that is explained; empty when there is none in common."""
    direction: Direction
    values: tuple[float | None, float | None]
    finding: Finding
    allowance: Allowance | None
    paragraph: tuple[Statement, ...]
    candidates: tuple[Candidate, ...]
    """Most likely first."""
    parting: Parting | None = None
    same_inputs: bool = False
    """Nothing that can matter differs, seeds included, and all of it is known."""
    advice: str = ""
    """The command that would tell: `repro-tui run -- python train.py --lr 0.05 --seed 1`; empty when nothing would."""


@dataclass(frozen=True, slots=True)
class Varied:
    """One thing that varies over many runs, and how it goes with the outcome."""

    section: Section
    name: str
    n: int
    """Runs that have both it and the outcome."""
    values: int
    """Different values among them."""
    rho: float | None = None
    """Spearman's rank correlation with ties averaged, for numbers; None where it is not defined."""
    spread: float | None = None
    """For categories: the greatest less the smallest group mean."""
    share: float | None = None
    """For categories: the share of the outcome's variance that lies between the groups (eta squared)."""
    groups: tuple[tuple[str, int, float], ...] = ()
    """(value, runs, mean of the outcome), best first; at most 12."""
    confounded: tuple[str, ...] = ()
    """Other names that change with it so closely that their effects cannot be told apart."""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Variation:
    """What varies over a set of runs, and how each goes with one outcome, the closest first."""

    metric: str
    direction: Direction
    runs: int
    """Runs that have the outcome."""
    left_out: int
    """Runs without it, or whose last value is not a number."""
    varied: tuple[Varied, ...]
    constant: int
    """Things that are the same everywhere."""
    notes: tuple[str, ...] = ()
