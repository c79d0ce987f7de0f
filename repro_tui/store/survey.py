"""Reads what a store consists of, and keeps what was found for whoever checks or repairs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Damage
from repro_tui.errors import CancelledError, ReproError
from repro_tui.store import documents, listing
from repro_tui.store.entry import Entry
from repro_tui.store.examine import Examined, bytes_a_second, examine, ids, sidecar_rows
from repro_tui.store.index import ALONE, Index, load
from repro_tui.store.losses import Ledger, Loss, Losses
from repro_tui.store.places import PACK, Places
from repro_tui.store.reading import BlobReader

Dropped = Mapping[Digest, frozenset[str]]
"""Names of the parts of each snapshot whose bytes were given up; `*` for all of them."""
_TOLD_S = 0.1


@dataclass(slots=True)
class Survey:
    """What was found."""

    places: Places
    index: Index
    packs: dict[str, Examined] = field(default_factory=dict)
    """The packs that were read, by name; none in a quick look."""
    documents: dict[Digest, Mapping[str, object]] = field(default_factory=dict)
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Documents that are damaged or from a newer version, and why."""
    read: int = 0
    files: int = 0
    notes: list[str] = field(default_factory=list)
    seen: frozenset[str] = frozenset()
    """Names of the packs and documents that were there at the beginning."""

    def listing(self, blobs: Iterable[bytes]) -> Iterator[Entry]:
        """Read a listing by the index of this survey, even when the store's `format` is damaged."""
        reader = BlobReader(self.places)
        return listing.decode(reader.read(blob, self.index.find(blob)) for blob in blobs)

    def losses(self, dropped: Dropped) -> list[Loss]:
        """Give what each snapshot has lost, and note which packs nobody needs."""
        ledger = Ledger(self.index, {name: one.bad for name, one in self.packs.items() if one.bad})
        through = Losses(ledger, self.listing)
        found: list[Loss] = []
        for digest, document in sorted(self.documents.items(), key=_age):
            gone = dropped.get(digest, frozenset())
            try:
                found += () if "*" in gone else through.of(digest, document, gone)
            except ReproError as error:
                self.unreadable[self.places.document(digest)] = error.message
        spare = ledger.unneeded()
        if spare:
            size = sum(self.index.sizes[name] for name in spare)
            count = "1 pack" if len(spare) == 1 else f"{len(spare)} packs"
            self.notes.append(f"no snapshot needs what is in {count} ({size:,} bytes)")
        return found

    def damages(self, losses: Sequence[Loss]) -> list[Damage]:
        """Give what is wrong with the store's files, and what each snapshot has lost by it."""
        found = list(self._of_packs(losses))
        for path, why in sorted(self.unreadable.items()):
            # A document from a newer version is no loss: it is whole for those who can read it.
            lost = path.parent == self.places.snapshots and why.startswith("is damaged")
            loses = documents.digest_of(path) if lost else None
            found.append(Damage(self.relative(path), why, loses=loses))
        return found + [self.of_loss(loss) for loss in losses]

    def of_loss(self, loss: Loss) -> Damage:
        """Say what a part of a snapshot has lost."""
        return Damage(self.relative(self.places.document(loss.digest)), loss.sentence, (loss.name,), loss.digest)

    def _of_packs(self, losses: Sequence[Loss]) -> Iterator[Damage]:
        """Give what is wrong with packs and sidecars, with the snapshots that lose something by it."""
        for name in sorted({*self.index.problems, *(name for name, one in self.packs.items() if one.why)}):
            one = self.packs.get(name)
            blobs = one.bad.union(one.good, one.saved) if one else ids(sidecar_rows(self.places, name))
            hurt = tuple(dict.fromkeys(loss.name for loss in losses if not blobs.isdisjoint(loss.lost.blobs)))
            if one and one.why:
                yield Damage(self.relative(self.places.pack(name)), one.why, hurt)
            why = self.index.problems.get(name, "")
            if why in ALONE:
                yield from self._alone(name, why, hurt, guess=bool(losses) and not blobs)
            elif why:
                yield Damage(self.relative(self.places.sidecar(name)), why, hurt)
        for name, one in sorted(self.packs.items()):
            if one.disagrees and name not in self.index.problems:
                yield Damage(self.relative(self.places.sidecar(name)), "does not say what its pack holds")

    def _alone(self, name: str, why: str, hurt: tuple[str, ...], *, guess: bool) -> Iterator[Damage]:
        """Tell a pack or a sidecar without its other half: damage only when somebody needs what is in it.

        A process that died between the two leaves it so. With `guess` nobody knows what is in it, and something is
        missing.
        """
        gone = self.relative(self.places.pack(name) if "pack" in why else self.places.sidecar(name))
        if hurt or guess:
            yield Damage(gone, "is missing", hurt)
        else:
            self.notes.append(f"{gone} is missing, and no snapshot needs it")

    def relative(self, path: Path) -> str:
        """Name a file as it lies in the store."""
        return path.relative_to(self.places.folder).as_posix()


def survey(
    places: Places, *, quick: bool, progress: Progress | None, known: Mapping[str, Examined] | None = None
) -> Survey:
    """Read the documents, the sidecars and, unless `quick`, every byte of every pack but those that are `known`.

    Raises StorageError when a folder cannot be listed, CancelledError as `progress` does.
    """
    seen = _names(places)
    found = Survey(places, load(places), seen=seen)
    _read_documents(found)
    sizes = places.sizes(places.packs, PACK)
    found.files += len(sizes) + len(found.index.sizes)
    for name in found.index.sizes:
        with contextlib.suppress(FileNotFoundError):
            found.read += places.sidecar(name).stat().st_size
    if not quick:
        found.packs = {name: one for name, one in (known or {}).items() if name in sizes}
        found.packs |= _read_packs(places, {name: sizes[name] for name in sizes if name not in found.packs}, progress)
        found.read += sum(sizes.values())
    return found


def is_current(found: Survey) -> bool:
    """Tell whether the same packs and documents are there still: others may empty the trash while packs are read."""
    return _names(found.places) == found.seen


def _names(places: Places) -> frozenset[str]:
    """Give the names of all packs and documents."""
    folders = (places.snapshots, places.trash)
    return frozenset(places.sizes(places.packs, PACK)) | {
        f"{folder.name}/{entry.name}" for folder in folders for entry in places.documents(folder)
    }


def _age(item: tuple[Digest, Mapping[str, object]]) -> tuple[float, Digest]:
    """Put snapshots into the order in which they were taken."""
    t = item[1].get("t")
    return (float(t) if isinstance(t, int | float) else 0.0, item[0])


def _read_documents(found: Survey) -> None:
    """Read the documents of snapshots, and of those that were removed and can be brought back."""
    places = found.places
    for folder in (places.snapshots, places.trash):
        for digest in documents.names(places, folder):
            path = folder / places.document(digest).name
            found.files += 1
            try:
                found.documents[digest] = documents.read(places, digest, folder)
                found.read += path.stat().st_size
            except ReproError as error:
                found.unreadable[path] = error.message.removeprefix(f"{path} ")


def _read_packs(places: Places, sizes: Mapping[str, int], progress: Progress | None) -> dict[str, Examined]:
    """Read packs whole, on all processors."""
    total, what = sum(sizes.values()), _forecast(places, sizes)
    if progress:
        progress(0, total, what)
    done = 0
    stopped = False

    def told(count: int) -> None:
        nonlocal done
        done += count
        if stopped:
            raise CancelledError("Stopped.")

    packs: dict[str, Examined] = {}
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4), "check") as pool:
        waiting: set[Future[Examined]] = {pool.submit(examine, places, name, told) for name in sizes}
        try:
            while waiting:
                ready, waiting = wait(waiting, _TOLD_S, FIRST_COMPLETED)
                packs |= {future.result().name: future.result() for future in ready}
                if progress:
                    progress(min(done, total) if waiting else total, total, what)
        except BaseException:
            stopped = True
            pool.shutdown(cancel_futures=True)
            raise
    return packs


def _forecast(places: Places, sizes: Mapping[str, int]) -> str:
    """Say in advance how long reading will take, by trying a little of it."""
    if not sizes:
        return "reading"
    total, largest = sum(sizes.values()), max(sizes, key=lambda name: sizes[name])
    seconds = total / bytes_a_second(places, largest) / min(os.cpu_count() or 1, 4)
    return f"reading {_amount(total)}, about {_duration(seconds)}"


def _amount(size: int) -> str:
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= bytes_each:
            return f"{size / bytes_each:.1f} {unit}"
    return f"{size} B"


def _duration(seconds: float) -> str:
    minute, hour = 60, 3600
    if seconds < 1.5 * minute:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / minute)} min" if seconds < 1.5 * hour else f"{seconds / hour:.1f} h"
