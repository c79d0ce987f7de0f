"""Deleting packs without relying on locks: condemn first, delete a day later what is still needed by nobody.

The rules, and why they suffice, are in docs/formats/store.md, "Order of writing, and locks".
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import HEX
from repro_tui.errors import StorageError
from repro_tui.store.durable import flush_folders, give_up_reserve, write_durably
from repro_tui.store.index import Index, read_file
from repro_tui.store.pack import ID, ROW, scan
from repro_tui.store.places import DOCUMENT, NAME_DIGITS, Places, unwritable

VERSION = 1
GRACE_S = 86_400.0
"""Seconds that a condemned pack stays at least."""
_NAME_BYTES = 8


@dataclass(frozen=True, slots=True)
class Condemnation:
    """One file in `condemned/`."""

    path: Path
    packs: tuple[str, ...]
    until: float
    """Seconds since the epoch; nothing is deleted earlier. Infinity for a file that cannot be read."""
    t: float = float("inf")
    """Since when, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did."""

    deleted: tuple[str, ...] = ()
    """Names of the packs."""
    spared: tuple[str, ...] = ()
    """Packs that were condemned and are needed again; they are no longer condemned."""
    waiting: tuple[str, ...] = ()
    """Packs whose time has not come."""
    freed: int = 0
    """Bytes."""


def read_condemned(places: Places) -> list[Condemnation]:
    """Read all condemnations; what cannot be read condemns nothing that anybody may delete."""
    found = []
    try:
        with os.scandir(places.condemned) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(f"{places.condemned} cannot be read: {error.strerror}.", "Give read permission.") from error
    for name in names:
        if name.endswith(DOCUMENT):
            with contextlib.suppress(FileNotFoundError):
                found.append(_read(places.condemned / name))
    return found


def condemned_packs(places: Places) -> frozenset[str]:
    """Give the names of all packs that somebody wants to delete."""
    return frozenset(name for one in read_condemned(places) for name in one.packs)


def condemn(places: Places, packs: Iterable[str], *, now: float, until: float) -> Condemnation:
    """Say that packs are to be deleted, no earlier than `until` and than a day from `now` on.

    On a full disk the reserve is given up for it. Raises StorageError.
    """
    names = tuple(sorted(set(packs)))
    until = max(until, now + GRACE_S)
    document = {"repro_condemned": VERSION, "packs": names, "t": now, "until": until, "host": platform.node()}
    raw = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    path = places.condemned / f"{blake3(raw).hexdigest(_NAME_BYTES)}{DOCUMENT}"
    try:
        write_durably(places, path, raw)
    except StorageError as error:
        cause = error.__cause__
        if not (isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT} and give_up_reserve(places)):
            raise
        write_durably(places, path, raw)
    return Condemnation(path, names, until, now)


def spare(places: Places, packs: Collection[str]) -> None:
    """Take packs off all condemnations: they are needed again, or gone.

    Where that cannot be written they stay condemned, which costs room and no bytes: what is needed is never deleted.
    """
    for one in read_condemned(places):
        rest = [name for name in one.packs if name not in packs]
        if len(rest) == len(one.packs):
            continue
        with contextlib.suppress(StorageError, OSError):
            if rest:
                condemn(places, rest, now=min(one.t, one.until - GRACE_S), until=one.until)
            one.path.unlink(missing_ok=True)


def sweep(places: Places, index: Index, needed: Callable[[], set[bytes]], now: float) -> Swept:
    """Delete the packs whose time has come and in which nothing is needed that does not also lie elsewhere.

    `needed` is asked once, after all condemnations were read; it gives the ids of all blobs that a document needs and
    raises when a document cannot be read, so that nothing is deleted then.
    """
    all_of_them = read_condemned(places)
    condemned = frozenset(name for one in all_of_them for name in one.packs)
    due = frozenset(name for one in all_of_them if one.until <= now for name in one.packs)
    due -= frozenset(name for one in all_of_them if one.until > now for name in one.packs)
    if not due:
        return Swept(waiting=tuple(sorted(condemned)))
    spared = _still_needed(places, index, needed(), due, condemned)
    freed = 0
    for name in sorted(due - spared):
        freed += _delete(places, name)
    for one in all_of_them:
        if one.until <= now and not frozenset(one.packs) - due:
            one.path.unlink(missing_ok=True)
    return Swept(tuple(sorted(due - spared)), tuple(sorted(spared)), tuple(sorted(condemned - due)), freed)


def _still_needed(
    places: Places, index: Index, needed: set[bytes], due: frozenset[str], condemned: frozenset[str]
) -> frozenset[str]:
    """Give the packs that hold something needed which lies in no pack that stays."""
    spared = set()
    for name, blob in _blobs_in(places, index, due):
        if blob in needed and all(where.pack in condemned for where in index.find(blob)):
            spared.add(name)
    return frozenset(spared)


def _blobs_in(places: Places, index: Index, packs: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Give (pack, blob) of everything that lies in some packs, also in those that have lost their sidecar."""
    wanted = {number: name for number, name in enumerate(index.packs) if name in packs}
    for table in index.tables:
        for row in range(len(table)):
            name = wanted.get(table.pack(row))
            if name is not None:
                yield name, bytes(table.rows[row * ROW.size : row * ROW.size + ID])
    for name in packs.difference(index.packs):
        yield from ((name, blob) for blob in _scanned(places.pack(name)))


def _scanned(path: Path) -> Iterator[bytes]:
    """Give the blobs that can still be found in a pack without a sidecar."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        with contextlib.suppress(ValueError):
            for row, _ in scan(descriptor, os.fstat(descriptor).st_size):
                yield row.id
    finally:
        os.close(descriptor)


def _delete(places: Places, name: str) -> int:
    """Delete sidecar, then pack; gives the bytes. Raises StorageError when that is not allowed."""
    freed = 0
    for path in (places.sidecar(name), places.pack(name)):
        try:
            freed += path.stat().st_size
            path.unlink()
            flush_folders([path.parent])
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unwritable(path, error) from error
    return freed


def _read(path: Path) -> Condemnation:
    """Read one file; a damaged or newer one says nothing, and stays."""
    try:
        fields = json.loads(read_file(path))
        if not isinstance(fields, Mapping) or fields["repro_condemned"] != VERSION:
            return Condemnation(path, (), float("inf"))
        packs = tuple(name for name in fields["packs"] if _is_pack(name))
        return Condemnation(path, packs, float(fields["until"]), float(fields["t"]))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Condemnation(path, (), float("inf"))


def _is_pack(name: object) -> bool:
    return isinstance(name, str) and len(name) == NAME_DIGITS and HEX.issuperset(name)
