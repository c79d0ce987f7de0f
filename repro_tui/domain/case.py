"""What an explanation is made from: two runs, their repeats, and the other runs that can tell what a change does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.domain.comparison import Change, Direction
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section, Trait, Traits

OPEN = frozenset({"pending", "not kept"})
"""What the basis of a trait says where its content is not known."""

MOST_OTHERS = 1000
"""Other runs that are worth their traits: the nearest to the two in inputs, then in time."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run gave, in the metric that is explained."""

    uid: RunId
    name: str
    """As it is called in sentences; the beginning of its uid where it has none."""
    value: float | None = None
    """Last logged value; None when it never logged the metric. NaN and infinities as they are."""
    step: float | None = None
    """Step of that value."""
    seeds: str = ""
    """A token of all its seeds, equal where they are: empty when it was not seen to set any."""
    bits: str = ""
    """Digest of every logged (metric, step, value) without resources and times; empty when not known or still going.
    Equal bits of runs that logged anything are what "equal in every logged value" rests on."""
    started: float = 0.0
    """Of several runs with one seed only the first by this is counted, so that nothing is chosen by its result."""
    state: State = State.DONE
    """Only a run that is `done` has a result that repeats can be measured by."""
    points: int = 0
    """How many values of the metric it logged."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A run's result with everything that is known about what it used."""

    result: Result
    traits: Traits


@dataclass(frozen=True, slots=True)
class Points:
    """One metric of one run at full resolution, in the order in which it was logged."""

    steps: Sequence[float]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric of both runs."""

    metric: str
    before: Points
    after: Points


@dataclass(frozen=True, slots=True)
class Beside:
    """The last values of another metric of both, of which it is known which way is better."""

    metric: str
    before: float
    after: float
    direction: Direction


@dataclass(frozen=True, slots=True)
class Case:
    """Two runs whose results are to be explained, and all that bears on it."""

    before: Witness
    after: Witness
    changes: Sequence[Change]
    """Everything by which their traits differ, seeds, places, idle ones and unknown ones too; from before to after."""
    metric: str
    """The outcome; empty when they have none in common."""
    direction: Direction = ""
    repeats_before: Sequence[Result] = ()
    """Runs whose inputs equal those of `before` but for seeds and places, and are known; it may be among them."""
    repeats_after: Sequence[Result] = ()
    others: Sequence[Witness] = ()
    """Other runs of the lineage, up to MOST_OTHERS; both judged runs and their repeats may be among them."""
    curves: Sequence[Pair] = ()
    """Metrics that both logged, the explained one first; resources left out."""
    repeat_curves: Mapping[RunId, Points] = field(default_factory=dict)
    """The explained metric of repeats of either side, for the noise at each step; a few dozen are plenty."""
    uncounted: Sequence[str] = ()
    """Metrics that either logged and that `bits` leave out, since they measure how long something took."""
    beside: Sequence[Beside] = ()
    """Other outcomes of both, in the order of the run table: one that moved the other way is said besides."""
    metrics: tuple[Sequence[str], Sequence[str]] = ((), ())
    """What each of both logged, resources left out: said when they share nothing."""
    argv: tuple[Sequence[str], Sequence[str]] = ((), ())
    """Command lines as recorded, for the advice; empty where secrets were taken out of them."""
    variables: tuple[Mapping[str, str], Mapping[str, str]] = field(default_factory=lambda: ({}, {}))
    """Environment variables that each asked for and had, without secrets, for the advice."""
    options: tuple[Mapping[str, str], Mapping[str, str]] = field(default_factory=lambda: ({}, {}))
    """What `argparse` took each command line for, typed or not, by name, as it would be typed; empty where something
    stands between the command and the script, which would not hand an option on."""
    here: frozenset[RunId] | None = None
    """Which of both have the code, data and environment that lie there now; None when it is not known."""


@dataclass(frozen=True, slots=True)
class Column:
    """One trait over many runs, for `varies`."""

    section: Section
    name: str
    values: Sequence[str | float | bool | None]
    """One a run; None where it has none or it is not known. Numbers as numbers: `1` and `1.0` are the same value."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Value to what is shown, where that is something else (`b3:91ac` to `v3, 50,000 rows`)."""


@dataclass(frozen=True, slots=True)
class Field:
    """Many runs as columns."""

    metric: str
    outcomes: Sequence[float | None]
    """Last value of each run."""
    columns: Sequence[Column]
    direction: Direction = ""
    going: int = 0
    """How many of the runs have not ended, and may still change."""
    fallen: Sequence[bool] = ()
    """Of each run whether it failed or died: where it stood then is no result."""


def inputs_of(traits: Traits) -> Mapping[tuple[Section, str], Trait]:
    """Give what can decide the result: no seeds, no places, nothing idle, no outcome."""
    return {key: trait for key, trait in traits.by_key.items() if trait.part is Part.INPUT}


def is_open(trait: Trait) -> bool:
    """Tell whether what a trait stands for is not known: two of these are not equal for all that is known."""
    return not trait.token or trait.basis in OPEN
