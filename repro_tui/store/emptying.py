"""Empties the trash: the only thing that gives bytes back to the disk.

All documents are read again first, and nothing is deleted when one cannot be. Packs that go are condemned, then the
documents go, then the packs in which nothing is needed, which makes room; then what is needed of others is written
again. A death at any instant leaves packs that nobody needs, which the next time deletes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from repro_tui.domain.footprint import Gone
from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import PackWork
from repro_tui.errors import CancelledError, DamagedError, StorageError
from repro_tui.store import documents
from repro_tui.store.clearing import Dropped, Emptiable, Permission, Seen, look
from repro_tui.store.condemn import GRACE_S, condemn, spare
from repro_tui.store.durable import flush_folders, keep_reserve, sweep_unfinished
from repro_tui.store.footprints import unneeded
from repro_tui.store.index import ALONE
from repro_tui.store.packwork import CHEAP, MAX_UNNEEDED, Batch, Sorted, sort_packs
from repro_tui.store.places import Places, unwritable
from repro_tui.store.rewriting import Wanted, has_room, write_again

_AT_ONCE = 64
"""Packs whose sidecars are deleted, durably, before they are."""
_WORTH = 0.5
"""Unneeded fraction of a pack above which it is condemned to be written again where locks keep nobody out: who adds
stores again what it needs of a condemned pack, so that of others more would be stored than freed."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be deleted for good."""

    gone: Gone
    """`*` of each document in the trash that is to go; of others the names of the parts that are to go."""
    now: float
    """Seconds since the epoch."""
    early: bool = False
    """Some of it has not come to its time. Where locks keep nobody out that is refused until a day has passed."""
    dropped: Dropped = field(default_factory=dict)
    """The parts of snapshots that went before."""
    max_unneeded: float = MAX_UNNEEDED
    """Bytes that may stay although nobody needs them, as a fraction of those that are needed."""
    cheap: int = CHEAP
    """Bytes that are written again even so."""


@dataclass(frozen=True, slots=True)
class Freed:
    """What emptying did."""

    gone: tuple[Digest, ...]
    """Documents that were deleted from the trash."""
    back: tuple[Digest, ...]
    """Those that were to go and had been brought back; they stay."""
    packs: PackWork
    """What was done; `frees` are the bytes that the disk got back."""
    left: tuple[str, ...] = ()
    """What could not be freed, and why, as sentences."""
    stopped: bool = False
    """It was stopped after the documents had gone; the next time goes on."""


def plan_emptying(store: Emptiable, order: Order, progress: Progress | None = None) -> PackWork:
    """Say what emptying would do, without writing anything; raises as `empty` does, but for what locks forbid."""
    seen = look(store, order.gone, order.dropped, progress)
    exclusive = not store.why_not_exclusive()
    permission = Permission(store.places, seen.touched, exclusive=exclusive, now=order.now, early=order.early)
    return seen.holdings.sorted(
        seen.gone, max_unneeded=order.max_unneeded, cheap=order.cheap, touchable=permission
    ).work()


def empty(store: Emptiable, order: Order, progress: Progress | None = None) -> Freed:
    """Delete for good, and give the bytes back.

    Args:
        store: the store.
        order: what is to go. With nothing in it, what an earlier emptying has left is done.
        progress: told bytes; it may stop the work.

    Raises:
        DamagedError: a document or a listing cannot be read, so that nobody knows what is needed: nothing was deleted.
        StorageError: others are adding, or the store cannot be written, or it is too early.
        CancelledError: `progress` stopped it before anything was deleted.
    """
    with store.lock(exclusive=True):
        sweep_unfinished(store.places, order.now)
        seen = look(store, order.gone, order.dropped, progress)
        why = store.why_not_exclusive()
        work = _Emptying(store.places, seen, order, exclusive=not why)
        if why and order.early:
            work.refuse_early(why)
        work.run(progress)
        keep_reserve(store.places)
        store.forget()
    return work.outcome()


class _Emptying:
    """One emptying, under the lock, after everything was read."""

    def __init__(self, places: Places, seen: Seen, order: Order, *, exclusive: bool) -> None:
        self._places = places
        self._seen = seen
        self._exclusive = exclusive
        self._now = now = order.now
        self._permission = Permission(places, seen.touched, exclusive=exclusive, now=now, early=order.early)
        self._lost = unneeded(seen.holdings.footprint, seen.gone)
        loads, self._homes = seen.holdings.placed(self._lost)
        self._loads = {load.name: load for load in loads}
        self._sorted = sort_packs(loads, max_unneeded=order.max_unneeded, cheap=order.cheap, touchable=self._permission)
        self._gone: list[Digest] = []
        self._left: list[str] = []
        self._deleted: list[str] = []
        self._again: set[str] = set()
        """Packs of which what is needed lies in new ones now."""
        self._freed = 0
        self._done = 0
        self._stopped = False
        self._progress: Progress | None = None
        self._total = sum(load.disk for load in self._sorted.deleted)
        self._total += sum(load.disk + load.needed for batch in self._sorted.batches for load in batch.loads)

    def refuse_early(self, why: str) -> None:
        """Raise where locks keep nobody out, unless everything was condemned a day ago; see that it will be."""
        waiting = [load.name for load in self._loads.values() if not load.count and load.name in self._seen.touched]
        young = [name for name in waiting if name not in self._permission.ripe]
        if not young:
            return
        when = max((self._permission.since.get(name, self._now) for name in young), default=self._now) + GRACE_S
        condemn_new = [name for name in young if name not in self._permission.condemned]
        if condemn_new:
            condemn(self._places, condemn_new, now=self._now, until=when)
        raise StorageError(
            f"The trash can be emptied early from {time.strftime('%Y-%m-%d %H:%M', time.localtime(when))} on: {why}, so"
            " others may be adding unseen, and have a day to find out what is to go.",
            "Wait until then, or put the store on a file system with locks.",
        )

    def run(self, progress: Progress | None) -> None:
        """Do it, in an order in which a death at any instant loses nothing that is needed."""
        self._keep_unsafe()
        self._condemn()
        self._delete_documents()
        self._progress = progress
        try:
            self._free()
        except CancelledError:
            self._stopped = True
        self._settle()
        self._tell_waiting()

    def _free(self) -> None:
        """Delete the packs, then write others again."""
        self._tell(0)
        self._delete_packs([load.name for load in self._sorted.deleted])
        self._delete_halves()  # before anything is written: what is written again may take the name of such a half
        for batch in self._sorted.batches:
            self._write_again(batch)

    def outcome(self) -> Freed:
        """Say what was done."""
        planned = self._sorted.work()
        handled = {*self._deleted}
        stay = [load for load in self._loads.values() if load.unneeded and load.name not in handled]
        packs = PackWork(
            deleted=len(handled - self._again),
            rewritten=len(self._again),
            left=len(stay),
            frees=self._freed,
            stays=sum(load.unneeded for load in stay),
            scratch=planned.scratch,
        )
        return Freed(tuple(self._gone), self._seen.back, packs, tuple(self._left), self._stopped)

    def _keep_unsafe(self) -> None:
        """Leave packs alone that hold the only undamaged copy of something, although it lies elsewhere too."""
        names = [load.name for load in self._sorted.deleted]
        names += [load.name for batch in self._sorted.batches for load in batch.loads]
        self._wanted = Wanted(self._seen.holdings, self._lost, self._homes, names)
        unsafe = self._wanted.unsafe(self._places)
        if unsafe:
            self._left += sorted({why.rstrip(".") + ", so other packs stay too." for why in unsafe.values()})
            deleted = tuple(load for load in self._sorted.deleted if load.name not in unsafe)
            batches = tuple(batch for batch in self._sorted.batches if not any(x.name in unsafe for x in batch.loads))
            self._sorted = Sorted(deleted, batches, self._sorted.left)

    def _condemn(self) -> None:
        """Write down what is to be deleted, so that whoever comes after a death knows that nobody waits for it."""
        names = {load.name for load in self._sorted.deleted}
        if not self._exclusive:
            names |= {
                load.name
                for load in self._sorted.left
                if load.unneeded > _WORTH * load.size and not self._permission(load.name)
            }
        names -= self._permission.condemned
        if not names:
            return
        try:
            condemn(self._places, names, now=self._now, until=self._now + GRACE_S)
        except StorageError:
            if not self._exclusive:
                raise
            # On a disk that is full to the last byte the lock alone must do: it is held, and it works.

    def _delete_documents(self) -> None:
        """Delete the documents, then look whether one came back or another came meanwhile: that one stays whole."""
        for digest in self._seen.going:
            path = self._places.trash / self._places.document(digest).name
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise unwritable(path, error) from error
            self._gone.append(digest)
        if self._seen.going:
            flush_folders([self._places.trash])
        there = {*documents.names(self._places), *documents.names(self._places, self._places.trash)}
        if not there <= self._seen.names or not there.isdisjoint(self._seen.going):
            self._left.append("Snapshots came while the trash was emptied: the next emptying frees the bytes.")
            self._sorted = Sorted((), (), self._sorted.left)

    def _delete_packs(self, names: Sequence[str]) -> None:
        """Delete sidecars, durably, then their packs, some at a time; counts the bytes."""
        every = iter(names)
        while some := list(islice(every, _AT_ONCE)):
            good = [name for name in some if self._unlink(self._places.sidecar(name))]
            flush_folders(folder for name in good if (folder := self._places.sidecar(name).parent).is_dir())
            for name in good:
                if self._unlink(self._places.pack(name)):
                    self._deleted.append(name)
            self._tell(0)
        flush_folders(folder for name in dict.fromkeys(names) if (folder := self._places.pack(name).parent).is_dir())

    def _unlink(self, path: Path) -> bool:
        """Delete one file; tells whether it is gone, and notes why not."""
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return True
        except OSError as error:
            self._left.append(f"{path} cannot be deleted: {error.strerror}.")
            return False
        self._freed += size
        self._done += size
        return True

    def _write_again(self, batch: Batch) -> None:
        """Write what is needed of some packs into a new one, then delete them; with little room one after the other."""
        if not has_room(self._places, batch.scratch):
            if len(batch.loads) > 1:
                for load in batch.loads:
                    self._write_again(Batch((load,)))
                return
            self._leave(batch, f"writing the rest again takes {batch.scratch:,} bytes, which are not free")
            return
        try:
            made, size = write_again(
                self._places, {load.name: self._wanted.rows(load.name) for load in batch.loads}, self._tell
            )
        except StorageError as error:
            self._leave(batch, error.message.rstrip("."))
        except DamagedError as error:
            self._leave(batch, f"{error.message.rstrip('.')}; `repro-tui repair` keeps what is undamaged")
        else:
            again = [load for load in batch.loads if load.name in made]  # what was written is an old pack, byte by byte
            self._freed += sum(load.disk for load in again) - size
            self._again.update(load.name for load in batch.loads)
            self._deleted += [load.name for load in again]
            self._delete_packs([load.name for load in batch.loads if load.name not in made])

    def _leave(self, batch: Batch, why: str) -> None:
        """Say that packs stay."""
        count = "1 pack" if len(batch.loads) == 1 else f"{len(batch.loads)} packs"
        size = sum(load.unneeded for load in batch.loads)
        self._left.append(f"{size:,} bytes that nobody needs stay in {count}: {why}.")

    def _delete_halves(self) -> None:
        """Delete packs that a death has left without their sidecar, when nothing is missing that could be in them."""
        if not self._seen.whole:
            return
        problems = self._seen.holdings.index.problems
        self._delete_packs([name for name, why in problems.items() if why in ALONE and self._permission(name)])

    def _settle(self) -> None:
        """Take off the condemnations what is gone, and what has come to its time and is needed again."""
        gone = {name for name in self._permission.condemned | set(self._deleted) if not self._is_there(name)}
        again = {name for name in self._permission.over if name in self._loads and self._loads[name].count}
        spare(self._places, gone | again)

    def _is_there(self, name: str) -> bool:
        return self._places.pack(name).exists() or self._places.sidecar(name).exists()

    def _tell(self, size: int) -> None:
        """Tell how far it is; raises CancelledError to stop it."""
        self._done += size
        if self._progress:
            total = max(self._total, self._done)
            self._progress(self._done, total, "Emptying the trash")

    def _tell_waiting(self) -> None:
        """Say what nobody needs and may not go yet."""
        waiting = [load for load in self._sorted.left if not load.count]
        if waiting:
            count = "1 pack" if len(waiting) == 1 else f"{len(waiting)} packs"
            self._left.append(
                f"{sum(load.disk for load in waiting):,} bytes in {count} that nobody needs go a day after they came or"
                " were condemned: until then somebody may be adding what needs them."
            )
