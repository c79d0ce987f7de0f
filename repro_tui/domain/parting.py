"""Where two curves part: the first step that is not equal bit by bit, and the first beyond the noise of repeats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from repro_tui.domain.case import Pair, Points
from repro_tui.domain.explanation import Parting
from repro_tui.domain.statistics import prediction, sample

LEAST_DRAWS = 2
"""Repeats at a step from which on an interval can be had."""

Curve = Mapping[float, float]
"""Step to value; of a step that was logged twice (after a resume) the later value counts."""


def same_bits(first: float | None, second: float | None) -> bool:
    """Tell whether two values are the same number: NaN equals NaN, and 0.0 is not -0.0."""
    if first is None or second is None:
        return first is second
    if math.isnan(first) or math.isnan(second):
        return math.isnan(first) and math.isnan(second)
    return first == second and math.copysign(1, first) == math.copysign(1, second)


def curve(points: Points) -> Curve:
    """Order a curve by its steps; points whose step is not a number have no place in it."""
    return {step: value for step, value in zip(points.steps, points.values, strict=False) if math.isfinite(step)}


def part(pair: Pair, judged: Curve | None = None, repeats: Sequence[Curve] = ()) -> Parting:
    """Say where two curves part.

    `judged` is the curve that is held against the repeats of the other run, that run among them: one for each seed.
    """
    before, after = curve(pair.before), curve(pair.after)
    common = sorted(before.keys() & after.keys())
    step = next((step for step in common if not same_bits(before[step], after[step])), None)
    beyond = None
    if step is not None and judged is not None and len(repeats) >= LEAST_DRAWS:
        beyond = _beyond([step for step in common if step in judged], judged, repeats)
    return Parting(pair.metric, step, beyond, len(common))


def _beyond(steps: Sequence[float], judged: Curve, repeats: Sequence[Curve]) -> float | None:
    """Go back from the last step for as long as the judged curve lies outside what repeats allow."""
    found = None
    for step in reversed(steps):
        values = [value for repeat in repeats if math.isfinite(value := repeat.get(step, math.nan))]
        if len(values) < LEAST_DRAWS or not math.isfinite(judged[step]):
            break
        noise = sample(values)
        if not noise.std or prediction(noise).holds(judged[step]):
            break
        found = step
    return found


def first_broken(points: Points) -> float | None:
    """Give the first step whose value is NaN or infinite."""
    return next(
        (step for step, value in zip(points.steps, points.values, strict=False) if not math.isfinite(value)), None
    )


def earliest(partings: Sequence[Parting]) -> Parting | None:
    """Choose the one to speak of: that which parts first, and of those the first of the list, the explained metric."""
    compared = [parting for parting in partings if parting.compared]
    if not compared:
        return None
    return min(compared, key=lambda p: math.inf if p.step is None else p.step)
