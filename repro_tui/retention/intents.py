"""What a prune is about to do, written down first: so that a death in between loses neither who nor why.

The file lies in the trash. Documents move after it is there, events follow, then it goes. Whoever comes next and finds
one of a process that is dead writes the events that are missing of what was moved.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro_tui.domain.foreign import ForeignError, digest, seconds, text, texts
from repro_tui.domain.ids import Digest, RunId, is_run_id
from repro_tui.domain.retention import DAY_S
from repro_tui.store.durable import is_orphan, temporary, write_durably
from repro_tui.store.places import Places

_WHAT = "removing"
_MOST = 64 << 20
_MOST_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class Intended:
    """One snapshot, or parts of it, that are about to be removed."""

    digest: Digest
    run: RunId | None
    parts: tuple[str, ...]
    """`*` for the whole."""
    why: str
    rule: str


@dataclass(frozen=True, slots=True)
class Intent:
    """What was about to be removed together."""

    batch: str
    t: float
    until: float
    user: str
    host: str
    moves: tuple[Intended, ...]
    path: Path
    """Its file."""

    def done(self) -> None:
        """Take the file away; when that cannot be, the next one does."""
        with contextlib.suppress(OSError):
            self.path.unlink()


def write_intent(places: Places, intent: Intent) -> Intent:
    """Write it down durably; raises StorageError."""
    path = places.trash / temporary(places, _WHAT).name.removeprefix(".")
    document = {
        "batch": intent.batch,
        "t": intent.t,
        "until": intent.until,
        "user": intent.user,
        "host": intent.host,
        "moves": [
            {"d": m.digest, "run": str(m.run or ""), "parts": list(m.parts), "why": m.why, "rule": m.rule}
            for m in intent.moves
        ],
    }
    write_durably(places, path, json.dumps(document).encode())
    return Intent(intent.batch, intent.t, intent.until, intent.user, intent.host, intent.moves, path)


def left_behind(places: Places, now: float) -> list[Intent]:
    """Give the intents of processes that are dead; what cannot be read of them is passed over.

    Whether a process of another host is alive nobody can tell, so those count when they are a day old.
    """
    return [intent for name, intent in _all(places) if is_orphan(name) or _is_old(intent.path, now)]


def underway(places: Places) -> list[Intent]:
    """Give all intents: what they name, somebody is still removing, or could not tell of."""
    return [intent for _, intent in _all(places)]


def _all(places: Places) -> list[tuple[str, Intent]]:
    found = []
    with contextlib.suppress(OSError), os.scandir(places.trash) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith(f"{_WHAT}-"):
                with contextlib.suppress(OSError, ValueError, ForeignError, RecursionError):
                    found.append((entry.name, _read(Path(entry.path))))
    return found


def _is_old(path: Path, now: float) -> bool:
    try:
        return path.stat().st_mtime < now - DAY_S
    except OSError:
        return False


def _read(path: Path) -> Intent:
    if path.stat().st_size > _MOST:
        raise ValueError(str(path))
    raw = json.loads(path.read_bytes())
    if not isinstance(raw, Mapping) or not isinstance(raw.get("moves"), Sequence):
        raise ForeignError("moves")
    moves = tuple(_move(move) for move in raw["moves"] if isinstance(move, Mapping))
    return Intent(
        text(raw, "batch", ""), seconds(raw, "t"), seconds(raw, "until"), text(raw, "user", ""), text(raw, "host", ""),
        moves, path,
    )  # fmt: skip


def _move(raw: Mapping[str, object]) -> Intended:
    name, run = digest(raw, "d"), text(raw, "run", "")
    if name is None:
        raise ForeignError("d")
    return Intended(
        name,
        RunId(run) if is_run_id(run) else None,
        texts(raw, "parts", _MOST_PARTS),
        text(raw, "why", ""),
        text(raw, "rule", ""),
    )
