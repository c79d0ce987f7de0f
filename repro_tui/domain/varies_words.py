"""What is said of things that vary over many runs: words of association, with the number of runs they rest on."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.case import Field
from repro_tui.domain.explain_text import count, listed, value, word
from repro_tui.domain.explanation import Varied

FEW = 10
"""Runs below which it is said that they are few."""
LEAST = 3
"""Runs below which nothing is computed: two points always lie on a line."""
CHANCE = 0.05
"""How often one of all things that vary may seem to go with the outcome by chance alone."""


def words(varied: Varied, chance: float, confounded: Sequence[str], metric: str) -> str:
    """Say how one thing goes with the outcome; `chance` is how often one of all things goes so closely by accident."""
    said = _alone(varied, chance, word(metric))
    if confounded:
        said += f"; changes together with {listed(confounded, most=2)}: their effects cannot be told apart"
    return said


def _alone(varied: Varied, chance: float, metric: str) -> str:
    n = f"{varied.n:,} runs{', few runs' if varied.n < FEW else ''}"
    if varied.n < LEAST:
        return f"{count(varied.n, 'run')}: too few to say anything"
    if varied.rho is None and varied.share is None:
        return f"no trend can be measured ({n})"
    if varied.rho is not None:
        trend = f"rank correlation {varied.rho:+.2f}, {n}"
        if chance > CHANCE:
            return f"no clear trend ({trend})"
        way = "higher" if varied.rho > 0 else "lower"
        return f"{metric} tends to be {way} where it is greater ({trend})"
    if not varied.groups:
        return f"each run has a value of its own: nothing can be said ({n})"
    share = f"{(varied.share or 0.0) * 100:.0f} % of the variance between {varied.values:,} groups, {n}"
    if chance > CHANCE:
        return f"groups do not differ clearly ({share})"
    return f"group means differ by up to {value(varied.spread)} ({share})"


def notes(field: Field, runs: int, fallen: int, varying: int) -> list[str]:
    """Say what has to be known of all of it."""
    metric = word(field.metric) or "an outcome"
    if not runs:
        return [f"No run has {metric} as a number: nothing can be said."]
    said = []
    if runs < FEW:
        said.append(f"Only {count(runs, 'run')}: chance alone makes trends among so few.")
    if fallen:
        stood = "it" if fallen == 1 else "they"
        said.append(f"{count(fallen, 'run')} that failed or died not counted: where {stood} stood then is no result.")
    elif field.fallen and all(field.fallen):
        said.append("All of these runs failed or died: what is compared is where they stood then.")
    without = len(field.outcomes) - runs - fallen
    if without:
        said.append(f"{count(without, 'run')} without {metric} as a number not counted.")
    if field.going:
        said.append(f"{count(field.going, 'run')} still going: what was logged last is no result yet.")
    said.append("What goes together need not be cause and effect." if varying else "Nothing varies among these runs.")
    return said
