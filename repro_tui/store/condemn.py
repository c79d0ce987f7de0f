"""Deleting packs without relying on locks: condemn first, delete a day later what is still needed by nobody.

The rules, and why they suffice, are in docs/formats/store.md, "Order of writing, and locks".
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import platform
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import HEX
from repro_tui.errors import StorageError
from repro_tui.store.durable import give_up_reserve, write_durably
from repro_tui.store.index import read_file
from repro_tui.store.places import DOCUMENT, NAME_DIGITS, Places

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


def _read(path: Path) -> Condemnation:
    """Read one file; a damaged or newer one says nothing, and stays."""
    try:
        fields = json.loads(read_file(path))
        if not isinstance(fields, Mapping) or fields["repro_condemned"] != VERSION:
            return Condemnation(path, (), float("inf"))
        packs = tuple(name for name in fields["packs"] if _is_pack(name))
        until, t = float(fields["until"]), float(fields["t"])
        return Condemnation(path, packs, until, t) if math.isfinite(until + t) else Condemnation(path, (), math.inf)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Condemnation(path, (), float("inf"))


def _is_pack(name: object) -> bool:
    return isinstance(name, str) and len(name) == NAME_DIGITS and HEX.issuperset(name)
