"""What the prune screen and the trash learn from the services, and what is decided upon it: all of it in a thread."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.message import Message

from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Policy, Stock, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.errors import ReproError
from repro_tui.ports.retention import Retention
from repro_tui.tui.prune_lines import Decided, decided, name_cells
from repro_tui.tui.render.prune import Outlook


@dataclass(frozen=True, slots=True)
class Trial:
    """What was decided by: rules, what a person said of lines, and what there is."""

    policy: Policy
    overrides: Mapping[Digest, Verdict]
    stock: Stock

    def is_as(self, other: Trial) -> bool:
        """Tell whether both lead to the same verdicts."""
        same = self.policy == other.policy and self.overrides == other.overrides
        return same and self.stock.stamp == other.stock.stamp


@dataclass
class StockTaken(Message):
    """The store was read."""

    stock: Stock | None = None
    policy: Policy | None = None
    """What repro.yaml says."""
    error: str = ""

    def can_replace(self, message: Message) -> bool:
        """Replace an older reading that was not shown yet."""
        return isinstance(message, StockTaken)


@dataclass
class VerdictsMade(Message):
    """It was decided about every snapshot."""

    trial: Trial
    rows: Sequence[Decided]
    outlook: Outlook
    name_cells: int
    """Cells that the names take."""

    def can_replace(self, message: Message) -> bool:
        """Replace older verdicts that were not shown yet."""
        return isinstance(message, VerdictsMade)


def take_stock(retention: Retention) -> StockTaken:
    """Read the store and the policy."""
    try:
        return StockTaken(retention.stock(), retention.policy())
    except ReproError as error:
        return StockTaken(error=f"{error.message} {error.hint}".strip())


def make_verdicts(trial: Trial) -> VerdictsMade:
    """Decide about everything, and say what that comes to.

    A hundred thousand values are made without one cycle among them; looking for cycles meanwhile takes as long as
    deciding, so that waits.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return _verdicts(trial)
    finally:
        if collects:
            gc.enable()


def _verdicts(trial: Trial) -> VerdictsMade:
    decisions = decide(trial.policy, trial.stock, trial.overrides)
    rows = decided(trial.stock, decisions)
    return VerdictsMade(trial, rows, Outlook.of(trial.policy, trial.stock, decisions), name_cells(rows))
