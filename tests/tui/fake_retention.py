"""Retention in memory: the real rules and the real counting of shared bytes, over snapshots that are only numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from repro_tui.domain.footprint import WHOLE, Footprint
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import (
    DAY_S,
    Candidate,
    Decision,
    Emptied,
    EmptyPlan,
    Move,
    PackWork,
    Policy,
    Pruned,
    PrunePlan,
    Stock,
    StockPart,
    Trashed,
    UsageRow,
    Verdict,
)
from repro_tui.domain.retention_impossible import impossible
from repro_tui.domain.tidying import FolderPlan, Tidied
from repro_tui.errors import NotFoundError, ReadOnlyError, ReproError, UsageError

NOW = 1_795_429_903.0
"""The time of the pictures."""
MB = 1_000_000


def digest_of(number: int) -> Digest:
    """Name a snapshot."""
    return Digest(f"b3:{number:064x}")


def candidate(number: int, name: str, age: float, own: int = MB, **fields: object) -> Candidate:
    """Make a snapshot with code and data of its own."""
    parts = (StockPart("code", "code", own // 10), StockPart("data:train", "data", own - own // 10))
    made = Candidate(digest_of(number), NOW - age, name, RunId(f"{number:032x}"), "train.py", parts=parts, own=own)
    return replace(made, **fields)  # type: ignore[arg-type]


def footprint_of(candidates: Sequence[Candidate]) -> Footprint:
    """Give each snapshot its own bytes by part, and all of them 5 MB that they share."""
    shared = 0
    units: dict[Digest, dict[str, tuple[int, ...]]] = {}
    shares: list[tuple[int, tuple[int, ...]]] = [(5 * MB, (shared,))]
    for one in candidates:
        units[one.digest] = {}
        for part in one.parts:
            number = len(shares)
            shares.append((part.size, (number,)))
            units[one.digest][part.name] = (number, shared) if part.kind == "data" else (number,)
    return Footprint(units, tuple(shares))


class FakeRetention:
    """Answers as the real one would."""

    def __init__(self, candidates: Sequence[Candidate] = (), policy: Policy | None = None) -> None:
        self.candidates = list(candidates)
        self.kept_policy = policy or Policy()
        self.saved: list[Policy] = []
        self.trashed: list[tuple[Trashed, Candidate]] = []
        self.error: ReproError | None = None
        self.readonly = False
        self.damaged = ""
        self.folders = FolderPlan((), 0, "f")
        self.free = 40_000 * MB
        self.now = NOW
        self.hint_above = 0
        self.held: threading.Event | None = None
        """Set to let what takes long go on; None for at once."""
        self._count = 0

    def policy(self) -> Policy:
        return self.kept_policy

    def save_policy(self, policy: Policy) -> None:
        self._check()
        self.kept_policy = policy
        self.saved.append(policy)

    def stock(self, progress: Progress | None = None) -> Stock:
        self._raise()
        footprint = footprint_of(self.candidates)
        return Stock(
            t=self.now,
            candidates=tuple(sorted(self.candidates, key=lambda c: (-c.t, c.digest))),
            footprint=footprint,
            trashed=self.trash(),
            size=footprint.size + sum(one.frees for one, _ in self.trashed),
            free=self.free,
            directions={"acc": True, "loss": False},
            hint_above=self.hint_above,
            readonly=self.readonly,
            damaged=self.damaged,
            stamp=self._stamp,
        )

    @property
    def _stamp(self) -> str:
        return f"{sorted(c.digest for c in self.candidates)}{[one.digest for one, _ in self.trashed]}"

    def plan(self, stock: Stock, decisions: Sequence[Decision], progress: Progress | None = None) -> PrunePlan:
        names = {one.digest: one.name for one in stock.candidates}
        moves = tuple(
            Move(d.digest, names[d.digest], d.parts, d.reasons[0]) for d in decisions if d.verdict is not Verdict.KEEP
        )
        frees = stock.footprint.freed({move.digest: move.parts for move in moves})
        packs = PackWork(deleted=max(1, len(moves) // 2) if moves else 0, rewritten=min(2, len(moves)), frees=frees)
        return PrunePlan(
            moves,
            len(decisions) - len(moves),
            packs,
            frees,
            self.now + stock.grace,
            stock.free,
            impossible(stock, decisions),
            stock.stamp,
        )

    def prune(self, plan: PrunePlan, progress: Progress | None = None) -> Pruned:
        self._check(plan.stamp)
        self._take_long(progress, "Removing snapshots")
        self._count += 1
        batch = f"batch-{self._count}"
        for move in plan.moves:
            one = next(c for c in self.candidates if c.digest == move.digest)
            frees = sum(part.size for part in one.parts if WHOLE in move.parts or part.name in move.parts)
            row = Trashed(
                move.digest, move.name, move.parts, self.now, plan.until, "ada", move.reason.words, batch, frees
            )
            self.trashed.insert(0, (row, one))
            self.candidates.remove(one)
            if WHOLE not in move.parts:
                left = tuple(part for part in one.parts if part.name not in move.parts)
                self.candidates.append(replace(one, parts=left, own=one.own - frees))
        return Pruned(plan.moves, batch, plan.until)

    def trash(self) -> tuple[Trashed, ...]:
        return tuple(one for one, _ in self.trashed)

    def undo(self, trashed: Sequence[Trashed], progress: Progress | None = None) -> Sequence[Trashed]:
        self._check()
        back = [(one, was) for one, was in self.trashed if one in trashed]
        if not back:
            raise NotFoundError("Nothing of that is in the trash any more.", "Look again.")
        for pair in back:
            self.trashed.remove(pair)
            self.candidates = [c for c in self.candidates if c.digest != pair[1].digest]
            self.candidates.append(pair[1])
        return [one for one, _ in back]

    def plan_emptying(
        self, trashed: Sequence[Trashed] = (), *, early: bool = False, progress: Progress | None = None
    ) -> EmptyPlan:
        asked = [one for one in self.trash() if not trashed or one in trashed]
        going = tuple(one for one in asked if early or one.until <= self.now)
        waiting = tuple(one for one in self.trash() if one not in going)
        packs = PackWork(deleted=len(going), frees=sum(one.frees for one in going))
        return EmptyPlan(going, waiting, packs, self.free, any(o.until > self.now for o in going), self._stamp)

    def empty(self, plan: EmptyPlan, progress: Progress | None = None) -> Emptied:
        self._check(plan.stamp)
        self._take_long(progress, "Emptying the trash")
        self.trashed = [(one, was) for one, was in self.trashed if one not in plan.trashed]
        self.free += plan.packs.frees
        return Emptied(plan.trashed, plan.packs.frees, plan.packs)

    def usage(self, progress: Progress | None = None) -> Sequence[UsageRow]:
        return [UsageRow(c.name, "run", c.own, 5 * MB, c.own, 1) for c in self.candidates]

    def plan_folders(self, progress: Progress | None = None) -> FolderPlan:
        return self.folders

    def tidy_folders(self, plan: FolderPlan, progress: Progress | None = None) -> Tidied:
        self._check()
        self.folders = FolderPlan((), 0, "f")
        return Tidied(plan.moves, plan.frees)

    def _check(self, stamp: str | None = None) -> None:
        self._raise()
        if self.readonly:
            raise ReadOnlyError
        if stamp is not None and stamp != self._stamp:
            raise UsageError("What is kept has changed since the plan was made, so nothing was done.", "Look again.")

    def _raise(self) -> None:
        if self.error is not None:
            raise self.error

    def _take_long(self, progress: Progress | None, what: str) -> None:
        """Wait where a test wants to see it at work."""
        told: Callable[[int, int, str], None] = progress or (lambda *_: None)
        told(1, 3, what)
        if self.held is not None:
            while not self.held.wait(0.02):
                told(2, 3, what)


def drawn() -> list[Candidate]:
    """Give the snapshots of the drawn screen."""
    return [
        candidate(1, "amber-otter-41", 120, 31 * MB, metrics={"acc": 0.9731}, level=2, level_text="2/6"),
        candidate(
            2, "calm-heron-40", 660, 2 * MB, metrics={"acc": 0.9712}, pinned=True, cited=("paper",), level_text="5/6"
        ),
        candidate(3, "wide-crane-38", 3_600, 640 * MB, metrics={"acc": 0.9688}, level=2, level_text="2/6"),
        candidate(4, "plain-wren-37", 7_200, 2 * MB, failed=True, level_text="1/6"),
        candidate(5, "late-moth-36", 3 * 3_600, 210 * MB, failed=True, metrics={"acc": 0.9402}, level_text="2/6"),
        *(
            candidate(10 + n, f"early-finch-{30 - n}", (n + 1) * DAY_S, (n % 7 + 1) * 40 * MB, level_text="2/6")
            for n in range(24)
        ),
    ]
