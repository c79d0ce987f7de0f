"""What in a policy does not do what it seems to: a metric that nobody logged, a limit that cannot be kept."""

from __future__ import annotations

from collections.abc import Iterable

from repro_tui.domain.plain import clean
from repro_tui.domain.retention import Decision, Policy, Stock
from repro_tui.domain.retention_size import missing
from repro_tui.domain.retention_words import size_words


def doubts(policy: Policy, stock: Stock, decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Give what a person should know of a policy before it is carried out, as sentences; empty when all is well."""
    if policy.empty:
        return ("the policy is empty: it removes nothing",)
    found = [] if stock.candidates else ["there are no snapshots"]
    found += _of_tags(policy, stock) + _of_metrics(policy, stock)
    if over := missing(policy, stock, decisions):
        limit = size_words(policy.max_size or 0)
        found.append(f"max size {limit} is not reached: what may not be removed needs {_about(over)} more")
    return tuple(found)


def _of_tags(policy: Policy, stock: Stock) -> list[str]:
    tags = {tag for candidate in stock.candidates for tag in candidate.tags} if policy.keep_tags else set()
    return [f"no snapshot has the tag {clean(tag)}" for tag in policy.keep_tags if tag not in tags]


def _of_metrics(policy: Policy, stock: Stock) -> list[str]:
    found = []
    for best in policy.keep_best:
        name = clean(best.metric)
        if not any(best.metric in candidate.metrics for candidate in stock.candidates):
            found.append(f"no snapshot has the metric {name}")
        elif best.metric not in stock.directions:
            found.append(
                f"whether {name} is better up or down is not known, so all that have it stay;"
                f" `metrics: {{{name}: {{better: up}}}}` in repro.yaml says it"
            )
    return found


def _about(size: int) -> str:
    """Write bytes in three digits, rounded up: what must be given back is no less."""
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{-(-size * 10 // factor) / 10:g} {unit}"
    return f"{size} bytes"
