"""Puts many runs side by side as columns, for what varies over them: from the catalog, however many runs there are.

What part a name plays (a seed, a place for results) is read from the traits of some of the runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.catalog.connect import Catalog
from repro_tui.catalog.listing import metric_columns
from repro_tui.catalog.variation import Value, Variety
from repro_tui.compare.outcome import main_metric
from repro_tui.compare.records import Records
from repro_tui.compare.varying_data import data_columns
from repro_tui.domain.case import Column, Field
from repro_tui.domain.comparison import Direction
from repro_tui.domain.filters import Term
from repro_tui.domain.ids import RunId
from repro_tui.domain.traits import Part, Section, Traits
from repro_tui.errors import UsageError

_MOST_ENVIRONMENTS = 40
"""Different environments whose packages are read."""
_ENOUGH = 0.5
"""Share of the runs that must have logged a metric for it to be taken without being asked for."""

Names = Mapping[str, str]
"""Path of a declared dataset to its name."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is asked of many runs."""

    where: Term
    metric: str
    now: float
    """Seconds since the epoch."""
    declared: Sequence[str]
    """Metrics that repro.yaml speaks of."""
    direction: Callable[[str], Direction]
    datasets: Names


def field_of(records: Records, survey: Survey) -> Field:
    """Put the matching runs side by side; raises UsageError for a metric that none of them logged."""
    return records.ask(lambda catalog: _field(records, catalog, survey))


def _field(records: Records, catalog: Catalog, survey: Survey) -> Field:
    asked = Variety(catalog, survey.where, survey.now)
    shown = [column.name for column in metric_columns(catalog)]
    chosen = _metric(survey.metric, asked.metrics(), shown, survey.declared)
    environments = asked.prints("environment")
    traits = _read(records, asked.representatives("environment", _MOST_ENVIRONMENTS))
    parameters = asked.parameters().values
    parts = _parts(list(traits.values()))
    leading = {name: values for name, values in parameters.items() if parts.get(name) is Part.PLACE}
    columns = [
        *_parameters(parameters, parts),
        *_code(asked),
        *data_columns(asked.inputs(), leading, survey.datasets),
        *_environment(environments, traits),
        *(Column(Section.DETERMINISM, name, values) for name, values in asked.flags().values.items()),
    ]
    outcomes = asked.outcomes(chosen)
    return Field(chosen, outcomes, columns, survey.direction(chosen), asked.going(), asked.fallen())


def _metric(metric: str, logged: Mapping[str, int], shown: Sequence[str], declared: Sequence[str]) -> str:
    if metric:
        if metric not in logged:
            names = ", ".join(name for name in shown if name in logged)
            raise UsageError(
                f"No run logged {metric!r}.", f"They logged: {names}." if names else "They logged nothing."
            )
        return metric
    most = max(logged.values(), default=0)
    return main_metric(shown, declared, {name for name, runs in logged.items() if runs >= most * _ENOUGH})


def _read(records: Records, representatives: Mapping[str, str]) -> dict[str, Traits]:
    """Read the traits of one run for each environment."""
    runs = records.runs([RunId(uid) for uid in representatives.values()])
    found = {value: runs.get(RunId(uid)) for value, uid in representatives.items()}
    return {value: records.traits(known) for value, known in found.items() if known is not None}


def _parts(traits: Sequence[Traits]) -> Mapping[str, Part]:
    """Say what part each parameter plays in most of some runs."""
    parts: dict[str, Counter[Part]] = {}
    for each in traits:
        for (section, name), trait in each.by_key.items():
            if section is Section.PARAMETERS:
                parts.setdefault(name, Counter())[trait.part] += 1
    return {name: counts.most_common(1)[0][0] for name, counts in parts.items()}


def _parameters(values: Mapping[str, Sequence[Value]], parts: Mapping[str, Part]) -> list[Column]:
    """Give the parameters, without those that only say where something lies; a seed is a name and no quantity."""
    return [
        Column(Section.PARAMETERS, name, [_as_name(v) for v in each] if parts.get(name) is Part.SEED else each)
        for name, each in values.items()
        if parts.get(name) is not Part.PLACE
    ]


def _as_name(value: Value) -> Value:
    return f"{value:.12g}" if isinstance(value, float) else value


def _code(asked: Variety) -> list[Column]:
    values = asked.prints("code")
    return [Column(Section.CODE, "code", values, asked.commits())] if any(values) else []


def _environment(prints: Sequence[str | None], traits: Mapping[str, Traits]) -> list[Column]:
    """Give what differs among environments, and hosts, one column each; runs of others have no value."""
    keys = dict.fromkeys(
        key for each in traits.values() for key in each.by_key if key[0] in {Section.ENVIRONMENT, Section.HARDWARE}
    )
    columns: list[Column] = []
    for key in keys:
        known = {value: each.by_key[key] for value, each in traits.items() if key in each.by_key}
        if len({trait.token for trait in known.values()}) < 2 and len(known) == len(traits):  # noqa: PLR2004 - two values vary
            continue
        values: list[Value] = [known[p].token if p is not None and p in known else None for p in prints]
        columns.append(Column(*key, values, {trait.token: trait.text for trait in known.values()}))
    return columns
