"""Which paths a listing may hold: what would lead out of the restored folder is refused by name.

A listing comes from a store that may have been received from somebody else, so nothing in it is believed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from repro_tui.errors import DamagedError
from repro_tui.recorder.line import to_text
from repro_tui.store.entry import Entry

LONGEST_PATH = 4095
"""Bytes; PATH_MAX of Linux without the final NUL, so that whatever is restored can be opened by its path."""
LONGEST_NAME = 255
"""Bytes of one part of a path: NAME_MAX of every common file system."""
LARGEST_FILE = 1 << 62
"""Bytes; what is said to be larger than any file system can hold is no size."""
_SHOWN = 3


def shown(path: bytes) -> str:
    """Write a path for a message: names that are no UTF-8 stay recognisable, control characters are escaped.

    Whoever prints cleans again; this keeps the text one line in reports and in JSON too.
    """
    text = to_text(os.fsdecode(path))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def why_refused(path: bytes) -> str:
    """Say why a path must not be restored; empty when it may."""
    if not path:
        return "is empty"
    if path.startswith(b"/"):
        return "is absolute"
    if b"\0" in path:
        return "holds a NUL"
    if len(path) > LONGEST_PATH:
        return f"is longer than {LONGEST_PATH} bytes"
    for part in path.split(b"/"):
        if part in {b"", b".", b".."}:
            return f"has the part {part.decode()!r}" if part else "has an empty part"
        if len(part) > LONGEST_NAME:
            return f"has a part longer than {LONGEST_NAME} bytes"
    return ""


def refused(entries: Iterable[Entry]) -> list[tuple[bytes, str]]:
    """Find what must not be restored: each such path with the reason, in the order of the entries.

    Besides paths that lead out it is everything that contradicts another entry: a path that comes twice, that passes
    through something that is no folder, and a hard link to what is not a file that comes earlier. The same folder may
    come twice, since two parts of a snapshot may both hold it.
    """
    kinds: dict[bytes, str] = {}
    good: set[bytes] = {b""}
    found = []
    for entry in sorted(entries, key=_by_path):
        why = why_refused(entry.path) or _why_contradicts(entry, kinds) or _why_through(entry.path, kinds, good)
        if why:
            found.append((entry.path, why))
        else:
            kinds[entry.path] = entry.kind
    return found


def _by_path(entry: Entry) -> bytes:
    return entry.path


def _why_contradicts(entry: Entry, kinds: dict[bytes, str]) -> str:
    """Say what is wrong with an entry by itself, or beside those that come before."""
    if entry.kind not in {"f", "d", "l", "h"}:
        return f"is of an unknown kind {str(entry.kind)[:20]!r}"
    if entry.path in kinds and not (entry.kind == "d" and kinds[entry.path] == "d"):
        return "comes twice"
    if entry.kind == "h" and kinds.get(entry.to) != "f":
        return f"is a hard link to {shown(entry.to)}, which is no file that comes earlier"
    if entry.kind == "l" and (not entry.to or b"\0" in entry.to or len(entry.to) > LONGEST_PATH):
        return "is a link with a text that no link can have"
    if not 0 <= entry.size <= LARGEST_FILE:
        return f"is said to be {entry.size} bytes large"
    if any(isinstance(piece, int) and piece <= 0 for piece in entry.content):
        return "has a hole of no length"
    return ""


def _why_through(path: bytes, kinds: dict[bytes, str], good: set[bytes]) -> str:
    """Say through what a path passes that is no folder; a folder once found good is not looked at again."""
    parent = path.rpartition(b"/")[0]
    if parent in good:
        return ""
    parts = parent.split(b"/")
    for count in range(1, len(parts) + 1):
        above = b"/".join(parts[:count])
        if kinds.get(above, "d") != "d":
            return f"passes through {shown(above)}, which is no folder"
        good.add(above)
    return ""


def check_listing(entries: Sequence[Entry]) -> None:
    """Raise DamagedError, which names them, when entries hold anything that must not be restored."""
    bad = refused(entries)
    if not bad:
        return
    named = "; ".join(f"{shown(path)} {why}" for path, why in bad[:_SHOWN])
    more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    raise DamagedError(
        f"The listing is refused, nothing was written: {named}{more}.",
        "No repro-tui writes such a listing: do not trust where it came from.",
    )
