"""What is least valuable, where a store is larger than it may be: the order in which snapshots are given up.

First by what speaks for a snapshot, whatever the policy counts: a failed run is worth least; then what only a calendar
or a recent date keeps; what something kept was made from; the last ones and tagged ones; the best by a metric; what a
replay has rebuilt; and most what is cited. Within one such rank goes first what has held the most bytes for the longest
time: its age times its bytes, where bytes that several need are split between them. That is the cost-benefit rule for
cleaning a log-structured file system (Rosenblum and Ousterhout, 1992): one old large snapshot goes before a hundred
small ones, and the snapshots that share an old dataset go together.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from repro_tui.domain.retention import Candidate, Reason
from repro_tui.domain.retention_rules import REPLAYED


class Worth(IntEnum):
    """What speaks for a snapshot, the least first."""

    FAILED = 0
    DATED = 1
    PARENT = 2
    NAMED = 3
    BEST = 4
    REPLAYED = 5
    CITED = 6


_OF_RULE = {"parents": Worth.PARENT, "last": Worth.NAMED, "tag": Worth.NAMED, "best": Worth.BEST}


def worth(candidate: Candidate, reasons: Iterable[Reason]) -> Worth:
    """Rank a snapshot by what speaks for it."""
    if candidate.cited:
        return Worth.CITED
    if candidate.level >= REPLAYED:
        return Worth.REPLAYED
    best = Worth.DATED
    for said in reasons:
        if (found := _OF_RULE.get(said.rule, best)) > best:
            best = found
    return Worth.FAILED if candidate.failed and best < Worth.BEST else best


def order(
    candidate: Candidate, reasons: Iterable[Reason], portion: int, now: float
) -> tuple[float, float, float, float]:
    """Give what to sort by: what sorts first is given up first.

    Args:
        candidate: the snapshot.
        reasons: of the rules that keep it.
        portion: its part of the stored bytes, as `Footprint.portions` divides them.
        now: seconds since the epoch.
    """
    rank = worth(candidate, reasons)
    level = candidate.level if rank >= Worth.REPLAYED else 0
    return rank, level, -portion * max(1.0, now - candidate.t), candidate.t
