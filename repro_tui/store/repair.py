"""Brings back what a damaged store still has, and names what each snapshot has lost.

Nothing is deleted: what is damaged goes to `damaged/` once everything undamaged in it is kept elsewhere, durably. So it
may be stopped or killed at any instant and called again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from blake3 import blake3

from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.store.codec import unpack
from repro_tui.store.durable import flush_folders, give_up_reserve, keep_reserve, write_durably
from repro_tui.store.examine import Examined
from repro_tui.store.index import Index, load, read_file
from repro_tui.store.odds import DAMAGED, FORMAT, look_at_odds, refuse_newer
from repro_tui.store.pack import HEAD, Row, sidecar
from repro_tui.store.packing import Packing
from repro_tui.store.places import Places, unwritable
from repro_tui.store.survey import Dropped, Survey, survey

MOST_TRIED = 64 << 10
"""Bytes of a damaged document up to which each of its bits is tried: half a million hashes, some seconds."""
_UNREADABLE = "cannot be read"


class Repaired(Protocol):
    """What a repair needs of a store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...

    def lock(self, *, exclusive: bool = False) -> AbstractContextManager[object]:
        """Give the lock of the store."""
        ...

    def refresh(self) -> Index:
        """Read what was changed."""
        ...


def repair(store: Repaired, *, progress: Progress | None = None, dropped: Dropped | None = None) -> Report:
    """Put right what can be put right; reads everything first, as a check does.

    Args:
        store: the store.
        progress: told how far the reading is; it may stop it.
        dropped: the parts of snapshots whose bytes were given up.

    Returns:
        in `done` what was done, as sentences; as damages what each snapshot has lost for good, and what is left alone.

    Raises:
        StorageError: the store cannot be written, is full, or somebody is adding to it.
        DamagedError: it is from a newer version.
        CancelledError: `progress` stopped it.
    """
    begin = time.monotonic()
    places = store.places
    if not places.folder.is_dir():
        return Report(0, 0, (), ("there is no store yet: nothing was kept here",))
    refuse_newer(places)
    with store.lock(exclusive=True):
        found = survey(places, quick=False, progress=progress)
        work = _Repair(places, found)
        try:
            work.run()
        except OSError as error:
            raise unwritable(places.folder, error) from error
        damages = work.left(dropped or {})
        keep_reserve(places)
    store.refresh()
    return Report(found.read, found.files, tuple(damages), tuple(work.done), time.monotonic() - begin)


class _Repair:
    """One repair, after everything was read."""

    def __init__(self, places: Places, found: Survey) -> None:
        self._places = places
        self._found = found
        self._aside = places.folder / DAMAGED
        self._index = found.index
        self._left: dict[str, Examined] = {}
        """Packs that cannot be read now: somebody may only have to give permission, so they stay where they are."""
        self.done: list[str] = []

    def run(self) -> None:
        """Do it, in an order in which each step leaves the store no worse."""
        self._mend_format()
        for one in self._found.packs.values():
            if one.disagrees:
                self._write_sidecar(one)
        for one in self._found.packs.values():
            if one.why.startswith(_UNREADABLE) and not one.good:
                self._left[one.name] = one
            elif one.why:
                self._salvage(one)
        for path in self._found.unreadable:
            self._mend_document(path)
        self._mend_odds()

    def left(self, dropped: Dropped) -> list[Damage]:
        """Give what is still not as it should be."""
        after = survey(self._places, quick=True, progress=None)
        after.packs = self._left
        damages = after.damages(after.losses(dropped))
        self.done += [note for note in after.notes if note not in self._found.notes]
        return damages

    def _mend_format(self) -> None:
        """Write the format file again where it is missing or damaged."""
        path = self._places.format
        with contextlib.suppress(OSError):
            if read_file(path) == FORMAT:
                return
        write_durably(self._places, path, FORMAT)
        self.done.append("format was written again")

    def _write_sidecar(self, one: Examined) -> None:
        """Make a sidecar from its pack, every byte of which was compared."""
        path = self._places.sidecar(one.name)
        write_durably(self._places, path, sidecar(one.name, one.size, one.rows))
        self.done.append(f"{self._found.relative(path)} was made again from its pack")

    def _salvage(self, one: Examined) -> None:
        """Keep again what is undamaged in a pack, and set the pack aside.

        When all of it is, the new pack is the old one as it once was, and has taken its place.
        """
        name = self._found.relative(self._places.pack(one.name))
        wanted = self._only_here(one)
        if wanted and one.name in self._keep(one, wanted):
            self.done.append(f"{name} {one.why}: nothing in it was lost, and it was put right")
            return
        for path in (self._places.sidecar(one.name), self._places.pack(one.name)):
            self._set_aside(path)
        kept, lost = len(one.good) + len(one.saved), len(one.bad - one.saved.keys())
        self.done.append(
            f"{name} {one.why}: {kept} undamaged blobs are kept in another pack, {lost} damaged; the file was set aside"
        )

    def _keep(self, one: Examined, wanted: dict[bytes, Row]) -> set[str]:
        """Write blobs of a pack into new ones, durably; gives the names of those."""
        self._make_room(sum(row.stored for row in wanted.values()))
        packing = Packing(self._places)
        try:
            for row, stored in _undamaged(self._places.pack(one.name), wanted):
                packing.add(row.id, row.length, row.codec, stored)
            return {sealed.name for sealed in packing.publish()}
        finally:
            packing.abandon()

    def _only_here(self, one: Examined) -> dict[bytes, Row]:
        """Give the undamaged blobs of a pack that lie in no other undamaged pack."""
        self._index = load(self._places, self._index)
        damaged = {other.name for other in self._found.packs.values() if other.why}
        return {
            blob: row
            for blob, row in {**one.good, **one.saved}.items()
            if all(where.pack in damaged for where in self._index.find(blob))
        }

    def _make_room(self, size: int) -> None:
        """Give the reserve up when what is to be kept again might not fit without it."""
        found = os.statvfs(self._places.folder)
        if found.f_bavail * found.f_frsize < size + (1 << 20):
            give_up_reserve(self._places)

    def _mend_document(self, path: Path) -> None:
        """Put one wrong bit of a document right, else set it aside; one that is what its name says is left alone."""
        try:
            raw = read_file(path)
        except OSError:
            return
        wanted = bytes.fromhex(path.stem)
        if blake3(raw).digest() == wanted:
            return
        right = one_bit_off(raw, wanted) if len(raw) <= MOST_TRIED else None
        name = self._found.relative(path)
        if right is not None:
            write_durably(self._places, path, right)
            self.done.append(f"{name} had one wrong bit, which was put right")
            return
        self._set_aside(path)
        run = _name_in(raw)
        whose = f" of {run}" if run else ""
        self.done.append(f"{name} is damaged: the snapshot{whose} is lost, and its document was set aside")

    def _mend_odds(self) -> None:
        """Set damaged condemnations aside, which condemn nothing; make a damaged reserve anew."""
        for name, _ in look_at_odds(self._places).damages:
            path = self._places.folder / name
            if path == self._places.reserve:
                give_up_reserve(self._places)
                self.done.append("reserve was made anew")
            elif path.parent == self._places.condemned:
                self._set_aside(path)
                self.done.append(f"{name} was damaged and was set aside: what it condemned stays")

    def _set_aside(self, path: Path) -> None:
        """Move a file to `damaged/`, beside what went there before."""
        self._places.make(self._aside)
        target = self._aside / path.name
        number = 1
        while target.exists():
            number += 1
            target = self._aside / f"{path.name}.{number}"
        try:
            path.rename(target)
        except FileNotFoundError:
            return
        flush_folders([self._aside, path.parent])


def _undamaged(path: Path, wanted: dict[bytes, Row]) -> Iterator[tuple[Row, bytes]]:
    """Read blobs by their rows once more, and give those that are what they should be: the disk may be failing."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for row in sorted(wanted.values(), key=lambda row: row.offset):
            with contextlib.suppress(OSError, ValueError):
                stored = os.pread(descriptor, row.stored, row.offset + HEAD.size)
                if blake3(unpack(row.codec, stored, row.length)).digest() == row.id:
                    yield row, stored
    finally:
        os.close(descriptor)


def one_bit_off(raw: bytes, digest: bytes) -> bytes | None:
    """Give the bytes with a BLAKE3 that differ in one bit; None when there are none."""
    tried = bytearray(raw)
    for place in range(len(tried)):
        for bit in range(8):
            tried[place] ^= 1 << bit
            if blake3(tried).digest() == digest:
                return bytes(tried)
            tried[place] ^= 1 << bit
    return None


def _name_in(raw: bytes) -> str:
    """Guess whose document this was, from what can still be read of it."""
    _, found, rest = raw.partition(b'"name":"')
    return (
        "".join(c for c in rest.partition(b'"')[0].decode("utf-8", "replace")[:80] if c.isprintable()) if found else ""
    )
