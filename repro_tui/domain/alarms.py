"""What a person should look at before trusting a run: alarms, each with what it rests on.

An alarm is said only where it is known: of a run that is still going, or of which an input was not hashed, nobody can
tell whether it ran before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.clocks import is_clock
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import Run, State


class AlarmKind(StrEnum):
    """Kinds of alarms, the gravest first."""

    DIED = "died"
    NAN = "nan"
    DATA = "data"
    RESULT = "result"
    DUPLICATE = "duplicate"


MEANINGS: dict[AlarmKind, str] = {
    AlarmKind.DIED: "its processes are gone, and no end was written",
    AlarmKind.NAN: "a metric is not a number",
    AlarmKind.DATA: "an input changed while it was running",
    AlarmKind.RESULT: "an earlier run with the same inputs has another result",
    AlarmKind.DUPLICATE: "these exact inputs ran before",
}
"""Kind to what it means."""
ANY = "any"
"""What a filter calls all kinds together."""
DIED = "died"
_OF_LINES: dict[AlarmKind, str] = {
    AlarmKind.DIED: "died",
    AlarmKind.NAN: "NaN",
    AlarmKind.DATA: "data changed",
    AlarmKind.RESULT: "other result",
    AlarmKind.DUPLICATE: "ran before",
}
"""Kind to what is said of some of many runs, behind their number."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to look at."""

    kind: AlarmKind
    text: str
    """A few words, for the end of a line."""
    other: RunId | None = None
    """The earlier run that it speaks of."""
    brief: str = ""
    """Two or three words, for the end of a line without room; empty: there are none shorter."""

    @property
    def shortest(self) -> str:
        """Give the fewest words that it can be said in."""
        return self.brief or self.text


@dataclass(frozen=True, slots=True)
class MetricEnd:
    """How a metric of a run ended."""

    name: str
    first_step: float
    value: float
    points: int
    broken: int
    """Of these, those that are NaN or infinite."""
    nan_step: float | None = None
    """The smallest step at which it was NaN; None when it never was."""


@dataclass(frozen=True, slots=True)
class Twin:
    """An earlier run with the same inputs, seeds included."""

    uid: RunId
    name: str
    state: State
    values: Mapping[str, float]
    """Metric to its last value."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What alarms of one run rest on."""

    state: State
    endings: Sequence[MetricEnd] = ()
    """Its metrics without resources, those logged first at the beginning."""
    moved: str = ""
    """Which inputs changed while it was running, as `moved_inputs` says it."""
    twins: Sequence[Twin] = ()
    """The latest earlier run with the same inputs, and the latest that is done, where that is another one."""


def alarms_of(facts: Facts) -> tuple[Alarm, ...]:
    """Give the alarms of a run, the gravest first."""
    found = [
        *([Alarm(AlarmKind.DIED, DIED)] if facts.state is State.DIED else []),
        *_nans(facts.endings),
        *(
            [Alarm(AlarmKind.DATA, f"{facts.moved} changed during the run", brief="data changed")]
            if facts.moved
            else []
        ),
        *_repetition(facts),
    ]
    return tuple(found)


def alarms_of_line(counts: Mapping[AlarmKind, int]) -> tuple[Alarm, ...]:
    """Give the alarms of a line that stands for several runs, from how many of its runs have each."""
    return tuple(Alarm(kind, f"{counts[kind]:,} {_OF_LINES[kind]}") for kind in AlarmKind if counts.get(kind))


def told(alarms: Iterable[Alarm], because: str) -> list[Alarm]:
    """Choose the alarms that a line has to say: that a run died stands in its sign, and in where it stood then.

    That some runs of a line died stands in how many of them ended otherwise than well.
    """
    return [alarm for alarm in alarms if alarm.kind is not AlarmKind.DIED or not because]


def told_alone(alarms: Iterable[Alarm]) -> list[str]:
    """Say alarms where there is room, away from the sign and the words of the line."""
    return [f"{alarm.text}: {MEANINGS[alarm.kind]}" if alarm.text == DIED else alarm.text for alarm in alarms]


def that_fit(alarms: Sequence[Alarm], cells: int, width: Callable[[str], int]) -> list[str]:
    """Say alarms in so many cells, two between them: in their own words if these fit, else in the fewest."""
    texts = [alarm.text for alarm in alarms]
    fits = sum(width(text) + 2 for text in texts) <= cells + 2
    return texts if fits else [alarm.shortest for alarm in alarms]


def moved_inputs(run: Run) -> str:
    """Name what changed while a run was reading it: `train.csv`, `3 inputs`; empty when nothing did.

    What the run itself wrote to is no alarm: to change it may be its purpose.
    """
    written = [fact.path for fact in run.files if "w" in fact.mode]
    moved = [
        fact.path
        for fact in run.files
        if fact.role == "in"
        and fact.changed_during
        and not any(path == fact.path or path.startswith(f"{fact.path}/") for path in written)
    ]
    return "" if not moved else moved[0] if len(moved) == 1 else f"{len(moved)} inputs"


def _nans(endings: Iterable[MetricEnd]) -> list[Alarm]:
    """Say that metrics are not a number: the first one, and how many others."""
    said = [(words, ending.name) for ending in endings if (words := _nan(ending))]
    if not said:
        return []
    text, name = said[0]
    more = f", and {len(said) - 1} more" if len(said) > 1 else ""
    # The sign comes first, so that it is still read where a long name is cut.
    return [Alarm(AlarmKind.NAN, f"{text}{more}", brief=f"NaN in {name}")]


def _nan(ending: MetricEnd) -> str:
    """Say since when a metric is NaN; one that began so and became a number is in order: it was not measured yet."""
    if ending.nan_step is None:
        return ""
    if ending.points == ending.broken:
        return f"{ending.name} never a number" if math.isnan(ending.value) else ""
    if ending.nan_step <= ending.first_step:
        return f"{ending.name} NaN" if math.isnan(ending.value) else ""
    return f"{ending.name} NaN at step {_step(ending.nan_step)}"


def _step(step: float) -> str:
    return f"{int(step):,}" if math.isfinite(step) and step == int(step) else f"{step:g}"


def _repetition(facts: Facts) -> list[Alarm]:
    """Say that the same ran before: with another result where both are done and a metric ended otherwise."""
    if not facts.twins:
        return []
    finished = next((twin for twin in facts.twins if twin.state is State.DONE), None)
    if finished is not None and facts.state is State.DONE:
        for ending in facts.endings:
            other = finished.values.get(ending.name)
            if other is not None and not is_clock(ending.name) and not _equal(other, ending.value):
                text = f"same inputs as {finished.name}, other {ending.name}"
                return [Alarm(AlarmKind.RESULT, text, finished.uid, f"other {ending.name}")]
    twin = finished or facts.twins[0]
    how = "" if twin.state is State.DONE else f" ({twin.state})"
    return [Alarm(AlarmKind.DUPLICATE, f"ran before: {twin.name}{how}", twin.uid, "ran before")]


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))
