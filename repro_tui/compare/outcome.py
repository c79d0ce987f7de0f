"""Which outcome is meant when nobody names one, and which metrics say nothing of the result."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from repro_tui.domain.clocks import is_clock

__all__ = ["is_clock", "main_metric"]


def main_metric(shown: Sequence[str], declared: Sequence[str], common: Collection[str]) -> str:
    """Choose the outcome: the first that is declared, else the first that the run table shows; empty without any.

    Args:
        shown: metrics in the order of the run table.
        declared: metrics that repro.yaml speaks of, in its order.
        common: metrics that may be chosen.
    """
    order = [name for name in (*declared, *shown, *sorted(common)) if name in common]
    return next((name for name in order if not is_clock(name)), order[0] if order else "")
