"""One line of a listing: a file, folder or link as the store keeps it (docs/formats/store.md, "Listings")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["f", "d", "l", "h"]
"""File, folder, symbolic link, hard link."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something on the disk that is to be kept."""

    path: bytes
    """Where it is restored, relative, with `/`."""
    full: bytes
    """Where it lies now."""
    kind: Kind
    mode: int
    """Permission bits."""
    size: int = 0
    mtime_ns: int = 0
    inode: int = 0
    device: int = 0
    ctime_ns: int = 0
    to: bytes = b""
    """Text of a link; of a hard link the path of the entry that it equals."""
    via: bytes = b""
    """Text of the link through which a file was reached."""
    expected: bytes = b""
    """BLAKE3 that its content must have, 32 bytes; empty when any will do."""
    sparse: bool = False
    known: bytes = b""
    """BLAKE3 that its content is known to have, because its stat is what it was when it was last read (the stat cache
    says so). It is then not read again if the store has that content. Empty when it must be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The same, kept."""

    path: bytes
    kind: Kind
    mode: int
    size: int = 0
    mtime_ns: int = 0
    digest: bytes = b""
    """BLAKE3 of a file's content, 32 bytes."""
    content: tuple[bytes | int, ...] = ()
    """Blobs by id, and holes by their length."""
    to: bytes = b""
    via: bytes = b""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be kept, and why."""

    path: bytes
    why: str
    """`changed while it was read`, `vanished`, `is not what the run used`, `cannot be read: Permission denied`."""
    size: int = 0
