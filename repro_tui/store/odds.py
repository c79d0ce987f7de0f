"""Looks at what lies in a store beside packs, sidecars and documents: small files, and what does not belong there."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from repro_tui.errors import DamagedError
from repro_tui.store.index import read_file
from repro_tui.store.paths import shown
from repro_tui.store.places import DOCUMENT, PACK, SIDECAR, Places, is_name

VERSION = 1
FORMAT = b'{"repro_store":1}\n'
"""The whole content of `format`."""
DAMAGED = "damaged"
"""Folder of what was set aside."""
_PIECE = 1 << 20
_NAMED = 3
_Why = Callable[[Path, BinaryIO], str]


@dataclass(slots=True)
class Odds:
    """What was found."""

    damages: list[tuple[str, str]] = field(default_factory=list)
    """File, relative to the store, and what is wrong with it."""
    notes: list[str] = field(default_factory=list)
    read: int = 0
    files: int = 0


def look_at_odds(places: Places) -> Odds:
    """Look at everything that nothing else looks at."""
    odds = Odds()
    if not places.folder.is_dir():
        odds.notes.append("there is no store yet: nothing was kept here")
        return odds
    _look(odds, places, places.format, _why_format)
    _look(odds, places, places.reserve, _why_reserve)
    for entry in _files(places.condemned):
        if not entry.name.startswith("."):
            _look(odds, places, Path(entry.path), _why_condemned)
    _tell_unfinished(odds, places)
    _tell_strangers(odds, places)
    aside = sum(1 for _ in _files(places.folder / DAMAGED))
    if aside:
        odds.notes.append(f"{DAMAGED}/ holds {_count(aside, 'file')} that a repair has set aside; nothing reads them")
    return odds


def refuse_newer(places: Places) -> None:
    """Raise DamagedError when the store says that it is from a newer version; what is damaged says nothing."""
    version: object = None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        version = json.loads(read_file(places.format))["repro_store"]
    if type(version) is int and version > VERSION:
        raise DamagedError(
            f"The store {places.folder} is from a newer version of repro-tui: its file `format` says {version}, and"
            f" this one knows {VERSION}.",
            "Update repro-tui. If no newer one was ever used here, that file is damaged.",
        )


def _look(odds: Odds, places: Places, path: Path, why: _Why) -> None:
    """Read one small file; a missing one is no damage."""
    try:
        with path.open("rb") as stream:
            text = why(path, stream)
            odds.read += stream.tell() if path != places.reserve else 0
    except FileNotFoundError:
        return
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
    odds.files += 1
    if text:
        odds.damages.append((path.relative_to(places.folder).as_posix(), text))


def _why_format(_: Path, stream: BinaryIO) -> str:
    right = stream.read(_PIECE) == FORMAT
    return "" if right else "is damaged: it does not say in the right form which version the store has"


def _why_condemned(path: Path, stream: BinaryIO) -> str:
    right = blake3(stream.read(_PIECE)).hexdigest().startswith(path.stem) and path.suffix == DOCUMENT
    return "" if right else "is damaged: its bytes do not match its name"


def _why_reserve(_: Path, stream: BinaryIO) -> str:
    """Say what is wrong with the reserve: it is all zeros, or, where room cannot be taken otherwise, random bytes."""
    size = zeros = 0
    while piece := stream.read(_PIECE):
        size += len(piece)
        zeros += piece.count(0)
    return "is damaged, which costs nothing: it should hold zeros" if size // 2 < zeros < size else ""


def _tell_unfinished(odds: Odds, places: Places) -> None:
    """Tell of what was being written when its process died, or still is."""
    sizes = [entry.stat(follow_symlinks=False).st_size for entry in _files(places.folder) if entry.name[0] == "."]
    if sizes:
        odds.notes.append(
            f"{_count(len(sizes), 'unfinished file')} ({sum(sizes):,} bytes): of what is being added now, or was given"
            " up; those of dead processes go when something is added next"
        )


def _tell_strangers(odds: Odds, places: Places) -> None:
    """Tell of files that are not named as anything of ours is."""
    strange = []
    for folder, suffix in ((places.packs, PACK), (places.index, SIDECAR)):
        for inner in _folders(folder):
            found = (entry for entry in _files(inner) if not is_name(entry.name, suffix))
            strange += [f"{folder.name}/{inner.name}/{shown(os.fsencode(entry.name))}" for entry in found]
    for folder in (places.snapshots, places.trash):
        found = (entry for entry in _files(folder) if not is_name(entry.name, DOCUMENT) and entry.name[0] != ".")
        strange += [f"{folder.name}/{shown(os.fsencode(entry.name))}" for entry in found]
    if strange:
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        odds.notes.append(f"not of repro-tui: {', '.join(strange[:_NAMED])}{more}")


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Give the files in a folder in order; none when it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return
    yield from sorted(found, key=lambda entry: entry.name)


def _folders(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return
    yield from sorted(found)


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
