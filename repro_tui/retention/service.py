"""The retention of one project: what the screens and commands ask."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import (
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
    Trashed,
    UsageRow,
    Verdict,
)
from repro_tui.domain.retention_impossible import impossible
from repro_tui.domain.tidying import FolderPlan, Tidied
from repro_tui.errors import ChangedError, DamagedError, NotFoundError, StorageError
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.layout import Layout
from repro_tui.retention.du import usage_rows
from repro_tui.retention.folders import Folders
from repro_tui.retention.intents import Intended, Intent, left_behind, underway, write_intent
from repro_tui.retention.policy_file import policy_in, write_policy
from repro_tui.retention.stock import Inventory, Shelved, StockTaker
from repro_tui.retention.telling import Teller
from repro_tui.settings import Project
from repro_tui.store import emptying, trash
from repro_tui.store.clearing import Permission
from repro_tui.store.durable import give_up_reserve, keep_reserve
from repro_tui.store.packwork import sort_packs
from repro_tui.store.places import Places
from repro_tui.store.store import Store

LOOK_AGAIN = "Look again: the list shows what is there now."
_RECENT_S = 10.0
_ROOM = 4 << 20
"""Bytes that must be free before anything is removed: for the intent, the events and the condemnations."""


class RetentionService:
    """Implements `ports.retention.Retention`. Opening it touches no file. Any thread."""

    def __init__(self, project: Project, ask: Asking) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._store = Store.of(project)
        self._taker = StockTaker(project, self._store, ask)
        self._teller = Teller(self._layout)
        self._folders = Folders(project, ask)
        self._last: Inventory | None = None

    # The policy

    def policy(self) -> Policy:
        """Give what repro.yaml says now; raises UsageError when it cannot be understood."""
        return policy_in(self._project.root)

    def save_policy(self, policy: Policy) -> None:
        """Write it to repro.yaml, touching no other line of the file."""
        self._layout.check_writable()
        write_policy(self._project.root, policy)

    # Looking

    def stock(self, progress: Progress | None = None) -> Stock:
        """Give the snapshots with what decides about them, who needs which bytes, and what is in the trash."""
        return self._inventory(progress).stock

    def trash(self) -> Sequence[Trashed]:
        """List what can be brought back, the newest first."""
        return self._recent(None).stock.trashed

    def plan(self, stock: Stock, decisions: Sequence[Decision], progress: Progress | None = None) -> PrunePlan:
        """Say what carrying out decisions would do, without writing anything."""
        found = self._of(stock, progress)
        by_digest = {candidate.digest: candidate for candidate in stock.candidates}
        moves = tuple(_move(decision, by_digest) for decision in decisions if decision.verdict is not Verdict.KEEP)
        gone = {move.digest: move.parts for move in moves}
        both: Mapping[Digest, frozenset[str]] = {
            digest: gone.get(digest, frozenset()) | found.waiting.get(digest, frozenset())
            for digest in {*gone, *found.waiting}
        }
        return PrunePlan(
            moves=moves,
            kept=sum(decision.verdict is Verdict.KEEP for decision in decisions),
            packs=found.holdings.work(both),
            frees=stock.footprint.freed(gone),
            until=time.time() + stock.grace,
            free=stock.free,
            impossible=impossible(stock, decisions),
            stamp=stock.stamp,
        )

    def plan_emptying(
        self, trashed: Sequence[Trashed] = (), *, early: bool = False, progress: Progress | None = None
    ) -> EmptyPlan:
        """Say what emptying would free: all in the trash, or only some; with `early` also what is not yet due."""
        found = self._recent(progress)
        now = time.time()
        named = {(one.digest, one.parts) for one in trashed}
        asked = [one for one in found.stock.trashed if not named or (one.digest, one.parts) in named]
        going = [one for one in asked if early or one.until <= now]
        left = tuple(one for one in found.stock.trashed if one not in going)
        is_early = any(one.until > now for one in going)
        packs = PackWork() if found.stock.damaged else self._work(found, going, now, early=is_early)
        return EmptyPlan(tuple(going), left, packs, found.stock.free, is_early, found.stock.stamp)

    def usage(self, progress: Progress | None = None) -> Sequence[UsageRow]:
        """Say where the bytes go: by dataset, by run, by kind of part; the largest own first within each."""
        return usage_rows(self._recent(progress))

    # Acting

    def prune(self, plan: PrunePlan, progress: Progress | None = None) -> Pruned:
        """Move what the plan names to the trash."""
        begun = time.monotonic()
        with self._acting():
            found = self._checked(plan.stamp)
            by_digest = {candidate.digest: candidate for candidate in found.stock.candidates}
            now = time.time()
            intent = self._intend(
                Intent(
                    batch=os.urandom(8).hex(),
                    t=now,
                    until=now + found.stock.grace,
                    user=self._teller.user,
                    host=self._teller.host,
                    moves=tuple(_intended(move, by_digest) for move in plan.moves),
                    path=Path(),
                )
            )
            whole = [move.digest for move in plan.moves if WHOLE in move.parts]
            moved = trash.move_to_trash(self._store, whole, progress)
            lessened = () if moved.stopped else (move.digest for move in plan.moves if WHOLE not in move.parts)
            done = {*moved.digests, *lessened}
            told = self._tell(lambda: self._teller.removed(intent, done))
            if told:
                intent.done()
            else:
                done = set(moved.digests)  # parts go by their event alone
            gone = {move.digest: move.parts for move in plan.moves if move.digest in done}
            self._condemn(found, gone, intent.until)
        return Pruned(
            moved=tuple(move for move in plan.moves if move.digest in done),
            batch=intent.batch,
            until=intent.until,
            stopped=moved.stopped,
            seconds=time.monotonic() - begun,
        )

    def undo(self, trashed: Sequence[Trashed], progress: Progress | None = None) -> Sequence[Trashed]:
        """Bring back; gives what is back. Raises when nothing of it can be."""
        with self._acting():
            found = self._inventory(None)
            there = {(one.digest, one.parts) for one in found.stock.trashed}
            asked = [one for one in trashed if (one.digest, one.parts) in there]
            if not asked:
                raise NotFoundError("Nothing of that is in the trash any more.", LOOK_AGAIN)
            whole = [one.digest for one in asked if WHOLE in one.parts]
            parts = {digest: names for digest, names in _gone(asked).items() if WHOLE not in names}
            moved = trash.bring_back(self._store, whole, found.shelves.lost, progress)
            lost = {**(moved.lost or {}), **trash.keep_parts(self._store, parts, found.shelves.lost)}
            back = [one for one in asked if one.digest in {*moved.digests, *(parts.keys() - lost.keys())}]
            if not self._tell(lambda: self._teller.brought_back(_told_of(back, found))):
                back = [one for one in back if WHOLE in one.parts]  # of these who looks next says it
                lost |= dict.fromkeys(parts, "there is no room to note it")
        if not back:
            why = next(iter(lost.values()), "somebody else was faster")
            raise StorageError(
                f"{asked[0].name} cannot be brought back: {why}.", "`repro-tui check` says what is there."
            )
        return back

    def empty(self, plan: EmptyPlan, progress: Progress | None = None) -> Emptied:
        """Delete for good what the plan names, and give the bytes back to the disk."""
        begun = time.monotonic()
        with self._acting():
            found = self._checked(plan.stamp)
            if found.stock.damaged:
                raise DamagedError(
                    f"Nothing is deleted for good now: {found.stock.damaged}.",
                    "Run `repro-tui check`, then `repro-tui repair`.",
                )
            going = list(plan.trashed)
            whole = [one for one in going if WHOLE in one.parts]
            parts = [one for one in going if WHOLE not in one.parts]
            # Of parts it is said before: whoever comes after a death must not look for what is gone.
            refused = plan.early and self._store.why_not_exclusive()
            if parts and not refused and not self._tell(lambda: self._teller.emptied(_told_of(parts, found))):
                parts = []  # the disk is full: what goes now makes the room to say it the next time
            order = emptying.Order(_gone([*whole, *parts]), time.time(), plan.early, found.shelves.lost)
            freed = emptying.empty(self._store, order, progress)
            back = set(freed.back)
            gone = [one for one in whole if one.digest not in back]
            self._tell(lambda: self._tell_untold([one.digest for one in gone], found))
            self._tell(lambda: self._teller.emptied(_told_of(gone, found)))
            self._last = None
        return Emptied(
            gone=(*gone, *parts),
            freed=freed.packs.frees,
            packs=freed.packs,
            stopped=freed.stopped,
            left=freed.left,
            seconds=time.monotonic() - begun,
        )

    # The folders of runs

    def plan_folders(self, progress: Progress | None = None) -> FolderPlan:
        """Say what would be done with the folders of runs that ended long ago, without writing anything."""
        return self._folders.plan(progress)

    def tidy_folders(self, plan: FolderPlan, progress: Progress | None = None) -> Tidied:
        """Compress and remove what the plan names; what has changed since is left as it is."""
        self._layout.check_writable()
        self._make_room()
        return self._folders.carry_out(plan, self._teller, progress)

    # The state

    def _inventory(self, progress: Progress | None) -> Inventory:
        """Take stock, after what a dead process left half done was put right."""
        if not self._project.readonly:
            self._mend()
        found = self._taker.take(progress)
        if not self._project.readonly:
            self._tell_the_rest(found)
        self._last = found
        return found

    @contextlib.contextmanager
    def _acting(self) -> Iterator[None]:
        """Keep others from deciding meanwhile, and see that what happens can be written down."""
        self._store.check_writable()
        self._make_room()
        with self._store.deciding():
            self._tell(self._teller.ready)
            yield
            keep_reserve(self._store.places)

    def _intend(self, intent: Intent) -> Intent:
        """Write down what is about to be removed; on a disk that is full to the last byte it is done without."""
        try:
            return write_intent(self._store.places, intent)
        except StorageError as error:
            if not _is_full(error):
                raise
            return intent

    def _tell(self, tell: Callable[[], None]) -> bool:
        """Write to the journal; tells whether there was room for it. Raises StorageError for any other reason."""
        try:
            tell()
        except StorageError as error:
            if not _is_full(error):
                raise
            return False
        return True

    def _make_room(self) -> None:
        """Give up the reserve where the disk is full, so that removing and its events find room."""
        with contextlib.suppress(OSError):
            found = os.statvfs(self._store.places.folder)
            if found.f_bavail * found.f_frsize < _ROOM:
                give_up_reserve(self._store.places)

    def _recent(self, progress: Progress | None) -> Inventory:
        """Give what was found a moment ago, when neither documents nor journals of the project changed since."""
        last = self._last
        if last is not None and last.mark == self._taker.mark() and time.time() - last.stock.t < _RECENT_S:
            return last
        return self._inventory(progress)

    def _work(self, found: Inventory, going: Sequence[Trashed], now: float, *, early: bool) -> PackWork:
        """Say what emptying will do to the packs."""
        gone, places = _gone(going), self._store.places
        exclusive = not self._store.why_not_exclusive()
        touched = found.holdings.touched(gone)
        permission = Permission(places, touched, exclusive=exclusive, now=now, early=early)
        return sort_packs(found.holdings.loads(gone), touchable=permission).work()

    def _of(self, stock: Stock, progress: Progress | None) -> Inventory:
        """Give what a stock was made from."""
        last = self._last
        if last is None or last.stock.stamp != stock.stamp:
            last = self._inventory(progress)
        if last.stock.stamp != stock.stamp:
            raise ChangedError("What is kept has changed since it was looked at.", LOOK_AGAIN)
        return last

    def _checked(self, stamp: str) -> Inventory:
        """Take stock again; raises UsageError when what a plan rests on has changed."""
        found = self._inventory(None)
        if found.stock.stamp != stamp:
            raise ChangedError("What is kept has changed since the plan was made, so nothing was done.", LOOK_AGAIN)
        return found

    def _mend(self) -> None:
        """Write the events of what a process removed that died before it could; what refuses is tried again."""
        places = self._store.places
        for intent in left_behind(places, time.time()):
            try:
                moved = {move.digest for move in intent.moves if _is_moved(move, places)}
                told = self._taker.told(moved)
                self._teller.removed(intent, moved - told)
            except StorageError:
                continue
            intent.done()

    def _tell_the_rest(self, found: Inventory) -> None:
        """Say what documents tell and journals do not: who moved them died before, or copied them, or had no room."""
        shelves = found.shelves
        back = [(d, one.snapshot.run, {WHOLE}) for d, one in shelves.live.items() if _is_told(one)]
        moving = {move.digest for intent in underway(self._store.places) for move in intent.moves}
        untold = [digest for digest in shelves.trash if digest not in moving]
        with contextlib.suppress(StorageError):
            if back:
                self._teller.brought_back(back)
            self._tell_untold(untold, found)

    def _tell_untold(self, digests: Iterable[Digest], found: Inventory) -> None:
        """Say of documents in the trash that they were removed, when no journal does; raises StorageError."""
        trash = found.shelves.trash
        untold = [d for d in digests if d in trash and not _is_told(trash[d])]
        if untold:
            moves = tuple(Intended(d, found.run_of(d), (WHOLE,), "", "") for d in untold)
            now = time.time()
            self._teller.removed(Intent("", now, now + found.stock.grace, "", "", moves, Path()), set(untold))

    def _condemn(self, found: Inventory, gone: Mapping[Digest, frozenset[str]], until: float) -> None:
        """Let nobody rely on what only removed snapshots need."""
        waiting = found.waiting
        both = {d: gone.get(d, frozenset()) | waiting.get(d, frozenset()) for d in {*gone, *waiting}}
        packs = found.holdings.condemnable(both)
        if packs:
            self._store.condemn(packs, until)


def _move(decision: Decision, by_digest: Mapping[Digest, Candidate]) -> Move:
    parts = decision.parts if decision.verdict is Verdict.LESSEN else frozenset({WHOLE})
    return Move(decision.digest, by_digest[decision.digest].name, parts, decision.reasons[0])


def _intended(move: Move, by_digest: Mapping[Digest, Candidate]) -> Intended:
    run = by_digest[move.digest].run
    return Intended(move.digest, run, tuple(sorted(move.parts)), move.reason.words, move.reason.rule)


def _is_told(one: Shelved) -> bool:
    return any(told.part == WHOLE for told in one.removals)


def _is_full(error: StorageError) -> bool:
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}


def _told_of(trashed: Iterable[Trashed], found: Inventory) -> list[tuple[Digest, RunId | None, frozenset[str]]]:
    """Say what events name: the snapshot, its run, what of it."""
    return [(one.digest, found.run_of(one.digest), one.parts) for one in trashed]


def _gone(trashed: Sequence[Trashed]) -> dict[Digest, frozenset[str]]:
    """Join the parts of each snapshot."""
    found: dict[Digest, frozenset[str]] = {}
    for one in trashed:
        found[one.digest] = found.get(one.digest, frozenset()) | one.parts
    return found


def _is_moved(move: Intended, places: Places) -> bool:
    """Tell whether what was intended came about: a document lies in the trash; parts go by their event alone."""
    name = places.document(move.digest).name
    return WHOLE in move.parts and (places.trash / name).exists() and not (places.snapshots / name).exists()
