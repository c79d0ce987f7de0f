"""What lies in the folder of a run that is over, and whether anybody may still write there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from repro_tui.domain.events import Header
from repro_tui.domain.ids import RunId
from repro_tui.journal.layout import Layout, journal_name
from repro_tui.journal.lines import decode_object, parse_header
from repro_tui.journal.liveness import is_same_process
from repro_tui.journal.sealed import SUFFIX, head_of
from repro_tui.journal.write import boot_id
from repro_tui.retention.sealing import BLOCK, on_disk

_OUTPUT = re.compile(r"(?:output|stdout|stderr)(?:-[0-9]+\.[0-9]+(?:\.[0-9]+)?)?\.log(?:\.zst)?")
"""Names that recording gives (`capture.prepare`); what else lies in a run's folder is not ours."""
_SIGNS = ("alive.", "claim.")
_QUIET_S = 3_600.0
"""Seconds for which nothing but a person may have written to a folder."""
_AHEAD_S = 60.0
_SHRINKS = 4
"""To what part a file shrinks, about: rows of random values were measured at 4.3, output at 4.7."""
_HEAD = 1 << 14

MOVED = "something was written there within the last hour"
AHEAD = "a file there is from the future, so that its age is not known"
LINKED = "they are links to other places"
OTHERS = "they belong to other users"
LOCKED = "they cannot be written"
RUNNING = "a process of the run is still there"
HIDDEN = "they cannot be read"


@dataclass(frozen=True, slots=True)
class OldFile:
    """One file."""

    name: str
    """Within the run's folder: `journal/8f….jsonl`, `output.log`."""
    path: Path
    size: int
    disk: int
    """Bytes that it takes up on the disk, and that come back when it goes."""
    t: float
    """When it was last written to, seconds since the epoch."""
    sealed: bool
    saves: int
    """About the bytes that sealing it gives back; 0 where it is not worth it, or where another name holds it too."""


@dataclass(frozen=True, slots=True)
class OldFolder:
    """What lies in one folder."""

    journals: tuple[OldFile, ...] = ()
    outputs: tuple[OldFile, ...] = ()
    why: str = ""
    """Why nothing may be done there now."""


@dataclass(slots=True)
class _Gathered:
    journals: list[OldFile] = field(default_factory=list)
    outputs: list[OldFile] = field(default_factory=list)
    moved: float = 0.0
    """When a sign of life last moved."""
    others: bool = False
    """Something is of another user."""


def look(layout: Layout, name: str, uid: RunId, now: float, *, removes: bool) -> OldFolder:
    """Look at a folder, writing nothing.

    Args:
        layout: where it lies.
        name: of the folder.
        uid: the run's.
        now: seconds since the epoch.
        removes: output may be removed; else only what could be sealed is worth a second look.
    """
    folder = layout.runs / name
    gathered = _Gathered()
    try:
        if folder.is_symlink() or (folder / "journal").is_symlink():
            return OldFolder(why=LINKED)
        for place in (folder, folder / "journal"):
            _gather(place, gathered)
    except FileNotFoundError:
        return OldFolder()
    except OSError:
        return OldFolder(why=HIDDEN)
    files = [*gathered.journals, *gathered.outputs]
    if not any(file.saves for file in files) and not (removes and gathered.outputs):
        return OldFolder()
    why = _why_not(layout, folder, gathered, now) or _who_writes(gathered, uid, now)
    if why:
        return OldFolder(why=why)
    journals = (file for file in gathered.journals if not _is_open(_header(file.path), uid))
    return OldFolder(tuple(journals), tuple(gathered.outputs))


def _gather(place: Path, gathered: _Gathered) -> None:
    with os.scandir(place) as entries:
        found = {entry.name: entry for entry in entries if entry.is_file(follow_symlinks=False)}
    inside = place.name == "journal"
    for name, entry in found.items():
        ours = bool(journal_name(name)) if inside else _OUTPUT.fullmatch(name) is not None
        if not ours and not (name.startswith(_SIGNS) and not inside):
            continue
        info = entry.stat(follow_symlinks=False)
        if not ours:
            gathered.moved = max(gathered.moved, info.st_mtime)
            continue
        gathered.others = gathered.others or info.st_uid != os.geteuid()
        sealed = name.endswith(SUFFIX)
        disk = on_disk(info)
        smaller = 0 if f"{name}{SUFFIX}" in found else -(-info.st_size // _SHRINKS // BLOCK) * BLOCK
        saves = 0 if sealed else max(disk - smaller, 0)
        file = OldFile(
            f"journal/{name}" if inside else name, Path(entry.path), info.st_size, disk, info.st_mtime, sealed, saves
        )
        (gathered.journals if inside else gathered.outputs).append(file)


def _why_not(layout: Layout, folder: Path, gathered: _Gathered, now: float) -> str:
    """Say what about the files forbids that anything is done."""
    newest = max((file.t for file in (*gathered.journals, *gathered.outputs)), default=0.0)
    if max(newest, gathered.moved) > now + _AHEAD_S:
        return AHEAD
    if gathered.moved > now - _QUIET_S:
        return MOVED
    if gathered.others and os.geteuid() != 0 and not layout.shared:
        return OTHERS
    if not all(os.access(place, os.W_OK | os.X_OK) for place in (folder, folder / "journal")):
        return LOCKED
    return ""


def _who_writes(gathered: _Gathered, uid: RunId, now: float) -> str:
    """Say whether something of the run itself may still write: a person's remark of today is no such sign."""
    late = [file.t > now - _QUIET_S for file in gathered.outputs]
    heads = [(file, _header(file.path)) for file in gathered.journals]
    runs = [(file, head) for file, head in heads if head is None or head.role != "person"]
    if any(late) or any(file.t > now - _QUIET_S for file, _ in runs):
        return MOVED
    return RUNNING if any(_is_open(head, uid) for _, head in runs) else ""


def _header(path: Path) -> Header | None:
    try:
        fields = decode_object(head_of(path, _HEAD).partition(b"\n")[0])
    except OSError:
        return None
    return parse_header(fields) if fields else None


def _is_open(header: Header | None, uid: RunId) -> bool:
    """Tell whether the process that wrote a journal is still there, as far as this machine can tell."""
    here = header is not None and header.host == os.uname().nodename and header.boot == boot_id()
    return header is not None and here and is_same_process(header.pid, header.t, uid)
