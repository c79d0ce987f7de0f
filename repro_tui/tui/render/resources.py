"""What a run uses of its machine: names, units and shapes of the sampled resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.domain.series import Curve
from repro_tui.tui.render.lines import Line, title
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.spark import spark
from repro_tui.tui.render.text import pad, width

PREFIX = "res:"
"""Begins the name of a sampled resource among the metrics."""
_MOST_CARDS = 16
NAMES = (
    f"{PREFIX}cpu",
    f"{PREFIX}rss",
    *(f"{PREFIX}gpu{card}.{kind}" for card in range(_MOST_CARDS) for kind in ("util", "mem")),
)
"""Everything that may have been sampled, in the order in which it is shown."""
SHAPE = 24
"""Buckets of the small curve beside a resource."""

_GIGA, _MEGA = 1e9, 1e6


def is_resource(name: str) -> bool:
    """Tell a resource from a metric that a script logged."""
    return name.startswith(PREFIX)


def is_bytes(name: str) -> bool:
    """Tell whether a resource is measured in bytes; the others are percentages."""
    return name.endswith(("rss", ".mem"))


def label(name: str) -> str:
    """Name a resource in words: `processor`, `memory`, `gpu 0`, `gpu 0 memory`."""
    known = name.removeprefix(PREFIX)
    if known in {"cpu", "rss"}:
        return {"cpu": "processor", "rss": "memory"}[known]
    card, _, kind = known.partition(".")
    return card.replace("gpu", "gpu ") + (" memory" if kind == "mem" else "")


def amount(name: str, value: float) -> str:
    """Write a value with its unit."""
    return size(value) if is_bytes(name) else f"{value:.0f} %"


def scaled(name: str, curves: Sequence[Curve]) -> tuple[str, float]:
    """Choose the unit of a chart and what values are divided by for it."""
    if not is_bytes(name):
        return ("% of one core" if name == f"{PREFIX}cpu" else "%"), 1.0
    highest = max((bucket.high for curve in curves for bucket in curve.buckets), default=0.0)
    return ("GB", _GIGA) if highest >= _GIGA else ("MB", _MEGA)


def divided(curve: Curve, by: float) -> Curve:
    """Give a curve in another unit."""
    if by == 1:
        return curve
    buckets = tuple(replace(b, low=b.low / by, high=b.high / by, last=b.last / by) for b in curve.buckets)
    return replace(curve, buckets=buckets)


def block(curves: Mapping[str, Curve], *, live: bool) -> list[Line]:
    """Give the lines about resources: shape over time, the highest and the last value of each."""
    seen = {name: curve for name, curve in curves.items() if curve.buckets}
    if not seen:
        return [title("Resources", "not sampled yet" if live else "it ended before the first sample")]
    names = max(width(label(name)) for name in seen)
    shapes = {name: spark([bucket.high for bucket in curve.buckets]) for name, curve in seen.items()}
    wide = max(map(width, shapes.values()))
    lines: list[Line] = [title("Resources", "highest, and last; 100 % is one core")]
    for name, curve in seen.items():
        highest = amount(name, max(bucket.high for bucket in curve.buckets))
        last = amount(name, curve.buckets[-1].last)
        lines.append(
            (
                (pad(label(name), max(14, names + 2)), "label"),
                (pad(shapes[name], wide), "accent"),
                (f" {highest:>8}", "value"),
                (f" {last:>8}", "dim"),
            )
        )
    return lines
